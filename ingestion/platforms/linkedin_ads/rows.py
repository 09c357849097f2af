"""LinkedIn's answers -> rows in which the definitions' paths find their values. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from ingestion.reports import Report

Row = dict[str, Any]

# Where an object keeps its instants, in epoch milliseconds; the first that is there counts.
_TIMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "created_at": (("changeAuditStamps", "created", "time"), ("createdAt",), ("created",)),
    "last_modified_at": (("changeAuditStamps", "lastModified", "time"), ("lastModifiedAt",), ("lastModified",)),
    "run_start_at": (("runSchedule", "start"),),
    "run_end_at": (("runSchedule", "end"),),
}
# URN kinds whose pivot is certain, in whatever order the values stand.
_PIVOT_OF_KIND = {
    "sponsoredAccount": "ACCOUNT",
    "sponsoredCampaignGroup": "CAMPAIGN_GROUP",
    "sponsoredCampaign": "CAMPAIGN",
    "sponsoredCreative": "CREATIVE",
}
# Attribution window -> the metric that holds its conversions; both together are externalWebsiteConversions.
_WINDOWS = {
    "post_click": "externalWebsitePostClickConversions",
    "post_view": "externalWebsitePostViewConversions",
}


def urn_id(value: str) -> str:
    """The id of a URN; a plain word such as MOBILE_APP is its own."""
    return value.rpartition(":")[2]


def iso_day(day: Mapping[str, int]) -> str:
    """{"year": 2026, "month": 11, "day": 2} -> 2026-11-02."""
    return date(day["year"], day["month"], day["day"]).isoformat()


def instant(milliseconds: int) -> str:
    """Epoch milliseconds -> ISO 8601 in UTC, exact to the millisecond."""
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000).isoformat(timespec="milliseconds")


def _key(element: Row) -> tuple[str, str, tuple[str, ...]]:
    days = element["dateRange"]
    return iso_day(days["start"]), iso_day(days["end"]), tuple(element["pivotValues"])


def joined(parts: Iterable[list[Row]]) -> list[Row]:
    """The elements of requests that asked for different metrics of the same report, as one element a key.

    A part leaves out an element whose metrics are all zero, so every part may hold keys that the others lack. A key
    that comes twice in one part stays twice: the proof of unique keys has to see it.
    """
    first, *others = parts
    whole = list(first)
    places = {_key(element): place for place, element in enumerate(whole)}
    for part in others:
        seen: set[tuple[str, str, tuple[str, ...]]] = set()
        for element in part:
            key = _key(element)
            if key in places and key not in seen:
                whole[places[key]] = {**whole[places[key]], **element}
            else:
                places.setdefault(key, len(whole))
                whole.append(element)
            seen.add(key)
    return whole


def report_rows(report: Report, elements: Iterable[Row], **constants: str) -> list[Row]:
    """Rows of a report: its day and its pivots' values under the names of the report's columns, metrics as they came.

    constants: values that every row gets, such as the day under which a snapshot is filed.
    """
    columns: Mapping[str, str] = report.request["pivots"]
    return [
        {
            **element,
            "date_day": iso_day(element["dateRange"]["start"]),
            **{columns[pivot]: value for pivot, value in _pivoted(tuple(columns), element["pivotValues"])},
            **constants,
        }
        for element in elements
    ]


def _pivoted(pivots: tuple[str, ...], values: list[str]) -> Iterator[tuple[str, str]]:
    """(pivot, id) of each value: by the URN's kind where that tells, else by place among those left."""
    kinds = [_PIVOT_OF_KIND.get(value.split(":")[2] if value.count(":") >= 3 else "") for value in values]
    left = iter([pivot for pivot in pivots if pivot not in kinds])
    for kind, value in zip(kinds, values, strict=True):
        pivot = kind if kind in pivots else next(left, None)
        if pivot is not None:
            yield pivot, urn_id(value)


def window_rows(rows: Iterable[Row]) -> list[Row]:
    """Each row's conversions as one row for every attribution window that has any."""
    return [
        {**row, "attribution_window": window, "conversions": row[metric]}
        for row in rows
        for window, metric in _WINDOWS.items()
        if row.get(metric)
    ]


def entity_row(element: Row) -> Row:
    """An object with its relations' ids under ``ids``, its instants under ``times`` and its landing page."""
    ids = {name: urn_id(value) for name, value in element.items() if isinstance(value, str) and value[:4] == "urn:"}
    times = {
        name: instant(found)
        for name, paths in _TIMES.items()
        if (found := next((value for path in paths if isinstance(value := _at(element, path), int)), None)) is not None
    }
    return {**element, "ids": ids, "times": times, "landing_page": _landing_page(element)}


def _at(element: Row, path: tuple[str, ...]) -> Any:
    value: Any = element
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _landing_page(element: Row) -> str | None:
    """Where a click leads: told by the post, by its article, or by the ad's own content."""
    if own := element.get("contentLandingPage"):
        return str(own)
    content = element.get("content")
    if not isinstance(content, dict):
        return None
    for part in content.values():
        if isinstance(part, dict) and (found := part.get("landingPage") or part.get("source")):
            return str(found)
    return None
