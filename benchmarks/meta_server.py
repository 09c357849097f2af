"""Meta's contract as far as a load needs it: entities and daily insights, paged by cursor."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.meta_rows import ABSENT_FIELDS, AD_FIELDS, meta_row
from benchmarks.row_server import Answers
from benchmarks.rows import CURRENCY, TIMEZONE, Files, RowPlan

WORDING = meta_row
_DEFAULT_LIMIT = 25
_DELIVERING = {"status": "ACTIVE", "effective_status": "ACTIVE"}
_NO_OBJECT = b'{"error":{"code":100,"error_subcode":33,"message":"Object does not exist"}}'


class MetaAnswers(Answers):
    """Entities and insights of one plan."""

    def __init__(self, plan: RowPlan, files: Files) -> None:
        super().__init__(plan, files)
        self._entities = {account_id: _entities(plan, account_id) for account_id in plan.account_ids}

    def answer(self, path: str, parameters: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        _, _, node, *edge = path.split("/")
        account_id = node.removeprefix("act_")
        if node == "debug_token":
            return 200, b'{"data":{"is_valid":true,"expires_at":0}}'
        if account_id not in self._entities:
            return 404, _NO_OBJECT
        if edge == ["insights"]:
            return self._insights(path, account_id, parameters)
        objects = self._entities[account_id][edge[0] if edge else ""]
        if not edge:
            return 200, objects[0]
        return self._page(path, lambda start, stop: b",".join(objects[start:stop]), 0, len(objects), parameters)

    def _insights(self, path: str, account_id: str, parameters: Mapping[str, str]) -> tuple[int, bytes]:
        if unknown := set(parameters["fields"].split(",")) - AD_FIELDS - ABSENT_FIELDS:
            message = f"{', '.join(sorted(unknown))} are not valid for fields param"
            return 400, orjson.dumps({"error": {"code": 100, "message": message}})
        asked = orjson.loads(parameters["time_range"])
        file = self.files.get((account_id, parameters["level"]))
        if file is None or "breakdowns" in parameters:
            # Ad sets and breakdowns have no rows here: what is measured are the required reports.
            return 200, b'{"data":[]}'
        first, last = file.bounds(date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"]))
        return self._page(path, file.slice, first, last, parameters)

    def _page(self, path: str, rows: Any, first: int, last: int, parameters: Mapping[str, str]) -> tuple[int, bytes]:
        """One page of the rows first..last-1; a cursor is the number of rows already given."""
        start = first + int(parameters.get("after", "0"))
        stop = min(start + int(parameters.get("limit", _DEFAULT_LIMIT)), last)
        paging: dict[str, Any] = {"cursors": {"before": str(start - first), "after": str(stop - first)}}
        if stop < last:
            query = urlencode({**parameters, "after": stop - first})
            paging["next"] = f"{self.url}{path}?{query}"
        return 200, b'{"data":[' + rows(start, stop) + b'],"paging":' + orjson.dumps(paging) + b"}"


ANSWERS = MetaAnswers


def _entities(plan: RowPlan, account_id: str) -> dict[str, list[bytes]]:
    """Objects of each edge; the account's own object under the empty name."""
    account = {
        "account_id": account_id, "id": f"act_{account_id}", "name": f"Account {account_id}", "account_status": 1,
        "currency": CURRENCY, "timezone_name": TIMEZONE,
    }  # fmt: skip
    campaigns, ad_sets, ads = {}, {}, []
    for number in range(plan.ads):
        campaign_id, ad_set_id = str(plan.campaign_of(number)), str(plan.ad_set_of(number))
        campaigns[campaign_id] = {
            "id": campaign_id, "name": f"Campaign {campaign_id}", "objective": "OUTCOME_SALES", **_DELIVERING,
            "daily_budget": "50000", "start_time": "2023-01-01T00:00:00-0500",
        }  # fmt: skip
        ad_sets[ad_set_id] = {
            "id": ad_set_id, "campaign_id": campaign_id, "name": f"Ad set {ad_set_id}", **_DELIVERING,
            "optimization_goal": "OFFSITE_CONVERSIONS",
        }  # fmt: skip
        ads.append(
            {
                "id": str(plan.ad_id(number)), "campaign_id": campaign_id, "adset_id": ad_set_id,
                "name": f"Ad {number}", **_DELIVERING, "creative": {"id": str(plan.ad_id(number) + 10**13)},
            }
        )  # fmt: skip
    edges: dict[str, list[dict[str, Any]]] = {
        "": [account], "campaigns": [*campaigns.values()], "adsets": [*ad_sets.values()], "ads": ads, "adcreatives": [],
    }  # fmt: skip
    return {name: [orjson.dumps(row) for row in rows] for name, rows in edges.items()}
