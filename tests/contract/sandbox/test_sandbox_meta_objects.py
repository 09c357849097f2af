"""Nodes, edges, batches, tokens and versions of the Graph API as the sandbox speaks it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.clock import WorldClock
from sandbox.process import start
from sandbox.wire.meta_errors import MetaError
from sandbox.wire.meta_versions import without_version
from sandbox.world.model import Account
from tests.contract.sandbox.conftest import NOON, Served

EVERY_LISTED = ["ACTIVE", "PAUSED", "ARCHIVED", "CAMPAIGN_PAUSED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A lenient sandbox with so many clients that one account of each planted kind is among them."""
    folder = tmp_path_factory.mktemp("many")
    WorldClock(folder / "clock").ensure(NOON)
    handle = start(folder / "state", folder / "clock", clients=11, ads=8, days=30, lenient=True)
    served = Served(handle, folder / "state")
    yield served
    served.http.close()
    handle.stop()


def error_of(answer: Any) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


def edge(served: Served, account: Account, name: str, fields: str, **more: Any) -> list[dict[str, Any]]:
    answer = served.meta(account, f"act_{account.account_id}/{name}", fields=fields, limit="500", **more)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


KINDS = {"daily_budget", "lifetime_budget"}


@pytest.mark.parametrize("client", ["aurora-moda", "clinica-vitale", "harbor-outdoor"])
def test_a_budget_stands_in_one_place_and_is_of_one_kind(served: Served, client: str) -> None:
    account = served.account("meta_ads", client)
    campaigns = edge(
        served, account, "campaigns", "daily_budget,lifetime_budget,stop_time", effective_status=EVERY_LISTED[:3]
    )
    ad_sets = edge(served, account, "adsets", "campaign_id,daily_budget,lifetime_budget", effective_status=EVERY_LISTED)
    for campaign in campaigns:
        own = KINDS & set(campaign)
        assert own in ([set(), {"lifetime_budget"}] if "stop_time" in campaign else [set(), {"daily_budget"}])
        assert all(amount.endswith("00") for amount in (campaign[kind] for kind in own))
        for ad_set in ad_sets:
            if ad_set["campaign_id"] == campaign["id"]:
                # The kind that an ad set does not have is told as zero.
                amounts = [int(ad_set[kind]) for kind in KINDS & set(ad_set)]
                assert amounts == [] if own else sorted(map(bool, amounts)) == [False, True]


def test_there_are_budgets_of_every_kind_and_place(many: Served) -> None:
    own = [account for client in many.world.clients for account in client.accounts if account.platform == "meta_ads"]
    readable = [account for account in own if account.credential == "meta_agency"]
    fields, asked = "daily_budget,lifetime_budget", EVERY_LISTED[:3]
    found = {
        frozenset(KINDS & set(campaign))
        for account in readable
        for campaign in edge(many, account, "campaigns", fields, effective_status=asked)
    }
    assert found == {frozenset(), frozenset({"daily_budget"}), frozenset({"lifetime_budget"})}


def test_whole_pesos_stay_whole_and_cents_are_cents(many: Served) -> None:
    pesos = next(a for c in many.world.clients for a in c.accounts if a.currency == "CLP")
    reais = many.account("meta_ads")
    for account, offset in ((pesos, 1), (reais, 100)):
        node = many.meta(account, f"act_{account.account_id}", fields="amount_spent,currency").json()
        rows = many.insights(
            account, level="account", fields="spend", time_range={"since": "2026-09-01", "until": "2026-11-01"}
        ).json()["data"]  # fmt: skip
        assert Decimal(node["amount_spent"]) == offset * sum(Decimal(row["spend"]) for row in rows) > 0


def test_names_and_budgets_change_and_say_when(served: Served) -> None:
    account = served.account("meta_ads")
    campaigns = edge(served, account, "campaigns", "name,created_time,updated_time", effective_status=EVERY_LISTED[:3])
    changed = [campaign for campaign in campaigns if campaign["updated_time"] > campaign["created_time"]]
    assert changed
    newest = max(datetime.strptime(campaign["updated_time"], "%Y-%m-%dT%H:%M:%S%z") for campaign in campaigns)
    condition = [{"field": "campaign.updated_time", "operator": "GREATER_THAN", "value": newest.timestamp() - 1}]
    after = edge(served, account, "campaigns", "updated_time", filtering=condition)
    assert all(row["updated_time"] == newest.strftime("%Y-%m-%dT%H:%M:%S%z") for row in after)


def test_ad_sets_say_whom_they_address_and_what_they_are_after(served: Served) -> None:
    fields = "targeting,promoted_object,attribution_spec,optimization_goal,learning_stage_info,bid_amount"
    ad_sets = edge(served, served.account("meta_ads"), "adsets", fields)
    for ad_set in ad_sets:
        assert ad_set["targeting"]["geo_locations"]["countries"][0] == "BR"
        assert ad_set["promoted_object"]["custom_event_type"] == "PURCHASE"
        assert {"event_type": "CLICK_THROUGH", "window_days": 7} in ad_set["attribution_spec"]
    assert {type(ad_set["bid_amount"]) for ad_set in ad_sets if "bid_amount" in ad_set} <= {int}


READABLE = "id,name,status,title,body,link_url,url_tags,asset_feed_spec,video_id"


def test_creatives_keep_their_texts_in_three_places_and_one_of_them_fails_its_page(served: Served) -> None:
    account = served.account("meta_ads")
    without = edge(served, account, "adcreatives", READABLE)
    path = f"act_{account.account_id}/adcreatives"
    assert error_of(served.meta(account, path, fields=f"{READABLE},object_story_spec", limit="500")) == (
        400, 100, 2446211,
    )  # fmt: skip
    nodes = [served.meta(account, row["id"], fields="object_story_spec,title,asset_feed_spec") for row in without]
    assert [error_of(node) for node in nodes if node.status_code != 200] == [(400, 100, 2446211)]
    readable = [node.json() for node in nodes if node.status_code == 200]
    stories = [set(row["object_story_spec"]) for row in readable if "object_story_spec" in row]
    assert {"link_data", "video_data"} <= set().union(*stories)
    assert any("title" in row for row in readable)
    assert any("asset_feed_spec" in row for row in readable)
    assert all("object_story_spec" not in row for row in readable if "title" in row or "asset_feed_spec" in row)
    assert any("{{campaign.name}}" in row.get("url_tags", "") for row in without)


def test_every_ad_has_a_creative_of_its_account(served: Served) -> None:
    account = served.account("meta_ads")
    ads = edge(served, account, "ads", "creative{id},effective_status", effective_status=EVERY_LISTED)
    known = {row["id"] for row in edge(served, account, "adcreatives", "id")}
    assert {ad["creative"]["id"] for ad in ads} <= known
    (own,) = served.meta(account, f"{ads[0]['id']}/adcreatives", fields="id").json()["data"]
    assert own["id"] == ads[0]["creative"]["id"]
    other = served.account("meta_ads", "clinica-vitale")
    assert served.meta(other, own["id"]).status_code == 200
    foreign = served.account("meta_ads", "olivar-viajes")
    stranger = next(iter(foreign.ads)).ad_id
    assert error_of(served.meta(account, stranger)) == (403, 200, None)


def test_unknown_fields_are_refused_and_those_without_a_value_are_absent(served: Served) -> None:
    account = served.account("meta_ads")
    path = f"act_{account.account_id}/adcreatives"
    assert error_of(served.meta(account, path, fields="instagram_actor_id")) == (400, 100, None)
    assert error_of(served.meta(account, f"act_{account.account_id}/campaigns", fields="nonsense")) == (400, 100, None)
    assert "business_name" not in served.meta(account, f"act_{account.account_id}", fields="business_name,name").json()


def test_an_edge_counts_its_objects_when_asked_and_its_children_by_their_parent(served: Served) -> None:
    account = served.account("meta_ads")
    body = served.meta(account, f"act_{account.account_id}/campaigns", summary="true", limit="2").json()
    assert len(body["data"]) == 2
    assert body["summary"]["total_count"] == len(edge(served, account, "campaigns", "id"))
    campaign = body["data"][0]["id"]
    children = served.meta(account, f"{campaign}/adsets", fields="campaign_id", limit="100").json()["data"]
    assert {child["campaign_id"] for child in children} <= {campaign}
    assert error_of(served.meta(account, f"act_{account.account_id}/ads", limit="5000"))[:2] == (500, 1)


def test_deleted_objects_are_on_no_list_but_a_batch_reads_them(served: Served) -> None:
    account = served.account("meta_ads")
    deleted = [
        ad.ad_id for ad in account.ads
        if (removed := ad.lifetime.removed) and removed <= date(2026, 11, 1) and ad.lifetime.removal == "DELETED"
    ]  # fmt: skip
    listed = {ad["id"] for ad in edge(served, account, "ads", "id", effective_status=EVERY_LISTED)}
    assert deleted
    assert not listed & set(deleted)
    calls = [{"method": "GET", "relative_url": f"v26.0/{ad}?fields=id,effective_status"} for ad in deleted[:50]]
    answer = served.meta(account, "", "POST", batch=calls, include_headers="false").json()
    assert {json.loads(part["body"])["effective_status"] for part in answer} == {"DELETED"}
    assert not any("headers" in part for part in answer)
    too_many = [{"method": "GET", "relative_url": "me"}] * 51
    assert error_of(served.meta(account, "", "POST", batch=too_many)) == (400, 100, None)


def test_a_token_tells_whether_it_is_good_and_until_when(many: Served) -> None:
    agency, person = many.account("meta_ads"), many.account("meta_ads", "olivar-viajes")
    told = many.meta(agency, "debug_token", input_token=many.meta_token(agency)).json()["data"]
    assert (told["is_valid"], told["expires_at"]) == (True, 0)
    dead = many.meta(agency, "debug_token", input_token=many.meta_token(person)).json()["data"]
    assert (dead["is_valid"], dead["error"]["code"], dead["error"]["subcode"]) == (False, 190, 460)
    many.http.post("/_sandbox/mend", json={})
    mended = many.meta(person, "debug_token", input_token=many.meta_token(person)).json()["data"]
    assert mended["is_valid"]
    left = datetime.fromtimestamp(mended["expires_at"], UTC) - NOON
    assert 0 < left.days <= 60
    assert not many.meta(agency, "debug_token", input_token="EAAnobody").json()["data"]["is_valid"]
    assert error_of(many.meta(agency, "debug_token"))[1] == 100
    assert error_of(many.http.get("/meta/v26.0/debug_token", params={"input_token": "x"}))[1] == 104


def test_a_token_is_exchanged_for_a_long_lived_one(served: Served) -> None:
    token = served.meta_token(served.account("meta_ads"))
    form = {"grant_type": "fb_exchange_token", "client_id": "1", "client_secret": "2", "fb_exchange_token": token}
    answer = served.http.get("/meta/v26.0/oauth/access_token", params=form).json()
    assert answer == {"access_token": token, "token_type": "bearer", "expires_in": 5183944}
    assert served.http.get("/meta/v26.0/me/adaccounts", params={"access_token": token}).status_code == 200
    for changes, code in (
        ({"fb_exchange_token": "EAAnobody"}, 190),
        ({"client_id": ""}, 100),
        ({"grant_type": "x"}, 100),
    ):
        assert error_of(served.http.get("/meta/v26.0/oauth/access_token", params=form | changes))[1] == code


@pytest.mark.parametrize(
    ("version", "today", "code"),
    [
        ("v26.0", date(2026, 11, 22), None),
        ("v25.0", date(2026, 11, 22), None),
        ("v24.0", date(2026, 10, 5), None),
        ("v24.0", date(2026, 10, 6), 2635),
        ("v23.0", date(2026, 6, 9), 2635),
        ("v21.0", date(2026, 1, 1), 2635),
        ("v99.0", date(2026, 11, 22), 2500),
    ],
)
def test_versions_end_on_their_day_unless_the_sandbox_is_lenient(version: str, today: date, code: int | None) -> None:
    path = [version, "act_1", "ads"]
    if code is None:
        assert without_version(path, today, lenient=False) == ["act_1", "ads"]
    else:
        with pytest.raises(MetaError) as refused:
            without_version(path, today, lenient=False)
        assert refused.value.code == code
    assert without_version(path, today, lenient=True) == ["act_1", "ads"]


def test_old_versions_are_served_to_old_clients_only(served: Served, many: Served) -> None:
    for sandbox, status in ((served, 400), (many, 200)):
        token = sandbox.meta_token(sandbox.account("meta_ads"))
        answer = sandbox.http.get("/meta/v21.0/me/adaccounts", params={"access_token": token})
        assert answer.status_code == status
    answer = served.http.get("/meta/me/adaccounts", params={"access_token": token})
    assert answer.status_code == 200


def test_mixed_attribution_hides_purchases_above_the_ad_set_until_windows_are_named(many: Served) -> None:
    account = next(
        a for c in many.world.clients for a in c.accounts if a.mixed_attribution and a.platform == "meta_ads"
    )
    names = {"omni_purchase", "lead"}

    def told(level: str, **more: Any) -> bool:
        span = {"since": "2026-10-02", "until": "2026-11-01"}
        rows = many.insights(account, level=level, fields="actions,spend", time_range=span, **more).json()["data"]
        return bool(names & {action["action_type"] for row in rows for action in row.get("actions", ())})

    assert told("ad")
    assert told("adset")
    assert not told("campaign")
    assert not told("account")
    assert told("account", action_attribution_windows=["1d_click", "7d_click", "1d_view"])
    assert not told("account", action_attribution_windows=["default", "28d_click"])


def test_a_closed_account_says_so_and_an_empty_one_has_nothing(many: Served) -> None:
    accounts = [a for c in many.world.clients for a in c.accounts if a.platform == "meta_ads"]
    closed = next(account for account in accounts if account.status == "closed")
    empty = next(account for account in accounts if not account.campaigns)
    assert many.meta(closed, f"act_{closed.account_id}", fields="account_status").json()["account_status"] == 101
    for path in ("campaigns", "ads", "adcreatives"):
        assert many.meta(empty, f"act_{empty.account_id}/{path}").json() == {"data": []}
    assert many.insights(empty, time_range={"since": "2026-10-02", "until": "2026-11-01"}).json() == {"data": []}
