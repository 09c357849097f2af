"""The world's own figures, computed from the world and not from what was served."""

from datetime import date, datetime
from typing import Any, Literal

from sandbox.world.model import MICROS, Account, FigureRow, major_units, micros_per_minor
from sandbox.world.world import Source

TruthLevel = Literal["account", "campaign", "ad"]


def truth_rows(source: Source, level: TruthLevel, as_of: datetime, since: date, until: date) -> list[dict[str, Any]]:
    """Every object-day with any activity at ``as_of``, days since..until inclusive; no Performance Max at ad level."""
    rows: list[dict[str, Any]] = []
    for client in source.clients:
        for account in client.accounts:
            first = max(since, client.active_from)
            last = min(until, client.active_to or date.max, account.active_to or date.max)
            table = source.table(account, level, as_of).between(first, last)
            rows.extend(_truth_row(account, level, row) for row in table.page(0, len(table)) if _shows(row))
    return rows


def _shows(row: FigureRow) -> bool:
    """Whether any of the figures below is there; Google keeps further metrics that can be alone on a day."""
    return any((row.spend, row.impressions, row.clicks, row.conversions, row.value))


def _truth_row(account: Account, level: TruthLevel, row: FigureRow) -> dict[str, Any]:
    """spend_minor is null where recorded spend is no whole number of smallest units."""
    minor, rest = divmod(row.spend, micros_per_minor(account.currency))
    truth: dict[str, Any] = {
        "client_id": account.client_id,
        "platform": account.platform,
        "account_id": account.account_id,
        "date_day": row.day.isoformat(),
        "currency": account.currency,
        "spend_minor": minor if rest == 0 else None,
        "spend": major_units(row.spend),
        "impressions": row.impressions,
        "clicks": row.clicks,
        "link_clicks": row.link_clicks,
        "conversions": row.conversions / MICROS,
        "conversions_value": row.value / MICROS,
    }
    if level != "account":
        truth["campaign_id"] = row.campaign_id
    if level == "ad":
        truth |= {"ad_group_id": row.ad_group_id, "ad_id": row.ad_id}
    return truth
