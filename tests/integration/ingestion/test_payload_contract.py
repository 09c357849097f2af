"""Fields that a platform renames hold the account, those that it adds land beside the row and hold nothing."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from ingestion.sync import SyncReport
from tests.integration.ingestion.ad_world import FIRST_DAY, YESTERDAY, AdWorld, Ingestion

pytestmark = pytest.mark.integration


class ChangedInsights(httpx.HTTPTransport):
    """The sandbox behind a platform that has changed the rows of its campaign level."""

    def __init__(self, change: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._change = change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        asked = request.url.params
        if not request.url.path.endswith("/insights") or asked.get("level") != "campaign" or "breakdowns" in asked:
            return response
        body = orjson.loads(response.read())
        for row in body.get("data", []):
            self._change(row)
        return httpx.Response(response.status_code, json=body, request=request)


def sync(ingestion: Ingestion, account: str, change: Callable[[dict[str, Any]], None]) -> SyncReport:
    tasks = ingestion.requested("meta_ads", FIRST_DAY, YESTERDAY, account)
    with httpx.Client(transport=ChangedInsights(change), timeout=30) as http:
        return ingestion.sync("meta_ads", tasks=tasks, http=http)


def test_new_fields_land_in_raw_and_are_taken_down_while_the_days_are_proved(
    ad_world: AdWorld, fresh: Ingestion
) -> None:
    account = ad_world.accounts["meta_ads", "harbor-outdoor"]
    report = sync(fresh, account, lambda row: row.update(attention={"seconds": "7"}))
    assert report.failed == []
    assert fresh.loaded_days("meta_ads") == ad_world.account_days("meta_ads", [account])
    assert fresh.rows("select distinct _unknown from raw_meta_ads.campaign_daily") == [
        ({"attention": {"seconds": "7"}},)
    ]
    assert fresh.rows("select distinct _unknown from raw_meta_ads.ad_daily") == [(None,)]
    assert fresh.rows("select report, field, example, account_id from ops.unknown_field") == [
        ("campaign_daily", "attention", {"seconds": "7"}, account)
    ]


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (lambda row: row.update(cost=row.pop("spend")), "missing_field", "rows has spend"),
        (lambda row: row.update(impressions="many"), "InvalidTextRepresentation", 'bigint: "many"'),
    ],
    ids=["renamed", "retyped"],
)
def test_a_used_field_that_is_gone_or_of_another_type_enters_nothing_and_the_account_is_failing(
    ad_world: AdWorld, fresh: Ingestion, change: Callable[[dict[str, Any]], None], code: str, told: str
) -> None:
    account = ad_world.accounts["meta_ads", "harbor-outdoor"]
    report = sync(fresh, account, change)
    [failed] = report.failed
    assert failed.problem is not None
    assert (failed.problem.error_class, failed.problem.code) == ("schema", code)
    assert told in failed.problem.message
    assert fresh.loaded_days("meta_ads") == {}
    assert fresh.health(account)["status"] == "failing"
