"""The Meta client against bodies as they stand on the wire: paging, too much data, throttles, cut answers."""

import json
from datetime import date
from typing import Any

import pytest

from ingestion.errors import AccountReadError
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.meta_ads.reports import ACCOUNT_DAILY, AD_DAILY, ADS
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, Asked, ScriptedPlatform

ACCOUNT = account_of("meta_ads")
SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 9)

REDUCE = {
    "error": {
        "message": "Please reduce the amount of data you're asking for, then retry your request",
        "type": "OAuthException",
        "code": 1,
        "fbtrace_id": "Ahandwritten",
    }
}
TOO_MANY_CALLS = {
    "error": {
        "message": "(#80000) There have been too many calls from this ad-account.",
        "type": "OAuthException",
        "code": 80000,
        "error_subcode": 2446079,
        "fbtrace_id": "Ahandwritten",
    }
}


def row(number: int) -> dict[str, Any]:
    return {
        "account_id": "4242", "campaign_id": "7", "adset_id": "8", "ad_id": str(number), "account_currency": "EUR",
        "impressions": "10", "spend": "1.25", "date_start": "2026-11-02", "date_stop": "2026-11-02",
    }  # fmt: skip


class PagedRows:
    """Rows behind a cursor, in pages of the size asked for, as Graph API edges give them."""

    def __init__(self, total: int, largest_page: int = 10_000) -> None:
        self.rows = [row(number) for number in range(total)]
        self.largest_page = largest_page
        self.limits: list[int] = []

    def __call__(self, asked: Asked) -> Answer:
        limit, start = int(asked.parameters.get("limit", "25")), int(asked.parameters.get("after") or 0)
        self.limits.append(limit)
        if limit > self.largest_page:
            return Answer(REDUCE, 500)
        page = self.rows[start : start + limit]
        body: dict[str, Any] = {"data": page}
        if page:
            body["paging"] = {"cursors": {"before": str(start), "after": str(start + len(page))}}
        if start + limit < len(self.rows):
            body["paging"]["next"] = "https://graph.facebook.com/next"
        return Answer(body)


def read(meta: MetaAdsClient) -> list[str]:
    return [found["ad_id"] for page in meta.report_pages(ACCOUNT, AD_DAILY, SINCE, UNTIL) for found in page]


def test_every_page_is_read_and_the_token_travels_in_a_header(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    platform.script = PagedRows(1203)
    assert read(meta) == [str(number) for number in range(1203)]
    assert [asked.parameters.get("after") for asked in platform.asked] == [None, "500", "1000"]
    assert {asked.headers["Authorization"] for asked in platform.asked} == {"Bearer token-of-agency"}
    assert all("token" not in json.dumps(asked.parameters) for asked in platform.asked)


def test_too_much_data_halves_the_page_and_no_row_is_lost_or_doubled(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = script = PagedRows(300, largest_page=100)
    assert read(meta) == [str(number) for number in range(300)]
    assert script.limits == [500, 250, 125, 62, 62, 62, 62, 62]


def test_a_page_that_becomes_too_heavy_on_the_way_is_asked_for_again_from_the_same_cursor(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    pages = PagedRows(900)

    def script(asked: Asked) -> Answer:
        heavy = asked.parameters.get("after") == "500" and int(asked.parameters["limit"]) > 300
        return Answer(REDUCE, 500) if heavy else pages(asked)

    platform.script = script
    assert read(meta) == [str(number) for number in range(900)]


def report_run(statuses: list[str], rows: PagedRows) -> Any:
    """A platform that refuses every synchronous insights call and computes report runs."""
    waiting = list(statuses)

    def script(asked: Asked) -> Answer:
        if asked.path.endswith("/act_4242/insights"):
            return Answer({"report_run_id": "999"}) if asked.method == "POST" else Answer(REDUCE, 500)
        if asked.path.endswith("/999"):
            status = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return Answer({"id": "999", "async_status": status, "async_percent_completion": 50})
        assert asked.path.endswith("/999/insights")
        return rows(asked)

    return script


def test_a_report_too_heavy_for_any_page_is_computed_as_a_report_run(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.script = report_run(["Job Not Started", "Job Running", "Job Completed"], PagedRows(700))
    assert read(meta) == [str(number) for number in range(700)]
    started = next(asked for asked in platform.asked if asked.method == "POST")
    assert json.loads(started.parameters["time_range"]) == {"since": "2026-11-01", "until": "2026-11-09"}
    assert started.parameters["level"] == "ad"
    assert "DELETED" in started.parameters["filtering"]
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize("status", ["Job Failed", "Job Skipped"])
def test_a_report_run_that_fails_ends_the_account_with_a_next_step(
    meta: MetaAdsClient, platform: ScriptedPlatform, status: str
) -> None:
    platform.script = report_run([status], PagedRows(1))
    with pytest.raises(
        AccountReadError, match=f"report run 999 of olivar meta_ads 4242 ended with '{status}'"
    ) as caught:
        read(meta)
    assert caught.value.problem.next_step


def test_a_report_run_that_never_ends_is_given_up_after_an_hour(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.script = report_run(["Job Running"], PagedRows(1))
    with pytest.raises(AccountReadError, match="Job Running"):
        read(meta)
    assert 3600 < sum(waits) < 3700


def test_a_report_run_whose_pages_are_refused_too_names_what_to_do(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = report_run(["Job Completed"], PagedRows(700, largest_page=0))
    with pytest.raises(AccountReadError) as caught:
        read(meta)
    assert caught.value.problem.error_class == "too_much_data"
    assert "--from" in caught.value.problem.next_step


def test_a_cursor_that_comes_twice_ends_the_account_instead_of_reading_for_ever(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    body = {"data": [row(1)], "paging": {"cursors": {"after": "QVFI"}, "next": "https://graph.facebook.com/next"}}
    platform.answers(Answer(body))
    with pytest.raises(AccountReadError, match="'QVFI' twice"):
        read(meta)
    assert len(platform.asked) == 2


def test_a_throttle_waits_as_long_as_the_platform_says_before_anybody_calls_again(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    usage = {"4242": [{"type": "ads_insights", "call_count": 100, "estimated_time_to_regain_access": 2}]}
    throttled = Answer(TOO_MANY_CALLS, 400, {"x-business-use-case-usage": json.dumps(usage)})
    platform.answers(throttled, Answer({"data": [row(1)]}))
    assert read(meta) == ["1"]
    assert sum(waits) >= 120


def test_a_throttle_of_hours_leaves_the_account_to_a_later_run(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    usage = {"4242": [{"type": "ads_insights", "call_count": 100, "estimated_time_to_regain_access": 90}]}
    platform.answers(Answer(TOO_MANY_CALLS, 400, {"x-business-use-case-usage": json.dumps(usage)}))
    with pytest.raises(AccountReadError) as caught:
        read(meta)
    assert caught.value.problem.error_class == "quota"
    assert len(platform.asked) == 1
    assert sum(waits) <= 300


def test_a_body_shorter_than_announced_and_a_garbled_one_are_read_again(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    whole = json.dumps({"data": [row(1)]}).encode()
    platform.answers(
        Answer(whole[:40], announced=len(whole)),
        Answer(b"\x1f\x8bnot gzip at all", headers={"Content-Encoding": "gzip"}),
        Answer(whole[:40]),
        Answer(whole),
    )
    assert read(meta) == ["1"]
    assert len(platform.asked) == 4


def test_five_answers_without_data_are_enough(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer(b"<html>bad gateway</html>", 502))
    with pytest.raises(AccountReadError) as caught:
        read(meta)
    assert (caught.value.problem.error_class, caught.value.problem.code) == ("transient", "http 502")
    assert len(platform.asked) == 5


def test_the_account_total_is_asked_for_without_any_filter(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer({"data": []}))
    assert list(meta.report_pages(ACCOUNT, ACCOUNT_DAILY, SINCE, UNTIL)) == [[]]
    (asked,) = platform.asked
    assert asked.path == "/v26.0/act_4242/insights"
    assert set(asked.parameters) == {"level", "time_increment", "time_range", "fields", "limit"}
    assert (asked.parameters["level"], asked.parameters["time_increment"]) == ("account", "1")


def test_archived_ads_are_asked_for_on_their_edge_with_their_creative(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"data": [{"id": "1", "creative": {"id": "5"}}]}))
    assert list(meta.entity_pages(ACCOUNT, ADS)) == [[{"id": "1", "creative": {"id": "5"}}]]
    (asked,) = platform.asked
    assert "creative{id}" in asked.parameters["fields"]
    assert {"ARCHIVED", "PAUSED"} <= set(json.loads(asked.parameters["effective_status"]))
