"""Wire rows -> rows in which the definitions' paths find their values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ingestion.platforms.tiktok_ads.entities import TARGETING_FIELDS
from ingestion.reports import Entity

Row = dict[str, Any]

_DASH = "-"
_NOTHING = frozenset({None, _DASH, "", "0", "0.0", "0.00", "0.000", 0})
_TIMES = ("create_time", "modify_time", "schedule_start_time", "schedule_end_time")
_BUDGET_KINDS = {
    "BUDGET_MODE_DAY": "daily",
    "BUDGET_MODE_DYNAMIC_DAILY_BUDGET": "daily",
    "BUDGET_MODE_TOTAL": "lifetime",
}


@dataclass(frozen=True)
class PageInfo:
    """How much a list announces, in rows and in pages."""

    total_number: int
    total_page: int

    @staticmethod
    def of(data: Row) -> "PageInfo | None":
        """What an answer announces; None where it does not say."""
        info = data.get("page_info")
        numbers = [info.get(name) for name in ("total_number", "total_page")] if isinstance(info, dict) else []
        whole = [number for number in numbers if isinstance(number, int)]
        return PageInfo(*whole) if len(whole) == 2 else None


def have_shape(rows: Iterable[Any], *, report: bool) -> bool:
    """Whether each row is an object; of a report: one that says what it is about and what was measured."""
    parts = ("dimensions", "metrics") if report else ()
    return all(isinstance(row, dict) and all(isinstance(row.get(part), dict) for part in parts) for row in rows)


def without_dashes(rows: Iterable[Row]) -> list[Row]:
    """Report rows in which a dash, TikTok's "not applicable", is null."""
    shaped = list(rows)
    for row in shaped:
        for part in ("metrics", "dimensions"):
            values = row[part]
            if _DASH in values.values():
                row[part] = {name: None if value == _DASH else value for name, value in values.items()}
    return shaped


def with_hours(rows: Iterable[Row], day: date) -> list[Row]:
    """Hourly report rows of one day with ``date_day`` and ``hour``; an hour that TikTok does not name stays null."""
    shaped = without_dashes(rows)
    for row in shaped:
        hour = row["dimensions"].get("stat_time_hour")
        row["date_day"] = hour[:10] if hour else day.isoformat()
        row["hour"] = hour[11:13] if hour else None
    return shaped


def with_events(rows: list[Row], names: Iterable[str]) -> list[Row]:
    """Report rows with those of the metrics that counted something in one object; nothing where none did."""
    wanted = tuple(names)
    for row in rows:
        metrics = row["metrics"]
        found = zip(wanted, map(metrics.get, wanted), strict=True)
        events = {name: value for name, value in found if value not in _NOTHING}
        row["computed"] = {"events": events or None}
    return rows


def shaped_entities(entity: Entity, rows: Iterable[Row]) -> list[Row]:
    """Entity rows with instants that name their zone, and what is worked out of several fields under ``computed``."""
    names = {column.name for column in entity.columns}
    shaped = []
    for row in rows:
        shown = dict(row)
        for name in _TIMES:
            if name in shown:
                shown[name] = _instant(shown[name])
        if "budget_kind" in names:
            kind = _BUDGET_KINDS.get(str(row.get("budget_mode")))
            shown["computed"] = {"budget_kind": kind}
            if kind is None:
                shown["budget"] = None
        if "targeting" in names:
            targeting = {name: row[name] for name in TARGETING_FIELDS if row.get(name)}
            shown["computed"]["targeting"] = targeting
        shaped.append(shown)
    return shaped


def _instant(value: Any) -> str | None:
    """Lists give UTC without saying so; the advertiser's own row gives seconds since 1970."""
    if not value:
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return f"{value}+00:00"


def counted(rows: Iterable[Row]) -> dict[str, int]:
    """Impressions and clicks of report rows: whole numbers, so that sums of parts equal the whole."""
    sums = {"impressions": 0, "clicks": 0}
    for row in rows:
        for name in sums:
            value = str(row["metrics"].get(name))
            sums[name] += int(value) if value.isdecimal() else 0
    return sums
