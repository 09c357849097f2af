"""The sandbox's API for Business: envelope, silent defaults, what it refuses, and figures that equal the truth."""

import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clock import parse_instant
from sandbox.credentials import secret_of, tiktok_app
from sandbox.wire import tiktok_report
from sandbox.wire.tiktok_errors import TikTokError
from sandbox.wire.tiktok_objects import LISTS, Advertiser, listed
from sandbox.wire.tiktok_report import parse_query, thing_id
from sandbox.world.world import World, WorldParameters, accounts_of
from tests.contract.sandbox.conftest import Served

REPORT = "report/integrated/get/"
SINCE, UNTIL = "2026-10-03", "2026-11-01"
DAY = "2026-10-30"
EVERY_AD = [{"field_name": "ad_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}]
EVERY_CAMPAIGN = [{"field_name": "campaign_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}]
METRICS = ["spend", "impressions", "clicks", "conversion"]
Row = dict[str, Any]


def asked(level: str, dimensions: list[str], **more: Any) -> dict[str, Any]:
    """Parameters of a daily report over thirty days."""
    return {
        "report_type": "BASIC", "data_level": f"AUCTION_{level}", "dimensions": dimensions, "metrics": METRICS,
        "start_date": SINCE, "end_date": UNTIL, "page_size": "1000", **more,
    }  # fmt: skip


AD_DAYS = asked("AD", ["ad_id", "stat_time_day"], filtering=EVERY_AD)


def data_of(response: httpx.Response) -> Row:
    body = response.json()
    assert (response.status_code, body["code"], body["message"]) == (200, 0, "OK"), body
    assert body["request_id"]
    return dict(body["data"])


def code_of(response: httpx.Response) -> int:
    """The code of an error: in an HTTP 200, with empty data."""
    body = response.json()
    assert response.status_code == 200
    assert body["data"] == {}
    return int(body["code"])


def sums(rows: list[Row]) -> dict[str, Decimal]:
    return {name: sum((Decimal(row["metrics"][name]) for row in rows), Decimal(0)) for name in METRICS}


def rows_of(served: Served, parameters: dict[str, Any]) -> list[Row]:
    """All pages of a report."""
    account, rows, page = served.account("tiktok_ads"), [], 1
    while True:
        data = data_of(served.tiktok(account, REPORT, **parameters, page=str(page)))
        rows += data["list"]
        if page >= data["page_info"]["total_page"]:
            assert len(rows) == data["page_info"]["total_number"]
            return rows
        page += 1


def truth(served: Served, level: str) -> dict[str, Decimal]:
    """The world's own sums of the account over the thirty days."""
    account = served.account("tiktok_ads")
    answer = served.http.get("/_sandbox/truth", params={"level": level, "since": SINCE, "until": UNTIL}).json()
    own = [row for row in answer if row["account_id"] == account.account_id]
    return {name: sum((Decimal(str(row[name])) for row in own), Decimal(0)) for name in METRICS[:3]}


def without_conversion(found: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: found[name] for name in METRICS[:3]}


def test_a_list_has_ten_rows_a_page_unless_more_are_asked_for_and_ids_are_strings(served: Served) -> None:
    account = served.account("tiktok_ads")
    first = data_of(served.tiktok(account, "ad/get/"))
    assert len(first["list"]) == 10
    assert (first["page_info"]["page"], first["page_info"]["page_size"]) == (1, 10)
    assert first["page_info"]["total_page"] == -(-first["page_info"]["total_number"] // 10)
    assert all(isinstance(row[name], str) for row in first["list"] for name in ("ad_id", "campaign_id"))
    whole = data_of(served.tiktok(account, "ad/get/", page_size="1000"))
    assert len(whole["list"]) == first["page_info"]["total_number"]


def test_the_token_travels_in_its_own_header_and_its_absence_is_an_http_200(served: Served) -> None:
    response = served.tiktok(None, "advertiser/info/", advertiser_ids=["1"])
    assert code_of(response) == 40104
    assert "Access-Token" in response.json()["message"]
    wrong = served.http.get("/tiktok/open_api/v1.3/user/info/", headers={"Access-Token": "nobody"})
    assert code_of(wrong) == 40105
    bearer = {"Authorization": f"Bearer {served.meta_token(served.account('tiktok_ads'))}"}
    assert code_of(served.http.get("/tiktok/open_api/v1.3/user/info/", headers=bearer)) == 40104


def test_a_path_without_its_slash_is_not_found_but_for_the_one_that_is_tolerated(served: Served) -> None:
    account = served.account("tiktok_ads")
    missing = served.tiktok(account, "campaign/get")
    assert (missing.status_code, missing.text) == (404, "404 page not found")
    assert served.tiktok(account, "nothing/get/").status_code == 404
    assert data_of(served.tiktok(account, "user/info"))["display_name"] == account.credential


def test_another_version_is_refused(served: Served) -> None:
    token = served.meta_token(served.account("tiktok_ads"))
    response = served.http.get("/tiktok/open_api/v1.2/user/info/", headers={"Access-Token": token})
    assert code_of(response) == 40006


def test_the_advertiser_has_a_posix_zone_beside_the_one_that_its_days_follow(served: Served) -> None:
    account = served.account("tiktok_ads")
    (row,) = data_of(served.tiktok(account, "advertiser/info/", advertiser_ids=[account.account_id]))["list"]
    assert (row["timezone"], row["display_timezone"]) == ("Etc/GMT+3", "America/Sao_Paulo")
    assert (row["currency"], row["status"]) == ("BRL", "STATUS_ENABLE")
    assert isinstance(row["create_time"], int)


def test_an_advertiser_of_nobody_and_too_many_at_once_are_refused(served: Served) -> None:
    account = served.account("tiktok_ads")
    assert code_of(served.tiktok(account, "advertiser/info/", advertiser_ids=["7123"])) == 40300
    assert code_of(served.tiktok(account, "advertiser/info/", advertiser_ids=[account.account_id] * 101)) == 40011
    assert code_of(served.tiktok(account, "advertiser/info/", advertiser_ids="7123,7124")) == 40002
    token = {"Access-Token": served.meta_token(account)}
    meta = served.account("meta_ads")
    other = served.http.get("/tiktok/open_api/v1.3/ad/get/", headers=token, params={"advertiser_id": meta.account_id})
    assert code_of(other) == 40300


def test_a_code_gives_a_token_once_and_the_token_its_advertisers(served: Served) -> None:
    account, (app_id, secret) = served.account("tiktok_ads"), tiktok_app(served.world.seed)
    code = secret_of(served.world.seed, account.credential, "auth_code")
    sent = {"app_id": app_id, "secret": secret, "auth_code": code}
    path = "/tiktok/open_api/v1.3/oauth2/access_token/"
    granted = data_of(served.http.post(path, json=sent))
    assert granted["access_token"] == served.meta_token(account)
    assert account.account_id in granted["advertiser_ids"]
    assert code_of(served.http.post(path, json=sent)) == 40110
    assert code_of(served.http.post(path, json={**sent, "secret": "guess"})) == 40101
    mine = data_of(served.tiktok(account, "oauth2/advertiser/get/", app_id=str(app_id), secret=secret))
    assert {"advertiser_id": account.account_id, "advertiser_name": account.name} in mine["list"]


def test_rows_of_every_level_equal_the_truth(served: Served) -> None:
    found = {
        "account": sums(rows_of(served, asked("ADVERTISER", ["advertiser_id", "stat_time_day"]))),
        "campaign": sums(
            rows_of(served, asked("CAMPAIGN", ["campaign_id", "stat_time_day"], filtering=EVERY_CAMPAIGN))
        ),
        "ad": sums(rows_of(served, AD_DAYS)),
    }
    assert {level: without_conversion(each) for level, each in found.items()} == {
        level: truth(served, level) for level in found
    }
    assert found["account"] == found["campaign"] == found["ad"]


def test_deleted_ads_hide_from_lists_and_reports_until_asked_for_while_the_total_keeps_them(served: Served) -> None:
    account = served.account("tiktok_ads")
    shown, every = (
        {row["ad_id"] for row in data_of(served.tiktok(account, "ad/get/", page_size="1000", **more))["list"]}
        for more in ({}, {"filtering": {"primary_status": "STATUS_ALL"}})
    )
    deleted = every - shown
    assert deleted
    history = {"start_date": "2026-08-20", "end_date": "2026-09-18"}
    with_deleted = rows_of(served, {**AD_DAYS, **history})
    by_default = rows_of(served, {**asked("AD", ["ad_id", "stat_time_day"]), **history})
    total = rows_of(served, {**asked("ADVERTISER", ["advertiser_id", "stat_time_day"]), **history})
    assert {row["dimensions"]["ad_id"] for row in by_default}.isdisjoint(deleted)
    assert sums(with_deleted) == sums(total)
    assert sums(by_default)["spend"] < sums(total)["spend"]


def test_a_smart_plus_creative_has_spend_and_is_in_no_list_of_ads(served: Served) -> None:
    account = served.account("tiktok_ads")
    rows = rows_of(served, {**AD_DAYS, "metrics": [*METRICS, "campaign_automation_type"]})
    creatives = {
        row["dimensions"]["ad_id"]
        for row in rows
        if row["metrics"]["campaign_automation_type"] == "UPGRADED_SMART_PLUS_CREATIVE"
    }
    ads = data_of(served.tiktok(account, "ad/get/", page_size="1000", filtering={"primary_status": "STATUS_ALL"}))
    assert creatives
    assert creatives.isdisjoint(row["ad_id"] for row in ads["list"])
    made = data_of(
        served.tiktok(account, "smart_plus/ad/get/", page_size="100", filtering={"primary_status": "STATUS_ALL"})
    )
    assert creatives <= {part["ad_material_id"] for row in made["list"] for part in row["creative_list"]}
    whole = rows_of(served, asked("AD", ["ad_id_v2", "stat_time_day"], filtering=EVERY_AD))
    assert sums(whole) == sums(rows)
    assert {row["smart_plus_ad_id"] for row in made["list"]} & {row["dimensions"]["ad_id_v2"] for row in whole}


def test_every_metric_is_a_string_and_what_does_not_apply_is_a_dash(served: Served) -> None:
    names = ["spend", "impressions", "ctr", "reach", "secondary_goal_result", "total_purchase", "vta_conversion"]
    rows = rows_of(served, {**AD_DAYS, "metrics": names})
    assert all(isinstance(value, str) for row in rows for value in row["metrics"].values())
    assert {row["metrics"]["secondary_goal_result"] for row in rows} == {"-"}
    assert all(row["dimensions"]["stat_time_day"].endswith(" 00:00:00") for row in rows)
    busy = next(row for row in rows if int(row["metrics"]["impressions"]) > 1000)
    assert 0 < int(busy["metrics"]["reach"]) <= int(busy["metrics"]["impressions"])


def test_conversions_are_split_by_click_and_view_and_stand_under_the_websites_event(served: Served) -> None:
    names = [*METRICS, "cta_conversion", "vta_conversion", "complete_payment", "total_complete_payment_rate"]
    rows = rows_of(served, {**AD_DAYS, "metrics": names})
    total = {name: sum((Decimal(row["metrics"][name]) for row in rows), Decimal(0)) for name in names}
    assert total["conversion"] == total["cta_conversion"] + total["vta_conversion"] == total["complete_payment"] > 0
    assert total["total_complete_payment_rate"] > total["complete_payment"]


@pytest.mark.parametrize(
    "dimensions", [["country_code"], ["age", "gender"], ["age"], ["platform"], ["placement"], ["province_id"]]
)
def test_parts_of_an_audience_add_up_to_the_campaigns(served: Served, dimensions: list[str]) -> None:
    whole = rows_of(served, asked("CAMPAIGN", ["campaign_id", "stat_time_day"], filtering=EVERY_CAMPAIGN))
    parts = asked(
        "CAMPAIGN", ["campaign_id", "stat_time_day", *dimensions], report_type="AUDIENCE", filtering=EVERY_CAMPAIGN
    )
    rows = rows_of(served, parts)
    assert sums(rows) == sums(whole)
    keys = Counter(json.dumps(row["dimensions"], sort_keys=True) for row in rows)
    assert set(keys.values()) == {1}


def test_ages_and_genders_are_in_the_platforms_words(served: Served) -> None:
    rows = rows_of(
        served, asked("ADVERTISER", ["advertiser_id", "stat_time_day", "age", "gender"], report_type="AUDIENCE")
    )
    assert {row["dimensions"]["age"] for row in rows} == {
        "AGE_18_24", "AGE_25_34", "AGE_35_44", "AGE_45_54", "AGE_55_100",
    }  # fmt: skip
    assert {row["dimensions"]["gender"] for row in rows} == {"FEMALE", "MALE", "NONE"}


def hours_of_a_day(served: Served) -> list[Row]:
    parameters = asked("CAMPAIGN", ["campaign_id", "stat_time_hour"], filtering=EVERY_CAMPAIGN)
    return rows_of(served, {**parameters, "start_date": DAY, "end_date": DAY})


def test_hours_add_up_to_their_day_and_under_throttling_stop_in_the_middle_of_it(served: Served) -> None:
    day = {**asked("ADVERTISER", ["advertiser_id", "stat_time_day"]), "start_date": DAY, "end_date": DAY}
    whole = hours_of_a_day(served)
    assert sums(whole) == sums(rows_of(served, day))
    assert max(row["dimensions"]["stat_time_hour"] for row in whole) == f"{DAY} 23:00:00"
    served.fault(served.account("tiktok_ads"), "half", level="campaign", times=1)
    cut = hours_of_a_day(served)
    assert max(row["dimensions"]["stat_time_hour"] for row in cut) == f"{DAY} 11:00:00"


def test_the_total_of_all_pages_comes_with_the_first(served: Served) -> None:
    account = served.account("tiktok_ads")
    small = {**AD_DAYS, "page_size": "20", "enable_total_metrics": "true"}
    data = data_of(served.tiktok(account, REPORT, **small))
    assert len(data["list"]) == 20
    assert {name: Decimal(data["total_metrics"][name]) for name in METRICS} == sums(rows_of(served, AD_DAYS))


def test_without_a_time_dimension_every_object_has_a_row_and_with_one_only_what_delivered(served: Served) -> None:
    account = served.account("tiktok_ads")
    before = {"start_date": "2025-01-01", "end_date": "2025-01-30"}
    assert rows_of(served, {**AD_DAYS, **before}) == []
    objects = rows_of(served, {**asked("CAMPAIGN", ["campaign_id"], filtering=EVERY_CAMPAIGN), **before})
    campaigns = data_of(served.tiktok(account, "campaign/get/", filtering={"primary_status": "STATUS_ALL"}))
    assert len(objects) == campaigns["page_info"]["total_number"]
    assert {row["metrics"]["spend"] for row in objects} == {"0.00"}


def test_rows_come_in_the_order_of_a_metric(served: Served) -> None:
    parameters = {**AD_DAYS, "order_field": "impressions", "order_type": "DESC"}
    figures = [int(row["metrics"]["impressions"]) for row in rows_of(served, parameters)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > figures[-1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start_date": "2026-10-02"}, "30 days"),
        ({"dimensions": ["ad_id", "stat_time_hour"], "start_date": "2026-10-31"}, "1 days"),
        ({"dimensions": ["ad_id"], "start_date": "2025-10-01"}, "365 days"),
        ({"query_lifetime": "true"}, "lifetime"),
        ({"start_date": "2026-11-02"}, "later than"),
        ({"start_date": "01.10.2026"}, "YYYY-MM-DD"),
        ({"metrics": ["spend", "total_complete_payment_value"]}, "['total_complete_payment_value']"),
        ({"dimensions": ["ad_id", "campaign_id", "stat_time_day"]}, "campaign_id is not supported"),
        ({"dimensions": ["stat_time_day"]}, "exactly one ID"),
        ({"dimensions": ["ad_id", "ad_id_v2", "stat_time_day"]}, "exactly one ID"),
        ({"dimensions": ["ad_id", "stat_time_day", "gender"]}, "AUDIENCE"),
        ({"dimensions": "ad_id,stat_time_day"}, "not a valid JSON"),
        ({"filtering": EVERY_CAMPAIGN}, "campaign_status is not supported"),
        ({"filtering": [{**EVERY_AD[0], "filter_value": ["STATUS_ALL"]}]}, "JSON string"),
        ({"page_size": "1001"}, "1000"),
        ({"page": "0"}, "page"),
        ({"data_level": "RESERVATION_AD"}, "data_level"),
        ({"service_type": "RESERVATION"}, "deprecated"),
        ({"report_type": "AUDIENCE"}, "audience dimensions"),
        ({"order_field": "reach"}, "order_field"),
    ],
)
def test_what_the_api_refuses_is_a_40002_with_its_reason(served: Served, changes: Row, words: str) -> None:
    response = served.tiktok(served.account("tiktok_ads"), REPORT, **{**AD_DAYS, **changes})
    assert code_of(response) == 40002
    assert words in response.json()["message"]


def test_the_advertiser_level_has_no_filter_and_no_names_of_campaigns(served: Served) -> None:
    account, total = served.account("tiktok_ads"), asked("ADVERTISER", ["advertiser_id", "stat_time_day"])
    assert code_of(served.tiktok(account, REPORT, **{**total, "filtering": EVERY_AD})) == 40002
    assert code_of(served.tiktok(account, REPORT, **{**total, "metrics": ["spend", "campaign_name"]})) == 40002


def test_an_audience_report_refuses_conversions_of_the_website_and_not_the_others(served: Served) -> None:
    account = served.account("tiktok_ads")
    audience = asked("AD", ["ad_id", "stat_time_day", "country_code"], report_type="AUDIENCE")
    refused = served.tiktok(account, REPORT, **{**audience, "metrics": ["spend", "complete_payment"]})
    assert code_of(refused) == 40002
    assert "['complete_payment']" in refused.json()["message"]
    data_of(served.tiktok(account, REPORT, **{**audience, "metrics": ["spend", "conversion", "result"]}))


def test_more_than_a_hundred_ids_and_unknown_fields_are_refused(served: Served) -> None:
    account = served.account("tiktok_ads")
    many = {"campaign_ids": [str(number) for number in range(101)]}
    assert code_of(served.tiktok(account, "campaign/get/", filtering=many)) == 40011
    assert code_of(served.tiktok(account, "campaign/get/", fields=["campaign_id", "colour"])) == 40002
    assert code_of(served.tiktok(account, "campaign/get/", filtering={"colour": "red"})) == 40002
    assert (
        code_of(served.tiktok(account, "ad/get/", filtering={"buying_types": ["AUCTION", "RESERVATION_TOP_VIEW"]}))
        == 40002
    )
    assert code_of(served.tiktok(account, "smart_plus/ad/get/", page_size="101")) == 40002


def test_pretty_printed_and_single_quoted_parameters_are_read(served: Served) -> None:
    account, whole = served.account("tiktok_ads"), rows_of(served, AD_DAYS)
    for spelled in ('[\n    "ad_id",\n    "stat_time_day"\n]', "['ad_id', 'stat_time_day']"):
        found = data_of(served.tiktok(account, REPORT, **{**AD_DAYS, "dimensions": spelled}))
        assert found["list"] == whole[:1000]


def test_a_throttle_is_an_http_200_that_names_the_limit(served: Served) -> None:
    account = served.account("tiktok_ads")
    served.fault(account, "throttle", times=2)
    first, second = (served.tiktok(account, REPORT, **AD_DAYS) for _ in range(2))
    assert [code_of(first), code_of(second)] == [40133, 40100]
    assert all("QPS limit" in response.json()["message"] for response in (first, second))
    assert "retry-after" not in {name.lower() for name in first.headers}
    data_of(served.tiktok(account, REPORT, **AD_DAYS))


def test_errors_of_the_platform_and_of_its_gateway_can_be_told_apart(served: Served) -> None:
    account = served.account("tiktok_ads")
    served.fault(account, "error", level="entities", times=3)
    codes = [code_of(served.tiktok(account, "campaign/get/")) for _ in range(3)]
    assert codes == [50000, 51002, 51010]
    served.fault(account, "error", level="ad", status=504, times=1)
    gateway = served.tiktok(account, REPORT, **AD_DAYS)
    assert gateway.status_code == 504
    with pytest.raises(json.JSONDecodeError):
        gateway.json()
    served.fault(account, "truncate", times=1)
    with pytest.raises(json.JSONDecodeError):
        served.tiktok(account, REPORT, **AD_DAYS).json()


def test_a_moving_total_moves_on_the_second_reading(served: Served) -> None:
    account, total = served.account("tiktok_ads"), asked("ADVERTISER", ["advertiser_id", "stat_time_day"])
    before = sums(rows_of(served, total))["spend"]
    served.fault(account, "moving_totals", since=DAY, until=DAY, amount="2.50", times=2)
    readings = [sums(rows_of(served, total))["spend"] for _ in range(2)]
    assert readings == [before, before + Decimal("2.50")]


def test_a_campaign_has_its_budget_in_major_units_and_its_times_in_utc(served: Served) -> None:
    account = served.account("tiktok_ads")
    rows = data_of(served.tiktok(account, "campaign/get/", filtering={"secondary_status": "CAMPAIGN_STATUS_ALL"}))[
        "list"
    ]
    by_id = {campaign.campaign_id: campaign for campaign in account.campaigns}
    always = next(row for row in rows if row["campaign_id"] == account.campaigns[0].campaign_id)
    # Ten in the morning in São Paulo, two days before the first day of the history.
    assert always["create_time"] == "2026-08-01 13:00:00"
    assert always["budget_mode"] == "BUDGET_MODE_DAY"
    assert always["budget"] > 1
    assert set(by_id) >= {row["campaign_id"] for row in rows}


@pytest.fixture(scope="module")
def big_world() -> World:
    return World(WorldParameters(start="2026-11-01T12:00:00+00:00", clients=1, ads=200, days=30))


def advertiser_in(world: World) -> Advertiser:
    account = next(account for account in accounts_of(world) if account.platform == "tiktok_ads")
    return Advertiser(account, date(2026, 11, 1))


def test_topview_is_shown_by_lists_and_reports_only_when_it_is_asked_for_alone(big_world: World) -> None:
    advertiser = advertiser_in(big_world)
    usual = listed(LISTS["campaign/get"], advertiser, {}, lenient=False)
    reserved = listed(
        LISTS["campaign/get"], advertiser,
        {"filtering": '{"buying_types": ["RESERVATION_TOP_VIEW"], "primary_status": "STATUS_ALL"}'}, lenient=False,
    )  # fmt: skip
    assert reserved
    assert {thing_id(each) for each in usual}.isdisjoint(thing_id(each) for each in reserved)
    condition = {"field_name": "buying_type", "filter_type": "IN", "filter_value": '["RESERVATION_TOP_VIEW"]'}
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in asked("CAMPAIGN", ["campaign_id", "stat_time_day"]).items()
    }
    hidden_by_default = parse_query(parameters, advertiser, lenient=False).hidden
    hidden_else = parse_query({**parameters, "filtering": json.dumps([condition])}, advertiser, lenient=False).hidden
    assert {thing_id(each) for each in reserved} <= hidden_by_default
    assert {thing_id(each) for each in usual} <= hidden_else


def test_beyond_the_most_ids_the_oldest_are_cut_without_a_word(
    big_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    advertiser = advertiser_in(big_world)
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in asked("AD", ["ad_id", "stat_time_day"], filtering=EVERY_AD).items()
    }
    ads = {ad.ad_id: ad.lifetime.created for ad in advertiser.account.ads}
    shown = set(ads) - parse_query(parameters, advertiser, lenient=False).hidden
    monkeypatch.setattr(tiktok_report, "MOST_IDS", 50)
    kept = set(ads) - parse_query(parameters, advertiser, lenient=False).hidden
    assert len(kept) == 50 < len(shown)
    assert min(ads[ad_id] for ad_id in kept) >= max(ads[ad_id] for ad_id in shown - kept)


def test_the_lenient_mode_passes_over_what_old_clients_get_wrong(big_world: World) -> None:
    advertiser = advertiser_in(big_world)
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in asked("AD", ["ad_id", "stat_time_day"], filtering=EVERY_CAMPAIGN).items()
    }
    with pytest.raises(TikTokError):
        parse_query(parameters, advertiser, lenient=False)
    assert parse_query(parameters, advertiser, lenient=True).level == "ad"


def test_conversions_still_arrive_on_days_that_are_long_over(big_world: World) -> None:
    advertiser = advertiser_in(big_world)
    day, found = date(2026, 10, 25), []
    for instant in ("2026-10-26T12:00:00+00:00", "2026-11-05T12:00:00+00:00"):
        found += big_world.table(advertiser.account, "account", parse_instant(instant)).between(day, day).page(0, 1)
    first, second = found
    assert second.conversions > first.conversions > 0
    assert abs(second.spend - first.spend) * 50 < first.spend


def test_every_row_of_an_ad_names_the_same_parents_and_the_accounts_currency(served: Served) -> None:
    names = [*METRICS, "campaign_id", "adgroup_id", "currency"]
    parents: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows_of(served, {**AD_DAYS, "metrics": names}):
        parents[row["dimensions"]["ad_id"]].add((row["metrics"]["campaign_id"], row["metrics"]["adgroup_id"]))
        assert row["metrics"]["currency"] == "BRL"
    assert all(len(each) == 1 for each in parents.values())
