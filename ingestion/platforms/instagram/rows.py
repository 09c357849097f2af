"""Wire answers to shaped rows: pure functions. Values keep the platform's own words and types."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ingestion.platforms.instagram.requests import PACIFIC

Row = dict[str, Any]

# The platform's reference says REELS, its answers to breakdowns say REEL.
_WORDS = {"REEL": "REELS"}
VALUE_SEPARATOR = "|"


def totals(answer: Mapping[str, Any]) -> Row:
    """Metric -> its one number; a metric without data is not there."""
    found: Row = {}
    for entry in answer.get("data", []):
        value = _total(entry)
        if value is not None:
            found[str(entry["name"])] = value
    return found


def _total(entry: Mapping[str, Any]) -> Any:
    if "total_value" in entry:
        return entry["total_value"].get("value")
    values = entry.get("values") or [{}]
    return values[0].get("value")


def account_day(day: date, found: Mapping[str, Any], asked: Iterable[str]) -> list[Row]:
    """The account's day as one row that names what it lacks; no row at all where nothing was answered."""
    if not found:
        return []
    absent = [metric for metric in asked if metric not in found]
    return [{"date_day": day.isoformat(), **found, "absent_metrics": absent or None}]


def breakdown_rows(day: date, answer: Mapping[str, Any], dimension: str) -> Iterator[Row]:
    """One row per metric and value of the dimension asked for; two dimensions' values are joined."""
    for entry in answer.get("data", []):
        for part in entry.get("total_value", {}).get("breakdowns", []):
            for result in part.get("results", []):
                words = [_WORDS.get(str(word), str(word)) for word in result["dimension_values"]]
                yield {
                    "date_day": day.isoformat(),
                    "metric": entry["name"],
                    "dimension": dimension,
                    "dimension_value": VALUE_SEPARATOR.join(words),
                    "value": result.get("value"),
                }


def series_rows(answer: Mapping[str, Any], period: str, since: date, until: date) -> Iterator[Row]:
    """Daily values as rows of the days that they belong to; what lies outside since..until is left out."""
    for entry in answer.get("data", []):
        for point in entry.get("values", []):
            day = day_ending_at(point["end_time"]) if "end_time" in point else None
            if day and since <= day <= until and point.get("value") is not None:
                yield {"date_day": day.isoformat(), "period": period, entry["name"]: point["value"]}


def day_ending_at(end_time: str) -> date:
    """The Pacific day that ends at an instant such as 2026-01-15T08:00:00+0000: the 14th."""
    return (instant_of(end_time) - timedelta(microseconds=1)).astimezone(PACIFIC).date()


def instant_of(timestamp: str) -> datetime:
    """A wire timestamp such as 2026-06-17T19:39:18+0000."""
    return datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S%z")


def media_row(day: date, media: Mapping[str, Any], answers: Iterable[Mapping[str, Any]]) -> list[Row]:
    """A media object's snapshot; none where the platform told no figure of it.

    A metric that was split stands as a mapping of the split's values, in small letters.
    """
    figures: Row = {}
    for answer in answers:
        figures |= totals(answer)
        for row in breakdown_rows(day, answer, ""):
            if not isinstance(figures.get(row["metric"]), dict):
                figures[row["metric"]] = {}
            figures[row["metric"]][row["dimension_value"].lower()] = row["value"]
    return [{**media, **figures, "date_day": day.isoformat()}] if figures else []
