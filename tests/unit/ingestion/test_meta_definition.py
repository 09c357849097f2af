"""What is asked of Meta follows from the definitions; what it answers becomes rows without losing a cent."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ingestion.errors import Action
from ingestion.http import Usage
from ingestion.http.graph_api import read_usage
from ingestion.platforms.meta_ads.entities import AD_SETS, ADS, CAMPAIGNS, CREATIVES
from ingestion.platforms.meta_ads.errors import classify, report_run_problem
from ingestion.platforms.meta_ads.reports import (
    ACCOUNT_DAILY,
    AD_DAILY,
    AD_SET_DAILY,
    CAMPAIGN_AGE_GENDER_DAILY,
    CAMPAIGN_COUNTRY_DAILY,
    CAMPAIGN_DAILY,
    CAMPAIGN_HOURLY,
    DEFINITION,
)
from ingestion.platforms.meta_ads.requests import (
    batch_form,
    entity_fields,
    entity_parameters,
    halves,
    insights_parameters,
)
from ingestion.platforms.meta_ads.rows import entity_rows, major_units, report_shaper
from ingestion.reports import Column, Entity, Report, breakdown, count
from ingestion.windows import Span

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 9)
# What Meta's connectors are known to combine; anything else may be refused.
KNOWN_COMBINATIONS = [
    set(), {"age", "gender"}, {"country"}, {"region"}, {"publisher_platform"}, {"device_platform"}, {"product_id"},
    {"publisher_platform", "platform_position"}, {"publisher_platform", "device_platform"},
    {"hourly_stats_aggregated_by_advertiser_time_zone"},
]  # fmt: skip


def asked(report: Report) -> dict[str, str]:
    return insights_parameters(report, SINCE, UNTIL)


def fields_of(report: Report) -> set[str]:
    return set(asked(report)["fields"].split(","))


def test_every_report_has_the_key_of_its_object_and_breakdowns() -> None:
    assert {report.name: report.key for report in DEFINITION.reports} == {
        "account_daily": ("date_day",),
        "campaign_daily": ("date_day", "campaign_id"),
        "ad_daily": ("date_day", "ad_id"),
        "ad_conversions_daily": ("date_day", "ad_id", "action_type", "attribution_window"),
        "ad_set_daily": ("date_day", "adset_id"),
        "campaign_country_daily": ("date_day", "campaign_id", "country"),
        "campaign_region_daily": ("date_day", "campaign_id", "region"),
        "campaign_device_daily": ("date_day", "campaign_id", "device_platform"),
        "campaign_placement_daily": ("date_day", "campaign_id", "publisher_platform", "platform_position"),
        "campaign_age_gender_daily": ("date_day", "campaign_id", "age", "gender"),
        "campaign_hourly": ("date_day", "campaign_id", "hour"),
    }


def test_a_metric_more_is_one_column_and_is_asked_for() -> None:
    more = replace(CAMPAIGN_DAILY, metrics=(*CAMPAIGN_DAILY.metrics, count("full_view_impressions")))
    watched = count("video_15_sec_watched", "by_action", "video_15_sec_watched_actions", "video_view")
    assert fields_of(more) - fields_of(CAMPAIGN_DAILY) == {"full_view_impressions"}
    ads = replace(AD_DAILY, metrics=(*AD_DAILY.metrics, watched))
    assert fields_of(ads) - fields_of(AD_DAILY) == {"video_15_sec_watched_actions"}


def test_a_breakdown_more_is_one_column_that_is_asked_for_and_becomes_part_of_the_key() -> None:
    by_product = replace(CAMPAIGN_COUNTRY_DAILY, breakdowns=(breakdown("product_id"),))
    assert asked(by_product)["breakdowns"] == "product_id"
    assert by_product.key == ("date_day", "campaign_id", "product_id")
    # A breakdown's value comes by itself: as a field it would be refused.
    assert "product_id" not in fields_of(by_product)


@pytest.mark.parametrize("report", DEFINITION.reports, ids=lambda report: report.name)
def test_only_combinations_that_meta_knows_are_asked_for(report: Report) -> None:
    if report.view_sql is None:
        assert set(asked(report).get("breakdowns", "").split(",")) - {""} in KNOWN_COMBINATIONS


def test_people_are_asked_for_above_the_ad_without_breakdowns_and_never_summed() -> None:
    with_reach = {report.name for report in DEFINITION.reports if "reach" in fields_of(report)}
    assert with_reach == {"account_daily", "campaign_daily", "ad_set_daily"}
    columns = {column.name: column for column in AD_SET_DAILY.metrics}
    # No zero where nobody told a figure, and no part of what is added up.
    assert columns["reach"].absent is None
    assert not {"reach", "frequency"} & set(AD_SET_DAILY.measures)


def test_off_meta_conversions_are_asked_for_only_where_meta_tells_them() -> None:
    split = [report for report in DEFINITION.optional_reports if report.breakdowns]
    silent = {report.name for report in split if "actions" not in fields_of(report)}
    assert silent == {"campaign_region_daily", "campaign_hourly"}


def test_the_control_has_neither_filter_nor_windows_and_every_level_below_asks_for_deleted_objects() -> None:
    assert not {"filtering", "action_attribution_windows", "breakdowns"} & set(asked(ACCOUNT_DAILY))
    for report, level in ((CAMPAIGN_DAILY, "campaign"), (AD_SET_DAILY, "adset"), (AD_DAILY, "ad")):
        (condition,) = json.loads(asked(report)["filtering"])
        assert (asked(report)["level"], condition["field"]) == (level, f"{level}.effective_status")
        assert {"DELETED", "ARCHIVED"} <= set(condition["value"])


def test_conversions_are_asked_for_in_every_window_that_still_exists() -> None:
    assert json.loads(asked(AD_DAILY)["action_attribution_windows"]) == [
        "1d_click", "7d_click", "28d_click", "1d_view", "1d_ev",
    ]  # fmt: skip


def test_spans_are_halved_without_a_day_twice_or_missing() -> None:
    assert halves(Span(date(2026, 11, 1), date(2026, 11, 9))) == (
        Span(date(2026, 11, 6), date(2026, 11, 9)),
        Span(date(2026, 11, 1), date(2026, 11, 5)),
    )
    assert halves(Span(date(2026, 10, 31), date(2026, 11, 1))) == (
        Span(date(2026, 11, 1), date(2026, 11, 1)),
        Span(date(2026, 10, 31), date(2026, 10, 31)),
    )


def test_edges_are_asked_for_archived_objects_and_never_for_deleted_ones() -> None:
    for entity in (CAMPAIGNS, AD_SETS, ADS):
        statuses = json.loads(entity_parameters(entity)["effective_status"])
        assert "ARCHIVED" in statuses
        assert "DELETED" not in statuses
    assert "effective_status" not in entity_parameters(CREATIVES)


def test_each_field_is_asked_for_once_and_a_broken_one_can_be_left_out() -> None:
    fields = entity_fields(CREATIVES).split(",")
    assert len(fields) == len(set(fields))
    assert {"title", "object_story_spec", "asset_feed_spec", "url_tags"} <= set(fields)
    assert set(fields) - set(entity_fields(CREATIVES, without="object_story_spec").split(",")) == {"object_story_spec"}
    assert "creative{id}" in entity_fields(ADS)
    assert {"daily_budget", "lifetime_budget", "spend_cap"} <= set(entity_fields(CAMPAIGNS).split(","))


def test_a_batch_asks_for_each_object_with_its_fields() -> None:
    form = batch_form("v26.0", ["7", "8"], "id,name")
    assert json.loads(form["batch"]) == [
        {"method": "GET", "relative_url": "v26.0/7?fields=id,name"},
        {"method": "GET", "relative_url": "v26.0/8?fields=id,name"},
    ]


@pytest.mark.parametrize(
    ("wire", "currency", "major"),
    [
        ("39125", "USD", "391.25"),
        ("39125", "TWD", "39125"),
        ("39125", "CLP", "39125"),
        ("39125", "JPY", "39125"),
        # ISO 4217 has three decimals for the dinar, two for the forint; Meta does not.
        ("39125", "KWD", "391.25"),
        ("39125", "HUF", "39125"),
        (5, "BRL", "0.05"),
        ("-150", "EUR", "-1.50"),
        ("90071992547409931", "EUR", "900719925474099.31"),
        (None, "EUR", None),
    ],
)
def test_budgets_are_counted_by_metas_own_table(wire: Any, currency: str, major: str | None) -> None:
    found = major_units(wire, currency)
    assert found == major
    assert found is None or isinstance(Decimal(found), Decimal)


def column(entity: Entity, name: str) -> Column:
    return next(column for column in entity.columns if column.name == name)


def value_of(entity: Entity, row: dict[str, Any], name: str) -> Any:
    value: Any = row
    for part in column(entity, name).path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def test_a_budget_of_zero_is_no_budget_but_nothing_may_remain_of_one() -> None:
    wire = {"id": "1", "daily_budget": "0", "lifetime_budget": "500000", "budget_remaining": "0", "bid_amount": 350}
    (row,) = entity_rows(AD_SETS, "BRL", [wire])
    found = {name: value_of(AD_SETS, row, name) for name in ("daily_budget", "lifetime_budget", "budget_remaining")}
    assert found == {"daily_budget": None, "lifetime_budget": "5000.00", "budget_remaining": "0.00"}
    assert value_of(AD_SETS, row, "bid_amount") == "3.50"
    assert wire["daily_budget"] == "0"


STORY: dict[str, Any] = {"page_id": "1"}
FLAT = {"title": "Flat", "body": "flat text", "link_url": "https://a.example/flat", "call_to_action_type": "SIGN_UP"}
LINK = {
    "link": "https://a.example/link", "name": "Headline", "message": "Text", "picture": "https://x.fbcdn.net/1?oh=a",
    "call_to_action": {"type": "SHOP_NOW", "value": {"link": "https://a.example/button"}},
}  # fmt: skip
CARDS = {"message": "Text", "child_attachments": [{"link": "https://a.example/card", "name": "Card"}, {"link": "no"}]}
VIDEO: dict[str, Any] = {
    "title": "Video title", "message": "Video text", "image_url": "https://scontent.xx.fbcdn.net/v/1?oh=2",
    "call_to_action": {"type": "LEARN_MORE", "value": {"link": "https://a.example/video"}},
}  # fmt: skip
FEED = {
    "titles": [{"text": "First"}, {"text": "Second"}], "bodies": [{"text": "Body"}],
    "link_urls": [{"website_url": "https://a.example/feed"}], "call_to_action_types": ["BOOK_NOW"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        (FLAT, ("Flat", "flat text", "https://a.example/flat", "SIGN_UP")),
        (
            {"object_story_spec": {**STORY, "link_data": LINK}},
            ("Headline", "Text", "https://a.example/link", "SHOP_NOW"),
        ),
        ({"object_story_spec": {**STORY, "link_data": CARDS}}, (None, "Text", "https://a.example/card", None)),
        (
            {"object_story_spec": {**STORY, "video_data": VIDEO}},
            ("Video title", "Video text", "https://a.example/video", "LEARN_MORE"),
        ),
        (
            {"object_story_spec": {**STORY, "photo_data": {"caption": "Photo", "url": "https://x.fbcdn.net/2"}}},
            (None, "Photo", None, None),
        ),
        ({"asset_feed_spec": FEED}, ("First", "Body", "https://a.example/feed", "BOOK_NOW")),
        ({"asset_feed_spec": {"titles": []}, "object_story_spec": STORY}, (None, None, None, None)),
        ({}, (None, None, None, None)),
    ],
)
def test_texts_and_destination_are_found_in_whichever_place_they_stand(
    wire: dict[str, Any], shown: tuple[str | None, ...]
) -> None:
    (row,) = entity_rows(CREATIVES, "BRL", [{"id": "1", **wire}])
    names = ("title", "body", "link_url", "call_to_action_type")
    assert tuple(value_of(CREATIVES, row, name) for name in names) == shown


def test_addresses_that_are_signed_anew_at_every_reading_are_no_change_of_a_creative() -> None:
    def read(signature: str) -> Any:
        picture = f"https://scontent.xx.fbcdn.net/v/1.jpg?oh={signature}"
        spec = {**STORY, "video_data": {**VIDEO, "image_url": picture}, "cards": [{"picture": picture}, picture]}
        return entity_rows(CREATIVES, "BRL", [{"id": "1", "object_story_spec": spec}])[0]["object_story_spec"]

    assert read("one") == read("two")
    assert read("one")["video_data"]["title"] == "Video title"
    assert not {"image_url", "thumbnail_url"} & set(entity_fields(CREATIVES).split(","))


def test_lists_of_actions_become_columns_and_stay_as_they_came() -> None:
    actions = [{"action_type": "comment", "value": "3", "7d_click": "2"}, {"action_type": "like", "value": "1"}]
    wire = {
        "ad_id": "1", "actions": actions, "outbound_clicks": [{"action_type": "outbound_click", "value": "9"}],
        "video_p25_watched_actions": [{"action_type": "video_view", "value": "40"}],
    }  # fmt: skip
    (row,) = report_shaper(AD_DAILY)([wire])
    figures = {
        metric.name: value_of_report(row, metric) for metric in AD_DAILY.metrics if metric.path[0] == "by_action"
    }
    told = {name: value for name, value in figures.items() if value is not None}
    assert told == {"comments": "3", "page_likes": "1", "outbound_clicks": "9", "video_p25_watched": "40"}
    assert row["actions"] == actions


def value_of_report(row: Any, metric: Column) -> Any:
    for part in metric.path:
        row = row.get(part) if isinstance(row, dict) else None
    return row


def test_an_hour_is_the_number_that_its_span_begins_with() -> None:
    name = "hourly_stats_aggregated_by_advertiser_time_zone"
    rows = report_shaper(CAMPAIGN_HOURLY)([{name: "07:00:00 - 07:59:59"}, {name: "00:00:00 - 00:59:59"}, {}])
    hour = CAMPAIGN_HOURLY.breakdowns[0]
    assert [value_of_report(row, hour) for row in rows] == ["07", "00", None]
    untouched = {"age": "25-34"}
    assert report_shaper(CAMPAIGN_AGE_GENDER_DAILY)([untouched]) == [{"age": "25-34"}]


@pytest.mark.parametrize(
    ("run", "action", "code"),
    [
        ({"error_code": -2, "error_subcode": 2490547, "error_message": "later"}, Action.RETRY, "-2/2490547"),
        ({"error_code": 100, "error_subcode": 1487534, "error_message": "too much"}, Action.SHRINK, "100/1487534"),
        ({"error_code": 2, "error_subcode": 1504041, "error_message": "bad"}, Action.GIVE_UP_ACCOUNT, "2/1504041"),
        ({}, Action.RETRY, "Job Failed"),
    ],
)
def test_a_failed_report_run_tells_what_to_do(run: dict[str, Any], action: Action, code: str) -> None:
    problem = report_run_problem({"async_status": "Job Failed", **run})
    assert (problem.action, problem.code) == (action, code)


def test_a_long_rest_of_one_account_leaves_the_others_of_its_credential_alone() -> None:
    def told(code: int, minutes: int) -> tuple[bool, float | None]:
        usage = {"4242": [{"type": "ads_insights", "call_count": 100, "estimated_time_to_regain_access": minutes}]}
        headers = {"x-business-use-case-usage": json.dumps(usage)}
        problem = classify(httpx.Response(400, json={"error": {"code": code, "message": "calls"}}, headers=headers))
        assert problem is not None
        assert problem.error_class == "quota"
        assert problem.action is Action.RETRY
        return problem.account_only, problem.wait_seconds

    assert told(80000, 90) == (True, 5400)
    assert told(80004, 90) == (True, 5400)
    assert told(80000, 4) == (True, 240)
    # The application's own limit concerns every account.
    assert told(4, 90) == (False, 5400)


def test_usage_by_application_counts_too() -> None:
    assert read_usage({"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":97}'}) == Usage(
        97, 0, account_only=True
    )


def test_the_sunset_calendar_names_the_marketing_apis_own_dates() -> None:
    ends = {version.version: version.ends_on for version in DEFINITION.api_versions}
    assert ends == {"v26.0": None, "v25.0": None, "v24.0": date(2026, 10, 6), "v23.0": date(2026, 6, 9)}


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2027, 4, 1), date(2028, 3, 31), date(2029, 3, 1)])
def test_no_day_is_asked_for_that_is_older_than_37_months(today: date) -> None:
    oldest = date.fromordinal(today.toordinal() - 1 - (DEFINITION.retention_days or 0) + 1)
    months = (today.year - oldest.year) * 12 + today.month - oldest.month
    assert months < 37 or (months == 37 and oldest.day >= today.day)
