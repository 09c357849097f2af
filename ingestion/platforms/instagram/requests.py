"""What a report or list asks of the Graph API: pure functions from definitions to query parameters."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.platforms.instagram.reports import Question
from ingestion.reports import Entity, Report

PACIFIC = ZoneInfo("America/Los_Angeles")
MEDIA_PAGE_LIMIT = 100
_ONE_DAY = timedelta(days=1)


def midnight(day: date) -> int:
    """Unix seconds at which a Pacific day begins."""
    return int(datetime.combine(day, time(), PACIFIC).timestamp())


def metric_names(report: Report) -> tuple[str, ...]:
    """The metrics of a report as the platform names them."""
    return tuple(column.path[0] for column in report.metrics)


def day_questions(report: Report) -> tuple[Question, ...]:
    """The calls that one day of an account takes."""
    questions: tuple[Question, ...] = report.request.get("questions", (Question(metric_names(report)),))
    return questions


def day_parameters(question: Question, metrics: Iterable[str], day: date) -> dict[str, str]:
    """One day as one number a metric: without both ends the platform takes the last 24 hours, with more it adds up."""
    return {
        "metric": ",".join(metrics),
        "metric_type": "total_value",
        "period": "day",
        "since": str(midnight(day)),
        "until": str(midnight(day + _ONE_DAY) - 1),
        **_split(question),
    }


def _split(question: Question) -> dict[str, str]:
    return {"breakdown": question.breakdown} if question.breakdown else {}


def series_parameters(metrics: Iterable[str], period: str, since: date, until: date) -> dict[str, str]:
    """Daily values of since..until; the value of a day is dated with its end, so that the last end is asked for too."""
    return {
        "metric": ",".join(metrics),
        "metric_type": "time_series",
        "period": period,
        "since": str(midnight(since)),
        "until": str(midnight(until + _ONE_DAY)),
    }


def demographics_parameters(report: Report, dimension: str) -> dict[str, str]:
    """The audience by one dimension (or two, comma joined), as it is now."""
    return {
        "metric": report.name,
        "metric_type": "total_value",
        "period": "lifetime",
        "breakdown": dimension,
        **report.request.get("parameters", {}),
    }


def media_questions(report: Report, media: Mapping[str, Any]) -> tuple[Question, ...]:
    """The calls that suit a media object: by product type, narrowed by media type where that makes a difference."""
    questions: Mapping[str, tuple[Question, ...]] = report.request["questions"]
    product_type, media_type = str(media.get("media_product_type")), str(media.get("media_type"))
    narrow, wide = f"{product_type}/{media_type}", product_type
    # What is neither reel nor story (an ad's picture, say) is read like a post.
    return questions.get(narrow) or questions.get(wide) or questions.get("FEED") or next(iter(questions.values()))


def media_parameters(question: Question, metrics: Iterable[str]) -> dict[str, str]:
    """Lifetime figures of one media object."""
    return {"metric": ",".join(metrics), **_split(question)}


def fields_of(described: Entity | Report) -> str:
    """The node fields behind the columns, each once, and of media what decides which metrics are asked for."""
    if isinstance(described, Entity):
        paths = [column.path[0] for column in described.columns]
    else:
        paths = [column.path[0] for column in (*described.ids, *described.attributes)] or list(metric_names(described))
    if described.request.get("edge"):
        paths += ["id", "media_type", "media_product_type", "timestamp"]
    return ",".join(dict.fromkeys(paths))


def list_parameters(described: Entity | Report, today: date | None = None) -> dict[str, str]:
    """A list of media, newest first; a report's only as far back as it takes snapshots of."""
    parameters = {"fields": fields_of(described), "limit": str(MEDIA_PAGE_LIMIT)}
    if today and (days := described.request.get("newest_days")):
        parameters["since"] = str(midnight(today - timedelta(days=days)))
    return parameters
