"""LinkedIn's errors -> what to do. The HTTP status decides; only throttles are told apart by their text."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import TRANSIENT_STATUS, json_body, not_json
from ingestion.http.transport import Classifier

# An answer of so many elements was cut off, silently: it is never taken as complete.
MOST_ELEMENTS = 15_000
# 45 million metric values in five minutes; after that long the window is empty again.
DATA_LIMIT_WAIT_SECONDS = 300.0
BURST_WAIT_SECONDS = 60.0

_WAIT = "nothing to do: a later run reads the account again"
_RECONNECT = "have a person with access log in again and store the new tokens in the credential"
_PERMISSION = "give the credential's member a role on this ad account, and the scopes r_ads and r_ads_reporting"
_ACCOUNT_ID = "check the account id in the client file, and that the app's products include the Advertising API"
_VERSION = "set MDP_LINKEDIN_ADS_API_VERSION to a version still served"
_REPORT = "report this request to the platform's maintainers with the message above"
_DATA_LIMIT_TEXT = "metric values"


def error_table(now: Callable[[], datetime], *, refreshable: bool) -> Classifier:
    """The table for credentials that can fetch a new access token or cannot; ``now`` tells when a day's limit ends."""

    def classify(response: httpx.Response) -> Problem | None:
        """None for data; otherwise the problem."""
        try:
            body = json_body(response)
        except orjson.JSONDecodeError:
            if response.status_code == 429:
                return _throttled(response, {}, now)
            return not_json(response, wait=_WAIT, report=_REPORT)
        told = body if isinstance(body, dict) else {}
        if response.is_success and not _is_error(told):
            return _without_list(response, told) or _cut_off(response, told)
        return _classify_error(response, told, now, refreshable)

    return classify


def _is_error(body: dict[str, Any]) -> bool:
    """Whether the body is an error document, whatever the status line says."""
    status = body.get("status")
    return isinstance(status, int) and status >= 400 and "message" in body


def _without_list(response: httpx.Response, body: dict[str, Any]) -> Problem | None:
    """A finder's answer without its list says nothing; it must not pass for a list of nothing."""
    if response.request.headers.get("x-restli-method") != "FINDER" or isinstance(body.get("elements"), list):
        return None
    return Problem(Action.RETRY, "transient", "no elements", "the answer to a search holds no list", _WAIT)


def _cut_off(response: httpx.Response, body: Any) -> Problem | None:
    if not response.url.path.endswith("/adAnalytics") or len(body.get("elements", ())) < MOST_ELEMENTS:
        return None
    return Problem(
        Action.SHRINK, "too_much_data", f"{MOST_ELEMENTS} elements",
        f"the answer holds {len(body['elements'])} elements, the most that the platform gives", _WAIT,
    )  # fmt: skip


def _classify_error(
    response: httpx.Response, body: dict[str, Any], now: Callable[[], datetime], refreshable: bool
) -> Problem:
    status = int(body["status"]) if response.is_success else response.status_code
    label = str(body.get("code") or body.get("serviceErrorCode") or f"http {status}")
    message = str(body.get("message") or f"HTTP {status} without a message")
    if status == 401:
        action = Action.REFRESH_TOKEN if refreshable else Action.FATAL
        return Problem(action, "credential", label, message, _RECONNECT)
    if status == 426:
        return Problem(Action.FATAL, "api_version", label, message, _VERSION)
    if status == 429:
        return _throttled(response, body, now)
    if status in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    if status in (403, 404):
        step = _PERMISSION if status == 403 else _ACCOUNT_ID
        return Problem(Action.GIVE_UP_ACCOUNT, "permission", label, message, step)
    return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", label, message, _REPORT)


def _throttled(response: httpx.Response, body: dict[str, Any], now: Callable[[], datetime]) -> Problem:
    """A limit of the day lasts until midnight UTC; a gateway that protects itself answers without LinkedIn's body."""
    message = str(body.get("message") or response.text[:300])
    if _DATA_LIMIT_TEXT in message:
        wait = DATA_LIMIT_WAIT_SECONDS
    elif body:
        wait = seconds_to_midnight_utc(now())
    else:
        wait = BURST_WAIT_SECONDS
    return Problem(Action.RETRY, "quota", "http 429", message, _WAIT, wait_seconds=wait)


def seconds_to_midnight_utc(now: datetime) -> float:
    """How long the current UTC day still lasts."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()


def classify_token_answer(response: httpx.Response) -> Problem | None:
    """The token endpoint's errors; a refused refresh token means that a person must log in again."""
    if response.is_success:
        return None
    if response.status_code in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", f"http {response.status_code}", response.text[:300], _WAIT)
    try:
        body = json_body(response)
    except orjson.JSONDecodeError:
        body = {}
    code = str(body.get("error", f"http {response.status_code}"))
    message = str(body.get("error_description", response.text[:300]))
    return Problem(Action.FATAL, "credential", code, message, _RECONNECT)
