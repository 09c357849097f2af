"""The Google Ads client against bodies as they stand on the wire: streams, tokens, quota, cut answers."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from ingestion.errors import AccountReadError, Action
from ingestion.http import Connections
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.google_ads.client import GoogleAdsClient
from ingestion.platforms.google_ads.errors import classify, classify_token_answer
from ingestion.platforms.google_ads.reports import ACCOUNTS, CAMPAIGN_DAILY, DEFINITION
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, Asked, ScriptedPlatform

ACCOUNT = account_of("google_ads", login_customer_id="77")
SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 9)


def row(clicks: int) -> dict[str, Any]:
    return {
        "campaign": {"resourceName": "customers/4242/campaigns/1", "id": "1", "advertisingChannelType": "SEARCH"},
        "metrics": {"clicks": str(clicks), "costMicros": "1250000", "conversions": 1.5},
        "segments": {"date": "2026-11-02"},
    }


def failure(status: int, family: str, code: str, **more: Any) -> Answer:
    error = {"errorCode": {family: code}, "message": "written by hand", **more}
    detail = {"@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure", "errors": [error]}
    return Answer([{"error": {"code": status, "message": "refused", "status": "X", "details": [detail]}}], status)


class Google:
    """Hands out numbered tokens and lets the data script decide about the rest."""

    def __init__(self, platform: ScriptedPlatform, *answers: Answer) -> None:
        self.issued = 0
        self._answers = list(answers)
        self.refused_tokens: set[str] = set()
        self.data: list[Asked] = []
        platform.script = self

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            self.issued += 1
            return Answer({"access_token": f"ya29.{self.issued}", "expires_in": 3599, "token_type": "Bearer"})
        self.data.append(asked)
        if asked.headers["Authorization"].removeprefix("Bearer ") in self.refused_tokens:
            return failure(401, "authenticationError", "OAUTH_TOKEN_EXPIRED")
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def tokens_of(platform: ScriptedPlatform, connections: Connections) -> AccessTokens:
    return AccessTokens(
        connections.transport(classify_token_answer), f"{platform.url}/token",
        lambda credential, part: SecretStr(f"{part}-of-{credential}"), lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip


def read(google: GoogleAdsClient) -> list[str]:
    pages = google.report_pages(ACCOUNT, CAMPAIGN_DAILY, SINCE, UNTIL)
    return [found["metrics"]["clicks"] for page in pages for found in page]


def test_the_batches_of_a_stream_are_read_in_order_and_an_empty_one_is_no_row(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    script = Google(platform, Answer([{"results": [row(1), row(2)]}, {"fieldMask": "x"}, {"results": [row(3)]}]))
    assert read(google) == ["1", "2", "3"]
    (asked,) = script.data
    assert asked.path == "/v26/customers/4242/googleAds:searchStream"
    assert asked.headers["login-customer-id"] == "77"
    query = json.loads(asked.body)["query"]
    assert query.endswith("FROM campaign WHERE segments.date BETWEEN '2026-11-01' AND '2026-11-09'")
    assert "status" not in query.lower(), "removed campaigns are never filtered out"
    assert "pageSize" not in json.loads(asked.body)


def test_an_account_of_its_own_names_no_manager(google: GoogleAdsClient, platform: ScriptedPlatform) -> None:
    script = Google(platform, Answer([{"results": []}]))
    list(google.entity_pages(account_of("google_ads"), ACCOUNTS))
    assert "login-customer-id" not in script.data[0].headers
    assert "developer-token" not in script.data[0].headers


def test_a_developer_token_is_sent_where_the_credential_has_one(
    platform: ScriptedPlatform, connections: Connections
) -> None:
    stored = {"agency": SecretStr("dev-1")}
    client = GoogleAdsClient(
        connections.transport(classify), tokens_of(platform, connections), base_url=platform.url, version="v26",
        developer_token=stored.get,
    )  # fmt: skip
    script = Google(platform, Answer([{"results": []}]))
    list(client.entity_pages(ACCOUNT, ACCOUNTS))
    assert script.data[0].headers["developer-token"] == "dev-1"


def test_every_table_is_one_call(google: GoogleAdsClient, platform: ScriptedPlatform) -> None:
    script = Google(platform, Answer([{"results": []}]))
    for report in DEFINITION.reports:
        list(google.report_pages(ACCOUNT, report, SINCE, UNTIL))
    for entity in DEFINITION.entities:
        list(google.entity_pages(ACCOUNT, entity))
    assert len(script.data) == len(DEFINITION.tables)
    assert len({asked.body for asked in script.data}) == len(DEFINITION.tables)


def test_a_token_that_expires_between_two_calls_is_refreshed_once(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    script = Google(platform, Answer([{"results": [row(1)]}]))
    assert read(google) == ["1"]
    script.refused_tokens.add("ya29.1")
    assert read(google) == ["1"]
    assert read(google) == ["1"]
    assert script.issued == 2
    refreshes = [asked.parameters for asked in platform.asked if asked.path == "/token"]
    assert refreshes[0] == {
        "grant_type": "refresh_token",
        "client_id": "client_id-of-agency",
        "client_secret": "client_secret-of-agency",
        "refresh_token": "refresh_token-of-agency",
    }


def test_eight_readers_that_meet_an_expired_token_refresh_it_once(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    script = Google(platform, Answer([{"results": [row(1)]}]))
    assert read(google) == ["1"]
    script.refused_tokens.add("ya29.1")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: read(google), range(8)))
    assert results == [["1"]] * 8
    assert script.issued == 2


def test_a_fresh_token_that_is_refused_too_is_a_credential_problem(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    script = Google(platform, failure(401, "authenticationError", "OAUTH_TOKEN_INVALID"))
    with pytest.raises(AccountReadError) as caught:
        read(google)
    assert caught.value.problem.error_class == "credential"
    assert script.issued == 2


def test_a_login_that_was_withdrawn_is_not_asked_again_and_again(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400))
    with pytest.raises(AccountReadError, match="invalid_grant") as caught:
        read(google)
    assert caught.value.problem.error_class == "credential"
    assert "refresh token" in caught.value.problem.next_step
    with pytest.raises(AccountReadError, match="invalid_grant"):
        read(google)
    assert len(platform.asked) == 1, "nor by the login's next account"


def test_an_error_after_good_batches_makes_the_whole_stream_be_read_again(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    broken = [{"results": [row(1)]}, failure(500, "internalError", "INTERNAL_ERROR").body[0]]
    Google(platform, Answer(broken), Answer([{"results": [row(1), row(2)]}]))
    assert read(google) == ["1", "2"]


def test_a_stream_that_is_cut_off_is_read_again(google: GoogleAdsClient, platform: ScriptedPlatform) -> None:
    whole = json.dumps([{"results": [row(1)]}, {"results": [row(2)]}]).encode()
    Google(platform, Answer(whole[:-30]), Answer(whole[:-30], announced=len(whole)), Answer(whole))
    assert read(google) == ["1", "2"]


def test_a_quota_that_comes_back_within_minutes_is_waited_for(
    google: GoogleAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    details = {"quotaErrorDetails": {"rateScope": "ACCOUNT", "rateName": "x", "retryDelay": "42s"}}
    Google(
        platform,
        failure(429, "quotaError", "RESOURCE_EXHAUSTED", details=details),
        Answer([{"results": [row(1)]}]),
    )
    assert read(google) == ["1"]
    assert 42 <= sum(waits) < 90


def test_the_quota_of_a_day_rests_the_credential_for_all_its_accounts(
    google: GoogleAdsClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    script = Google(platform, failure(429, "quotaError", "RESOURCE_EXHAUSTED"))
    for _ in range(3):
        with pytest.raises(AccountReadError) as caught:
            read(google)
        assert caught.value.problem.error_class == "quota"
    assert len(script.data) == 1
    assert not waits


@pytest.mark.parametrize(
    ("code", "least", "most"),
    [("RESOURCE_TEMPORARILY_EXHAUSTED", 5, 20), ("EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION", 300, 320)],
)
def test_short_quotas_are_waited_out(
    google: GoogleAdsClient, platform: ScriptedPlatform, waits: list[float], code: str, least: float, most: float
) -> None:
    Google(platform, failure(429, "quotaError", code), Answer([{"results": [row(1)]}]))
    assert read(google) == ["1"]
    assert least <= sum(waits) <= most


@pytest.mark.parametrize(
    ("status", "family", "code", "word", "stops"),
    [
        (403, "authorizationError", "USER_PERMISSION_DENIED", "login_customer_id", False),
        (403, "authorizationError", "CUSTOMER_NOT_ENABLED", "active_to", False),
        (400, "dateRangeError", "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED", "37 months", False),
        (400, "requestError", "UNSUPPORTED_VERSION", "MDP_GOOGLE_ADS_API_VERSION", True),
        (403, "authorizationError", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", "API Center", True),
    ],
)
def test_errors_that_a_person_must_mend_say_how_and_stop_what_they_concern(
    google: GoogleAdsClient, platform: ScriptedPlatform, status: int, family: str, code: str, word: str, stops: bool
) -> None:
    script = Google(platform, failure(status, family, code))
    for _ in range(2):
        with pytest.raises(AccountReadError) as caught:
            read(google)
        assert word in caught.value.problem.next_step
        assert (caught.value.problem.action is Action.FATAL) == stops
    assert len(script.data) == (1 if stops else 2), "one call an account, none at all with a credential that is stopped"


def by_days(answer: Callable[[date, date], Answer]) -> Callable[[Asked], Answer]:
    """A script that reads the range of days out of the query."""

    def script(asked: Asked) -> Answer:
        if asked.path == "/token":
            return Answer({"access_token": "ya29.1", "expires_in": 3599})
        _, since, _, until, _ = json.loads(asked.body)["query"].split("'")
        return answer(date.fromisoformat(since), date.fromisoformat(until))

    return script


def test_days_that_google_cannot_answer_in_time_are_asked_in_halves(
    google: GoogleAdsClient, platform: ScriptedPlatform
) -> None:
    def answer(since: date, until: date) -> Answer:
        if (until - since).days >= 3:
            return failure(504, "internalError", "DEADLINE_EXCEEDED")
        days = range(since.day, until.day + 1)
        return Answer([{"results": [row(day) for day in days]}])

    platform.script = by_days(answer)
    assert read(google) == [str(day) for day in range(1, 10)]


def test_a_single_day_that_takes_too_long_is_a_problem(google: GoogleAdsClient, platform: ScriptedPlatform) -> None:
    platform.script = by_days(lambda since, until: failure(504, "internalError", "DEADLINE_EXCEEDED"))
    with pytest.raises(AccountReadError) as caught:
        list(google.report_pages(ACCOUNT, CAMPAIGN_DAILY, SINCE, SINCE))
    assert caught.value.problem.error_class == "transient"


def test_a_large_stream_comes_in_its_batches(google: GoogleAdsClient, platform: ScriptedPlatform) -> None:
    long = {"campaign": {"resourceName": "x" * 2000}}
    batches = [{"results": [row(number) | long for number in range(start, start + 2000)]} for start in (0, 2000, 4000)]
    Google(platform, Answer(batches))
    pages = list(google.report_pages(ACCOUNT, CAMPAIGN_DAILY, SINCE, UNTIL))
    assert [len(page) for page in pages] == [2000, 2000, 2000]
    assert [found["metrics"]["clicks"] for page in pages for found in page] == [str(number) for number in range(6000)]
