"""Google Ads' error codes -> what to do. searchStream wraps the error object in an array; both shapes are read."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import TRANSIENT_STATUS, json_body, not_json

_WAIT = "nothing to do: a later run reads the account again"
_RECONNECT = "create a new refresh token for the credential and store it, then wait for the next run"
_PERMISSION = (
    "give the credential's user access to this account, "
    "or set login_customer_id in the client file to the manager account"
)
_NOT_ENABLED = "the account is cancelled or not set up: end it in the client file with active_to"
_REPORT = "report this query to the platform's maintainers with the message above"

# Waits that Google documents: short bursts 5 s; heavy queries 5 and 30 minutes.
_WAITS = {
    "RESOURCE_TEMPORARILY_EXHAUSTED": 5.0,
    "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION": 300.0,
    "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION": 1800.0,
    "RESOURCE_EXHAUSTED": 3600.0,
}
_TOKEN = frozenset({"OAUTH_TOKEN_EXPIRED", "OAUTH_TOKEN_INVALID", "NOT_ADS_USER", "OAUTH_TOKEN_REVOKED"})
_PERMISSION_CODES = frozenset(
    {"USER_PERMISSION_DENIED", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", "DEVELOPER_TOKEN_NOT_APPROVED"}
)
_TRANSIENT = frozenset({"INTERNAL_ERROR", "TRANSIENT_ERROR", "DEADLINE_EXCEEDED"})


def _errors(body: Any) -> Iterator[dict[str, Any]]:
    """Error objects in the body, whether it is one object, an array, or good batches with an error after them."""
    for part in body if isinstance(body, list) else [body]:
        if isinstance(part, dict) and isinstance(part.get("error"), dict):
            yield part["error"]


def classify(response: httpx.Response) -> Problem | None:
    """None for data; otherwise the problem."""
    try:
        body = json_body(response)
    except orjson.JSONDecodeError:
        return not_json(response, wait=_WAIT, report=_REPORT)
    error = next(_errors(body), None)
    if error is None:
        if response.is_success:
            return None
        error = {"message": f"HTTP {response.status_code} without an error object"}
    return _classify_error(response.status_code, error)


def _classify_error(status: int, error: dict[str, Any]) -> Problem:
    failures = [failure for detail in error.get("details", []) for failure in detail.get("errors", [])]
    family, code = next(
        ((family, code) for failure in failures for family, code in failure.get("errorCode", {}).items()),
        ("http", str(status)),
    )
    message = str(failures[0].get("message") if failures else error.get("message", "no message"))
    label = f"{family}.{code}"
    if code in _TOKEN or (status == 401 and not failures):
        return Problem(Action.REFRESH_TOKEN, "credential", label, message, _RECONNECT)
    if family == "quotaError" or status == 429:
        return Problem(
            Action.RETRY, "quota", label, message, _WAIT, wait_seconds=_retry_delay(failures) or _WAITS.get(code, 5.0)
        )
    if code in _TRANSIENT or (not failures and status in TRANSIENT_STATUS):
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    if code == "CUSTOMER_NOT_ENABLED":
        return Problem(Action.GIVE_UP_ACCOUNT, "permission", label, message, _NOT_ENABLED)
    if code in _PERMISSION_CODES or status == 403:
        return Problem(Action.GIVE_UP_ACCOUNT, "permission", label, message, _PERMISSION)
    if code == "UNSUPPORTED_VERSION":
        return Problem(
            Action.GIVE_UP_ACCOUNT,
            "api_version",
            label,
            message,
            "set MDP_GOOGLE_ADS_API_VERSION to a version still served",
        )
    return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", label, message, _REPORT)


def _retry_delay(failures: list[dict[str, Any]]) -> float | None:
    """Seconds of quotaErrorDetails.retryDelay ("857s"), where the platform gives it."""
    for failure in failures:
        delay = failure.get("details", {}).get("quotaErrorDetails", {}).get("retryDelay", "")
        if match := re.fullmatch(r"(\d+(?:\.\d+)?)s", delay):
            return float(match[1])
    return None


def classify_token_answer(response: httpx.Response) -> Problem | None:
    """The OAuth token endpoint's errors: invalid_grant means that a person must log in again."""
    if response.is_success:
        return None
    if response.status_code in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", f"http {response.status_code}", response.text[:300], _WAIT)
    try:
        body = json_body(response)
    except orjson.JSONDecodeError:
        body = {}
    code = str(body.get("error", response.status_code))
    message = str(body.get("error_description", response.text[:300]))
    return Problem(Action.GIVE_UP_ACCOUNT, "credential", code, message, _RECONNECT)
