"""TikTok's contract as far as a load needs it: lists and synchronous reports by page number, errors inside HTTP 200."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson

from benchmarks.row_server import Answers
from benchmarks.rows import CURRENCY, TIMEZONE, Files, RowPlan
from benchmarks.tiktok_rows import tiktok_row

WORDING = tiktok_row
_LEVELS = {"AUCTION_ADVERTISER": "account", "AUCTION_CAMPAIGN": "campaign", "AUCTION_AD": "ad"}
_DEFAULT_PAGE_SIZE = 10
_LARGEST_PAGE = 1000
_LONGEST_DAYS = 30
_ENABLED = {"operation_status": "ENABLE", "create_time": "2023-01-01 00:00:00", "modify_time": "2023-01-01 00:00:00"}


class TikTokAnswers(Answers):
    """Lists and reports of one plan."""

    def __init__(self, plan: RowPlan, files: Files) -> None:
        super().__init__(plan, files)
        self._entities = _entities(plan)

    def answer(self, path: str, parameters: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        name = path.removeprefix("/open_api/v1.3/").rstrip("/")
        if name == "advertiser/info":
            own = orjson.loads(parameters["advertiser_ids"])[0]
            return 200, _envelope(orjson.dumps({"list": [_advertiser(own)]}))
        if name == "report/integrated/get":
            return self._report(parameters)
        objects = self._entities.get(name)
        if objects is None:
            return 404, b"404 page not found"
        filtering = orjson.loads(parameters.get("filtering", "{}"))
        if filtering.keys() - {"primary_status"}:
            objects = []
        return _page(lambda start, stop: b",".join(objects[start:stop]), 0, len(objects), parameters)

    def _report(self, parameters: Mapping[str, str]) -> tuple[int, bytes]:
        since, until = (date.fromisoformat(parameters[name]) for name in ("start_date", "end_date"))
        file = self.files.get((parameters["advertiser_id"], _LEVELS.get(parameters["data_level"], "")))
        if file is None or parameters["report_type"] != "BASIC":
            return 200, _refusal(40002, "only the required reports have rows here")
        if (until - since).days >= _LONGEST_DAYS:
            return 200, _refusal(40002, "max time span is 30 days when use stat_time_day")
        return _page(file.slice, *file.bounds(since, until), parameters)


ANSWERS = TikTokAnswers


def _page(rows: Callable[[int, int], bytes], first: int, last: int, parameters: Mapping[str, str]) -> tuple[int, bytes]:
    """One page of the rows first..last-1."""
    number, size = int(parameters.get("page", "1")), int(parameters.get("page_size", _DEFAULT_PAGE_SIZE))
    if size > _LARGEST_PAGE:
        return 200, _refusal(40002, "page_size: Must be less than or equal to 1000.")
    start = min(first + (number - 1) * size, last)
    info = {
        "page": number, "page_size": size, "total_number": last - first, "total_page": -(-(last - first) // size),
    }  # fmt: skip
    page = rows(start, min(start + size, last))
    return 200, _envelope(b'{"list":[' + page + b'],"page_info":' + orjson.dumps(info) + b"}")


def _envelope(data: bytes) -> bytes:
    return b'{"code":0,"message":"OK","request_id":"2026112000000000","data":' + data + b"}"


def _refusal(code: int, message: str) -> bytes:
    return orjson.dumps({"code": code, "message": message, "request_id": "2026112000000000", "data": {}})


def _advertiser(account_id: str) -> dict[str, Any]:
    return {
        "advertiser_id": account_id, "name": f"Advertiser {account_id}", "status": "STATUS_ENABLE",
        "currency": CURRENCY, "timezone": "Etc/GMT+5", "display_timezone": TIMEZONE, "country": "US",
        "create_time": 1_600_000_000,
    }  # fmt: skip


def _entities(plan: RowPlan) -> dict[str, list[bytes]]:
    """Objects of each list; the same for every advertiser."""
    campaigns, ad_groups, ads = {}, {}, []
    for number in range(plan.ads):
        campaign_id, ad_group_id = str(plan.campaign_of(number)), str(plan.ad_set_of(number))
        campaigns[campaign_id] = {
            "campaign_id": campaign_id, "campaign_name": f"Campaign {campaign_id}", "objective_type": "WEB_CONVERSIONS",
            "budget": 50.0, "budget_mode": "BUDGET_MODE_DAY", **_ENABLED,
        }  # fmt: skip
        ad_groups[ad_group_id] = {
            "campaign_id": campaign_id, "adgroup_id": ad_group_id, "adgroup_name": f"Ad group {ad_group_id}",
            "budget": 20.0, "budget_mode": "BUDGET_MODE_DAY", **_ENABLED,
        }  # fmt: skip
        ads.append(
            {"campaign_id": campaign_id, "adgroup_id": ad_group_id, "ad_id": str(plan.ad_id(number)),
             "ad_name": f"Ad {number}", **_ENABLED}
        )  # fmt: skip
    lists: dict[str, list[dict[str, Any]]] = {
        "campaign/get": [*campaigns.values()], "adgroup/get": [*ad_groups.values()], "ad/get": ads,
        "smart_plus/ad/get": [],
    }  # fmt: skip
    return {name: [orjson.dumps(row) for row in rows] for name, rows in lists.items()}
