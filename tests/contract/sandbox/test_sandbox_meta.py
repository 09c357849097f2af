"""The Graph API as the sandbox speaks it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.sandbox.conftest import EVERY_STATUS, Served

FIELDS = "account_id,campaign_id,adset_id,ad_id,impressions,clicks,spend,inline_link_clicks,actions,action_values"
ALL_ADS = [{"field": "ad.effective_status", "operator": "IN", "value": EVERY_STATUS}]


def spend_of(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["spend"]) for row in rows), Decimal(0))


def error_of(answer: Any) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


def test_paging_ends_where_next_is_missing_and_goes_on_to_nothing(served: Served) -> None:
    account = served.account("meta_ads")
    whole = served.insights(account, level="ad", fields=FIELDS, filtering=ALL_ADS).json()["data"]
    seen, answer = [], served.insights(account, level="ad", fields=FIELDS, filtering=ALL_ADS, limit="400").json()
    while True:
        seen += answer["data"]
        if "next" not in answer["paging"]:
            break
        assert answer["paging"]["next"].startswith(served.handle.url)
        answer = served.http.get(answer["paging"]["next"]).json()
    assert seen == whole
    last = answer["paging"]["cursors"]["after"]
    beyond = served.insights(account, level="ad", fields=FIELDS, filtering=ALL_ADS, after=last)
    assert beyond.json() == {"data": []}
    assert error_of(served.insights(account, level="ad", after="no cursor"))[1] == 2642


def test_numbers_are_text_and_absent_metrics_are_absent(served: Served) -> None:
    rows = served.insights(served.account("meta_ads"), level="ad", fields=FIELDS, filtering=ALL_ADS).json()["data"]
    assert all(isinstance(row[name], str) for row in rows for name in ("impressions", "clicks", "spend", "ad_id"))
    assert any("actions" not in row for row in rows)
    assert any("inline_link_clicks" not in row for row in rows)
    bought = next(row for row in rows if "action_values" in row)
    values = {action["action_type"]: action["value"] for action in bought["actions"]}
    assert values["omni_purchase"] == values["purchase"] == values["offsite_conversion.fb_pixel_purchase"]


def test_deleted_ads_are_hidden_without_the_status_filter_but_in_the_account_total(served: Served) -> None:
    account = served.account("meta_ads")
    total = served.insights(account, level="account", fields="spend").json()["data"]
    filtered = served.insights(account, level="ad", fields="spend,ad_id", filtering=ALL_ADS).json()["data"]
    unfiltered = served.insights(account, level="ad", fields="spend,ad_id").json()["data"]
    assert spend_of(filtered) == spend_of(total) > spend_of(unfiltered)
    truth = served.http.get("/_sandbox/truth", params={"level": "account"}).json()
    own = [Decimal(row["spend"]) for row in truth if row["account_id"] == account.account_id]
    assert sum(own) == spend_of(total)


def test_the_whole_range_is_one_row_unless_days_are_asked_for(served: Served) -> None:
    account = served.account("meta_ads")
    rows = served.insights(account, level="account", fields="spend", time_increment="all_days").json()["data"]
    assert [(row["date_start"], row["date_stop"]) for row in rows] == [("2026-08-03", "2026-11-01")]
    weeks = served.insights(account, level="account", fields="spend", time_increment="7").json()["data"]
    assert spend_of(weeks) == spend_of(rows)


def test_a_report_run_goes_through_its_states(served: Served) -> None:
    account = served.account("meta_ads")
    parameters: dict[str, Any] = {"level": "ad", "fields": "ad_id,spend", "time_increment": "1", "filtering": ALL_ADS,
                  "time_range": {"since": "2026-10-01", "until": "2026-10-31"}}  # fmt: skip
    run = served.meta(account, f"act_{account.account_id}/insights", "POST", **parameters).json()["report_run_id"]
    assert error_of(served.meta(account, f"{run}/insights")) == (400, 2637, 1815107)
    states = [served.meta(account, run).json()["async_status"] for _ in range(2)]
    assert states == ["Job Running", "Job Completed"]
    answers = [served.meta(account, f"{run}/insights", limit="5000") for _ in range(2)]
    rows = next(answer for answer in answers if answer.status_code == 200).json()["data"]
    direct = served.meta(account, f"act_{account.account_id}/insights", limit="5000", **parameters).json()["data"]
    assert rows == direct


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"fields": "spend,nonsense"}, (400, 100, None)),
        ({"level": "keyword"}, (400, 100, None)),
        ({"time_range": {"since": "2020-01-01", "until": "2020-01-02"}}, (400, 3018, None)),
        ({"level": "ad", "fields": ",".join(["spend"] * 200), "filtering": ALL_ADS}, (500, 1, None)),
    ],
)
def test_bad_and_heavy_requests_are_refused_in_metas_words(
    served: Served, parameters: dict[str, Any], error: tuple[int, int, int | None]
) -> None:
    assert error_of(served.insights(served.account("meta_ads"), **parameters)) == error


def test_tokens_open_their_own_accounts_only(served: Served) -> None:
    account, other = served.account("meta_ads"), served.account("meta_ads", "olivar-viajes")
    assert error_of(served.http.get(f"/meta/v26.0/act_{account.account_id}"))[1] == 104
    wrong = served.http.get(f"/meta/v26.0/act_{account.account_id}", params={"access_token": "EAAnobody"})
    assert error_of(wrong) == (400, 190, None)
    assert error_of(served.meta(account, f"act_{other.account_id}")) == (403, 200, None)
    assert error_of(served.meta(account, "act_1"))[1:] == (100, 33)
    assert error_of(served.meta(other, f"act_{other.account_id}")) == (400, 190, 460)


def test_entity_edges_show_the_fields_asked_for_and_not_the_deleted(served: Served) -> None:
    account = served.account("meta_ads")
    node = served.meta(account, f"act_{account.account_id}/", fields="name,currency,timezone_name").json()
    assert node == {"name": account.name, "currency": "BRL", "timezone_name": "America/Sao_Paulo",
                    "id": f"act_{account.account_id}"}  # fmt: skip
    edge = f"act_{account.account_id}/ads"
    plain = served.meta(account, edge, fields="id,effective_status,creative{id}", limit="500").json()["data"]
    asked = [status for status in EVERY_STATUS if status != "DELETED"]
    more = served.meta(account, edge, fields="id,effective_status", limit="500", effective_status=asked).json()["data"]
    assert {ad["effective_status"] for ad in plain} <= {"ACTIVE", "PAUSED", "CAMPAIGN_PAUSED"}
    assert len(more) >= len(plain) > 0
    assert served.meta(account, edge, effective_status=EVERY_STATUS).status_code == 400
    assert set(served.meta(account, edge, limit="1").json()["data"][0]) == {"id"}
    deleted = next(ad for ad in account.ads if ad.lifetime.removed and ad.lifetime.removal == "DELETED")
    assert served.meta(account, deleted.ad_id, fields="effective_status").json()["effective_status"] == "DELETED"


def test_every_answer_carries_usage_and_a_throttled_one_its_waiting_time(served: Served) -> None:
    account = served.account("meta_ads")
    served.fault(account, "throttle", times=1)
    throttled = served.insights(account, level="account")
    assert error_of(throttled) == (400, 80000, 2446079)
    usage = json.loads(throttled.headers["x-business-use-case-usage"])[account.account_id][0]
    assert usage["call_count"] == 100
    assert usage["estimated_time_to_regain_access"] > 0
    assert served.insights(account, level="account").status_code == 200


def test_a_batch_answers_each_call(served: Served) -> None:
    account = served.account("meta_ads")
    calls = [{"method": "GET", "relative_url": f"v26.0/act_{account.account_id}?fields=name"},
             {"method": "GET", "relative_url": "act_1"}]  # fmt: skip
    answer = served.http.post(
        "/meta", data={"batch": json.dumps(calls), "access_token": served.meta_token(account)}
    ).json()
    assert [part["code"] for part in answer] == [200, 400]
    assert json.loads(answer[0]["body"])["name"] == account.name


def split_by(served: Served, *breakdowns: str, **more: Any) -> list[dict[str, Any]]:
    parameters: dict[str, Any] = {"level": "campaign", "fields": f"{FIELDS},reach", "breakdowns": ",".join(breakdowns)}
    answer = served.insights(served.account("meta_ads"), **(parameters | {"filtering": ALL_CAMPAIGNS} | more))
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


ALL_CAMPAIGNS = [
    {
        "field": "campaign.effective_status", "operator": "IN",
        "value": ["ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"],
    }
]  # fmt: skip
HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"


@pytest.mark.parametrize(
    "breakdowns",
    [
        ("country",), ("region",), ("device_platform",), ("age", "gender"), ("age",), ("publisher_platform",),
        ("publisher_platform", "platform_position"), ("publisher_platform", "device_platform"), (HOURLY,),
        ("comscore_market",),
    ],
)  # fmt: skip
def test_the_parts_of_a_breakdown_add_up_to_their_campaigns_days(served: Served, breakdowns: tuple[str, ...]) -> None:
    whole = served.insights(
        served.account("meta_ads"), level="campaign", fields=FIELDS, filtering=ALL_CAMPAIGNS
    ).json()["data"]  # fmt: skip
    parts = split_by(served, *breakdowns, limit="20000", fields="campaign_id,spend,impressions,clicks")

    def sums(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[Decimal]]:
        found: dict[tuple[str, str], list[Decimal]] = {}
        for row in rows:
            so_far = found.setdefault((row["date_start"], row["campaign_id"]), [Decimal(0)] * 3)
            for place, name in enumerate(("spend", "impressions", "clicks")):
                so_far[place] += Decimal(row[name])
        return {key: figures for key, figures in found.items() if any(figures)}

    assert sums(parts) == sums(whole)
    keys = [(row["date_start"], row["campaign_id"], *(row[name] for name in breakdowns)) for row in parts]
    assert len(keys) == len(set(keys))
    if breakdowns != ("comscore_market",):
        assert len(parts) > len(whole)


def test_values_of_breakdowns_are_in_metas_words(served: Served) -> None:
    assert {row["gender"] for row in split_by(served, "age", "gender")} == {"female", "male", "unknown"}
    assert "25-34" in {row["age"] for row in split_by(served, "age", "gender")}
    assert ("instagram", "feed") in {
        (row["publisher_platform"], row["platform_position"])
        for row in split_by(served, "publisher_platform", "platform_position")
    }
    one_day = {"since": "2026-10-20", "until": "2026-10-20"}
    hours = {row[HOURLY] for row in split_by(served, HOURLY, time_range=one_day)}
    assert {"00:00:00 - 00:59:59", "23:00:00 - 23:59:59"} <= hours


@pytest.mark.parametrize(("breakdown", "told"), [("country", True), ("region", False), (HOURLY, False)])
def test_regions_and_hours_tell_nothing_that_happened_off_meta(served: Served, breakdown: str, told: bool) -> None:
    actions = {a["action_type"] for row in split_by(served, breakdown) for a in row.get("actions", ())}
    assert "link_click" in actions
    assert ("omni_purchase" in actions) is told
    assert any("action_values" in row for row in split_by(served, breakdown)) is told


@pytest.mark.parametrize(
    "breakdowns", ["country,age", "region,country", "platform_position", "impression_device", "nonsense", "body_asset"]
)
def test_other_combinations_are_refused(served: Served, breakdowns: str) -> None:
    assert error_of(served.insights(served.account("meta_ads"), breakdowns=breakdowns)) == (400, 100, None)


def test_impression_devices_are_told_to_report_runs_of_those_who_opted_in_only(served: Served) -> None:
    account = served.account("meta_ads")
    names = ("publisher_platform", "platform_position", "impression_device")
    parameters: dict[str, Any] = {
        "level": "campaign", "fields": "campaign_id,spend", "breakdowns": ",".join(names), "time_increment": "1",
        "time_range": {"since": "2026-10-01", "until": "2026-10-31"},
    }  # fmt: skip
    edge = f"act_{account.account_id}/insights"
    assert served.meta(account, edge, **parameters).json() == {"data": []}
    run = served.meta(account, edge, "POST", **parameters).json()["report_run_id"]
    for _ in range(2):
        served.meta(account, run)
    answers = [served.meta(account, f"{run}/insights") for _ in range(2)]
    rows = next(answer for answer in answers if answer.status_code == 200).json()["data"]
    assert set(names) < set(rows[0])


def test_people_are_left_out_of_old_breakdowns_without_a_word(served: Served) -> None:
    young, old = (
        split_by(served, "country", time_range={"since": since, "until": "2026-11-01"}, fields="campaign_id,reach")
        for since in ("2025-10-01", "2025-09-30")
    )
    assert any("reach" in row for row in young)
    assert old
    assert not any("reach" in row for row in old)


def test_the_oldest_day_is_37_months_back(served: Served) -> None:
    account = served.account("meta_ads")
    first, before = ({"since": day, "until": "2023-10-03"} for day in ("2023-10-01", "2023-09-30"))
    assert served.insights(account, time_range=first).status_code == 200
    assert error_of(served.insights(account, time_range=before)) == (400, 3018, None)


def test_a_conversion_stands_in_its_windows_under_all_of_its_names(served: Served) -> None:
    windows = ["1d_click", "7d_click", "28d_click", "1d_view", "7d_view", "1d_ev"]
    rows = served.insights(
        served.account("meta_ads"), level="ad", fields=FIELDS, filtering=ALL_ADS, action_attribution_windows=windows
    ).json()["data"]  # fmt: skip
    bought = [
        {action["action_type"]: action for action in row["actions"]} for row in rows if "action_values" in row
    ]  # fmt: skip
    assert bought
    seen: set[str] = set()
    for actions in bought:
        names = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase", "web_in_store_purchase")
        first, *others = ({k: v for k, v in actions[name].items() if k != "action_type"} for name in names)
        assert all(other == first for other in others)
        seen |= set(first)
        clicked, viewed = (Decimal(first.get(window, "0")) for window in ("7d_click", "1d_view"))
        assert clicked + viewed == Decimal(first["value"])
        assert Decimal(first.get("1d_click", "0")) <= clicked <= Decimal(first.get("28d_click", "0"))
    # What has no conversion in a window lacks it, and views of a week are not told any more.
    assert seen == {"value", "1d_click", "7d_click", "28d_click", "1d_view", "1d_ev"}
    assert error_of(served.insights(served.account("meta_ads"), action_attribution_windows=["9d_click"]))[1] == 100


def test_targets_of_actions_are_told_for_what_happened_on_meta(served: Served) -> None:
    account, names = served.account("meta_ads"), ["action_type", "action_destination"]
    rows = served.insights(account, level="ad", fields=FIELDS, filtering=ALL_ADS, action_breakdowns=names).json()[
        "data"
    ]
    told = {
        (action["action_type"], "action_destination" in action) for row in rows for action in row.get("actions", ())
    }
    assert {("link_click", True), ("omni_purchase", False)} <= told
    # Airbyte's check asks like this; without actions among the fields there is nothing to split.
    alone = served.insights(account, level="ad", fields="account_id", filtering=ALL_ADS, action_breakdowns=names)
    assert alone.status_code == 200
    assert error_of(served.insights(account, action_breakdowns=["nonsense"])) == (400, 100, None)


def test_videos_and_clicks_that_lead_away_are_lists_with_one_action(served: Served) -> None:
    steps = ("p25", "p50", "p75", "p95", "p100")
    names = ["video_play_actions", *(f"video_{step}_watched_actions" for step in steps)]
    more = ["video_thruplay_watched_actions", "video_avg_time_watched_actions", "outbound_clicks", "inline_link_clicks"]
    rows = served.insights(
        served.account("meta_ads"), level="ad", fields=",".join(names + more), filtering=ALL_ADS
    ).json()["data"]  # fmt: skip
    watched = [row for row in rows if "video_play_actions" in row]
    assert 0 < len(watched) < len(rows)
    for row in watched:
        figures = [int(row[name][0]["value"]) if name in row else 0 for name in names]
        assert figures == sorted(figures, reverse=True)
        assert {entry["action_type"] for name in names for entry in row.get(name, ())} == {"video_view"}
    clicked = [row for row in rows if "outbound_clicks" in row]
    assert all(
        row["outbound_clicks"] == [{"action_type": "outbound_click", "value": row["inline_link_clicks"]}]
        for row in clicked
    )


def test_engagement_contains_its_parts(served: Served) -> None:
    rows = served.insights(served.account("meta_ads"), level="ad", fields=FIELDS, filtering=ALL_ADS).json()["data"]
    for row in rows:
        counts = {action["action_type"]: int(action["value"].partition(".")[0]) for action in row.get("actions", ())}
        parts = ("link_click", "comment", "post_reaction", "post", "onsite_conversion.post_save", "video_view")
        assert counts.get("post_engagement", 0) == sum(counts.get(part, 0) for part in parts)
        assert counts.get("page_engagement", 0) == counts.get("post_engagement", 0) + counts.get("like", 0)


def test_people_are_fewer_than_their_sum_over_the_parts(served: Served) -> None:
    account = served.account("meta_ads")
    total = served.insights(account, level="account", fields="reach,frequency,impressions").json()["data"]
    every = [{"field": "adset.effective_status", "operator": "IN", "value": EVERY_STATUS}]
    below = served.insights(account, level="adset", fields="reach", filtering=every).json()["data"]
    for row in total:
        if "reach" in row:
            parts = [
                int(part["reach"]) for part in below if part["date_start"] == row["date_start"] and "reach" in part
            ]
            assert int(row["reach"]) <= sum(parts)
            assert float(row["frequency"]) == pytest.approx(int(row["impressions"]) / int(row["reach"]), abs=1e-6)


def test_a_question_too_big_for_one_answer_is_refused_however_small_its_pages(served: Served) -> None:
    answer = served.insights(
        served.account("meta_ads"), level="ad", fields=",".join(["spend"] * 2000), filtering=ALL_ADS, limit="1"
    )
    assert error_of(answer) == (400, 100, 1487534)


def test_breakdowns_have_faults_of_their_own(served: Served) -> None:
    account = served.account("meta_ads")
    served.fault(account, "error", level="campaign/country", status=500)
    assert error_of(served.insights(account, level="campaign", breakdowns="country")) == (500, 1, 99)
    assert served.insights(account, level="campaign").status_code == 200
    served.fault(account, "empty", level="campaign/region")
    assert served.insights(account, level="campaign", breakdowns="region").json() == {"data": []}


def test_a_run_under_a_fault_fails_with_its_code(served: Served) -> None:
    account = served.account("meta_ads")
    served.fault(account, "error", level="ad")
    run = served.meta(account, f"act_{account.account_id}/insights", "POST", level="ad").json()["report_run_id"]
    states = [served.meta(account, run).json() for _ in range(2)]
    assert [state["async_status"] for state in states] == ["Job Running", "Job Failed"]
    assert (states[1]["error_code"], states[1]["error_subcode"]) == (-2, 2490547)
