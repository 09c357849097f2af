"""Meta's error codes -> what to do. Codes decide, not the HTTP status: throttling comes as 400."""

from collections.abc import Mapping

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import TRANSIENT_STATUS, json_body, not_json
from ingestion.http.graph_api import DEFAULT_THROTTLE_SECONDS, THROTTLE_CODES, TOKEN_CODES, read_usage

_RECONNECT = (
    "have a person with access log in again and store the new token in the credential, then wait for the next run"
)
_PERMISSION = "give the credential's user the ads_read permission on this account in Business Settings"
_WAIT = "nothing to do: a later run reads the account again"
_REPORT = "report this request to the platform's maintainers with the message above"

_TRANSIENT = frozenset({(1, 99), (2, None), (2, 1504043), (2, 1504045), (-2, 2490547), (960, None), (2637, None)})
_NOT_READY_SUBCODE = 1815107
_TOO_MUCH = frozenset({(100, 1487534), (100, 1504018), (2, 1504038)})
_INVALID_THOUGH_CODE_2 = frozenset({1504041, 1504042})
_REDUCE_TEXT = "reduce the amount of data"
# The summary-parameter error of report runs turns up at random and passes.
_RANDOM_SUMMARY_TEXT = "in summary param because they weren't there"


def classify(response: httpx.Response) -> Problem | None:
    """None for data; otherwise the problem. A 200 whose body is an error is an error."""
    try:
        body = json_body(response)
    except orjson.JSONDecodeError:
        return not_json(response, wait=_WAIT, report=_REPORT)
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        if response.is_success:
            return None
        error = {"code": None, "message": f"HTTP {response.status_code} without an error object"}
    return _classify_error(response, error)


def _classify_error(response: httpx.Response, error: Mapping[str, object]) -> Problem:
    code, subcode = error.get("code"), error.get("error_subcode")
    message = str(error.get("error_user_msg") or error.get("message") or "no message")
    label = f"{code}/{subcode}" if subcode else str(code)
    if code in TOKEN_CODES:
        return Problem(Action.GIVE_UP_ACCOUNT, "credential", label, message, _RECONNECT)
    if code in THROTTLE_CODES:
        usage = read_usage(response.headers)
        wait = (usage.pause_seconds if usage else 0.0) or DEFAULT_THROTTLE_SECONDS
        return Problem(Action.RETRY, "quota", label, message, _WAIT, wait_seconds=wait)
    if (code, subcode) in _TOO_MUCH or _REDUCE_TEXT in message.lower():
        return Problem(Action.SHRINK, "too_much_data", label, message, _WAIT)
    if subcode == _NOT_READY_SUBCODE or _RANDOM_SUMMARY_TEXT in message:
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    if subcode not in _INVALID_THOUGH_CODE_2 and (
        (code, subcode) in _TRANSIENT or code == 2 or error.get("is_transient") is True
    ):
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    if code in (10, 200, 294) or "permission" in message.lower() or subcode == 33:
        return Problem(Action.GIVE_UP_ACCOUNT, "permission", label, message, _PERMISSION)
    if code == 2635:
        return Problem(
            Action.GIVE_UP_ACCOUNT,
            "api_version",
            label,
            message,
            "set MDP_META_ADS_API_VERSION to a version still served",
        )
    if code is None and response.status_code in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", f"http {response.status_code}", message, _WAIT)
    return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", label, message, _REPORT)
