"""Google Ads' error answers, as on the wire, and what the run does about each."""

from typing import Any

import httpx
import pytest

from ingestion.errors import Action, Problem
from ingestion.platforms.google_ads.errors import TOO_SLOW, classify, classify_token_answer
from ingestion.platforms.google_ads.rows import LARGE_BODY_BYTES

GIVE_UP, FATAL, RETRY = Action.GIVE_UP_ACCOUNT, Action.FATAL, Action.RETRY


def failure(status: int, family: str, code: str, **more: Any) -> dict[str, Any]:
    detail = {
        "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
        "errors": [{"errorCode": {family: code}, "message": "told", **more}],
        "requestId": "r",
    }
    return {"error": {"code": status, "message": "refused", "status": "X", "details": [detail]}}


def judged(status: int, body: Any) -> Problem:
    problem = classify(httpx.Response(status, json=body))
    assert problem is not None
    return problem


@pytest.mark.parametrize(
    ("status", "family", "code", "action", "error_class"),
    [
        (401, "authenticationError", "OAUTH_TOKEN_EXPIRED", Action.REFRESH_TOKEN, "credential"),
        (401, "authenticationError", "OAUTH_TOKEN_INVALID", Action.REFRESH_TOKEN, "credential"),
        (401, "authenticationError", "NOT_ADS_USER", FATAL, "credential"),
        (401, "authenticationError", "OAUTH_TOKEN_REVOKED", FATAL, "credential"),
        (401, "authenticationError", "CUSTOMER_NOT_FOUND", GIVE_UP, "permission"),
        (403, "authorizationError", "USER_PERMISSION_DENIED", GIVE_UP, "permission"),
        (403, "authorizationError", "CUSTOMER_NOT_ENABLED", GIVE_UP, "permission"),
        (403, "authorizationError", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", FATAL, "permission"),
        (403, "authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED", FATAL, "permission"),
        (403, "authorizationError", "SOMETHING_NEW", GIVE_UP, "permission"),
        (400, "requestError", "UNSUPPORTED_VERSION", FATAL, "api_version"),
        (404, "requestError", "UNSUPPORTED_VERSION", FATAL, "api_version"),
        (400, "queryError", "UNRECOGNIZED_FIELD", GIVE_UP, "invalid_request"),
        (400, "queryError", "REQUESTED_METRICS_FOR_MANAGER", GIVE_UP, "invalid_request"),
        (400, "requestError", "EXPIRED_PAGE_TOKEN", GIVE_UP, "invalid_request"),
        (400, "dateRangeError", "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED", GIVE_UP, "invalid_request"),
        (500, "internalError", "INTERNAL_ERROR", RETRY, "transient"),
        (503, "internalError", "TRANSIENT_ERROR", RETRY, "transient"),
        (504, "internalError", "DEADLINE_EXCEEDED", RETRY, "transient"),
        (429, "quotaError", "RESOURCE_EXHAUSTED", RETRY, "quota"),
    ],
)
def test_a_code_decides_what_happens(status: int, family: str, code: str, action: Action, error_class: str) -> None:
    problem = judged(status, [failure(status, family, code)])
    assert (problem.action, problem.error_class, problem.code) == (action, error_class, f"{family}.{code}")
    assert problem.message == "told"
    assert problem.next_step


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("RESOURCE_TEMPORARILY_EXHAUSTED", 5),
        ("EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION", 300),
        ("EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION", 1800),
        ("RESOURCE_EXHAUSTED", 3600),
    ],
)
def test_each_quota_has_the_wait_that_google_documents(code: str, seconds: float) -> None:
    assert judged(429, [failure(429, "quotaError", code)]).wait_seconds == seconds


@pytest.mark.parametrize(("told", "seconds"), [("857s", 857), ("42.5s", 42.5), ("0s", 5), ("1s", 5)])
def test_the_delay_that_google_tells_counts_but_never_less_than_five_seconds(told: str, seconds: float) -> None:
    details = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "rateName": "x", "retryDelay": told}}
    problem = judged(429, failure(429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", details=details))
    assert problem.wait_seconds == seconds


def test_history_that_is_too_old_names_the_client_file() -> None:
    problem = judged(400, failure(400, "dateRangeError", "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED"))
    assert "active_from" in problem.next_step
    assert "37 months" in problem.next_step


@pytest.mark.parametrize(
    ("status", "error", "action", "error_class"),
    [
        (401, {"code": 401, "message": "Invalid Credentials", "status": "UNAUTHENTICATED"}, Action.REFRESH_TOKEN,
         "credential"),
        (401, {"code": 401, "message": "x", "details": [{"@type": "x/google.rpc.ErrorInfo",
         "reason": "ACCESS_TOKEN_EXPIRED"}]}, Action.REFRESH_TOKEN, "credential"),
        (403, {"code": 403, "message": "x", "details": [{"@type": "x/google.rpc.ErrorInfo",
         "reason": "SERVICE_DISABLED"}]}, FATAL, "permission"),
        (403, {"code": 403, "message": "x", "details": [{"@type": "x/google.rpc.ErrorInfo",
         "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}, FATAL, "credential"),
        (429, {"code": 429, "message": "Quota exceeded"}, RETRY, "quota"),
        (503, {"code": 503, "message": "The service is currently unavailable."}, RETRY, "transient"),
    ],
)  # fmt: skip
def test_googles_own_front_end_answers_without_a_failure_object(
    status: int, error: dict[str, Any], action: Action, error_class: str
) -> None:
    problem = judged(status, {"error": error})
    assert (problem.action, problem.error_class) == (action, error_class)


def test_the_code_inside_a_stream_counts_where_http_said_200() -> None:
    batches = [
        {"results": [{"metrics": {}}]},
        {"error": {"code": 503, "message": "unavailable", "status": "UNAVAILABLE"}},
    ]
    assert judged(200, batches).action is RETRY
    assert judged(200, [*batches[:1], failure(403, "authorizationError", "SOMETHING_NEW")]).action is GIVE_UP


def test_an_error_at_the_end_of_a_large_stream_is_found() -> None:
    rows = [{"campaign": {"id": "1", "name": "x" * 1000}}] * (LARGE_BODY_BYTES // 1000)
    problem = judged(200, [{"results": rows}, {"results": rows[:5]}, failure(500, "internalError", "INTERNAL_ERROR")])
    assert problem.code == "internalError.INTERNAL_ERROR"


def test_a_large_stream_that_was_cut_is_read_again() -> None:
    rows = b'{"campaign":{"name":"%s"}},' % (b"x" * 1000) * (LARGE_BODY_BYTES // 1000)
    for end in (b"", b'{"campaign":{"finalUrls":["a"]', b"]"):
        problem = classify(httpx.Response(200, content=b'[{"results":[' + rows + end))
        assert problem is not None
        assert (problem.action, problem.error_class) == (RETRY, "transient")


def test_what_takes_too_long_is_named_as_the_client_knows_it() -> None:
    assert judged(504, failure(504, "internalError", "DEADLINE_EXCEEDED")).code in TOO_SLOW
    assert judged(504, {"error": {"code": 504, "message": "Deadline expired"}}).code in TOO_SLOW


@pytest.mark.parametrize(
    ("status", "body", "action", "error_class"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
            FATAL,
            "credential",
        ),
        (401, {"error": "invalid_client"}, FATAL, "credential"),
        (400, {"error": "unauthorized_client"}, FATAL, "credential"),
        (503, {"error": "temporarily_unavailable"}, RETRY, "transient"),
    ],
)
def test_the_token_endpoint_stops_a_credential_unless_it_is_only_down(
    status: int, body: dict[str, str], action: Action, error_class: str
) -> None:
    problem = classify_token_answer(httpx.Response(status, json=body))
    assert problem is not None
    assert (problem.action, problem.error_class) == (action, error_class)


def test_a_token_is_no_problem() -> None:
    assert classify_token_answer(httpx.Response(200, json={"access_token": "ya29.x"})) is None
