"""Error answers of the platforms, as on the wire, and what the run does about them."""

from typing import Any

import httpx
import pytest

from ingestion.errors import Action, Problem
from ingestion.http import Usage
from ingestion.http.graph_api import read_usage
from ingestion.platforms.google_ads.errors import classify as classify_google
from ingestion.platforms.google_ads.errors import classify_token_answer
from ingestion.platforms.meta_ads.errors import classify as classify_meta

GIVE_UP = Action.GIVE_UP_ACCOUNT


def _meta(status: int, headers: dict[str, str] | None = None, **error: Any) -> Problem:
    problem = classify_meta(httpx.Response(status, json={"error": error}, headers=headers))
    assert problem is not None
    return problem


@pytest.mark.parametrize(
    ("status", "error", "action", "error_class"),
    [
        (400, {"code": 190, "error_subcode": 460, "message": "session invalidated"}, Action.FATAL, "credential"),
        (400, {"code": 190, "error_subcode": 463, "message": "session expired"}, Action.FATAL, "credential"),
        (400, {"code": 190, "error_subcode": 467, "message": "logged out"}, Action.FATAL, "credential"),
        (400, {"code": 80000, "error_subcode": 2446079, "message": "too many calls"}, Action.RETRY, "quota"),
        (400, {"code": 17, "error_subcode": 2446079, "message": "limit reached"}, Action.RETRY, "quota"),
        (500, {"code": 1, "message": "Please reduce the amount of data you ask for"}, Action.SHRINK, "too_much_data"),
        (400, {"code": 100, "error_subcode": 1487534, "message": "too much"}, Action.SHRINK, "too_much_data"),
        (500, {"code": 1, "error_subcode": 99, "message": "An unknown error"}, Action.RETRY, "transient"),
        (400, {"code": 2, "is_transient": True, "message": "unavailable"}, Action.RETRY, "transient"),
        (400, {"code": 2, "error_subcode": 1504041, "message": "bad breakdown"}, GIVE_UP, "invalid_request"),
        (
            400,
            {"code": 2637, "error_subcode": 1815107, "is_transient": True, "message": "wait"},
            Action.RETRY,
            "transient",
        ),
        (403, {"code": 200, "message": "(#200) Requires business_management"}, GIVE_UP, "permission"),
        (400, {"code": 100, "message": "(#100) Missing permissions"}, GIVE_UP, "permission"),
        (400, {"code": 100, "message": "(#100) nonexisting field"}, GIVE_UP, "invalid_request"),
        (400, {"code": 2635, "message": "deprecated version"}, Action.FATAL, "api_version"),
        (403, {"code": 10, "message": "not allowed"}, GIVE_UP, "permission"),
        (400, {"code": 100, "error_subcode": 33, "message": "does not exist"}, GIVE_UP, "permission"),
        (400, {"code": 100, "error_subcode": 2446211, "message": "story gone"}, GIVE_UP, "invalid_request"),
        (400, {"code": 100, "error_subcode": 1504018, "message": "timed out"}, Action.SHRINK, "too_much_data"),
        (400, {"code": 2, "error_subcode": 1504038, "message": "timed out"}, Action.SHRINK, "too_much_data"),
        (400, {"code": 2, "error_subcode": 1504042, "message": "bad metric"}, GIVE_UP, "invalid_request"),
        (400, {"code": 2, "error_subcode": 1504043, "message": "passes"}, Action.RETRY, "transient"),
        (400, {"code": 960, "message": "batch timed out"}, Action.RETRY, "transient"),
        (400, {"code": 2642, "message": "Invalid cursors values"}, GIVE_UP, "transient"),
        (400, {"code": 3018, "message": "beyond 37 months"}, GIVE_UP, "invalid_request"),
        (
            400,
            {"code": 100, "message": "Cannot include x in summary param because they weren't there while creating"},
            Action.RETRY,
            "transient",
        ),
    ],
)
def test_meta_codes_decide_and_not_the_http_status(
    status: int, error: dict[str, Any], action: Action, error_class: str
) -> None:
    problem = _meta(status, **error)
    assert (problem.action, problem.error_class) == (action, error_class)
    assert problem.next_step


def test_an_error_inside_http_200_is_an_error() -> None:
    assert _meta(200, code=190, message="expired").error_class == "credential"


def test_data_is_no_problem() -> None:
    assert classify_meta(httpx.Response(200, json={"data": []})) is None
    assert classify_google(httpx.Response(200, json=[{"results": []}])) is None


@pytest.mark.parametrize("classify", [classify_meta, classify_google])
def test_a_truncated_document_is_read_again(classify: Any) -> None:
    problem = classify(httpx.Response(200, content=b'{"data": [{"a": 1}'))
    assert problem is not None
    assert problem.action is Action.RETRY


def test_meta_says_in_minutes_and_seconds_how_long_to_stay_away() -> None:
    business = '{"1":[{"type":"ads_insights","call_count":100,"estimated_time_to_regain_access":7}]}'
    assert read_usage({"x-business-use-case-usage": business}) == Usage(100, 420, account_only=True)
    assert read_usage({"x-ad-account-usage": '{"acc_id_util_pct":99,"reset_time_duration":30}'}) == Usage(
        99, 30, account_only=True
    )
    assert read_usage({"x-business-use-case-usage": business.replace("100", "20")}) == Usage(20, 0, account_only=True)
    assert read_usage({}) is None


def _google_error(status: int, family: str, code: str, **failure: Any) -> dict[str, Any]:
    detail = {"errors": [{"errorCode": {family: code}, "message": "told", **failure}]}
    return {"error": {"code": status, "message": "refused", "status": "X", "details": [detail]}}


@pytest.mark.parametrize(
    ("status", "family", "code", "action"),
    [
        (401, "authenticationError", "OAUTH_TOKEN_EXPIRED", Action.REFRESH_TOKEN),
        (403, "authorizationError", "USER_PERMISSION_DENIED", GIVE_UP),
        (403, "authorizationError", "CUSTOMER_NOT_ENABLED", GIVE_UP),
        (429, "quotaError", "RESOURCE_EXHAUSTED", Action.RETRY),
        (500, "internalError", "INTERNAL_ERROR", Action.RETRY),
        (400, "queryError", "UNRECOGNIZED_FIELD", GIVE_UP),
    ],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_google_errors_are_read_as_object_and_as_array(
    status: int, family: str, code: str, action: Action, wrapped: bool
) -> None:
    body = _google_error(status, family, code)
    problem = classify_google(httpx.Response(status, json=[body] if wrapped else body))
    assert problem is not None
    assert problem.action is action
    assert problem.code == f"{family}.{code}"


def test_an_error_after_good_batches_is_an_error() -> None:
    body = [{"results": [{"metrics": {}}]}, _google_error(500, "internalError", "INTERNAL_ERROR")]
    problem = classify_google(httpx.Response(200, json=body))
    assert problem is not None
    assert problem.action is Action.RETRY


def test_google_names_the_wait_of_a_quota_error() -> None:
    details = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "857s"}}
    body = _google_error(429, "quotaError", "RESOURCE_EXHAUSTED", details=details)
    problem = classify_google(httpx.Response(429, json=body))
    assert problem is not None
    assert problem.wait_seconds == 857


def test_a_revoked_refresh_token_asks_a_person_to_log_in() -> None:
    answer = httpx.Response(400, json={"error": "invalid_grant", "error_description": "Token has been revoked."})
    problem = classify_token_answer(answer)
    assert problem is not None
    assert (problem.action, problem.error_class) == (Action.FATAL, "credential")
    assert "refresh token" in problem.next_step
