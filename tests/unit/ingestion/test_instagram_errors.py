"""Instagram's error answers, as on the wire, and what the run does about them."""

from typing import Any

import httpx
import pytest

from ingestion.errors import Action
from ingestion.platforms.instagram.errors import classify

TOO_FEW = "(#10) Not enough viewers for the media to show insights"
NO_RIGHT = "(#10) Application does not have permission for this action"


@pytest.mark.parametrize(
    ("status", "error", "action", "error_class"),
    [
        (400, {"code": 190, "error_subcode": 463, "message": "expired"}, Action.FATAL, "credential"),
        (400, {"code": 104, "message": "An access token is required"}, Action.FATAL, "credential"),
        (400, {"code": 2635, "message": "deprecated version"}, Action.FATAL, "api_version"),
        (400, {"code": 4, "message": "Application request limit reached"}, Action.RETRY, "quota"),
        (400, {"code": 17, "message": "User request limit reached"}, Action.RETRY, "quota"),
        (400, {"code": 32, "message": "Page request limit reached"}, Action.RETRY, "quota"),
        (400, {"code": 613, "message": "Calls to this api have exceeded the rate limit"}, Action.RETRY, "quota"),
        (400, {"code": 80002, "message": "too many calls to this Instagram account"}, Action.RETRY, "quota"),
        (500, {"code": 1, "message": "An unknown error occurred"}, Action.RETRY, "transient"),
        (400, {"code": 2, "message": "Service temporarily unavailable"}, Action.RETRY, "transient"),
        (400, {"code": 100, "error_subcode": 33, "message": "Unsupported get request"}, Action.RETRY, "transient"),
        (500, {"code": 1, "message": "Please reduce the amount of data"}, Action.SHRINK, "too_much_data"),
        (400, {"code": 10, "message": TOO_FEW}, Action.GIVE_UP_ACCOUNT, "no_insights"),
        (400, {"code": 100, "error_subcode": 2108006, "message": "x"}, Action.GIVE_UP_ACCOUNT, "no_insights"),
        (403, {"code": 10, "message": NO_RIGHT}, Action.GIVE_UP_ACCOUNT, "permission"),
        (403, {"code": 200, "message": "(#200) Requires pages_read_engagement"}, Action.GIVE_UP_ACCOUNT, "permission"),
        (400, {"code": 100, "message": "(#100) metric[0] must be one of"}, Action.GIVE_UP_ACCOUNT, "invalid_request"),
        (400, {"code": 2642, "message": "Invalid cursors values"}, Action.GIVE_UP_ACCOUNT, "unknown"),
    ],
)
def test_codes_and_subcodes_decide_and_not_the_http_status(
    status: int, error: dict[str, Any], action: Action, error_class: str
) -> None:
    problem = classify(httpx.Response(status, json={"error": error}))
    assert problem is not None
    assert (problem.action, problem.error_class) == (action, error_class)
    assert problem.next_step


def test_an_error_inside_http_200_is_an_error_and_data_is_none() -> None:
    problem = classify(httpx.Response(200, json={"error": {"code": 190, "message": "expired"}}))
    assert problem is not None
    assert problem.error_class == "credential"
    assert classify(httpx.Response(200, json={"data": []})) is None


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(502, content=b"<html>bad gateway</html>"), "http 502"),
        (httpx.Response(503, json={"message": "try later"}), "http 503"),
        (httpx.Response(200, content=b'{"data": [{"name": "vie'), "http 200"),
    ],
)
def test_answers_that_are_no_graph_api_answers_are_asked_for_again(response: httpx.Response, code: str) -> None:
    problem = classify(response)
    assert problem is not None
    assert (problem.action, problem.code) == (Action.RETRY, code)
