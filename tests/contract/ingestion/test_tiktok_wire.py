"""The TikTok client against bodies as they stand on the wire: envelopes, pages, dashes, cuts, missing hours."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from ingestion.errors import AccountReadError
from ingestion.platforms.tiktok_ads.client import TikTokAdsClient
from ingestion.platforms.tiktok_ads.reports import (
    ACCOUNT_DAILY,
    ACCOUNTS,
    AD_DAILY,
    AD_GROUP_DAILY,
    AD_GROUPS,
    ADS,
    CAMPAIGN_AGE_GENDER_DAILY,
    CAMPAIGN_DAILY,
    CAMPAIGN_HOURLY,
    CAMPAIGNS,
    SMART_PLUS_ADS,
)
from ingestion.reports import Report
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, Asked, ScriptedPlatform

ACCOUNT = account_of("tiktok_ads")
SINCE, UNTIL = date(2026, 10, 24), date(2026, 11, 22)
DAY = date(2026, 11, 21)
REPORT = "/open_api/v1.3/report/integrated/get/"

Row = dict[str, Any]


def answer(data: Any, code: int = 0, message: str = "OK") -> Answer:
    return Answer({"code": code, "message": message, "request_id": "20261122071500AB12", "data": data})


def failure(code: int, message: str) -> Answer:
    return answer({}, code, message)


def listed(rows: Sequence[Row], asked: Asked, *, total: int | None = None) -> Answer:
    """One page of a list, as TikTok cuts it; ``total``: what page_info announces, where that is not the truth."""
    number, size = int(asked.parameters.get("page", "1")), int(asked.parameters.get("page_size", "10"))
    announced = len(rows) if total is None else total
    info = {
        "page": number, "page_size": size, "total_number": announced, "total_page": max(1, -(-announced // size)),
    }  # fmt: skip
    return answer({"list": rows[(number - 1) * size : number * size], "page_info": info})


def ad_row(ad_id: str, day: str = "2026-11-21", campaign_id: str = "1780000000000001", **metrics: str) -> Row:
    return {
        "dimensions": {"ad_id": ad_id, "stat_time_day": f"{day} 00:00:00"},
        "metrics": {
            "spend": "12.30", "impressions": "4100", "clicks": "52", "campaign_id": campaign_id,
            "adgroup_id": "1780000000000002", "currency": "EUR", **metrics,
        },
    }  # fmt: skip


def is_probe(asked: Asked) -> bool:
    """Whether this asks for TopView campaigns, which most accounts do not have."""
    return asked.path.endswith("/campaign/get/") and "RESERVATION_TOP_VIEW" in asked.parameters["filtering"]


def without_top_view(script: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    return lambda asked: listed([], asked) if is_probe(asked) else script(asked)


def reports_asked(platform: ScriptedPlatform) -> list[Asked]:
    return [asked for asked in platform.asked if asked.path == REPORT]


def filters(asked: Asked) -> dict[str, list[str]]:
    return {each["field_name"]: json.loads(each["filter_value"]) for each in json.loads(asked.parameters["filtering"])}


def read(tiktok: TikTokAdsClient, report: Report = AD_DAILY) -> list[Row]:
    return [row for page in tiktok.report_pages(ACCOUNT, report, SINCE, UNTIL) for row in page]


def test_every_announced_page_is_read_with_the_token_in_its_own_header(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    rows = [ad_row(str(1780000000000100 + number)) for number in range(2003)]
    platform.script = without_top_view(lambda asked: listed(rows, asked))
    assert [row["dimensions"]["ad_id"] for row in read(tiktok)] == [row["dimensions"]["ad_id"] for row in rows]
    asked = reports_asked(platform)
    assert [each.parameters["page"] for each in asked] == ["1", "2", "3"]
    assert {each.parameters["page_size"] for each in asked} == {"1000"}
    assert {each.headers["Access-Token"] for each in platform.asked} == {"token-of-agency"}
    assert all("Authorization" not in each.headers for each in platform.asked)


@pytest.mark.parametrize("announced", [2004, 1999])
def test_another_number_of_rows_than_announced_is_no_complete_report(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform, announced: int
) -> None:
    rows = [ad_row(str(number)) for number in range(2003)]
    platform.script = without_top_view(lambda asked: listed(rows, asked, total=announced))
    with pytest.raises(AccountReadError, match=f"announced {announced} rows") as caught:
        read(tiktok)
    assert caught.value.problem.error_class == "transient"


def test_a_count_of_pages_that_grows_with_every_page_has_an_end(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    def growing(asked: Asked) -> Answer:
        page = int(asked.parameters["page"])
        info = {"page": page, "page_size": 1000, "total_number": 1, "total_page": page + 1}
        return answer({"list": [ad_row(str(page))], "page_info": info})

    platform.script = without_top_view(growing)
    with pytest.raises(AccountReadError, match="announced 1 rows and gave 2"):
        read(tiktok)


def test_the_account_total_is_asked_for_without_any_filter(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    row = {
        "dimensions": {"advertiser_id": "4242", "stat_time_day": "2026-11-21 00:00:00"},
        "metrics": {"spend": "812.40", "impressions": "51022", "clicks": "640", "conversion": "12", "currency": "EUR"},
    }
    platform.script = lambda asked: listed([row], asked)
    assert read(tiktok, ACCOUNT_DAILY) == [row]
    (asked,) = platform.asked
    assert asked.path == REPORT
    assert "filtering" not in asked.parameters
    assert asked.parameters["data_level"] == "AUCTION_ADVERTISER"
    assert json.loads(asked.parameters["dimensions"]) == ["advertiser_id", "stat_time_day"]
    assert (asked.parameters["start_date"], asked.parameters["end_date"]) == ("2026-10-24", "2026-11-22")


def test_a_total_of_another_advertiser_is_refused(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    row = {"dimensions": {"advertiser_id": "77", "stat_time_day": "2026-11-21 00:00:00"}, "metrics": {"spend": "1.00"}}
    platform.script = lambda asked: listed([row], asked)
    with pytest.raises(AccountReadError, match="rows of account 77"):
        read(tiktok, ACCOUNT_DAILY)


@pytest.mark.parametrize(
    ("report", "data_level", "dimension", "status"),
    [
        (CAMPAIGN_DAILY, "AUCTION_CAMPAIGN", "campaign_id", "campaign_status"),
        (AD_GROUP_DAILY, "AUCTION_ADGROUP", "adgroup_id", "adgroup_status"),
        (AD_DAILY, "AUCTION_AD", "ad_id", "ad_status"),
    ],
)
def test_deleted_objects_are_asked_for_by_the_name_that_fits_the_level(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform, report: Report, data_level: str, dimension: str, status: str
) -> None:
    platform.script = without_top_view(lambda asked: listed([], asked))
    assert read(tiktok, report) == []
    (asked,) = reports_asked(platform)
    assert asked.parameters["data_level"] == data_level
    assert json.loads(asked.parameters["dimensions"]) == [dimension, "stat_time_day"]
    assert filters(asked) == {status: ["STATUS_ALL"]}


def test_parents_of_an_ad_are_metrics_and_never_dimensions(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    platform.script = without_top_view(lambda asked: listed([], asked))
    read(tiktok)
    metrics = json.loads(reports_asked(platform)[0].parameters["metrics"])
    assert {"campaign_id", "adgroup_id", "spend", "reach", "video_views_p75", "offline_shopping_events"} <= set(metrics)
    assert len(metrics) == len(set(metrics))


def test_an_audience_report_asks_for_no_conversions_of_website_or_shop(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = without_top_view(lambda asked: listed([], asked))
    read(tiktok, CAMPAIGN_AGE_GENDER_DAILY)
    (asked,) = reports_asked(platform)
    assert asked.parameters["report_type"] == "AUDIENCE"
    assert json.loads(asked.parameters["dimensions"]) == ["campaign_id", "stat_time_day", "age", "gender"]
    assert set(json.loads(asked.parameters["metrics"])) == {"spend", "impressions", "clicks", "conversion"}


def test_a_dash_is_null_and_a_zero_stays_a_zero(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    row = ad_row("1", result="-", reach="0", frequency="0.00")
    platform.script = without_top_view(lambda asked: listed([row], asked))
    (found,) = read(tiktok)
    assert found["metrics"] == {**row["metrics"], "result": None}
    assert found["dimensions"] == row["dimensions"]


def test_errors_inside_http_200_and_gateway_pages_are_asked_again(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    row = {"dimensions": {"advertiser_id": "4242", "stat_time_day": "2026-11-21 00:00:00"}, "metrics": {"spend": "1"}}
    info = {"page": 1, "page_size": 1000, "total_number": 1, "total_page": 1}
    platform.answers(
        failure(50000, "System error."),
        failure(51010, "Internal service timed out"),
        Answer(b"<html>504 Gateway Time-out</html>", 504),
        failure(20001, "Partially successful"),
        answer({"list": [row], "page_info": info}),
    )
    assert read(tiktok, ACCOUNT_DAILY) == [row]
    assert len(platform.asked) == 5


def test_partial_success_is_never_taken_for_the_whole(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    info = {"page": 1, "page_size": 1000, "total_number": 1, "total_page": 1}
    platform.answers(answer({"list": [ad_row("1")], "page_info": info}, 20001, "Partially successful"))
    with pytest.raises(AccountReadError, match="20001"):
        read(tiktok, ACCOUNT_DAILY)


QPS = "Advertiser (4242)'s QPS (12) reaches QPS limit 10 for current path, request is temporarily restricted."


@pytest.mark.parametrize(
    ("code", "message", "least", "most"),
    [
        (40133, QPS, 1, 10),
        (40100, "Too many requests: the app reaches its QPM limit", 300, 310),
        (40100, "Due to too many requests, requests from App 7 are temporarily restricted.", 75, 85),
        (40016, "Requests made too frequently", 75, 85),
    ],
)
def test_a_throttle_is_waited_out_as_long_as_its_limit_lasts(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform, waits: list[float],
    code: int, message: str, least: float, most: float,
) -> None:  # fmt: skip
    info = {"page": 1, "page_size": 1000, "total_number": 0, "total_page": 0}
    platform.answers(failure(code, message), answer({"list": [], "page_info": info}))
    assert read(tiktok, ACCOUNT_DAILY) == []
    assert least <= sum(waits) <= most


def test_the_days_limit_stops_the_credential_at_once(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.answers(failure(40100, "Requests made too frequently, QPD limit reached"))
    for _ in range(2):
        with pytest.raises(AccountReadError) as caught:
            read(tiktok, ACCOUNT_DAILY)
        assert caught.value.problem.error_class == "quota"
    assert len(platform.asked) == 1
    assert sum(waits) == 0


def test_a_withdrawn_token_is_not_tried_for_the_next_account(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(failure(40105, "Access token is incorrect or has been revoked."))
    for _ in range(2):
        with pytest.raises(AccountReadError) as caught:
            read(tiktok, ACCOUNT_DAILY)
        assert caught.value.problem.error_class == "credential"
        assert "authorise" in caught.value.problem.next_step
    assert len(platform.asked) == 1


def test_no_more_than_ten_calls_a_second_are_made(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.script = lambda asked: listed([], asked)
    for _ in range(25):
        read(tiktok, ACCOUNT_DAILY)
    assert sum(waits) >= 2


class CutPlatform:
    """Shows the newest 20,000 ads of a question and leaves the others out without a word."""

    def __init__(self, ads_of: dict[str, int]) -> None:
        self.rows = [
            ad_row(f"{campaign}{number:05d}", campaign_id=campaign)
            for campaign, ads in ads_of.items()
            for number in range(ads)
        ]
        self.campaigns = list(ads_of)

    def __call__(self, asked: Asked) -> Answer:
        if asked.parameters["data_level"] == "AUCTION_CAMPAIGN":
            return listed(
                [
                    {"dimensions": {"campaign_id": campaign, "stat_time_day": "2026-11-21 00:00:00"}, "metrics": {}}
                    for campaign in self.campaigns
                ],
                asked,
            )
        wanted = filters(asked).get("campaign_ids", self.campaigns)
        shown = [row for row in self.rows if row["metrics"]["campaign_id"] in wanted]
        return listed(shown[-20_000:], asked)


def test_what_the_limit_of_ids_cuts_is_read_by_campaigns_and_nothing_comes_twice(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    script = CutPlatform({"101": 12_000, "102": 9_000, "103": 500})
    platform.script = without_top_view(script)
    found = sorted(row["dimensions"]["ad_id"] for row in read(tiktok))
    assert found == sorted(row["dimensions"]["ad_id"] for row in script.rows)


def test_a_single_campaign_beyond_the_limit_of_ids_is_given_up_with_a_next_step(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = without_top_view(CutPlatform({"101": 20_001, "102": 1}))
    with pytest.raises(AccountReadError, match="campaign 101") as caught:
        read(tiktok)
    assert caught.value.problem.error_class == "too_much_data"
    assert "--from" in caught.value.problem.next_step


def test_topview_is_asked_for_by_itself_where_an_account_has_it(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    def script(asked: Asked) -> Answer:
        if is_probe(asked):
            return listed([{"campaign_id": "9"}], asked)
        row = ad_row("91" if "buying_type" in filters(asked) else "11")
        return listed([{**row, "dimensions": {**row["dimensions"], "campaign_id": "1"}}], asked)

    platform.script = script
    assert [row["dimensions"]["ad_id"] for row in read(tiktok)] == ["11", "91"]
    assert filters(reports_asked(platform)[1]) == {
        "ad_status": ["STATUS_ALL"], "buying_type": ["RESERVATION_TOP_VIEW"],
    }  # fmt: skip
    read(tiktok, CAMPAIGN_DAILY)
    assert sum(is_probe(asked) for asked in platform.asked) == 1


def hour_row(hour: str, impressions: int) -> Row:
    return {
        "dimensions": {"campaign_id": "7", "stat_time_hour": hour},
        "metrics": {"spend": "0.50", "impressions": str(impressions), "clicks": "1", "currency": "EUR"},
    }


class HourlyPlatform:
    """Three hours of a day; the first ``short`` answers stop in the middle of it, with code 0."""

    def __init__(self, short: int) -> None:
        self.short = short

    def __call__(self, asked: Asked) -> Answer:
        hours = [hour_row("2026-11-21 09:00:00", 10), hour_row("2026-11-21 10:00:00", 20), hour_row("-", 5)]
        if asked.parameters["data_level"] == "AUCTION_ADVERTISER":
            day = {"advertiser_id": "4242", "stat_time_day": "2026-11-21 00:00:00"}
            earlier = {**day, "stat_time_day": "2026-11-20 00:00:00"}
            figures = {"impressions": "35", "clicks": "3"}
            return listed([{"dimensions": each, "metrics": figures} for each in (earlier, day)], asked)
        self.short -= 1
        return listed(hours[:1] if self.short >= 0 else hours, asked)


def read_hours(tiktok: TikTokAdsClient) -> list[Row]:
    return [row for page in tiktok.report_pages(ACCOUNT, CAMPAIGN_HOURLY, DAY, DAY) for row in page]


def test_hours_that_stop_before_the_day_does_are_asked_again(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = without_top_view(HourlyPlatform(short=1))
    found = read_hours(tiktok)
    assert [(row["date_day"], row["hour"], row["metrics"]["impressions"]) for row in found] == [
        ("2026-11-21", "09", "10"), ("2026-11-21", "10", "20"), ("2026-11-21", None, "5"),
    ]  # fmt: skip
    asked = reports_asked(platform)[0].parameters
    assert json.loads(asked["dimensions"]) == ["campaign_id", "stat_time_hour"]
    assert (asked["start_date"], asked["end_date"]) == ("2026-11-21", "2026-11-21")


def test_the_days_of_a_week_of_hours_are_asked_for_once(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    platform.script = without_top_view(lambda asked: listed([], asked))
    for day in (21, 20, 19):
        assert list(tiktok.report_pages(ACCOUNT, CAMPAIGN_HOURLY, date(2026, 11, day), date(2026, 11, day))) == [[]]
    totals = [a.parameters for a in reports_asked(platform) if a.parameters["data_level"] == "AUCTION_ADVERTISER"]
    assert [(asked["start_date"], asked["end_date"]) for asked in totals] == [("2026-11-15", "2026-11-21")]
    assert len(reports_asked(platform)) == 4


def test_hours_that_never_add_up_to_their_day_are_not_accepted(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = without_top_view(HourlyPlatform(short=99))
    with pytest.raises(AccountReadError, match="'impressions': 10, 'clicks': 1}, the day says") as caught:
        read_hours(tiktok)
    assert caught.value.problem.code == "hours missing"


def test_events_that_happened_are_kept_by_their_metric_and_the_others_are_not(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    busy = ad_row(
        "1", complete_payment="3", total_complete_payment_rate="149.70", total_purchase="0",
        total_purchase_value="0.00", cta_purchase="-", onsite_shopping="2", total_onsite_shopping_value="-",
        vta_conversion="1", conversion="4",
    )  # fmt: skip
    platform.script = without_top_view(lambda asked: listed([busy, ad_row("2")], asked))
    assert [row["computed"]["events"] for row in read(tiktok)] == [
        {
            "complete_payment": "3", "total_complete_payment_rate": "149.70", "onsite_shopping": "2",
            "vta_conversion": "1", "conversion": "4",
        },
        None,
    ]  # fmt: skip


def entities(tiktok: TikTokAdsClient, entity: Any) -> list[Row]:
    return [row for page in tiktok.entity_pages(ACCOUNT, entity) for row in page]


def test_the_advertiser_is_asked_for_as_a_json_array_and_compared_by_its_display_time_zone(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    row = {
        "advertiser_id": "4242", "name": "Olivar", "currency": "EUR", "timezone": "Etc/GMT-1",
        "display_timezone": "Europe/Madrid", "status": "STATUS_ENABLE", "create_time": 1630335591, "balance": 0,
    }  # fmt: skip
    platform.answers(answer({"list": [row]}))
    assert entities(tiktok, ACCOUNTS) == [{**row, "create_time": "2021-08-30T14:59:51+00:00"}]
    (asked,) = platform.asked
    assert asked.path == "/open_api/v1.3/advertiser/info/"
    assert asked.parameters["advertiser_ids"] == '["4242"]'


def test_an_advertiser_that_is_not_shown_is_no_empty_account(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(answer({"list": []}))
    with pytest.raises(AccountReadError) as caught:
        entities(tiktok, ACCOUNTS)
    assert caught.value.problem.error_class == "permission"


def test_campaigns_come_with_deleted_ones_and_those_promoted_in_the_app(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    daily = {"campaign_id": "1", "budget": 50.5, "budget_mode": "BUDGET_MODE_DAY", "create_time": "2026-10-16 14:48:26"}
    endless = {"campaign_id": "2", "budget": 0, "budget_mode": "BUDGET_MODE_INFINITE"}
    promoted = {"campaign_id": "3", "campaign_name": "Promote", "create_time": ""}

    def script(asked: Asked) -> Answer:
        kinds = json.loads(asked.parameters["filtering"])
        assert kinds["primary_status"] == "STATUS_ALL"
        return listed([promoted, daily] if "campaign_system_origins" in kinds else [daily, endless], asked)

    platform.script = without_top_view(script)
    found = {row["campaign_id"]: row for row in entities(tiktok, CAMPAIGNS)}
    assert len(found) == 3
    assert (found["1"]["budget"], found["1"]["computed"]["budget_kind"]) == (50.5, "daily")
    assert found["1"]["create_time"] == "2026-10-16 14:48:26+00:00"
    assert (found["2"]["budget"], found["2"]["computed"]["budget_kind"]) == (None, None)
    assert found["3"]["create_time"] is None


def test_an_ad_group_has_its_attribution_windows_and_a_summary_of_whom_it_targets(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    row = {
        "adgroup_id": "5", "campaign_id": "1", "budget": 900, "budget_mode": "BUDGET_MODE_TOTAL",
        "click_attribution_window": "SEVEN_DAYS", "schedule_end_time": "2033-10-13 15:35:45",
        "location_ids": ["6252001"], "gender": "GENDER_FEMALE", "age_groups": ["AGE_25_34"], "languages": [],
    }  # fmt: skip
    platform.script = without_top_view(lambda asked: listed([row], asked))
    (found,) = entities(tiktok, AD_GROUPS)
    assert found["computed"] == {
        "budget_kind": "lifetime",
        "targeting": {"location_ids": ["6252001"], "gender": "GENDER_FEMALE", "age_groups": ["AGE_25_34"]},
    }
    assert found["schedule_end_time"] == "2033-10-13 15:35:45+00:00"
    fields = json.loads(next(a for a in platform.asked if a.path.endswith("/adgroup/get/")).parameters["fields"])
    assert {"click_attribution_window", "location_ids", "budget_mode"} <= set(fields)
    assert "computed" not in fields


def test_ads_are_asked_for_with_destination_and_creative(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    platform.script = without_top_view(lambda asked: listed([{"ad_id": "1"}], asked))
    assert entities(tiktok, ADS) == [{"ad_id": "1"}]
    asked = next(a for a in platform.asked if a.path.endswith("/ad/get/"))
    assert {"landing_page_url", "utm_params", "video_id", "tiktok_item_id"} <= set(
        json.loads(asked.parameters["fields"])
    )
    assert json.loads(asked.parameters["filtering"]) == {"primary_status": "STATUS_ALL"}


def test_an_account_without_smart_plus_has_none_and_an_account_without_permission_is_given_up(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(failure(40001, "No permission to operate advertiser 4242"))
    assert entities(tiktok, SMART_PLUS_ADS) == []
    with pytest.raises(AccountReadError) as caught:
        entities(tiktok, ADS)
    assert caught.value.problem.error_class == "permission"


def test_a_wrong_address_says_which_setting_to_look_at(tiktok: TikTokAdsClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer(b"404 page not found", 404))
    with pytest.raises(AccountReadError) as caught:
        read(tiktok, ACCOUNT_DAILY)
    assert "MDP_TIKTOK_ADS_BASE_URL" in caught.value.problem.next_step


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"list": None},
        {"list": []},
        {"list": [], "page_info": {"total_number": "none"}},
        {"list": ["row"], "page_info": {"total_number": 1, "total_page": 1}},
        {"list": [{"dimensions": {}}], "page_info": {"total_number": 1, "total_page": 1}},
    ],
)
def test_an_answer_of_another_shape_ends_this_account_and_nothing_else(
    tiktok: TikTokAdsClient, platform: ScriptedPlatform, data: Row
) -> None:
    platform.answers(answer(data))
    with pytest.raises(AccountReadError) as caught:
        read(tiktok, ACCOUNT_DAILY)
    assert caught.value.problem.error_class == "transient"
