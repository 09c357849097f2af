"""The Meta client's objects: edges and what they hide, creatives that cannot be read, batches by id, tokens."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.errors import AccountReadError, Action
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.meta_ads.entities import ACCOUNTS, ADS, CAMPAIGNS, CREATIVES
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, Asked, ScriptedPlatform

ACCOUNT = account_of("meta_ads")


def ids_of(pages: Any) -> list[str]:
    return [found["id"] for page in pages for found in page]


def test_archived_ads_are_asked_for_on_their_edge_with_their_creative(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"data": [{"id": "1", "creative": {"id": "5"}}]}))
    ((ad,),) = meta.entity_pages(ACCOUNT, ADS)
    assert (ad["id"], ad["creative"]) == ("1", {"id": "5"})
    (asked,) = platform.asked
    assert "creative{id}" in asked.parameters["fields"]
    assert {"ARCHIVED", "PAUSED"} <= set(json.loads(asked.parameters["effective_status"]))


def test_the_account_is_one_row_with_its_money_in_major_units(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    platform.answers(
        Answer({"id": "act_4242", "account_id": "4242", "currency": "EUR", "amount_spent": "39125", "spend_cap": "0"})
    )
    ((found,),) = meta.entity_pages(ACCOUNT, ACCOUNTS)
    assert found["amounts"]["amount_spent"] == "391.25"
    assert found["limits"]["spend_cap"] is None
    (asked,) = platform.asked
    assert asked.path == "/v26.0/act_4242"
    # The business may only be read with a permission of its own; without it the whole answer fails.
    assert "business" not in asked.parameters["fields"].split(",")


def test_an_edge_of_big_objects_is_read_in_smaller_pages(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer({"data": []}))
    list(meta.entity_pages(ACCOUNT, CREATIVES))
    list(meta.entity_pages(ACCOUNT, ADS))
    assert [asked.parameters["limit"] for asked in platform.asked] == ["100", "500"]


class Creatives:
    """Creatives behind a cursor; the story of some cannot be read."""

    def __init__(self, ids: list[str], broken: set[str], code: int = 100, subcode: int = 2446211) -> None:
        self.ids, self.broken = ids, broken
        self.refusal = {"error": {"message": "Invalid parameter", "code": code, "error_subcode": subcode}}

    def node(self, creative_id: str, fields: str) -> Answer:
        if creative_id not in self.ids:
            gone = {"error": {"message": "does not exist", "code": 100, "error_subcode": 33}}
            return Answer(gone, 400)
        if creative_id in self.broken and "object_story_spec" in fields:
            return Answer(self.refusal, 400)
        story = {"object_story_spec": {"link_data": {"name": f"title of {creative_id}"}}}
        return Answer({"id": creative_id, **(story if "object_story_spec" in fields else {})})

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/adcreatives"):
            limit, start = 2, int(asked.parameters.get("after") or 0)
            nodes = [self.node(each, asked.parameters["fields"]) for each in self.ids[start : start + limit]]
            if failed := next((node for node in nodes if node.status != 200), None):
                return failed
            body: dict[str, Any] = {"data": [node.body for node in nodes]}
            body["paging"] = {"cursors": {"after": str(start + limit)}}
            if start + limit < len(self.ids):
                body["paging"]["next"] = "https://graph.facebook.com/next"
            return Answer(body)
        if asked.method == "POST":
            assert asked.path == "/v26.0/"
            answers: list[Any] = []
            for call in json.loads(asked.parameters["batch"]):
                path, _, query = call["relative_url"].partition("?fields=")
                node = self.node(path.removeprefix("v26.0/"), query)
                answers.append({"code": node.status, "body": json.dumps(node.body)})
            return Answer(answers)
        return self.node(asked.path.rpartition("/")[2], asked.parameters["fields"])


@pytest.mark.parametrize("subcode", [2446211, 1443048])
def test_one_broken_creative_costs_no_other_one_its_texts(
    meta: MetaAdsClient, platform: ScriptedPlatform, subcode: int
) -> None:
    platform.script = Creatives([str(number) for number in range(6)], {"3"}, subcode=subcode)
    found = {row["id"]: row["shown"]["title"] for page in meta.entity_pages(ACCOUNT, CREATIVES) for row in page}
    assert found == {str(n): None if n == 3 else f"title of {n}" for n in range(6)}
    pages = [asked for asked in platform.asked if asked.path.endswith("/adcreatives")]
    # Only the page with the broken one is read again without the field.
    assert [asked.parameters.get("after") for asked in pages] == [None, "2", "2", "4"]
    assert ["object_story_spec" in asked.parameters["fields"] for asked in pages] == [True, True, False, True]


def test_any_other_refusal_of_an_edge_ends_the_account(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    platform.script = Creatives(["1"], {"1"}, code=200, subcode=0)
    with pytest.raises(AccountReadError) as caught:
        list(meta.entity_pages(ACCOUNT, CREATIVES))
    assert caught.value.problem.error_class == "permission"


def test_objects_that_no_list_shows_are_read_by_their_ids_fifty_at_a_time(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    deleted = [str(number) for number in range(120)]
    platform.script = Creatives(deleted, set())
    assert ids_of(meta.unlisted_pages(ACCOUNT, CREATIVES, deleted)) == deleted
    assert [len(json.loads(asked.parameters["batch"])) for asked in platform.asked] == [50, 50, 20]
    assert {asked.headers["Authorization"] for asked in platform.asked} == {"Bearer token-of-agency"}


def test_an_object_that_is_gone_for_good_is_left_out_and_a_broken_one_comes_without_its_story(
    meta: MetaAdsClient, platform: ScriptedPlatform
) -> None:
    platform.script = Creatives(["1", "3"], {"3"})
    rows = [row for page in meta.unlisted_pages(ACCOUNT, CREATIVES, ["1", "2", "3"]) for row in page]
    assert [(row["id"], row["shown"]["title"]) for row in rows] == [("1", "title of 1"), ("3", None)]


def test_what_a_batch_had_no_time_for_is_asked_for_by_itself(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    busy = {"error": {"message": "Service temporarily unavailable", "code": 2, "is_transient": True}}

    def script(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer([None, {"code": 400, "body": json.dumps(busy)}])
        return Answer({"id": asked.path.rpartition("/")[2], "daily_budget": "1250"})

    platform.script = script
    rows = [row for page in meta.unlisted_pages(ACCOUNT, CAMPAIGNS, ["7", "8"]) for row in page]
    assert [(row["id"], row["limits"]["daily_budget"]) for row in rows] == [("7", "12.50"), ("8", "12.50")]


def test_a_token_that_dies_within_a_batch_stops_its_credential(meta: MetaAdsClient, platform: ScriptedPlatform) -> None:
    dead = {"error": {"message": "session invalidated", "code": 190, "error_subcode": 460}}
    platform.script = lambda asked: (
        Answer([{"code": 400, "body": json.dumps(dead)}]) if asked.method == "POST" else Answer(dead, 400)
    )
    with pytest.raises(AccountReadError) as caught:
        list(meta.unlisted_pages(ACCOUNT, ADS, ["7"]))
    assert caught.value.problem.action is Action.FATAL
    known = len(platform.asked)
    with pytest.raises(AccountReadError, match="session invalidated"):
        list(meta.entity_pages(ACCOUNT, ADS))
    assert len(platform.asked) == known


@pytest.mark.parametrize(
    ("told", "expires_at"),
    [
        ({"expires_at": 1798761600, "data_access_expires_at": 1803000000}, datetime(2027, 1, 1, tzinfo=UTC)),
        ({"expires_at": 0, "data_access_expires_at": 1798761600}, datetime(2027, 1, 1, tzinfo=UTC)),
        ({"expires_at": 0, "data_access_expires_at": 0}, None),
        ({"expires_at": 0}, None),
    ],
)
def test_the_token_tells_when_it_ends(
    meta: MetaAdsClient, platform: ScriptedPlatform, told: dict[str, int], expires_at: datetime | None
) -> None:
    platform.answers(Answer({"data": {"is_valid": True, **told}}))
    assert meta.credential_expires_at(ACCOUNT) == expires_at
    (asked,) = platform.asked
    assert (asked.path, asked.parameters) == ("/v26.0/debug_token", {"input_token": "token-of-agency"})
