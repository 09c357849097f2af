"""What is asked of Meta for a report or an entity: parameters, made of the definitions."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import orjson

from ingestion.platforms.meta_ads.entities import (
    AMOUNTS,
    EVERY_AD_SET_STATUS,
    EVERY_CAMPAIGN_STATUS,
    EVERY_STATUS,
    LIMITS,
    SHOWN,
)
from ingestion.platforms.meta_ads.reports import BY_ACTION
from ingestion.reports import Entity, Level, Report
from ingestion.windows import Span

PAGE_LIMIT = 500
# More calls than this in one batch are refused.
LARGEST_BATCH = 50

_LEVELS = {Level.ACCOUNT: "account", Level.CAMPAIGN: "campaign", Level.AD_GROUP: "adset", Level.AD: "ad"}
# Without the filter a level leaves out deleted objects for ever, while the account total keeps their spend.
_STATUSES = {
    Level.CAMPAIGN: EVERY_CAMPAIGN_STATUS,
    Level.AD_GROUP: EVERY_AD_SET_STATUS,
    Level.AD: EVERY_STATUS,
}
# What a creative shows stands in one of these.
_SHOWN_IN = (
    "title", "body", "link_url", "call_to_action_type", "object_story_spec", "asset_feed_spec", "template_url",
)  # fmt: skip


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def insights_parameters(report: Report, since: date, until: date) -> dict[str, str]:
    """Query of one insights report over since..until, both inclusive. The control carries no filter and no windows."""
    level = _LEVELS[report.level]
    # The day and the values of breakdowns come by themselves; the account is what every row is checked by.
    asked = (*report.ids, *report.attributes, *report.metrics)
    fields = ["account_id", *(_insights_field(column.path) for column in asked)]
    parameters = {
        "level": level,
        "time_increment": str(report.request.get("time_increment", "1")),
        "time_range": _json({"since": since.isoformat(), "until": until.isoformat()}),
        "fields": ",".join(dict.fromkeys(fields)),
    }
    if report.breakdowns:
        parameters["breakdowns"] = ",".join(column.path[0] for column in report.breakdowns)
    if report.attribution_windows:
        parameters["action_attribution_windows"] = _json(list(report.attribution_windows))
    if statuses := _STATUSES.get(report.level):
        condition = {"field": f"{level}.effective_status", "operator": "IN", "value": list(statuses)}
        parameters["filtering"] = _json([condition])
    return parameters


def _insights_field(path: Sequence[str]) -> str:
    return path[1] if path[0] == BY_ACTION else path[0]


def halves(span: Span) -> tuple[Span, Span]:
    """A span of two days or more in two parts, the newer one first."""
    middle = span.since + (span.until - span.since) // 2
    return Span(middle + timedelta(days=1), span.until), Span(span.since, middle)


def entity_fields(entity: Entity, *, without: str | None = None) -> str:
    """The ``fields`` of an entity's objects; ``without``: one that is left out."""
    fields: dict[str, None] = {}
    for column in entity.columns:
        fields |= dict.fromkeys(_entity_fields(column.path))
    fields.pop(without or "", None)
    return ",".join(fields)


def _entity_fields(path: tuple[str, ...]) -> tuple[str, ...]:
    if path[0] == SHOWN:
        return _SHOWN_IN
    if path[0] in (AMOUNTS, LIMITS):
        return path[1:]
    # A field of an object within: creative{id}.
    return (path[0] if len(path) == 1 else f"{path[0]}{{{path[1]}}}",)


def entity_parameters(entity: Entity, *, without: str | None = None) -> dict[str, str]:
    """Query of an entity's edge, with every status that an edge can be asked for."""
    parameters = {"fields": entity_fields(entity, without=without)}
    if statuses := entity.request.get("statuses"):
        parameters["effective_status"] = _json(list(statuses))
    return parameters


def batch_form(version: str, ids: Sequence[str], fields: str) -> dict[str, str]:
    """Form of a batch that reads the objects with these ids, an answer for each in the same order."""
    calls = [{"method": "GET", "relative_url": f"{version}/{object_id}?fields={fields}"} for object_id in ids]
    return {"batch": _json(calls), "include_headers": "false"}
