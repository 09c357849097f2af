"""The world's own figures, computed from the world and not from what was served."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sandbox.world.figures import local_day
from sandbox.world.instagram import account_day
from sandbox.world.media_insights import is_visible, media_figures
from sandbox.world.model import MICROS, Account, Client, FigureRow, major_units, micros_per_minor
from sandbox.world.world import Source

AdLevel = Literal["account", "campaign", "ad_group", "ad"]
TruthLevel = Literal["account", "campaign", "ad_group", "ad", "instagram_account", "instagram_media"]


def truth_rows(source: Source, level: TruthLevel, as_of: datetime, since: date, until: date) -> list[dict[str, Any]]:
    """Figures at ``as_of`` of the days since..until, both inclusive and in each platform's zone.

    account, campaign, ad_group, ad: every object-day of the ad platforms with any activity; no Performance Max below
    campaigns. instagram_account: every account-day. instagram_media: everything published in those days.
    """
    rows: list[dict[str, Any]] = []
    for client in source.clients:
        for account in client.accounts:
            first, last = _range(client, account, since, until)
            if level == "instagram_account":
                rows.extend(_account_days(account, as_of, first, last))
            elif level == "instagram_media":
                rows.extend(_media(account, as_of, first, last))
            else:
                rows.extend(_object_days(source, account, level, as_of, first, last))
    return rows


def _range(client: Client, account: Account, since: date, until: date) -> tuple[date, date]:
    """Days of since..until on which the account belongs to the client."""
    return max(since, client.active_from), min(until, client.active_to or date.max, account.active_to or date.max)


def _object_days(
    source: Source, account: Account, level: AdLevel, as_of: datetime, first: date, last: date
) -> list[dict[str, Any]]:
    table = source.table(account, level, as_of).between(first, last)
    return [_truth_row(account, level, row) for row in table.page(0, len(table)) if _shows(row)]


def _account_days(account: Account, as_of: datetime, first: date, last: date) -> list[dict[str, Any]]:
    if account.platform != "instagram":
        return []
    days = (min(last, local_day(account, as_of)) - first).days + 1
    found = (account_day(account, first + timedelta(days=number), as_of) for number in range(days))
    return [_identity(account) | _flat(asdict(shown)) for shown in found if shown is not None]


def _flat(shown: dict[str, Any]) -> dict[str, Any]:
    return {"date_day": shown.pop("day").isoformat(), **shown}


def _media(account: Account, as_of: datetime, first: date, last: date) -> list[dict[str, Any]]:
    """Published media with their figures; ``visible``: whether the platform still shows it (not deleted or expired)."""
    rows = []
    for media in account.media:
        if media.published_at <= as_of and first <= local_day(account, media.published_at) <= last:
            figures = media_figures(account, media, as_of)
            rows.append(
                _identity(account)
                | {
                    "date_day": local_day(account, media.published_at).isoformat(),
                    "media_id": media.media_id,
                    "media_product_type": media.product_type,
                    "media_type": media.media_type,
                    "published_at": media.published_at.isoformat(),
                    "visible": is_visible(media, as_of),
                    "before_business": media.before_business,
                    **asdict(figures),
                    "total_interactions": figures.total_interactions,
                    "profile_activity": figures.profile_activity,
                }
            )
    return rows


def _identity(account: Account) -> dict[str, Any]:
    return {"client_id": account.client_id, "platform": account.platform, "account_id": account.account_id}


def _shows(row: FigureRow) -> bool:
    """Whether any of the figures below is there; Google keeps further metrics that can be alone on a day."""
    return any((row.spend, row.impressions, row.clicks, row.conversions, row.value))


def _truth_row(account: Account, level: AdLevel, row: FigureRow) -> dict[str, Any]:
    """spend_minor is null where recorded spend is no whole number of smallest units."""
    minor, rest = divmod(row.spend, micros_per_minor(account.currency))
    truth = _identity(account) | {
        "date_day": row.day.isoformat(),
        "currency": account.currency,
        "spend_minor": minor if rest == 0 else None,
        "spend": major_units(row.spend),
        "impressions": row.impressions,
        "clicks": row.clicks,
        "link_clicks": row.link_clicks,
        "reach": row.reach,
        "conversions": row.conversions / MICROS,
        "conversions_value": row.value / MICROS,
    }
    if level != "account":
        truth["campaign_id"] = row.campaign_id
    if level in ("ad_group", "ad"):
        truth["ad_group_id"] = row.ad_group_id
    if level == "ad":
        truth["ad_id"] = row.ad_id
    return truth
