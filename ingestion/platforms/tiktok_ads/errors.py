"""TikTok's error codes -> what to do. They stand in the body of an HTTP 200; only ``code`` tells."""

from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import json_body, not_json

_RECONNECT = (
    "have a person with access authorise the app again and store the new token in the credential, then wait for the "
    "next run"
)
_APP = "check in TikTok for Business that the developer app is approved and not blocked, then authorise it again"
_PERMISSION = "give the person who authorised the app access to this advertiser in the Business Center, then wait"
_WAIT = "nothing to do: a later run reads the account again"
_VERSION = "set MDP_TIKTOK_ADS_API_VERSION to a version still served"
_REPORT = "report this request to the platform's maintainers with the message above"
_ADDRESS = "check MDP_TIKTOK_ADS_BASE_URL and MDP_TIKTOK_ADS_API_VERSION"

_THROTTLED = frozenset({40016, 40100, 40132, 40133})
# A second's limit is free again in the next second, a minute's after five minutes, a day's at midnight UTC.
_SECOND_WAIT, _MINUTE_WAIT = 1.0, 300.0
# Where nobody says which limit it was: four such waits outlast the one of five minutes.
_UNNAMED_WAIT = 75.0
_MAINTENANCE_WAIT = 3600.0
# 20001: part of the answer is missing. 40002 came by chance too and passed when it was asked again.
_TRANSIENT = frozenset({20001, 40200, 40201, 40202, 40700, 50000, 50002, 51002, 51010})
_INVALID_PARAMETER = frozenset({40000, 40002})
_NAMES_THE_FAULT = ("invalid", "field", "metric", "dimension", "date", "span", "filter", "page_size", "missing")
_CODES: dict[int, tuple[Action, str, str]] = {
    40001: (Action.GIVE_UP_ACCOUNT, "permission", _PERMISSION),
    40106: (Action.GIVE_UP_ACCOUNT, "permission", _PERMISSION),
    40300: (Action.GIVE_UP_ACCOUNT, "permission", "check the advertiser id in the client file"),
    40301: (Action.GIVE_UP_ACCOUNT, "permission", "check the advertiser id in the client file"),
    40007: (Action.GIVE_UP_ACCOUNT, "invalid_request", _REPORT),
    40008: (Action.GIVE_UP_ACCOUNT, "invalid_request", _ADDRESS),
    40011: (Action.SHRINK, "too_much_data", _WAIT),
    40050: (Action.GIVE_UP_ACCOUNT, "invalid_request", _WAIT),
    40006: (Action.FATAL, "api_version", _VERSION),
    40051: (Action.FATAL, "api_version", _VERSION),
    40101: (Action.FATAL, "credential", _RECONNECT),
    40102: (Action.FATAL, "credential", _RECONNECT),
    40104: (Action.FATAL, "credential", _RECONNECT),
    40105: (Action.FATAL, "credential", _RECONNECT),
    40110: (Action.FATAL, "credential", _RECONNECT),
    40113: (Action.FATAL, "credential", _APP),
}


def classify(response: httpx.Response) -> Problem | None:
    """None for data; otherwise the problem."""
    try:
        body = json_body(response)
    except orjson.JSONDecodeError:
        if response.status_code == 404:
            return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", "http 404", response.text[:300], _ADDRESS)
        return not_json(response, wait=_WAIT, report=_REPORT)
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, int):
        action = Action.RETRY if response.status_code >= 500 or response.is_success else Action.GIVE_UP_ACCOUNT
        name = "transient" if action is Action.RETRY else "unknown"
        return Problem(action, name, f"http {response.status_code}", "the answer has no code", _WAIT)
    if code == 0:
        data = body.get("data")
        if isinstance(data, dict) and isinstance(data.get("list"), list):
            return None
        return Problem(Action.RETRY, "transient", "no list", "the answer says OK and has no list", _WAIT)
    message = str(body.get("message") or "no message")
    return _of_code(code, f"{message} (request {body.get('request_id', 'unknown')})", response)


def _of_code(code: int, message: str, response: httpx.Response) -> Problem:
    label = str(code)
    if code in _THROTTLED:
        return Problem(Action.RETRY, "quota", label, message, _WAIT, _throttle_wait(code, message, response))
    if code == 60001:
        return Problem(Action.RETRY, "transient", label, message, _WAIT, _MAINTENANCE_WAIT)
    if code in _INVALID_PARAMETER:
        certain = any(word in message.lower().split("(request ")[0] for word in _NAMES_THE_FAULT)
        action = Action.GIVE_UP_ACCOUNT if certain else Action.RETRY
        return Problem(action, "invalid_request", label, message, _REPORT)
    if code in _TRANSIENT or code // 10_000 == 5:
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    action, name, next_step = _CODES.get(code, (Action.GIVE_UP_ACCOUNT, "unknown", _REPORT))
    return Problem(action, name, label, message, next_step)


def _throttle_wait(code: int, message: str, response: httpx.Response) -> float:
    """Seconds to stay away. No header says it; the message names the limit, if anything does."""
    if "QPD" in message:
        return _seconds_to_midnight(response)
    if "QPM" in message:
        return _MINUTE_WAIT
    return _SECOND_WAIT if code == 40133 or "QPS" in message else _UNNAMED_WAIT


def _seconds_to_midnight(response: httpx.Response) -> float:
    """Until the day's limit is reset, by the platform's clock; a whole day where it does not tell the time."""
    told = response.headers.get("date")
    if told is None:
        return timedelta(days=1).total_seconds()
    now: datetime = parsedate_to_datetime(told).astimezone(UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return (midnight - now).total_seconds()
