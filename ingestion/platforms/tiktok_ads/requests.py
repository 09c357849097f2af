"""What is asked of TikTok for a report or an entity: query parameters, made of the definitions."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from ingestion.reports import Column, Entity, Level, Report

REPORT_PATH = "report/integrated/get"
ACCOUNT_PATH = "advertiser/info"
CAMPAIGN_PATH = "campaign/get"
LARGEST_PAGE = 1000
# Without these, lists and reports silently leave out deleted objects; the account level has no such filter.
_EVERY_STATUS = {"primary_status": "STATUS_ALL"}
# TopView is shown only when it is asked for by itself.
TOP_VIEW = {"buying_types": ["RESERVATION_TOP_VIEW"]}
_DATA_LEVELS = {
    Level.ACCOUNT: ("AUCTION_ADVERTISER", "advertiser_id", None),
    Level.CAMPAIGN: ("AUCTION_CAMPAIGN", "campaign_id", "campaign_status"),
    Level.AD_GROUP: ("AUCTION_ADGROUP", "adgroup_id", "adgroup_status"),
    Level.AD: ("AUCTION_AD", "ad_id", "ad_status"),
}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def id_dimension(report: Report) -> str:
    """The dimension that names the object of a row."""
    return _DATA_LEVELS[report.level][1]


def time_dimension(report: Report) -> str | None:
    """stat_time_day or stat_time_hour; None where the whole span is one row."""
    dimension: str | None = report.request.get("time_dimension", "stat_time_day")
    return dimension


def _names(columns: Sequence[Column], place: str) -> list[str]:
    return [column.path[1] for column in columns if column.path[0] == place]


def report_parameters(
    report: Report, account_id: str, since: date, until: date, *, top_view: bool = False, campaigns: Sequence[str] = ()
) -> dict[str, str]:
    """Query of a report without its page. campaigns: only the objects of these; top_view: only what is TopView."""
    data_level, id_name, status_name = _DATA_LEVELS[report.level]
    asked = [*_names(report.columns, "metrics"), *report.request.get("also_metrics", ())]
    time = time_dimension(report)
    dimensions = [id_name, *([time] if time else []), *_names(report.breakdowns, "dimensions")]
    conditions: list[tuple[str, Sequence[str]]] = []
    if status_name:
        conditions.append((status_name, ["STATUS_ALL"]))
    if top_view:
        conditions.append(("buying_type", TOP_VIEW["buying_types"]))
    if campaigns:
        conditions.append(("campaign_ids", campaigns))
    parameters = {
        "advertiser_id": account_id,
        "report_type": str(report.request.get("report_type", "BASIC")),
        "data_level": data_level,
        "dimensions": _json(dimensions),
        "metrics": _json(list(dict.fromkeys(asked))),
        "start_date": since.isoformat(),
        "end_date": until.isoformat(),
        "page_size": str(LARGEST_PAGE),
    }
    if conditions:
        # The values of a condition are JSON within JSON.
        parameters["filtering"] = _json(
            [
                {"field_name": name, "filter_type": "IN", "filter_value": _json(list(values))}
                for name, values in conditions
            ]
        )
    return parameters


def account_parameters(entity: Entity, account_id: str) -> dict[str, str]:
    """Query of the advertiser's own row."""
    return {"advertiser_ids": _json([account_id]), "fields": _json(["advertiser_id", *_fields(entity)])}


def accounts_parameters(account_ids: Sequence[str]) -> dict[str, str]:
    """Query of what identifies several advertisers."""
    fields = ["advertiser_id", "name", "currency", "display_timezone", "status"]
    return {"advertiser_ids": _json(list(account_ids)), "fields": _json(fields)}


def entity_parameters(entity: Entity, account_id: str, only: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Query of a list without its page. only: what the list hides unless it is asked for by itself."""
    parameters = {
        "advertiser_id": account_id,
        "filtering": _json({**_EVERY_STATUS, **(only or {})}),
        "page_size": str(entity.request.get("page_size", LARGEST_PAGE)),
    }
    if not entity.request.get("all_fields"):
        parameters["fields"] = _json(_fields(entity))
    return parameters


def _fields(entity: Entity) -> list[str]:
    own = [column.path[0] for column in entity.columns if column.path[0] != "computed"]
    return list(dict.fromkeys([*own, *entity.request.get("also_fields", ())]))


def top_view_probe(account_id: str) -> dict[str, str]:
    """Query that tells whether the advertiser has any TopView campaign."""
    filtering = _json({**_EVERY_STATUS, **TOP_VIEW})
    return {"advertiser_id": account_id, "filtering": filtering, "fields": '["campaign_id"]', "page_size": "1"}
