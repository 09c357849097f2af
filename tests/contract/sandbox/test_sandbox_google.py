"""Google Ads over REST as the sandbox speaks it."""

from typing import Any

import pytest

from sandbox.world.model import PERFORMANCE_MAX
from tests.contract.sandbox.conftest import Served

RANGE = "WHERE segments.date BETWEEN '2026-08-03' AND '2026-11-01'"
METRICS = "metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.conversions"


def rows_of(served: Served, query: str, client: str = "aurora-moda") -> list[dict[str, Any]]:
    account = served.account("google_ads", client)
    answer = served.google(account.account_id, query, login=account.login_customer_id)
    assert answer.status_code == 200, answer.text
    return [row for batch in answer.json() for row in batch.get("results", [])]


def cost(rows: list[dict[str, Any]]) -> int:
    return sum(int(row["metrics"]["costMicros"]) for row in rows)


def failure(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    error = (body[0] if isinstance(body, list) else body)["error"]
    ((family, code),) = error["details"][0]["errors"][0]["errorCode"].items()
    return answer.status_code, family, code


def test_a_refresh_token_gives_an_access_token_and_a_wrong_one_does_not(served: Served) -> None:
    good = served.refresh()
    assert good.json()["token_type"] == "Bearer"
    assert served.refresh(refresh_token="1//nobody").json()["error"] == "invalid_grant"
    assert served.refresh(client_secret="wrong").status_code == 401
    account = served.account("google_ads")
    assert failure(served.google(account.account_id, "SELECT customer.id FROM customer", token="ya29.old")) == (
        401, "authenticationError", "OAUTH_TOKEN_INVALID",
    )  # fmt: skip


def test_levels_add_up_except_for_performance_max(served: Served) -> None:
    total = rows_of(served, f"SELECT customer.id, segments.date, {METRICS} FROM customer {RANGE}")
    campaigns = rows_of(
        served, f"SELECT campaign.id, campaign.advertising_channel_type, segments.date, {METRICS} FROM campaign {RANGE}"
    )
    ads = rows_of(
        served, f"SELECT campaign.id, ad_group.id, ad_group_ad.ad.id, segments.date, {METRICS} FROM ad_group_ad {RANGE}"
    )
    pmax = [row for row in campaigns if row["campaign"]["advertisingChannelType"] == PERFORMANCE_MAX]
    assert cost(total) == cost(campaigns) == cost(ads) + cost(pmax)
    assert cost(pmax) > 0
    truth = served.http.get("/_sandbox/truth", params={"level": "campaign"}).json()
    customer = served.account("google_ads").account_id
    assert sum(row["spend_minor"] for row in truth if row["account_id"] == customer) * 10_000 == cost(campaigns)


def test_numbers_have_the_types_of_proto_json(served: Served) -> None:
    row = rows_of(served, f"SELECT campaign.id, segments.date, {METRICS} FROM campaign {RANGE} LIMIT 1")[0]
    assert isinstance(row["campaign"]["id"], str)
    assert isinstance(row["metrics"]["costMicros"], str)
    assert isinstance(row["metrics"]["conversions"], float)
    assert row["campaign"]["resourceName"].endswith(f"/campaigns/{row['campaign']['id']}")


def test_the_rows_depend_on_the_metrics_that_are_asked_for(served: Served) -> None:
    spent = rows_of(served, f"SELECT campaign.id, segments.date, metrics.cost_micros FROM campaign {RANGE}")
    converted = rows_of(served, f"SELECT campaign.id, segments.date, metrics.conversions FROM campaign {RANGE}")
    assert all(row["metrics"]["costMicros"] != "0" for row in spent)
    assert 0 < len(converted) < len(spent)


def test_removed_campaigns_are_returned_unless_filtered(served: Served) -> None:
    every = rows_of(served, "SELECT campaign.id, campaign.status FROM campaign")
    kept = rows_of(served, "SELECT campaign.id, campaign.status FROM campaign WHERE campaign.status != 'REMOVED'")
    assert {row["campaign"]["status"] for row in every} >= {"REMOVED", "ENABLED"}
    assert len(kept) < len(every)
    sums = rows_of(served, f"SELECT campaign.id, metrics.cost_micros FROM campaign {RANGE}")
    assert len(sums) == len(every)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.start_date FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id, segments.date, metrics.clicks FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        ("SELECT nonsense.id FROM nonsense", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        (
            f"SELECT segments.conversion_action_name, segments.date, metrics.cost_micros FROM campaign {RANGE}",
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
        ),
    ],
)
def test_wrong_queries_are_refused_with_googles_codes(served: Served, query: str, code: str) -> None:
    account = served.account("google_ads")
    streamed = served.google(account.account_id, query, login=account.login_customer_id)
    assert isinstance(streamed.json(), list)
    assert failure(streamed) == (400, "queryError", code)
    paged = served.google(account.account_id, query, login=account.login_customer_id, method="search")
    assert failure(paged) == (400, "queryError", code)


def test_a_managed_account_needs_its_manager_and_a_direct_one_does_not(served: Served) -> None:
    managed, direct = served.account("google_ads"), served.account("google_ads", "harbor-outdoor")
    query, manager = "SELECT customer.id FROM customer", served.world.manager_id
    assert failure(served.google(managed.account_id, query)) == (403, "authorizationError", "USER_PERMISSION_DENIED")
    assert served.google(managed.account_id, query, login=manager).status_code == 200
    assert served.google(direct.account_id, query).status_code == 200
    closed = served.google(served.world.closed_customer_id, query, login=manager)
    assert failure(closed) == (403, "authorizationError", "CUSTOMER_NOT_ENABLED")
    metrics = served.google(manager, f"SELECT segments.date, metrics.clicks FROM customer {RANGE}", login=manager)
    assert failure(metrics)[2] == "REQUESTED_METRICS_FOR_MANAGER"
    tree = served.google(manager, "SELECT customer_client.id FROM customer_client", login=manager).json()[0]["results"]
    assert managed.account_id in {row["customerClient"]["id"] for row in tree}


def test_search_pages_and_refuses_a_page_size(served: Served) -> None:
    account = served.account("google_ads")
    query, login = f"SELECT campaign.id, segments.date, {METRICS} FROM campaign {RANGE}", account.login_customer_id
    counted = served.google(account.account_id, query, login=login, method="search",
                            searchSettings={"returnTotalResultsCount": True}).json()  # fmt: skip
    assert int(counted["totalResultsCount"]) == len(counted["results"])
    assert "nextPageToken" not in counted
    sized = served.google(account.account_id, query, login=login, method="search", pageSize=10)
    assert failure(sized)[2] == "PAGE_SIZE_NOT_SUPPORTED"
    strange = served.google(account.account_id, query, login=login, method="search", pageToken="x")
    assert failure(strange)[2] == "INVALID_PAGE_TOKEN"


def test_dead_versions_and_quotas_fail_as_they_do_at_google(served: Served) -> None:
    account = served.account("google_ads")
    query, login = "SELECT customer.id FROM customer", account.login_customer_id
    assert failure(served.google(account.account_id, query, login=login, version="v22"))[2] == "UNSUPPORTED_VERSION"
    served.fault(account, "throttle", times=1)
    assert failure(served.google(account.account_id, query, login=login)) == (
        429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED",
    )  # fmt: skip
    assert served.google(account.account_id, query, login=login).status_code == 200


def test_the_quota_of_a_day_is_another_error_than_a_burst(served: Served) -> None:
    account = served.account("google_ads")
    served.fault(account, "throttle", seconds=857, times=1)
    answer = served.google(account.account_id, "SELECT customer.id FROM customer", login=account.login_customer_id)
    assert failure(answer) == (429, "quotaError", "RESOURCE_EXHAUSTED")
    (error,) = answer.json()[0]["error"]["details"][0]["errors"]
    assert error["details"]["quotaErrorDetails"]["retryDelay"] == "857s"


def test_a_stream_can_fail_after_good_batches(served: Served) -> None:
    account = served.account("google_ads")
    query = f"SELECT campaign.id, segments.date, metrics.clicks FROM campaign {RANGE}"
    served.fault(account, "truncate", status=503, times=1)
    answer = served.google(account.account_id, query, login=account.login_customer_id)
    assert answer.status_code == 200
    *good, bad = answer.json()
    assert good[0]["results"]
    assert bad["error"]["code"] == 503
    served.fault(account, "truncate", times=1)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        served.google(account.account_id, query, login=account.login_customer_id).json()
