"""Video and engagement by ad, and people reached."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from sandbox.world.figures import Level
from sandbox.world.instagram import account_day
from sandbox.world.model import MICROS, Account, FigureRow
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import rules
from tests.marts_truth.expected.facts import AD_DAY, HASH, is_told
from tests.marts_truth.expected.truth import Truth, ratio, units

Figures = dict[str, Any]
# Every figure of the table; a platform that does not tell one leaves it null.
FIGURES = (
    "video_plays", "video_views_2s", "video_views_3s", "video_views_6s", "video_views_30s", "video_trueview_views",
    "thruplays", "engaged_views", "video_p25", "video_p50", "video_p75", "video_p95", "video_p100", "video_p25_rate",
    "video_p50_rate", "video_p75_rate", "video_p100_rate", "video_seconds_per_play", "engagements", "interactions",
    "page_engagements", "post_engagements", "reactions", "likes", "comments", "shares", "saves", "follows",
    "page_likes", "profile_visits", "landing_page_views", "outbound_clicks", "view_through_conversions",
    "all_conversions", "all_conversions_value", "optimization_event_conversions",
    "optimization_event_conversions_real_time", "optimization_results", "total_purchase_value", "total_sales_lead",
    "cost_in_usd", "conversion_value_in_local_currency", "external_website_conversions",
    "external_website_post_click_conversions", "external_website_post_view_conversions", "one_click_leads",
    "one_click_lead_form_opens", "qualified_leads", "valid_work_email_leads", "message_sends", "message_opens",
    "company_page_clicks",
)  # fmt: skip
# LinkedIn's amounts carry noise of 2E-18, which decides where exactly half of the last decimal is rounded to.
COST_IN_USD = {"cost_in_usd": Decimal("0.000001")}
_QUOTIENTS = frozenset({"video_p25_rate", "video_p50_rate", "video_p75_rate", "video_p100_rate"})


def hundredths(top: int, bottom: int) -> Decimal:
    """A quotient as TikTok writes it: two decimals, 0 where there is nothing to divide by."""
    return Decimal(f"{top / bottom:.2f}") if bottom else Decimal(0)


def _meta(truth: Truth, account: Account, row: FigureRow) -> Figures:
    links = row.link_clicks or 0
    post = links + row.video_2s + row.comments + row.likes + row.shares + row.saves
    seconds = row.video_seconds // row.video_plays if row.video_plays else 0
    return {
        "video_plays": row.video_plays, "video_views_3s": row.video_2s, "video_views_30s": row.video_30s,
        "thruplays": row.video_15s, "video_p25": row.video_p25, "video_p50": row.video_p50,
        "video_p75": row.video_p75, "video_p95": row.video_p95, "video_p100": row.video_p100,
        "video_seconds_per_play": seconds or None, "page_engagements": post + row.follows, "post_engagements": post,
        "reactions": row.likes, "comments": row.comments, "shares": row.shares, "saves": row.saves,
        "page_likes": row.follows, "profile_visits": row.profile_visits, "landing_page_views": links * 4 // 5,
        "outbound_clicks": links,
    }  # fmt: skip


def _google(truth: Truth, account: Account, row: FigureRow) -> Figures:
    def share(part: int) -> Decimal:
        return ratio(part, row.video_plays) or Decimal(0)

    return {
        "video_trueview_views": row.video_plays, "video_p25_rate": share(row.video_p25),
        "video_p50_rate": share(row.video_p50), "video_p75_rate": share(row.video_p75),
        "video_p100_rate": share(row.video_p100), "engagements": row.likes + row.comments + row.shares,
        "interactions": row.clicks, "view_through_conversions": row.view_through,
        "all_conversions": units(row.all_conversions), "all_conversions_value": units(row.value),
    }  # fmt: skip


def _tiktok(truth: Truth, account: Account, row: FigureRow) -> Figures:
    happened = row.conversions // MICROS
    return {
        "video_plays": row.video_plays, "video_views_2s": row.video_2s, "video_views_6s": row.video_6s,
        "engaged_views": row.video_6s, "video_p25": row.video_p25, "video_p50": row.video_p50,
        "video_p75": row.video_p75, "video_p100": row.video_p100,
        "video_seconds_per_play": hundredths(row.video_seconds, row.video_plays),
        "engagements": row.clicks + row.likes + row.comments + row.shares + row.follows, "likes": row.likes,
        "comments": row.comments, "shares": row.shares, "follows": row.follows, "profile_visits": row.profile_visits,
        "optimization_event_conversions": happened,
        "optimization_event_conversions_real_time": row.conversions_by_day // MICROS,
        "optimization_results": happened, "total_purchase_value": 0, "total_sales_lead": 0,
    }  # fmt: skip


def dollars(truth: Truth, account: Account, row: FigureRow, spend: Decimal) -> Decimal:
    """LinkedIn's own conversion: at the newest rate of a bank day, kept to six decimals."""
    if account.currency == "USD":
        return spend
    for back in range(14):
        day = row.day - timedelta(days=back)
        dollar = truth.worlds.rates.rate("USD", day)
        own = Decimal(1) if account.currency == "EUR" else truth.worlds.rates.rate(account.currency, day)
        if dollar and own:
            return round(spend * (dollar / own), 6)
    return round(spend, 6)


def _linkedin(truth: Truth, account: Account, row: FigureRow) -> Figures:
    happened, viewed = row.conversions // MICROS, row.view_conversions // MICROS
    leads, bought = (happened, 0) if account.goal == "lead" else (0, happened)
    seen = viewed if bought else 0
    return {
        "video_plays": row.video_plays, "video_views_2s": row.video_2s, "video_p25": row.video_p25,
        "video_p50": row.video_p50, "video_p75": row.video_p75, "video_p100": row.video_p100,
        "engagements": row.clicks + row.likes + row.comments + row.shares + row.follows, "reactions": row.likes,
        "likes": row.likes, "comments": row.comments, "shares": row.shares, "follows": row.follows,
        "cost_in_usd": dollars(truth, account, row, units(row.spend)),
        "conversion_value_in_local_currency": units(row.value), "external_website_conversions": bought,
        "external_website_post_click_conversions": bought - seen, "external_website_post_view_conversions": seen,
        "one_click_leads": leads, "one_click_lead_form_opens": leads * 3, "qualified_leads": leads // 4,
        "valid_work_email_leads": leads // 2, "message_sends": 0, "message_opens": 0,
        "company_page_clicks": row.profile_visits,
    }  # fmt: skip


_TOLD: Mapping[str, Callable[[Truth, Account, FigureRow], Figures]] = {
    "meta_ads": _meta, "google_ads": _google, "tiktok_ads": _tiktok, "linkedin_ads": _linkedin,
}  # fmt: skip
_WITHOUT = ("reporting_currency", "fx_rate", "fx_rate_date", "fx_source", "fx_reason")


def ad_engagement(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        for row in truth.figures(account, "ad"):
            if not is_told(account, row, of_ad=True):
                continue
            shared = {k: v for k, v in truth.account_day(account, row.day).items() if k not in _WITHOUT}
            ids = {"campaign_id": row.campaign_id, "ad_group_id": row.ad_group_id, "ad_id": row.ad_id}
            told = _TOLD[account.platform](truth, account, row)
            rows.append({**shared, **ids, **dict.fromkeys(FIGURES), **told})
    return Expected(AD_DAY, pd.DataFrame(rows, dtype=object), _QUOTIENTS, COST_IN_USD, left_out=HASH)


_REACH_LEVELS: Mapping[str, tuple[Level, ...]] = {
    "meta_ads": ("account", "campaign", "ad_group"),
    "google_ads": ("campaign",),
    "tiktok_ads": ("account", "campaign", "ad_group", "ad"),
}
_PERIODS = {"week": 7, "days_30": 30}
_INSTAGRAM_PERIODS = {"day": 1, "week": 7, "days_28": 28}
_REACH_KEYS = ("client_id", "platform", "account_id", "date_day", "level", "object_id", "period")
_WITHOUT_MONEY = (*_WITHOUT, "account_currency")


def reach(truth: Truth) -> Expected:
    rows = []
    for account in truth.accounts:
        told = {"linkedin_ads": _linkedin_reach, "instagram": _instagram_reach}.get(account.platform, _daily_reach)
        for day, row in told(truth, account):
            shared = {k: v for k, v in truth.account_day(account, day).items() if k not in _WITHOUT_MONEY}
            rows.append({**shared, **row})
    return Expected(_REACH_KEYS, pd.DataFrame(rows, dtype=object), frozenset({"frequency"}), left_out=HASH)


def _object(account: Account, level: Level, row: FigureRow) -> dict[str, Any]:
    ids = {"account": account.account_id, "campaign": row.campaign_id, "ad_group": row.ad_group_id, "ad": row.ad_id}
    return {
        "level": level,
        "object_id": ids[level],
        "campaign_id": row.campaign_id if level != "account" else None,
        "ad_group_id": row.ad_group_id if level in ("ad_group", "ad") else None,
        "ad_id": row.ad_id if level == "ad" else None,
    }


def _daily_reach(truth: Truth, account: Account) -> Iterable[tuple[Any, dict[str, Any]]]:
    for level in _REACH_LEVELS[account.platform]:
        for row in truth.figures(account, level):
            if not row.reach and account.platform != "tiktok_ads":
                continue
            if account.platform == "tiktok_ads":
                frequency: Decimal | None = hundredths(row.impressions, row.reach)
            elif account.platform == "meta_ads":
                frequency = Decimal(f"{row.impressions / row.reach:.6f}")
            else:
                frequency = ratio(row.impressions, row.reach)
            yield row.day, {
                **_object(account, level, row), "period": "day", "period_end": row.day, "reach": row.reach,
                "frequency": frequency, "impressions": None if account.platform == "google_ads" else row.impressions,
            }  # fmt: skip


def _linkedin_reach(truth: Truth, account: Account) -> Iterable[tuple[Any, dict[str, Any]]]:
    """Snapshots of the days before the reading, at the instant of the reading, once its own day is published."""
    published = set(truth.days(account))
    for instant in truth.readings:
        day = truth.today(account, instant)
        if day not in published:
            continue
        levels: tuple[Level, ...] = ("account", "campaign")
        for level in levels:
            for period, length in _PERIODS.items():
                table = truth.worlds.table(account, level, instant)
                span = table.between(day - timedelta(days=length), day - timedelta(days=1))
                for row, people, impressions in _together(span.page(0, len(span))):
                    yield day, {
                        **_object(account, level, row), "period": period, "period_end": day - timedelta(days=1),
                        "reach": people, "frequency": round(Decimal(impressions) / people, 6) if people else None,
                        "impressions": impressions,
                    }  # fmt: skip


def _together(rows: Iterable[FigureRow]) -> Iterable[tuple[FigureRow, int, int]]:
    """Objects over several days; who was met on two days counts once: two fifths of the smaller part are new."""
    found: dict[str, tuple[FigureRow, int, int]] = {}
    for row in rows:
        _, people, impressions = found.get(row.campaign_id, (row, 0, 0))
        people = max(people, row.reach) + min(people, row.reach) * 2 // 5
        found[row.campaign_id] = (row, people, impressions + row.impressions)
    return [one for one in found.values() if one[1] or one[2]]


def _instagram_reach(truth: Truth, account: Account) -> Iterable[tuple[Any, dict[str, Any]]]:
    for day in truth.days(account):
        for period, length in _INSTAGRAM_PERIODS.items():
            days = [account_day(account, day - timedelta(days=back), truth.now) for back in range(length)]
            people = [shown.reach for shown in days if shown is not None]
            if not people:
                continue
            whole = max(people) + (sum(people) - max(people)) * 2 // 5 if length > 1 else people[0]
            yield day, {
                "level": "account", "object_id": account.account_id, "campaign_id": None, "ad_group_id": None,
                "ad_id": None, "period": period, "period_end": day, "reach": whole, "frequency": None,
                "impressions": None,
            }  # fmt: skip
