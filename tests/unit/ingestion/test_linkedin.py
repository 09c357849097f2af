"""LinkedIn's pure parts: queries, rows and the rules that its definitions must keep."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingestion.platforms.linkedin_ads import DEFINITION
from ingestion.platforms.linkedin_ads.entities import CREATIVES
from ingestion.platforms.linkedin_ads.errors import seconds_to_midnight_utc
from ingestion.platforms.linkedin_ads.reports import CONVERSION_DAILY, CREATIVE_DAILY
from ingestion.platforms.linkedin_ads.requests import analytics_queries, by_campaign, entity_query
from ingestion.platforms.linkedin_ads.rows import entity_row, instant, joined, report_rows, urn_id, window_rows
from ingestion.reports import ProvedBy, Report

DAY = date(2026, 11, 2)
CALLED = [report for report in DEFINITION.reports if report.derived_from is None]


def element(day: int, *values: str, **metrics: Any) -> dict[str, Any]:
    on = {"year": 2026, "month": 11, "day": day}
    return {"pivotValues": list(values), "dateRange": {"start": on, "end": on}, **metrics}


@pytest.mark.parametrize("report", CALLED, ids=lambda report: report.name)
def test_no_request_names_more_than_twenty_fields_or_three_pivots(report: Report) -> None:
    asked: list[str] = []
    for query in analytics_queries(report, "12", DAY, DAY):
        parameters = dict(part.split("=", 1) for part in query.split("&"))
        fields = parameters["fields"].split(",")
        assert len(fields) <= 20
        assert fields[-2:] == ["dateRange", "pivotValues"]
        asked += fields[:-2]
        pivots = parameters.get("pivots", "")[5:-1].split(",") if parameters["q"] == "statistics" else [""]
        assert len(pivots) <= 3
    assert sorted(asked) == sorted(column.path[-1] for column in report.metrics)


@pytest.mark.parametrize("report", CALLED, ids=lambda report: report.name)
def test_every_id_and_breakdown_of_a_report_is_filled_by_one_of_its_pivots(report: Report) -> None:
    columns = {column.name for column in (*report.ids, *report.breakdowns, *report.attributes)} - {"period_days"}
    assert columns <= set(report.request["pivots"].values())


def test_demographic_pivots_are_never_asked_for_what_they_refuse_and_never_hold_a_day() -> None:
    refused = {"conversionValueInLocalCurrency", "approximateMemberReach", "cardClicks", "cardImpressions"}
    demographic = [report for report in CALLED if any("MEMBER_" in pivot for pivot in report.request["pivots"])]
    assert len(demographic) == 5
    for report in demographic:
        assert refused.isdisjoint(column.path[-1] for column in report.metrics)
        assert (report.required, report.proved_by) == (False, ProvedBy.COMPLETENESS)


def test_campaigns_narrow_a_query_with_encoded_names_and_the_account_does_otherwise() -> None:
    (query, *_) = analytics_queries(by_campaign(CREATIVE_DAILY), "12", DAY, DAY)
    assert query.startswith(
        "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&dateRange=(start:(year:2026,month:11,day:2)"
    )
    assert "&accounts=List(urn%3Ali%3AsponsoredAccount%3A12)&" in query
    (narrow, *_) = analytics_queries(CREATIVE_DAILY, "12", DAY, DAY, ["7", "8"])
    assert "&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A7,urn%3Ali%3AsponsoredCampaign%3A8)&" in narrow
    assert "accounts=" not in narrow


def test_a_page_token_is_encoded() -> None:
    assert entity_query(CREATIVES, "12", page_token="a=/&b").endswith("&pageSize=100&pageToken=a%3D%2F%26b")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("urn:li:sponsoredCreative:133", "133"),
        ("urn:lla:llaPartnerConversion:46", "46"),
        ("urn:li:geo:103644278", "103644278"),
        ("SIZE_51_TO_200", "SIZE_51_TO_200"),
    ],
)
def test_urns_become_ids_and_words_stay_words(value: str, found: str) -> None:
    assert urn_id(value) == found


def test_instants_are_exact_to_the_millisecond_and_in_utc() -> None:
    assert instant(0) == "1970-01-01T00:00:00.000+00:00"
    assert instant(1_628_230_144_426) == "2021-08-06T06:09:04.426+00:00"


def test_parts_are_joined_by_day_and_pivots_and_keep_what_only_one_of_them_has() -> None:
    first = [element(2, "urn:li:sponsoredCreative:1", clicks=1), element(3, "urn:li:sponsoredCreative:1", clicks=2)]
    second = [element(3, "urn:li:sponsoredCreative:1", likes=5), element(3, "urn:li:sponsoredCreative:2", likes=6)]
    whole = joined([first, second])
    assert [(row["dateRange"]["start"]["day"], row.get("clicks"), row.get("likes")) for row in whole] == [
        (2, 1, None),
        (3, 2, 5),
        (3, None, 6),
    ]


@pytest.mark.parametrize("doubled", [0, 1])
def test_a_key_that_comes_twice_in_one_part_stays_twice(doubled: int) -> None:
    parts = [[element(2, "urn:li:sponsoredCreative:1", clicks=1)], [element(2, "urn:li:sponsoredCreative:1", likes=1)]]
    parts[doubled] *= 2
    assert len(joined(parts)) == 2


def test_conversions_become_one_row_for_each_window_that_has_any() -> None:
    path = ("urn:li:sponsoredCampaign:31", "urn:li:sponsoredCampaignGroup:600", "urn:lla:llaPartnerConversion:46")
    both = element(2, *path, externalWebsitePostClickConversions=3, externalWebsitePostViewConversions=1)
    none = element(3, *path, externalWebsitePostClickConversions=0)
    rows = window_rows(report_rows(CONVERSION_DAILY, [both, none]))
    assert [
        (row["date_day"], row["campaign_id"], row["conversion_id"], row["attribution_window"], row["conversions"])
        for row in rows
    ] == [("2026-11-02", "31", "46", "post_click", 3), ("2026-11-02", "31", "46", "post_view", 1)]


def test_a_creative_knows_its_campaign_its_times_and_where_a_click_leads() -> None:
    row = entity_row(
        {
            "id": "urn:li:sponsoredCreative:9",
            "campaign": "urn:li:sponsoredCampaign:31",
            "createdAt": 1_000,
            "content": {"textAd": {"headline": "x", "landingPage": "https://example.com/?utm_source=linkedin"}},
        }
    )
    assert row["ids"] == {"id": "9", "campaign": "31"}
    assert row["times"] == {"created_at": "1970-01-01T00:00:01.000+00:00"}
    assert row["landing_page"] == "https://example.com/?utm_source=linkedin"


def test_a_campaigns_stamps_and_schedule_are_instants_and_a_missing_end_is_none() -> None:
    stamps = {"created": {"time": 1_000, "actor": "urn:li:person:a"}, "lastModified": {"time": 2_000}}
    row = entity_row({"id": 5, "changeAuditStamps": stamps, "runSchedule": {"start": 3_000}})
    assert {name: value[17:19] for name, value in row["times"].items()} == {
        "created_at": "01",
        "last_modified_at": "02",
        "run_start_at": "03",
    }
    assert row["landing_page"] is None


def test_the_limit_of_a_day_ends_at_midnight_utc_wherever_the_clock_stands() -> None:
    assert seconds_to_midnight_utc(datetime(2026, 11, 22, 23, 59, 30, tzinfo=UTC)) == 30
    assert seconds_to_midnight_utc(datetime(2026, 11, 22, 0, 0, tzinfo=UTC)) == 86_400


def test_the_version_in_the_settings_stands_in_the_calendar() -> None:
    versions = [version.version for version in DEFINITION.api_versions]
    assert "202608" in versions
    assert versions == sorted(versions, reverse=True)
