"""Google Ads over REST: views, segments, conversions by action, lists, changes and what is refused of them."""

from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import WorldClock
from sandbox.process import start
from sandbox.world.model import PERFORMANCE_MAX
from tests.contract.sandbox.conftest import NOON, Served
from tests.contract.sandbox.test_sandbox_google import RANGE, cost, failure, rows_of

OCTOBER = "WHERE segments.date BETWEEN '2026-10-01' AND '2026-10-31'"
CHANGES = "SELECT change_event.change_date_time FROM change_event WHERE change_event.change_date_time"
BASIC = "metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.conversions"


def totals(rows: list[dict[str, Any]]) -> tuple[int, int, int]:
    metrics = [row["metrics"] for row in rows]
    return (
        sum(int(metric["impressions"]) for metric in metrics),
        sum(int(metric["clicks"]) for metric in metrics),
        sum(int(metric["costMicros"]) for metric in metrics),
    )


def campaigns(served: Served, where: str = OCTOBER) -> list[dict[str, Any]]:
    return rows_of(
        served, f"SELECT campaign.id, campaign.advertising_channel_type, segments.date, {BASIC} FROM campaign {where}"
    )


def of_channel(rows: list[dict[str, Any]], *channels: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["campaign"]["advertisingChannelType"] in channels]


@pytest.mark.parametrize(
    ("segments", "resource"),
    [
        ("segments.device", "campaign"),
        ("segments.ad_network_type", "campaign"),
        ("segments.device, segments.ad_network_type", "campaign"),
        ("segments.hour", "campaign"),
        ("geographic_view.country_criterion_id, geographic_view.location_type", "geographic_view"),
        ("user_location_view.country_criterion_id, user_location_view.targeting_location", "user_location_view"),
    ],
)
def test_parts_of_a_campaign_add_up_to_it_and_come_once(served: Served, segments: str, resource: str) -> None:
    whole = campaigns(served)
    parts = rows_of(served, f"SELECT campaign.id, segments.date, {segments}, {BASIC} FROM {resource} {OCTOBER}")
    assert totals(parts) == totals(whole)
    names = ("campaign", "segments", "geographicView", "userLocationView")
    keys = Counter(str([row.get(name) for name in names]) for row in parts)
    assert max(keys.values()) == 1
    assert len(parts) > len(whole)


def test_segments_have_the_enum_names_and_types_of_the_api(served: Served) -> None:
    rows = rows_of(
        served,
        f"SELECT campaign.id, segments.date, segments.device, segments.ad_network_type, segments.hour, {BASIC} "
        "FROM campaign WHERE segments.date = '2026-10-20'",
    )
    assert {row["segments"]["device"] for row in rows} >= {"MOBILE", "DESKTOP"}
    assert {row["segments"]["adNetworkType"] for row in rows} >= {"SEARCH", "CONTENT", "MIXED"}
    assert {row["segments"]["hour"] for row in rows} == set(range(24))


def test_months_and_weeks_gather_their_days(served: Served) -> None:
    days = campaigns(served, RANGE)
    months = rows_of(served, f"SELECT campaign.id, segments.month, {BASIC} FROM campaign {RANGE}")
    weeks = rows_of(served, f"SELECT campaign.id, segments.week, {BASIC} FROM campaign {RANGE}")
    assert totals(days) == totals(months) == totals(weeks)
    assert {row["segments"]["month"] for row in months} == {"2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"}
    assert all(date.fromisoformat(row["segments"]["week"]).weekday() == 0 for row in weeks)
    assert len(months) < len(weeks) < len(days)


def test_without_a_segment_an_object_without_figures_has_a_row_of_zeros(served: Served) -> None:
    sums = rows_of(served, f"SELECT campaign.id, {BASIC} FROM campaign WHERE segments.date = '2026-09-01'")
    assert any(row["metrics"]["clicks"] == "0" and row["metrics"]["conversions"] == 0 for row in sums)
    split = rows_of(
        served, f"SELECT campaign.id, segments.date, {BASIC} FROM campaign WHERE segments.date = '2026-09-01'"
    )
    assert 0 < len(split) < len(sums)
    assert totals(split) == totals(sums)


def test_a_conversion_can_stand_in_a_row_without_cost(served: Served) -> None:
    metrics = "metrics.cost_micros, metrics.conversions_by_conversion_date"
    both = rows_of(served, f"SELECT campaign.id, segments.date, {metrics} FROM campaign {RANGE}", "harbor-outdoor")
    spent = rows_of(
        served, f"SELECT campaign.id, segments.date, metrics.cost_micros FROM campaign {RANGE}", "harbor-outdoor"
    )
    late = [row for row in both if row["metrics"]["costMicros"] == "0"]
    assert late
    assert all(row["metrics"]["conversionsByConversionDate"] > 0 for row in late)
    assert len(both) == len(spent) + len(late)


def test_performance_max_has_asset_groups_and_neither_ad_groups_nor_ads(served: Served) -> None:
    pmax = of_channel(campaigns(served), PERFORMANCE_MAX)
    assets = rows_of(served, f"SELECT campaign.id, asset_group.id, segments.date, {BASIC} FROM asset_group {OCTOBER}")
    assert totals(assets) == totals(pmax)
    ids = {row["campaign"]["id"] for row in pmax}
    for resource in ("ad_group", "ad_group_ad", "keyword_view", "search_term_view", "age_range_view", "gender_view"):
        rows = rows_of(served, f"SELECT campaign.id, segments.date, metrics.clicks FROM {resource} {OCTOBER}")
        assert rows
        assert ids.isdisjoint(row["campaign"]["id"] for row in rows)
    listed = rows_of(served, "SELECT campaign.id, asset_group.name, asset_group.status FROM asset_group")
    assert {row["campaign"]["id"] for row in listed} >= ids


def test_keywords_explain_less_than_search_and_terms_less_than_keywords(served: Served) -> None:
    search = totals(of_channel(campaigns(served), "SEARCH"))
    keywords = rows_of(
        served,
        f"SELECT campaign.id, ad_group.id, ad_group_criterion.criterion_id, segments.date, {BASIC} "
        f"FROM keyword_view {OCTOBER}",
    )
    terms = rows_of(
        served,
        "SELECT campaign.id, ad_group.id, search_term_view.search_term, segments.search_term_match_type, "
        f"segments.date, {BASIC} FROM search_term_view {OCTOBER}",
    )
    for part in (keywords, terms):
        assert all(0 < mine < whole for mine, whole in zip(totals(part), search, strict=True))
    listed = {
        (row["adGroup"]["id"], row["adGroupCriterion"]["criterionId"])
        for row in rows_of(served, "SELECT ad_group.id, ad_group_criterion.criterion_id FROM ad_group_criterion")
    }
    used = [(row["adGroup"]["id"], row["adGroupCriterion"]["criterionId"]) for row in keywords]
    assert set(used) <= listed
    assert len({criterion for _, criterion in listed}) < len(listed), "criterion ids repeat between ad groups"
    assert all(row["searchTermView"]["searchTerm"] for row in terms)


def test_search_terms_of_performance_max_are_in_the_campaigns_view_only(served: Served) -> None:
    rows = rows_of(
        served,
        f"SELECT campaign.id, campaign_search_term_view.search_term, segments.date, {BASIC} "
        "FROM campaign_search_term_view "
        f"WHERE campaign.advertising_channel_type = 'PERFORMANCE_MAX' AND {OCTOBER.removeprefix('WHERE ')}",
    )
    pmax = totals(of_channel(campaigns(served), PERFORMANCE_MAX))
    assert all(0 < mine < whole for mine, whole in zip(totals(rows), pmax, strict=True))
    keys = Counter(
        (row["campaign"]["id"], row["segments"]["date"], row["campaignSearchTermView"]["searchTerm"]) for row in rows
    )
    assert max(keys.values()) == 1


@pytest.mark.parametrize(
    ("view", "field", "path"),
    [
        ("age_range_view", "ad_group_criterion.age_range.type", ("ageRange", "type")),
        ("gender_view", "ad_group_criterion.gender.type", ("gender", "type")),
    ],
)
def test_ages_and_genders_divide_ad_groups_each_by_itself(
    served: Served, view: str, field: str, path: tuple[str, str]
) -> None:
    rows = rows_of(served, f"SELECT campaign.id, ad_group.id, {field}, segments.date, {BASIC} FROM {view} {OCTOBER}")
    groups = rows_of(served, f"SELECT ad_group.id, segments.date, {BASIC} FROM ad_group {OCTOBER}")
    assert totals(rows) == totals(groups)
    found = {row["adGroupCriterion"][path[0]][path[1]] for row in rows}
    expected = {
        "gender_view": {"MALE", "FEMALE", "UNDETERMINED"},
        "age_range_view": {"AGE_RANGE_18_24", "AGE_RANGE_65_UP"},
    }
    assert found >= expected[view]


def test_conversions_by_action_add_up_to_the_campaigns(served: Served) -> None:
    metrics = "metrics.conversions, metrics.conversions_value, metrics.all_conversions"
    parts = rows_of(
        served,
        "SELECT campaign.id, segments.date, segments.conversion_action, segments.conversion_action_name, "
        f"segments.conversion_action_category, {metrics} FROM campaign {OCTOBER}",
    )
    whole = rows_of(served, f"SELECT campaign.id, segments.date, {metrics} FROM campaign {OCTOBER}")
    for name in ("conversions", "conversionsValue", "allConversions"):
        mine, theirs = (sum(row["metrics"][name] for row in rows) for rows in (parts, whole))
        assert mine == pytest.approx(theirs, abs=1e-6)
        assert mine > 0
    actions = {
        row["conversionAction"]["resourceName"]: row["conversionAction"]
        for row in rows_of(
            served,
            "SELECT conversion_action.id, conversion_action.name, conversion_action.include_in_conversions_metric, "
            "conversion_action.click_through_lookback_window_days FROM conversion_action",
        )
    }
    for row in parts:
        action = actions[row["segments"]["conversionAction"]]
        assert action["name"] == row["segments"]["conversionActionName"]
        assert action["includeInConversionsMetric"] or row["metrics"]["conversions"] == 0
    assert {action["includeInConversionsMetric"] for action in actions.values()} == {True, False}


def test_video_rates_are_shares_and_counts_are_text(served: Served) -> None:
    rows = rows_of(
        served,
        "SELECT campaign.id, segments.date, metrics.video_trueview_views, metrics.video_quartile_p25_rate, "
        f"metrics.video_quartile_p100_rate, metrics.impressions FROM campaign {OCTOBER}",
    )
    watched = [row["metrics"] for row in rows if row["metrics"]["videoTrueviewViews"] != "0"]
    assert watched
    for metrics in watched:
        assert isinstance(metrics["videoTrueviewViews"], str)
        assert 0 <= metrics["videoQuartileP100Rate"] <= metrics["videoQuartileP25Rate"] <= 1


def test_budgets_are_daily_or_for_the_whole_time(served: Served) -> None:
    fields = "campaign_budget.amount_micros, campaign_budget.total_amount_micros, campaign_budget.period"
    budgets = [
        row["campaignBudget"]
        for client in ("aurora-moda", "clinica-vitale", "harbor-outdoor", "olivar-viajes")
        for row in rows_of(served, f"SELECT campaign.id, {fields} FROM campaign", client)
    ]
    assert all(("amountMicros" in budget) == (budget["period"] == "DAILY") for budget in budgets)
    assert all(("totalAmountMicros" in budget) == (budget["period"] == "CUSTOM_PERIOD") for budget in budgets)


def test_an_ad_carries_its_texts_by_type(served: Served) -> None:
    rows = rows_of(
        served,
        "SELECT ad_group_ad.ad.id, ad_group_ad.ad.type, ad_group_ad.ad.final_urls, ad_group_ad.status, "
        "ad_group_ad.ad.responsive_search_ad.headlines, ad_group_ad.ad.responsive_display_ad.headlines "
        "FROM ad_group_ad",
    )
    ads = [row["adGroupAd"]["ad"] for row in rows]
    assert all(ad["finalUrls"][0].startswith("https://") for ad in ads)
    assert {"REMOVED", "ENABLED"} <= {row["adGroupAd"]["status"] for row in rows}
    for ad in ads:
        assert ("responsiveSearchAd" in ad) == (ad["type"] == "RESPONSIVE_SEARCH_AD")
        assert ("responsiveDisplayAd" in ad) == (ad["type"] == "RESPONSIVE_DISPLAY_AD")


@pytest.mark.parametrize(
    ("query", "family", "code"),
    [
        (f"SELECT segments.hour, metrics.clicks FROM geographic_view {OCTOBER}", "queryError",
         "PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE"),
        ("SELECT ad_group_criterion.criterion_id, metrics.clicks FROM ad_group_criterion", "queryError",
         "PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE"),
        ("SELECT ad_group.id FROM campaign", "queryError", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        (f"SELECT segments.conversion_action, segments.date, metrics.clicks FROM campaign {OCTOBER}",
         "queryError", "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE"),
        ("SELECT campaign.id, segments.month, metrics.clicks FROM campaign", "queryError",
         "EXPECTED_FILTERS_ON_DATE_RANGE"),
        ("SELECT campaign.id, metrics.clicks FROM campaign WHERE segments.device = 'MOBILE'", "queryError",
         "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE"),
        (f"SELECT campaign.id, metrics.clicks FROM campaign {OCTOBER} ORDER BY metrics.cost_micros", "queryError",
         "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE"),
        ("SELECT campaign.id, metrics.video_views FROM campaign", "queryError", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id", "queryError", "EXPECTED_FROM"),
        ("UPDATE campaign", "queryError", "EXPECTED_SELECT"),
        ("SELECT campaign.id FROM campaign LIMIT ten", "queryError", "BAD_LIMIT_VALUE"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "queryError", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id IN ()", "queryError",
         "PROHIBITED_EMPTY_LIST_IN_CONDITION"),
        ("SELECT campaign.id FROM campaign WHERE segments.date DURING NEXT_YEAR", "queryError",
         "INVALID_VALUE_WITH_DURING_OPERATOR"),
        ("SELECT campaign.id FROM campaign WHERE segments.date = '2026-13-01'", "queryError", "INVALID_DATE_FORMAT"),
        ("SELECT campaign.id FROM campaign WHERE segments.date BETWEEN '2026-10-02' AND '2026-10-01'", "dateRangeError",
         "START_DATE_AFTER_END_DATE"),
        ("SELECT campaign.id, segments.date, metrics.clicks FROM campaign WHERE segments.date BETWEEN '2023-10-01' AND "
         "'2023-10-31'", "dateRangeError", "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED"),
        (f"SELECT click_view.gclid FROM click_view {OCTOBER}", "queryError", "DATE_RANGE_TOO_WIDE"),
        (f"{CHANGES} DURING LAST_7_DAYS",
         "changeEventError", "LIMIT_NOT_SPECIFIED"),
        (f"{CHANGES} DURING LAST_7_DAYS LIMIT 10001", "changeEventError", "INVALID_LIMIT_CLAUSE"),
        (f"{CHANGES} >= '2026-10-25' LIMIT 10", "changeEventError", "CHANGE_DATE_RANGE_INFINITE"),
        (f"{CHANGES} BETWEEN '2026-09-25' AND '2026-10-25' LIMIT 10", "changeEventError", "START_DATE_TOO_OLD"),
        ("SELECT change_status.resource_type FROM change_status WHERE change_status.last_change_date_time BETWEEN "
         "'2026-07-25' AND '2026-10-25' LIMIT 10", "changeStatusError", "START_DATE_TOO_OLD"),
    ],
)  # fmt: skip
def test_what_the_api_refuses_is_refused_with_its_code(served: Served, query: str, family: str, code: str) -> None:
    account = served.account("google_ads")
    assert failure(served.google(account.account_id, query, login=account.login_customer_id)) == (400, family, code)


def test_changes_are_listed_newest_first_when_asked(served: Served) -> None:
    rows = rows_of(
        served,
        "SELECT change_event.change_date_time, change_event.change_resource_type, "
        "change_event.resource_change_operation FROM change_event "
        "WHERE change_event.change_date_time BETWEEN '2026-10-03' AND '2026-11-01' "
        "ORDER BY change_event.change_date_time DESC LIMIT 10000",
        "harbor-outdoor",
    )
    times = [row["changeEvent"]["changeDateTime"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert {row["changeEvent"]["resourceChangeOperation"] for row in rows} & {"CREATE", "UPDATE", "REMOVE"}
    states = rows_of(
        served,
        "SELECT change_status.resource_type, change_status.resource_status, change_status.campaign FROM change_status "
        "WHERE change_status.last_change_date_time DURING LAST_30_DAYS AND change_status.resource_type = CAMPAIGN "
        "LIMIT 99",
        "harbor-outdoor",
    )
    assert states
    assert {row["changeStatus"]["resourceType"] for row in states} == {"CAMPAIGN"}
    assert all("campaign" in row["changeStatus"] for row in states)


def test_a_click_view_has_a_row_a_click(served: Served) -> None:
    rows = rows_of(
        served, "SELECT click_view.gclid, ad_group.id, segments.date FROM click_view WHERE segments.date = '2026-10-20'"
    )
    ads = rows_of(
        served,
        "SELECT ad_group_ad.ad.id, segments.date, metrics.clicks FROM ad_group_ad WHERE segments.date = '2026-10-20'",
    )
    assert len(rows) == sum(int(row["metrics"]["clicks"]) for row in ads)
    assert len({row["clickView"]["gclid"] for row in rows}) == len(rows)


def test_pages_of_ten_thousand_rows_make_the_same_as_the_stream(served: Served) -> None:
    fields = "campaign.id, segments.date, segments.hour, segments.device, metrics.impressions"
    query = f"SELECT {fields} FROM campaign {OCTOBER}"
    account = served.account("google_ads")
    streamed = served.google(account.account_id, query, login=account.login_customer_id).json()
    rows = [row for batch in streamed for row in batch["results"]]
    assert [len(batch["results"]) for batch in streamed[:-1]] == [10_000] * (len(streamed) - 1)
    assert "queryResourceConsumption" in streamed[-1]
    paged: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = served.google(
            account.account_id, query, login=account.login_customer_id, method="search", **token
        ).json()
        paged += page["results"]
        if "nextPageToken" not in page:
            break
        token = {"pageToken": page["nextPageToken"]}
    assert len(rows) > 10_000
    assert paged == rows


def test_the_tree_below_a_manager_can_be_filtered_and_an_account_is_its_own_tree(served: Served) -> None:
    manager, account = served.world.manager_id, served.account("google_ads")
    fields = ", ".join(f"customer_client.{name}" for name in ("id", "level", "manager", "status"))
    query = f"SELECT {fields} FROM customer_client"
    below = served.google(manager, f"{query} WHERE customer_client.manager = FALSE", login=manager).json()[0]["results"]
    found = {row["customerClient"]["id"]: row["customerClient"] for row in below}
    assert manager not in found
    assert found[served.world.closed_customer_id]["status"] == "CANCELED"
    assert found[account.account_id] | {"resourceName": ""} == {
        "resourceName": "", "id": account.account_id, "level": "1", "manager": False, "status": "ENABLED",
    }  # fmt: skip
    (own,) = rows_of(served, query)
    assert (own["customerClient"]["id"], own["customerClient"]["level"]) == (account.account_id, "0")
    assert served.google(manager, "SELECT campaign.id FROM campaign", login=manager).json()[0].get("results") is None


def test_fields_are_described(served: Served) -> None:
    served.google("1", "SELECT customer.id FROM customer")
    headers = {"Authorization": f"Bearer {served.refresh().json()['access_token']}"}
    field = served.http.get("/google/v26/googleAdsFields/metrics.cost_micros", headers=headers).json()
    assert (field["category"], field["dataType"], field["isRepeated"]) == ("METRIC", "INT64", False)
    query = {"query": "SELECT name, category, data_type WHERE name LIKE 'campaign.start%'"}
    found = served.http.post("/google/v26/googleAdsFields:search", headers=headers, json=query).json()
    assert [row["name"] for row in found["results"]] == ["campaign.start_date_time"]
    assert served.http.get("/google/v26/googleAdsFields/campaign.start_date", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("field", "resource", "version", "known"),
    [
        ("campaign.video_brand_safety_suitability", "campaign", "v23", True),
        ("campaign.video_brand_safety_suitability", "campaign", "v24", False),
        ("asset_group.final_url_suffix", "asset_group", "v24", False),
        ("asset_group.final_url_suffix", "asset_group", "v25", True),
        ("campaign.start_date_time", "campaign", "v23", True),
        ("campaign.start_date", "campaign", "v23", False),
    ],
)
def test_a_field_is_known_to_the_versions_that_have_it(
    served: Served, field: str, resource: str, version: str, known: bool
) -> None:
    account = served.account("google_ads")
    answer = served.google(
        account.account_id, f"SELECT {field} FROM {resource}", login=account.login_customer_id, version=version
    )
    assert answer.status_code == (200 if known else 400)


def test_removed_keywords_and_excluded_genders_are_listed(served: Served) -> None:
    fields = "ad_group_criterion.type, ad_group_criterion.status, ad_group_criterion.negative"
    rows = [
        row["adGroupCriterion"]
        for client in ("aurora-moda", "clinica-vitale", "harbor-outdoor", "olivar-viajes")
        for row in rows_of(served, f"SELECT ad_group.id, {fields} FROM ad_group_criterion", client)
    ]
    assert {row["status"] for row in rows} == {"ENABLED", "REMOVED"}
    assert {row["type"] for row in rows} == {"KEYWORD", "GENDER"}
    assert all(row["negative"] == (row["type"] == "GENDER") for row in rows)


def test_a_fault_at_a_level_meets_the_views_of_that_level(served: Served) -> None:
    account = served.account("google_ads")
    served.fault(account, "error", level="ad_group", status=500, times=1)
    query = f"SELECT ad_group.id, segments.date, metrics.clicks FROM keyword_view {OCTOBER}"
    assert served.google(account.account_id, query, login=account.login_customer_id).status_code == 500
    assert (
        cost(rows_of(served, f"SELECT ad_group.id, segments.date, metrics.cost_micros FROM keyword_view {OCTOBER}")) > 0
    )


def test_a_lenient_sandbox_serves_what_old_clients_ask_for(tmp_path: Path) -> None:
    WorldClock(tmp_path / "clock").ensure(NOON)
    handle = start(tmp_path / "state", tmp_path / "clock", clients=1, ads=12, days=20, lenient=True)
    with ExitStack() as stack:
        stack.callback(handle.stop)
        old = Served(handle, tmp_path / "state")
        stack.callback(old.http.close)
        account = old.account("google_ads")
        query = "SELECT campaign.id, campaign.start_date FROM campaign"
        answer = old.google(account.account_id, query, login=account.login_customer_id, version="v19")
        first = answer.json()[0]["results"][0]["campaign"]
        assert date.fromisoformat(first["startDate"])
        sized = old.google(
            account.account_id, query, login=account.login_customer_id, version="v19", method="search", pageSize=1000
        )
        assert sized.status_code == 200
        modern = old.google(account.account_id, query, login=account.login_customer_id, version="v26")
        assert failure(modern)[2] == "UNRECOGNIZED_FIELD"
