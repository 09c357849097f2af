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
    parameters = {"level": "ad", "fields": "ad_id,spend", "time_increment": "1", "filtering": ALL_ADS,
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
