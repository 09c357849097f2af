"""Answers read as JSON: parsed once, whoever asks, and what it means when they are none."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from ingestion.errors import Action, Problem

TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARSED = "parsed_json"
# Where platforms name a request, for their support to find it: Meta, Google, TikTok, LinkedIn.
_REQUEST_ID_HEADERS = ("x-fb-request-id", "x-fb-trace-id", "request-id", "x-tt-logid", "x-li-request-id", "x-li-uuid")


def json_body(response: httpx.Response) -> Any:
    """The body as JSON. The error table and the client share one parse of a page. Raises orjson.JSONDecodeError."""
    if _PARSED not in response.extensions:
        response.extensions[_PARSED] = orjson.loads(response.content)
    return response.extensions[_PARSED]


def not_json(response: httpx.Response, *, wait: str, report: str) -> Problem:
    """A body that is no complete JSON document: cut on its way where the platform meant well, unknown otherwise.

    wait, report: the platform's sentences for what a person does next in either case.
    """
    code = f"http {response.status_code}"
    if response.is_success or response.status_code in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", code, "the answer is no complete JSON document", wait)
    return Problem(Action.GIVE_UP_ACCOUNT, "unknown", code, response.text[:300], report)


def request_id(headers: Mapping[str, str]) -> str | None:
    """The platform's own id of the request that it answered; None where it gives none."""
    return next((found for name in _REQUEST_ID_HEADERS if (found := headers.get(name))), None)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What Retry-After asks for, in seconds; an instant is counted from the answer's own Date (RFC 9110, 10.2.3).

    None where the header is missing or makes no sense.
    """
    told = headers.get("retry-after", "").strip()
    if told.isdigit():
        return float(told)
    try:
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())
