"""Google Ads' error codes -> what to do. searchStream wraps the error object in an array; both shapes are read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import TRANSIENT_STATUS, json_body, not_json
from ingestion.platforms.google_ads.rows import closing_parts

_WAIT = "nothing to do: a later run reads the account again"
_RECONNECT = "create a new refresh token for the credential and store it, then wait for the next run"
_PERMISSION = (
    "give the credential's user access to this account, "
    "or set login_customer_id in the client file to the manager account"
)
_NOT_ENABLED = "the account is cancelled or not set up: end it in the client file with active_to"
_NOT_FOUND = "correct the account's id in the client file: Google knows no such customer"
_PROJECT = (
    "the Google Cloud project of the OAuth client may not read production accounts: "
    "ask Google for Basic access in the project's API Center, and enable the Google Ads API there"
)
_VERSION = "set MDP_GOOGLE_ADS_API_VERSION to a version still served"
_TOO_OLD = "start the account's active_from in the client file within the last 37 months: Google keeps days no longer"
_REPORT = "report this query to the platform's maintainers with the message above"

# Waits that Google documents: bursts 5 s, heavy queries 5 and 30 minutes. A day's operations come back within 24 h.
_WAITS = {
    "RESOURCE_TEMPORARILY_EXHAUSTED": 5.0,
    "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION": 300.0,
    "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION": 1800.0,
    "RESOURCE_EXHAUSTED": 3600.0,
}
_SHORTEST_WAIT = 5.0
# A question that Google cannot answer in time although it was asked again: half the days may be answered.
TOO_SLOW = frozenset({"internalError.DEADLINE_EXCEEDED", "http.504"})


@dataclass(frozen=True)
class _Rule:
    action: Action
    error_class: str
    next_step: str


_REFRESH = _Rule(Action.REFRESH_TOKEN, "credential", _RECONNECT)
_CREDENTIAL_GONE = _Rule(Action.FATAL, "credential", _RECONNECT)
_PROJECT_BLOCKED = _Rule(Action.FATAL, "permission", _PROJECT)
_DENIED = _Rule(Action.GIVE_UP_ACCOUNT, "permission", _PERMISSION)
_TRANSIENT = _Rule(Action.RETRY, "transient", _WAIT)
_INVALID = _Rule(Action.GIVE_UP_ACCOUNT, "invalid_request", _REPORT)


def _rules(rule: _Rule, *codes: str) -> dict[str, _Rule]:
    return dict.fromkeys(codes, rule)


_BY_CODE: Mapping[str, _Rule] = {
    **_rules(_REFRESH, "OAUTH_TOKEN_EXPIRED", "OAUTH_TOKEN_INVALID", "OAUTH_TOKEN_HEADER_INVALID"),
    **_rules(
        _CREDENTIAL_GONE,
        "OAUTH_TOKEN_REVOKED", "OAUTH_TOKEN_DISABLED", "NOT_ADS_USER", "GOOGLE_ACCOUNT_DELETED",
        "TWO_STEP_VERIFICATION_NOT_ENROLLED", "ADVANCED_PROTECTION_NOT_ENROLLED",
        # A plain google.rpc answer: the login was given without the scope of Google Ads.
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    ),
    **_rules(
        _PROJECT_BLOCKED,
        "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", "CLOUD_PROJECT_NOT_UNDER_ORGANIZATION", "CLOUD_PROJECT_NOT_FOUND",
        "PROJECT_DISABLED", "DEVELOPER_TOKEN_NOT_APPROVED", "DEVELOPER_TOKEN_NOT_ON_ALLOWLIST",
        "DEVELOPER_TOKEN_PROHIBITED", "DEVELOPER_TOKEN_INVALID", "ACCESS_PROHIBITED", "SERVICE_DISABLED",
    ),
    **_rules(
        _DENIED,
        "USER_PERMISSION_DENIED", "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION",
        "LOGIN_CUSTOMER_ID_PARAMETER_MISSING", "ACCESS_DENIED_FOR_ACCOUNT_TYPE", "METRIC_ACCESS_DENIED",
    ),
    **_rules(
        _Rule(Action.GIVE_UP_ACCOUNT, "permission", _NOT_ENABLED),
        "CUSTOMER_NOT_ENABLED", "INCOMPLETE_SIGNUP", "MISSING_TOS", "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT",
    ),
    **_rules(
        _Rule(Action.GIVE_UP_ACCOUNT, "permission", _NOT_FOUND),
        "CUSTOMER_NOT_FOUND", "CLIENT_CUSTOMER_ID_INVALID", "INVALID_CUSTOMER_ID",
    ),
    **_rules(_TRANSIENT, "INTERNAL_ERROR", "TRANSIENT_ERROR", "DEADLINE_EXCEEDED"),
    "UNSUPPORTED_VERSION": _Rule(Action.FATAL, "api_version", _VERSION),
    "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED": _Rule(Action.GIVE_UP_ACCOUNT, "invalid_request", _TOO_OLD),
}  # fmt: skip


def _errors(parts: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Error objects in the answer, whether it is one object, an array, or good batches with an error after them."""
    for part in parts:
        if isinstance(part, dict) and isinstance(part.get("error"), dict):
            yield part["error"]


def classify(response: httpx.Response) -> Problem | None:
    """None for data; otherwise the problem."""
    try:
        error = next(_errors(closing_parts(response)), None)
    except orjson.JSONDecodeError:
        return not_json(response, wait=_WAIT, report=_REPORT)
    if error is None:
        if response.is_success:
            return None
        error = {"message": f"HTTP {response.status_code} without an error object"}
    return _classify_error(response.status_code, error)


def _classify_error(http_status: int, error: dict[str, Any]) -> Problem:
    # Inside a stream that began well the HTTP status says nothing; the error object carries its own.
    status = int(error.get("code") or http_status)
    details = [detail for detail in error.get("details", []) if isinstance(detail, dict)]
    failures = [failure for detail in details for failure in detail.get("errors", [])]
    reason = next((str(detail["reason"]) for detail in details if detail.get("reason")), None)
    family, code = next(
        ((family, str(code)) for failure in failures for family, code in failure.get("errorCode", {}).items()),
        ("errorInfo", reason) if reason else ("http", str(status)),
    )
    message = str(failures[0].get("message") if failures else error.get("message", "no message"))
    rule = _BY_CODE.get(code) or _by_status(status, family)
    wait = None
    if rule.error_class == "quota":
        wait = max(_retry_delay(failures) or _WAITS.get(code, _SHORTEST_WAIT), _SHORTEST_WAIT)
    return Problem(rule.action, rule.error_class, f"{family}.{code}", message, rule.next_step, wait_seconds=wait)


def _by_status(status: int, family: str) -> _Rule:
    """For codes without a rule of their own."""
    if family == "quotaError" or status == 429:
        return _Rule(Action.RETRY, "quota", _WAIT)
    if status == 401:
        return _REFRESH if family in ("http", "errorInfo") else _CREDENTIAL_GONE
    if status == 403:
        return _DENIED
    if status in TRANSIENT_STATUS:
        return _TRANSIENT
    return _INVALID


def _retry_delay(failures: list[dict[str, Any]]) -> float | None:
    """Seconds of quotaErrorDetails.retryDelay ("857s"), where the platform gives it."""
    for failure in failures:
        delay = failure.get("details", {}).get("quotaErrorDetails", {}).get("retryDelay", "")
        if match := re.fullmatch(r"(\d+(?:\.\d+)?)s", delay):
            return float(match[1])
    return None


def classify_token_answer(response: httpx.Response) -> Problem | None:
    """The OAuth token endpoint's errors: whatever is not transient needs a person, for every account of the login."""
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
    return Problem(Action.FATAL, "credential", code, message, _RECONNECT)
