"""The Meta client against bodies as they stand on the wire: paging, too much data, throttles, cut answers."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from ingestion.errors import AccountReadError
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.meta_ads.reports import ACCOUNT_DAILY, AD_DAILY, CAMPAIGN_HOURLY
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
TOO_MUCH = {
    "error": {
        "message": "Invalid parameter",
        "type": "OAuthException",
        "code": 100,
        "error_subcode": 1487534,
        "error_user_msg": "There is too much data",
    }
}
NOT_READY = {
    "error": {
        "message": "The report is not ready",
        "type": "OAuthException",
        "code": 2637,
        "error_subcode": 1815107,
        "is_transient": True,
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


def days_of(asked: Asked) -> tuple[date, date]:
    span = json.loads(asked.parameters["time_range"])
    return date.fromisoformat(span["since"]), date.fromisoformat(span["until"])


class HeavyDays:
    """One row a day; a question about more days than so many is too heavy however small its page."""

    def __init__(self, most_days: int) -> None:
        self.most_days = most_days
        self.asked: list[tuple[date, date, str]] = []

    def __call__(self, asked: Asked) -> Answer:
        since, until = days_of(asked)
        self.asked.append((since, until, asked.parameters["limit"]))
        days = [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
        if len(days) > self.most_days:
            return Answer(TOO_MUCH, 400)
        return Answer({"data": [{**row(1), "date_start": str(day), "date_stop": str(day)} for day in days]})


def test_a_question_too_heavy_at_the_smallest_page_is_asked_in_halves_newest_first(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = script = HeavyDays(most_days=8)
    pages = list(meta.report_pages(ACCOUNT, AD_DAILY, date(2026, 10, 12), UNTIL))
    found = [found["date_start"] for page in pages for found in page]
    assert sorted(found) == [str(date(2026, 10, 12) + timedelta(days=offset)) for offset in range(29)]
    whole = [limit for since, until, limit in script.asked if (until - since).days == 28]
    assert whole == ["500", "250", "125", "62", "31", "25"]
    parts = [(until - since).days + 1 for since, until, limit in script.asked if (until - since).days < 28]
    # 29 days = 14 + 15; both too heavy (at pages of 100, 50 and 25), their halves are not.
    assert parts == [14, 14, 14, 7, 7, 15, 15, 15, 7, 8]
    assert {limit for since, until, limit in script.asked if (until - since).days < 28} == {"100", "50", "25"}


class ReportRuns:
    """A platform that refuses every synchronous insights call and computes report runs.

    states: the answers of each run when it is asked how far it is, one after the other, the last one for ever.
    """

    def __init__(self, states: list[list[dict[str, Any]]], rows: PagedRows) -> None:
        self.states = [list(state) for state in states]
        self.rows = rows
        self.spans: list[tuple[date, date]] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/act_4242/insights"):
            if asked.method == "GET":
                return Answer(REDUCE, 500)
            self.spans.append(days_of(asked))
            return Answer({"report_run_id": str(900 + len(self.spans))})
        run = asked.path.split("/")[2]
        if asked.path.endswith(f"/{run}"):
            states = self.states[min(int(run) - 901, len(self.states) - 1)]
            state = states.pop(0) if len(states) > 1 else states[0]
            return Answer({"id": run, "async_percent_completion": 50, **state})
        return self.rows(asked)


def state(status: str, **error: Any) -> dict[str, Any]:
    return {"async_status": status, **error}


COMPLETED = state("Job Completed")
WEEK_UNTIL = date(2026, 11, 7)


def read_week(meta: MetaAdsClient) -> list[str]:
    return [found["ad_id"] for page in meta.report_pages(ACCOUNT, AD_DAILY, SINCE, WEEK_UNTIL) for found in page]


def test_a_week_too_heavy_for_any_page_is_computed_as_a_report_run(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.script = script = ReportRuns(
        [[state("Job Not Started"), state("Job Running", async_percent_completion=100), COMPLETED]], PagedRows(700)
    )
    assert read_week(meta) == [str(number) for number in range(700)]
    assert script.spans == [(SINCE, WEEK_UNTIL)]
    started = next(asked for asked in platform.asked if asked.method == "POST")
    assert started.parameters["level"] == "ad"
    assert "DELETED" in started.parameters["filtering"]
    assert waits == [1.0, 2.0]


def test_a_complete_run_that_is_not_readable_yet_is_asked_again(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    runs = ReportRuns([[COMPLETED]], PagedRows(3))
    refusals = [Answer(NOT_READY, 400), Answer(NOT_READY, 400)]
    platform.script = lambda asked: refusals.pop() if asked.path.endswith("901/insights") and refusals else runs(asked)
    assert read_week(meta) == ["0", "1", "2"]
    assert not refusals


def test_a_run_that_failed_by_chance_is_started_again(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    by_chance = state("Job Failed", error_code=-2, error_subcode=2490547, error_message="internal")
    platform.script = script = ReportRuns([[by_chance], [state("Job Skipped")], [COMPLETED]], PagedRows(5))
    assert len(read_week(meta)) == 5
    assert script.spans == [(SINCE, WEEK_UNTIL)] * 3
    assert waits == [30.0, 30.0]


def test_a_run_of_too_much_data_is_computed_in_halves(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    too_much = state("Job Failed", error_code=100, error_subcode=1487534, error_message="too much data")
    platform.script = script = ReportRuns([[too_much], [COMPLETED]], PagedRows(5))
    assert len(read_week(meta)) == 10
    assert script.spans == [(SINCE, WEEK_UNTIL), (date(2026, 11, 5), WEEK_UNTIL), (SINCE, date(2026, 11, 4))]


@pytest.mark.parametrize("status", ["Job Failed", "Job Skipped"])
def test_a_report_run_that_always_fails_ends_the_account_with_a_next_step(
    meta: MetaAdsClient, platform: ScriptedPlatform, status: str
) -> None:
    platform.script = script = ReportRuns([[state(status)]], PagedRows(1))
    with pytest.raises(
        AccountReadError, match=f"report run 903 of olivar meta_ads 4242 ended with '{status}'"
    ) as caught:
        read_week(meta)
    assert caught.value.problem.next_step
    assert len(script.spans) == 3


def test_a_run_refused_for_good_is_not_started_again(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    refused = state("Job Failed", error_code=2, error_subcode=1504041, error_message="no such combination")
    platform.script = script = ReportRuns([[refused]], PagedRows(1))
    with pytest.raises(AccountReadError, match="no such combination"):
        read_week(meta)
    assert len(script.spans) == 1


def test_a_report_run_that_never_ends_is_given_up_after_an_hour(
    meta: MetaAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.script = ReportRuns([[state("Job Running")]], PagedRows(1))
    with pytest.raises(AccountReadError, match="Job Running"):
        read_week(meta)
    assert 3600 < sum(waits) < 3700


def test_a_single_day_whose_run_is_refused_too_names_what_to_do(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = script = ReportRuns([[COMPLETED]], PagedRows(700, largest_page=0))
    with pytest.raises(AccountReadError) as caught:
        read_week(meta)
    assert script.spans[-1] == (WEEK_UNTIL, WEEK_UNTIL)
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


def test_an_hourly_report_asks_for_hours_of_the_accounts_own_zone(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    name = "hourly_stats_aggregated_by_advertiser_time_zone"
    platform.answers(Answer({"data": [{**row(1), name: "23:00:00 - 23:59:59"}]}))
    ((found,),) = meta.report_pages(ACCOUNT, CAMPAIGN_HOURLY, SINCE, UNTIL)
    assert found[name] == {"hour": "23"}
    (asked,) = platform.asked
    assert asked.parameters["breakdowns"] == name


def test_a_cursor_that_went_stale_leaves_the_account_to_a_later_run(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    pages = PagedRows(900)
    stale = {"error": {"message": "Invalid cursors values", "code": 2642}}
    platform.script = lambda asked: Answer(stale, 400) if asked.parameters.get("after") else pages(asked)
    with pytest.raises(AccountReadError) as caught:
        read(meta)
    assert caught.value.problem.error_class == "transient"


def test_a_page_that_is_too_heavy_on_the_way_shrinks_to_single_rows_before_it_is_given_up(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    pages = PagedRows(502)
    platform.script = lambda asked: (
        Answer(REDUCE, 500) if asked.parameters.get("after") and int(asked.parameters["limit"]) > 1 else pages(asked)
    )
    assert read(meta) == [str(number) for number in range(502)]
    platform.script = lambda asked: Answer(REDUCE, 500) if asked.parameters.get("after") else pages(asked)
    with pytest.raises(AccountReadError) as caught:
        read(meta)
    assert caught.value.problem.error_class == "too_much_data"
