"""TikTok's error table, and the requests that follow from its report definitions."""

import json
from dataclasses import replace
from datetime import date

import httpx
import pytest

from ingestion.errors import Action
from ingestion.platforms.tiktok_ads.errors import classify
from ingestion.platforms.tiktok_ads.events import CONVERSION_EVENTS
from ingestion.platforms.tiktok_ads.reports import AD_DAILY, CAMPAIGN_COUNTRY_DAILY, DEFINITION
from ingestion.platforms.tiktok_ads.requests import report_parameters
from ingestion.reports import breakdown, count

GIVE_UP = Action.GIVE_UP_ACCOUNT


@pytest.mark.parametrize(
    ("code", "message", "action", "error_class", "wait"),
    [
        (20001, "Partially successful", Action.RETRY, "transient", None),
        (40000, "Invalid parameters", GIVE_UP, "invalid_request", None),
        (40002, "Please correct the information in invalid metric fields", GIVE_UP, "invalid_request", None),
        (40002, "Something went wrong", Action.RETRY, "invalid_request", None),
        (40001, "No permission", GIVE_UP, "permission", None),
        (40106, "Token does not match the advertiser", GIVE_UP, "permission", None),
        (40300, "Advertiser does not exist", GIVE_UP, "permission", None),
        (40006, "Version is wrong", Action.FATAL, "api_version", None),
        (40051, "Version is wrong", Action.FATAL, "api_version", None),
        (40011, "Too many ids", Action.SHRINK, "too_much_data", None),
        (40016, "Too frequent", Action.RETRY, "quota", 75.0),
        (40100, "QPS limit 10", Action.RETRY, "quota", 1.0),
        (40132, "Too frequent", Action.RETRY, "quota", 75.0),
        (40133, "restricted", Action.RETRY, "quota", 1.0),
        (40102, "expired", Action.FATAL, "credential", None),
        (40104, "Access token is null", Action.FATAL, "credential", None),
        (40105, "invalid", Action.FATAL, "credential", None),
        (40113, "App is blocked", Action.FATAL, "credential", None),
        (40201, "not ready", Action.RETRY, "transient", None),
        (40700, "Internal validation", Action.RETRY, "transient", None),
        (50000, "System error.", Action.RETRY, "transient", None),
        (50002, "Processing error", Action.RETRY, "transient", None),
        (51002, "Service error", Action.RETRY, "transient", None),
        (51010, "Internal service timed out", Action.RETRY, "transient", None),
        (60001, "Maintenance", Action.RETRY, "transient", 3600.0),
        (49999, "Nobody knows", GIVE_UP, "unknown", None),
    ],
)
def test_codes_decide_inside_http_200(
    code: int, message: str, action: Action, error_class: str, wait: float | None
) -> None:
    body = {"code": code, "message": message, "request_id": "20261122invalid", "data": {}}
    problem = classify(httpx.Response(200, json=body))
    assert problem is not None
    assert (problem.action, problem.error_class, problem.wait_seconds) == (action, error_class, wait)
    assert problem.code == str(code)
    assert problem.next_step


def test_the_days_limit_lasts_until_midnight_utc_by_the_platforms_clock() -> None:
    body = {"code": 40100, "message": "QPD limit", "data": {}}
    problem = classify(httpx.Response(200, json=body, headers={"Date": "Sun, 22 Nov 2026 22:30:00 GMT"}))
    assert problem is not None
    assert problem.wait_seconds == 90 * 60


def test_data_is_no_problem_and_an_answer_without_a_code_is() -> None:
    assert classify(httpx.Response(200, json={"code": 0, "message": "OK", "data": {"list": []}})) is None
    problem = classify(httpx.Response(200, json={"list": []}))
    assert problem is not None
    assert problem.action is Action.RETRY


def test_a_metric_more_is_one_column_and_is_asked_for() -> None:
    more = replace(AD_DAILY, metrics=(*AD_DAILY.metrics, count("web_event_search", "metrics", "web_event_search")))
    before, after = (
        json.loads(report_parameters(report, "4242", date(2026, 11, 1), date(2026, 11, 2))["metrics"])
        for report in (AD_DAILY, more)
    )
    assert set(after) - set(before) == {"web_event_search"}


def test_a_breakdown_more_is_one_column_that_is_asked_for_and_becomes_part_of_the_key() -> None:
    by_language = replace(CAMPAIGN_COUNTRY_DAILY, breakdowns=(breakdown("language", "dimensions", "language"),))
    parameters = report_parameters(by_language, "4242", date(2026, 11, 1), date(2026, 11, 2))
    assert json.loads(parameters["dimensions"]) == ["campaign_id", "stat_time_day", "language"]
    assert by_language.key == ("date_day", "campaign_id", "language")


def test_every_report_has_the_key_of_its_object_and_breakdowns() -> None:
    assert {report.name: report.key for report in DEFINITION.reports} == {
        "account_daily": ("date_day",),
        "campaign_daily": ("date_day", "campaign_id"),
        "ad_daily": ("date_day", "ad_id"),
        "ad_conversions_daily": ("date_day", "ad_id", "event", "channel", "attribution"),
        "ad_group_daily": ("date_day", "adgroup_id"),
        "campaign_country_daily": ("date_day", "campaign_id", "country_code"),
        "campaign_age_gender_daily": ("date_day", "campaign_id", "age", "gender"),
        "campaign_platform_daily": ("date_day", "campaign_id", "platform"),
        "campaign_placement_daily": ("date_day", "campaign_id", "placement"),
        "campaign_hourly": ("date_day", "campaign_id", "hour"),
    }


def test_no_event_is_counted_twice_under_one_key() -> None:
    keys = [(each.event, each.channel, each.attribution) for each in CONVERSION_EVENTS]
    assert len(keys) == len(set(keys))
