"""Performance by ad and by campaign, and Instagram's days and media."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sandbox.world.instagram import account_day
from sandbox.world.media import Media
from sandbox.world.media_insights import is_visible, media_figures
from sandbox.world.model import MICROS, PERFORMANCE_MAX, Account, FigureRow
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import rules
from tests.marts_truth.expected.conversions import Headline, headline_of, headlines
from tests.marts_truth.expected.truth import Truth, converted, units

ACCOUNT_DAY = ("client_id", "platform", "account_id", "date_day")
AD_DAY = (*ACCOUNT_DAY, "ad_group_id", "ad_id")
CAMPAIGN_DAY = (*ACCOUNT_DAY, "campaign_id")
HASH = Truth.BOOKKEEPING
FX = frozenset({"fx_rate"})
_FEWEST_STORY_VIEWERS, _MEDIA_DAYS = 5, 90


def is_told(account: Account, row: FigureRow, *, of_ad: bool) -> bool:
    """Whether the platform answers with this row: Google and LinkedIn leave rows out whose asked figures are all 0."""
    if account.platform == "google_ads":
        figures = (
            row.impressions, row.clicks, row.spend, row.conversions, row.value, row.view_through, row.all_conversions,
            row.likes + row.comments + row.shares, row.video_plays,
        )  # fmt: skip
        by_day = () if of_ad else (row.conversions_by_day, row.value_by_day, row.all_conversions - row.conversions)
        return any((*figures, *by_day))
    if account.platform == "linkedin_ads":
        return any((
            row.impressions, row.clicks, row.spend, row.link_clicks, row.conversions // MICROS, row.value, row.likes,
            row.comments, row.shares, row.follows, row.profile_visits, row.video_plays,
        ))  # fmt: skip
    return True


def link_clicks(account: Account, row: FigureRow) -> int | None:
    if account.platform == "google_ads":
        return None
    return row.clicks if account.platform == "tiktok_ads" else row.link_clicks or 0


def ad_rows(truth: Truth, account: Account) -> Iterator[tuple[FigureRow, str, str]]:
    """(figures, ad group, ad) of all that is published at ad level, remainders of Performance Max included."""
    for row in truth.figures(account, "ad"):
        if is_told(account, row, of_ad=True):
            yield row, row.ad_group_id, row.ad_id
    kinds = {campaign.campaign_id: campaign.kind for campaign in account.campaigns}
    for row in truth.figures(account, "campaign"):
        if kinds[row.campaign_id] == PERFORMANCE_MAX and any(
            (row.impressions, row.clicks, row.spend, row.conversions, row.value)
        ):
            yield row, rules.NOT_AT_AD_LEVEL, f"{rules.NOT_AT_AD_LEVEL}/{row.campaign_id}"


def campaign_rows(truth: Truth, account: Account) -> list[FigureRow]:
    return [row for row in truth.figures(account, "campaign") if is_told(account, row, of_ad=False)]


def _performance(truth: Truth, account: Account, row: FigureRow, said: Headline) -> dict[str, Any]:
    shared = truth.account_day(account, row.day)
    rate, spend = shared["fx_rate"], units(row.spend)
    return {
        **shared,
        "campaign_id": row.campaign_id,
        "impressions": row.impressions,
        "clicks": row.clicks,
        "link_clicks": link_clicks(account, row),
        "spend": spend,
        "spend_reporting": converted(spend, rate),
        "conversions": said.conversions,
        "conversions_value": said.value,
        "conversions_value_reporting": converted(said.value, rate),
        "purchases": said.purchases,
        "purchases_value": said.purchases_value,
        "purchases_value_reporting": converted(said.purchases_value, rate),
        "leads": said.leads,
        "conversion_date_basis": rules.BOOKING_DAY[account.platform],
    }


def _setting(account: Account) -> str | None:
    return {"meta_ads": rules.META_SETTING, "tiktok_ads": rules.TIKTOK_SETTING}.get(account.platform, rules.PER_ACTION)


def ad_performance(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        known = headlines(truth, account, of_campaigns=False)
        for row, ad_group_id, ad_id in ad_rows(truth, account):
            said = headline_of(truth, account, row, known, of_campaign=False)
            named = {"ad_group_id": ad_group_id, "ad_id": ad_id, "attribution_setting": _setting(account)}
            rows.append(_performance(truth, account, row, said) | named)
    return Expected(AD_DAY, pd.DataFrame(rows, dtype=object), FX, left_out=HASH)


def campaign_performance(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        known = headlines(truth, account, of_campaigns=True)
        with_ads = {(row.day, row.campaign_id) for row in truth.figures(account, "ad")}
        for row in campaign_rows(truth, account):
            said = headline_of(truth, account, row, known, of_campaign=True)
            has_setting = account.platform in rules.HAS_OWN_TOTAL or (row.day, row.campaign_id) in with_ads
            setting = {"attribution_setting": _setting(account) if has_setting else None}
            rows.append(_performance(truth, account, row, said) | setting)
    return Expected(CAMPAIGN_DAY, pd.DataFrame(rows, dtype=object), FX, left_out=HASH)


def instagram_account(truth: Truth) -> Expected:
    rows = []
    for account in truth.of("instagram"):
        for day in truth.days(account):
            shown = account_day(account, day, truth.now)
            if shown is None:
                continue
            figures = {
                name: getattr(shown, name)
                for name in (
                    "views", "reach", "accounts_engaged", "total_interactions", "likes", "comments", "shares", "saves",
                    "replies", "reposts", "follows", "unfollows", "profile_links_taps",
                )
            }  # fmt: skip
            # Of two kinds of followers Instagram does not name the one that has nobody.
            figures |= {name: figures[name] or None for name in ("follows", "unfollows")}
            final = truth.account_day(account, day)["finalizes_on"]
            rows.append({**truth.keys(account), "date_day": day, **figures, "finalizes_on": final})
    return Expected(ACCOUNT_DAY, pd.DataFrame(rows, dtype=object), frozenset(), left_out=HASH)


def instagram_media(truth: Truth) -> Expected:
    """Every medium with the figures of the last look at it; stories are seen for 24 hours only."""
    rows = []
    for account in truth.of("instagram"):
        for media in account.media:
            looks = [instant for instant in truth.readings if _is_read(truth, account, media, instant)]
            if looks:
                rows.append(truth.keys(account) | _medium(account, media, looks[-1]))
    return Expected((*ACCOUNT_DAY[:3], "media_id"), pd.DataFrame(rows, dtype=object))


def _is_read(truth: Truth, account: Account, media: Media, instant: datetime) -> bool:
    if not is_visible(media, instant) or media.before_business:
        return False
    figures = media_figures(account, media, instant)
    if media.product_type == "STORY":
        return figures.reach >= _FEWEST_STORY_VIEWERS
    young = (instant - media.published_at).days < _MEDIA_DAYS
    return bool(figures.reach) and young


def _medium(account: Account, media: Media, instant: datetime) -> dict[str, Any]:
    figures = media_figures(account, media, instant)
    kind = media.product_type
    # Videos of the feed of old tell reach and saves alone.
    few = kind == "FEED" and media.media_type == "VIDEO"

    def told(name: str, *, unless: bool = False) -> Any:
        return None if few or unless else getattr(figures, name)

    return {
        "media_id": media.media_id,
        "product_type": kind,
        "media_type": media.media_type,
        "published_at": media.published_at,
        "permalink": media.permalink,
        "caption": (media.caption or None) if kind != "STORY" else None,
        "snapshot_day": instant.astimezone(ZoneInfo(account.day_zone)).date(),
        "views": told("views"),
        "reach": figures.reach,
        "total_interactions": told("total_interactions"),
        "likes": told("likes", unless=kind == "STORY"),
        "comments": told("comments", unless=kind == "STORY"),
        "shares": told("shares"),
        "saves": figures.saves if kind != "STORY" else None,
        "replies": figures.replies if kind == "STORY" else None,
        "reposts": told("reposts", unless=kind == "STORY"),
        "follows": told("follows", unless=kind == "REELS"),
        "profile_visits": told("profile_visits", unless=kind == "REELS"),
        "avg_watch_time_ms": figures.average_watch_ms if kind == "REELS" else None,
    }


def total(values: list[Decimal | None]) -> Decimal | None:
    """A sum; unknown as soon as one of its parts is."""
    return None if any(value is None for value in values) else sum((v for v in values if v is not None), Decimal(0))
