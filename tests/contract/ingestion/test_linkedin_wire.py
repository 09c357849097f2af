"""The LinkedIn client against bodies as they stand on the wire: parts, cut answers, pages, throttles, tokens."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from ingestion.errors import AccountReadError
from ingestion.http import Connections
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.linkedin_ads.client import LinkedInAdsClient
from ingestion.platforms.linkedin_ads.entities import ACCOUNTS, CAMPAIGNS, CONVERSIONS, CREATIVES, POSTS
from ingestion.platforms.linkedin_ads.errors import classify_token_answer, error_table
from ingestion.platforms.linkedin_ads.reports import (
    ACCOUNT_DAILY,
    CAMPAIGN_GROUP_DAILY,
    CAMPAIGN_GROUP_REACH,
    CREATIVE_DAILY,
    DEVICE_DAILY,
)
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, Asked, ScriptedPlatform

ACCOUNT = account_of("linkedin_ads")
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 8)
DAY_LIMIT = {"message": "Resource level throttle limit for calls to this resource is reached.", "status": 429}


def client_of(platform: ScriptedPlatform, connections: Connections, plain: str | None) -> LinkedInAdsClient:
    tokens = AccessTokens(
        connections.transport(classify_token_answer),
        f"{platform.url}/token",
        lambda credential, part: SecretStr(f"{part}-of-{credential}"),
        lambda: NOW,
    )
    return LinkedInAdsClient(
        refreshed=connections.transport(error_table(lambda: NOW, refreshable=True)),
        plain=connections.transport(error_table(lambda: NOW, refreshable=False)),
        tokens=tokens,
        plain_token=lambda credential: SecretStr(plain) if plain else None,
        base_url=platform.url,
        version="202608",
    )


@pytest.fixture
def linkedin(platform: ScriptedPlatform, connections: Connections) -> LinkedInAdsClient:
    """A client whose credential is a plain access token."""
    return client_of(platform, connections, "AQplain")


@pytest.fixture
def refreshing(platform: ScriptedPlatform, connections: Connections) -> LinkedInAdsClient:
    """A client whose credential has a refresh token."""
    return client_of(platform, connections, None)


def on(day: date) -> dict[str, Any]:
    value = {"year": day.year, "month": day.month, "day": day.day}
    return {"dateRange": {"start": value, "end": value}}


def creative(creative_id: int, day: date = SINCE, campaign: int = 31, **metrics: Any) -> dict[str, Any]:
    path = [f"urn:li:sponsoredCreative:{creative_id}", f"urn:li:sponsoredCampaign:{campaign}",
            "urn:li:sponsoredCampaignGroup:600"]  # fmt: skip
    return {"pivotValues": path, **on(day), **metrics}


def found(elements: Iterable[dict[str, Any]]) -> Answer:
    return Answer({"paging": {"start": 0, "count": 10, "links": []}, "elements": list(elements)})


def days_of(asked: Asked) -> tuple[date, date]:
    numbers = [int(number) for number in re.findall(r":(\d+)", asked.parameters["dateRange"])]
    return date(*numbers[:3]), date(*numbers[3:])


def read(client: LinkedInAdsClient, report: Any = CREATIVE_DAILY, until: date = UNTIL) -> list[dict[str, Any]]:
    return [row for page in client.report_pages(ACCOUNT, report, SINCE, until) for row in page]


def test_every_call_names_the_version_the_protocol_and_its_own_account(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(found([{"pivotValues": ["urn:li:sponsoredAccount:4242"], **on(SINCE), "clicks": 3}]))
    (row,) = read(linkedin, ACCOUNT_DAILY)
    assert (row["date_day"], row["clicks"]) == ("2026-11-01", 3)
    (asked,) = platform.asked
    assert (asked.method, asked.path) == ("GET", "/rest/adAnalytics")
    assert asked.headers["LinkedIn-Version"] == "202608"
    assert asked.headers["X-Restli-Protocol-Version"] == "2.0.0"
    assert asked.headers["Authorization"] == "Bearer AQplain"
    assert (
        "q=analytics&pivot=ACCOUNT&timeGranularity=DAILY"
        "&dateRange=(start:(year:2026,month:11,day:1),end:(year:2026,month:11,day:8))"
        "&accounts=List(urn%3Ali%3AsponsoredAccount%3A4242)&fields=impressions,clicks,costInLocalCurrency,"
    ) in asked.query
    assert "creatives=" not in asked.query, "the control total is narrowed by nothing but the account"


def test_more_metrics_than_one_request_may_name_are_asked_in_parts_and_joined(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    def script(asked: Asked) -> Answer:
        if "impressions" in asked.parameters["fields"].split(","):
            return found([creative(1, impressions=100), creative(2, impressions=7)])
        return found([creative(2, likes=4), creative(3, likes=1)])

    platform.script = script
    rows = {row["creative_id"]: (row.get("impressions"), row.get("likes")) for row in read(linkedin)}
    assert rows == {"1": (100, None), "2": (7, 4), "3": (None, 1)}
    fields = [asked.parameters["fields"].split(",") for asked in platform.asked]
    assert [len(names) for names in fields] == [20, 20]
    assert all({"dateRange", "pivotValues"} <= set(names) for names in fields)
    assert {"videoMidpointCompletions", "costInUsd", "cardImpressions"} <= {name for names in fields for name in names}


def test_a_row_carries_its_path_whatever_the_order_of_the_pivots(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    element = {**creative(1, clicks=5)}
    element["pivotValues"] = list(reversed(element["pivotValues"]))
    platform.answers(found([element]))
    (row,) = read(linkedin)
    assert (row["creative_id"], row["campaign_id"], row["campaign_group_id"]) == ("1", "31", "600")
    assert platform.asked[0].parameters["pivots"] == "List(CREATIVE,CAMPAIGN,CAMPAIGN_GROUP)"
    assert platform.asked[0].parameters["q"] == "statistics"


def test_pivots_that_are_words_keep_them(linkedin: LinkedInAdsClient, platform: ScriptedPlatform) -> None:
    values = ["urn:li:sponsoredCampaign:31", "urn:li:sponsoredCampaignGroup:600", "MOBILE_APP"]
    platform.answers(found([{"pivotValues": values, **on(SINCE), "impressions": 9}]))
    (row,) = read(linkedin, DEVICE_DAILY)
    assert (row["campaign_id"], row["impression_device_type"]) == ("31", "MOBILE_APP")


def test_fifteen_thousand_elements_are_never_taken_as_complete(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    """Ten thousand rows a day: two days are cut off at the limit, single days are whole."""

    def script(asked: Asked) -> Answer:
        since, until = days_of(asked)
        days = [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
        rows = [creative(number, day, impressions=1) for day in days for number in range(10_000)]
        return found(rows[:15_000])

    platform.script = script
    rows = read(linkedin, until=date(2026, 11, 4))
    assert len(rows) == 40_000
    assert len({(row["date_day"], row["creative_id"]) for row in rows}) == 40_000
    spans = [(until - since).days + 1 for since, until in map(days_of, platform.asked)]
    assert spans == [4, 2, *[1] * 8], "what was too long once is not asked again, and each day costs two parts"


def test_a_day_that_is_cut_off_is_read_campaign_by_campaign(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    """Three campaigns of six thousand rows: two of them fit into one answer, three do not."""

    def script(asked: Asked) -> Answer:
        if asked.parameters["q"] == "analytics":
            named = [f"urn:li:sponsoredCampaign:{campaign}" for campaign in (31, 32, 33)]
            return found({"pivotValues": [name], **on(SINCE), "impressions": 1} for name in named)
        wanted = re.findall(r"sponsoredCampaign:(\d+)", asked.parameters.get("campaigns", "")) or ["31", "32", "33"]
        rows = [
            creative(int(campaign) * 10_000 + number, campaign=int(campaign), impressions=1)
            for campaign in wanted
            for number in range(6_000)
        ]
        return found(rows[:15_000])

    platform.script = script
    rows = read(linkedin, until=SINCE)
    assert len({row["creative_id"] for row in rows}) == len(rows) == 18_000


def test_a_campaign_that_is_cut_off_by_itself_is_a_problem_that_names_the_day(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    def script(asked: Asked) -> Answer:
        if asked.parameters["q"] == "analytics":
            return found([{"pivotValues": ["urn:li:sponsoredCampaign:31"], **on(SINCE), "impressions": 1}])
        return found(creative(number, impressions=1) for number in range(15_000))

    platform.script = script
    with pytest.raises(AccountReadError, match="2026-11-01") as caught:
        read(linkedin, until=SINCE)
    assert caught.value.problem.error_class == "too_much_data"


def test_a_long_query_travels_in_the_body_of_a_post(linkedin: LinkedInAdsClient, platform: ScriptedPlatform) -> None:
    """Two hundred campaigns need more characters than an address may have."""

    def script(asked: Asked) -> Answer:
        if asked.parameters["q"] == "analytics":
            return found(
                {"pivotValues": [f"urn:li:sponsoredCampaign:{900000000 + n}"], **on(SINCE)} for n in range(200)
            )
        if "campaigns" not in asked.parameters:
            return found(creative(number) for number in range(15_000))
        return found([creative(1)])

    platform.script = script
    read(linkedin, until=SINCE)
    (first, *_) = [asked for asked in platform.asked if "campaigns" in asked.parameters]
    assert (first.method, first.query) == ("POST", "")
    assert first.headers["X-HTTP-Method-Override"] == "GET"
    assert first.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert int(first.headers["Content-Length"]) == len(first.body) > 4_000
    assert parse_qs(first.body.decode())["campaigns"][0].count("sponsoredCampaign") == 200
    assert all(len(asked.query) <= 4_000 for asked in platform.asked)


def test_reach_is_asked_for_whole_periods_up_to_yesterday_and_filed_under_today(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    month = {"start": {"year": 2026, "month": 10, "day": 1}, "end": {"year": 2026, "month": 11, "day": 1}}
    name = "urn:li:sponsoredCampaignGroup:600"
    platform.answers(found([{"pivotValues": [name], "approximateMemberReach": 812, "dateRange": month}]))
    today = date(2026, 11, 22)
    rows = [row for page in linkedin.report_pages(ACCOUNT, CAMPAIGN_GROUP_REACH, today, today) for row in page]
    assert [(row["date_day"], row["period_days"], row["approximateMemberReach"]) for row in rows] == [
        ("2026-11-22", "7", 812),
        ("2026-11-22", "30", 812),
    ]
    assert [days_of(asked) for asked in platform.asked] == [
        (date(2026, 11, 15), date(2026, 11, 21)),
        (date(2026, 10, 23), date(2026, 11, 21)),
    ]
    assert {asked.parameters["timeGranularity"] for asked in platform.asked} == {"ALL"}


def test_pages_with_tokens_end_where_none_is_given_and_not_at_a_short_page(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(
        Answer({"elements": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], "metadata": {"nextPageToken": "Dg=/+x"}}),
        Answer({"elements": [], "metadata": {"nextPageToken": "Dh"}}),
        Answer({"elements": [{"id": 3, "name": "c"}], "metadata": {"nextPageToken": None}}),
    )
    rows = [row["id"] for page in linkedin.entity_pages(ACCOUNT, CAMPAIGNS) for row in page]
    assert rows == [1, 2, 3]
    first, second, third = platform.asked
    assert first.path == "/rest/adAccounts/4242/adCampaigns"
    statuses = "ACTIVE,PAUSED,ARCHIVED,CANCELED,DRAFT,PENDING_DELETION,REMOVED,COMPLETED"
    assert first.query == f"q=search&search=(status:(values:List({statuses})))&pageSize=1000"
    assert second.parameters["pageToken"] == "Dg=/+x"
    assert third.parameters["pageToken"] == "Dh"


def test_a_token_that_comes_twice_ends_the_account_instead_of_going_round(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"elements": [{"id": 1}], "metadata": {"nextPageToken": "same"}}))
    with pytest.raises(AccountReadError, match="twice"):
        list(linkedin.entity_pages(ACCOUNT, CREATIVES))


def test_pages_with_offsets_go_on_while_a_next_link_is_there(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    link = {"rel": "next", "href": "/rest/conversions?start=100", "type": "application/json"}
    platform.answers(
        Answer({"elements": [{"id": 7}], "paging": {"start": 0, "count": 100, "links": [link]}}),
        Answer({"elements": [{"id": 8}], "paging": {"start": 100, "count": 100, "links": []}}),
    )
    rows = [row["id"] for page in linkedin.entity_pages(ACCOUNT, CONVERSIONS) for row in page]
    assert rows == [7, 8]
    assert platform.asked[0].query == "q=account&account=urn%3Ali%3AsponsoredAccount%3A4242&start=0&count=100"
    assert platform.asked[1].parameters["start"] == "100"


def test_an_offset_that_leads_to_the_same_page_again_ends_the_account(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    link = {"rel": "next", "href": "/rest/conversions?start=100", "type": "application/json"}
    platform.answers(Answer({"elements": [{"id": 7}], "paging": {"start": 0, "count": 100, "links": [link]}}))
    with pytest.raises(AccountReadError, match="start=100"):
        list(linkedin.entity_pages(ACCOUNT, CONVERSIONS))


@pytest.mark.parametrize(
    "body", [{"status": 500, "serviceErrorCode": 0, "message": "Internal Server Error"}, {"paging": {}}]
)
def test_an_answer_without_a_list_is_asked_for_again_whatever_its_status_line_says(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform, body: dict[str, Any]
) -> None:
    platform.answers(Answer(body), Answer({"elements": [{"id": 9}]}))
    rows = [row["id"] for page in linkedin.entity_pages(ACCOUNT, CREATIVES) for row in page]
    assert rows == [9]


def test_creatives_are_asked_for_with_the_status_that_they_have(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"elements": [{"id": "urn:li:sponsoredCreative:9"}], "metadata": {}}))
    ((row,),) = linkedin.entity_pages(ACCOUNT, CREATIVES)
    assert row["ids"]["id"] == "9"
    (asked,) = platform.asked
    assert asked.headers["X-RestLi-Method"] == "FINDER"
    assert {"REMOVED", "ARCHIVED", "PAUSED"} <= set(asked.parameters["intendedStatuses"][5:-1].split(","))
    assert int(asked.parameters["pageSize"]) <= 100


def test_posts_that_the_login_may_not_see_are_left_out_but_an_account_is_not(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"message": "Not enough permissions", "serviceErrorCode": 100, "status": 403}, 403))
    assert list(linkedin.entity_pages(ACCOUNT, POSTS)) == []
    with pytest.raises(AccountReadError) as caught:
        list(linkedin.entity_pages(ACCOUNT, ACCOUNTS))
    assert caught.value.problem.error_class == "permission"
    assert "role" in caught.value.problem.next_step


def test_the_limit_of_a_day_stops_the_credential_until_midnight_utc(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.answers(Answer(DAY_LIMIT, 429))
    for _ in range(2):
        with pytest.raises(AccountReadError) as caught:
            read(linkedin)
    assert caught.value.problem.error_class == "quota"
    assert caught.value.problem.wait_seconds == 6 * 3600
    assert (len(platform.asked), waits) == (1, [])


def test_the_limit_of_metric_values_is_waited_out(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    message = "The data request limit has been exceeded. More than 45 million metric values were requested."
    platform.answers(Answer({"message": message, "status": 429}, 429), found([]))
    assert read(linkedin) == []
    assert 300 <= sum(waits) < 660


def test_a_gateway_that_protects_itself_is_waited_for(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    platform.answers(Answer(b"<html>Too many requests</html>", 429), found([]))
    assert read(linkedin) == []
    assert 60 <= sum(waits) < 300


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_is_asked_again(linkedin: LinkedInAdsClient, platform: ScriptedPlatform, status: int) -> None:
    platform.answers(Answer({"message": "Internal Server Error", "status": status}, status), found([creative(1)]))
    assert [row["creative_id"] for row in read(linkedin)] == ["1"]


def test_an_answer_that_is_cut_on_its_way_is_asked_for_again(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    whole = found([creative(1)]).content()
    platform.answers(Answer(whole[:-20]), Answer(whole[:-20], announced=len(whole)), Answer(whole))
    assert {row["creative_id"] for row in read(linkedin)} == {"1"}


def test_a_version_that_is_gone_stops_the_credential_and_names_the_setting(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    body = {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20240101 is not active"}
    platform.answers(Answer(body, 426))
    for _ in range(2):
        with pytest.raises(AccountReadError) as caught:
            read(linkedin, CAMPAIGN_GROUP_DAILY)
    assert caught.value.problem.error_class == "api_version"
    assert "MDP_LINKEDIN_ADS_API_VERSION" in caught.value.problem.next_step
    assert len(platform.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "error_class"),
    [(400, "ILLEGAL_ARGUMENT", "invalid_request"), (404, "NOT_FOUND", "permission"), (414, "X", "invalid_request")],
)
def test_requests_that_will_never_be_answered_are_asked_once(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform, status: int, code: str, error_class: str
) -> None:
    platform.answers(Answer({"code": code, "message": "written by hand", "status": status}, status))
    with pytest.raises(AccountReadError, match="written by hand") as caught:
        read(linkedin)
    assert (caught.value.problem.error_class, caught.value.problem.code) == (error_class, code)
    assert len(platform.asked) == 1


EXPIRED = Answer({"status": 401, "serviceErrorCode": 65601, "message": "Expired access token"}, 401)


def test_a_plain_token_that_expired_stops_the_credential(
    linkedin: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(EXPIRED)
    for _ in range(2):
        with pytest.raises(AccountReadError) as caught:
            read(linkedin)
    assert caught.value.problem.error_class == "credential"
    assert len(platform.asked) == 1
    assert linkedin.credential_expires_at(ACCOUNT) is None


class Tokens:
    """Issues numbered access tokens; the first one has expired."""

    def __init__(self) -> None:
        self.issued = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            self.issued += 1
            return Answer({"access_token": f"AQ{self.issued}", "expires_in": 5183999, "refresh_token": "AQX",
                           "refresh_token_expires_in": 10 * 86_400})  # fmt: skip
        return EXPIRED if asked.headers["Authorization"] == "Bearer AQ1" else found([creative(1)])


def test_an_expired_token_is_refreshed_and_the_refresh_tokens_own_end_is_known(
    refreshing: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    tokens = platform.script = Tokens()
    assert {row["creative_id"] for row in read(refreshing)} == {"1"}
    assert tokens.issued == 2
    assert refreshing.credential_expires_at(ACCOUNT) == NOW + timedelta(days=10)
    assert platform.asked[0].parameters == {
        "grant_type": "refresh_token",
        "client_id": "client_id-of-agency",
        "client_secret": "client_secret-of-agency",
        "refresh_token": "refresh_token-of-agency",
    }


def test_a_refresh_token_that_is_refused_is_not_tried_for_every_account(
    refreshing: LinkedInAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"error": "invalid_request", "error_description": "The provided token is expired"}, 400))
    for _ in range(2):
        with pytest.raises(AccountReadError, match="expired") as caught:
            read(refreshing)
    assert caught.value.problem.error_class == "credential"
    assert len(platform.asked) == 1
