"""What all products behind Meta's Graph API share: error envelope, throttle and token codes, usage headers, expiry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import json_body
from ingestion.http.budget import PAUSE_ABOVE_PERCENT, Usage

# Throttle codes: application, account, user, page, custom and the per-use-case family.
THROTTLE_CODES = frozenset({4, 17, 32, 613, *range(80000, 80010), 80014})
# Limits by use case are counted for each account (or page) by itself; 4, 17, 32 and 613 are the app's or the user's.
OWN_LIMIT_CODES = frozenset({*range(80000, 80010), 80014})
TOKEN_CODES = frozenset({102, 104, 190, 463, 467})
VERSION_GONE_CODE = 2635
DEFAULT_THROTTLE_SECONDS = 60.0
RECONNECT = (
    "have a person with access log in again and store the new token in the credential, then wait for the next run"
)


@dataclass(frozen=True)
class GraphError:
    """The error object of an answer. ``code`` is None where an answer without success has no error object."""

    code: int | None
    subcode: int | None
    message: str
    is_transient: bool = False

    @property
    def label(self) -> str:
        """Code and subcode as people search for them: 190/460."""
        return f"{self.code}/{self.subcode}" if self.subcode else str(self.code)


def graph_error(response: httpx.Response) -> GraphError | None:
    """The error of an answer, whatever its HTTP status; None for data. Raises orjson.JSONDecodeError."""
    body = json_body(response)
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        message = str(error.get("error_user_msg") or error.get("message") or "no message")
        return GraphError(error.get("code"), error.get("error_subcode"), message, error.get("is_transient") is True)
    if response.is_success:
        return None
    return GraphError(None, None, f"HTTP {response.status_code} without an error object")


def credential_problem(
    response: httpx.Response, error: GraphError, *, wait: str, version_setting: str
) -> Problem | None:
    """What concerns the whole credential: a dead token, a throttle, a version that is gone; None for anything else."""
    if error.code in TOKEN_CODES:
        return Problem(Action.FATAL, "credential", error.label, error.message, RECONNECT)
    if error.code in THROTTLE_CODES:
        usage = read_usage(response.headers)
        seconds = (usage.pause_seconds if usage else 0.0) or DEFAULT_THROTTLE_SECONDS
        return Problem(
            Action.RETRY, "quota", error.label, error.message, wait, wait_seconds=seconds,
            account_only=error.code in OWN_LIMIT_CODES,
        )  # fmt: skip
    if error.code == VERSION_GONE_CODE:
        step = f"set {version_setting} to a version still served"
        return Problem(Action.FATAL, "api_version", error.label, error.message, step)
    return None


def read_usage(headers: Mapping[str, str]) -> Usage | None:
    """The highest of the usage headers' percentages; a pause once the platform says that a limit is nearly used up.

    The regain time is in minutes in the header by use case and in seconds in the one by ad account. Only these two
    ask for a pause, and both count the account by itself.
    """
    used: list[tuple[float, float]] = []
    if business := headers.get("x-business-use-case-usage"):
        for entries in orjson.loads(business).values():
            used += [
                (_share(entry), 60.0 * float(entry.get("estimated_time_to_regain_access", 0))) for entry in entries
            ]
    if account := headers.get("x-ad-account-usage"):
        usage = orjson.loads(account)
        used.append((float(usage.get("acc_id_util_pct", 0)), float(usage.get("reset_time_duration", 0))))
    if application := headers.get("x-app-usage"):
        used.append((_share(orjson.loads(application)), 0.0))
    if not used:
        return None
    waits = [wait for share, wait in used if share >= PAUSE_ABOVE_PERCENT]
    return Usage(max(share for share, _ in used), max(waits, default=0.0), account_only=True)


def _share(entry: Mapping[str, Any]) -> float:
    return float(max(entry.get("call_count", 0), entry.get("total_cputime", 0), entry.get("total_time", 0)))


def token_expires_at(answer: Mapping[str, Any]) -> datetime | None:
    """When a token ends, from an answer of debug_token; None for one that does not.

    The right to read data may end before the token itself; zero stands for never in either field.
    """
    data = answer.get("data", {})
    ends = [data.get(name) or 0 for name in ("expires_at", "data_access_expires_at")]
    return min((datetime.fromtimestamp(end, UTC) for end in ends if end > 0), default=None)
