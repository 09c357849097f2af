"""Meta's error codes -> what to do. Codes decide, not the HTTP status: throttling comes as 400."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import TRANSIENT_STATUS, not_json
from ingestion.http.graph_api import GraphError, credential_problem, graph_error

_PERMISSION = "give the credential's user the ads_read permission on this account in Business Settings"
_WAIT = "nothing to do: a later run reads the account again"
_REPORT = "report this request to the platform's maintainers with the message above"
_TOO_OLD = "start the account's active_from in the client file within the last 37 months: Meta keeps days no longer"

# An object that is not there, or not for this credential; also what a deleted one says that is gone for good.
NO_SUCH_OBJECT = "100/33"
UNREADABLE_SPEC = frozenset({"100/2446211", "100/1443048"})
_TRANSIENT = frozenset({(1, 99), (-2, 2490547)})
_TRANSIENT_CODES = frozenset({2, 960, 2637})
_NOT_READY_SUBCODE = 1815107
_TOO_MUCH = frozenset({(100, 1487534), (100, 1504018), (2, 1504038)})
_INVALID_THOUGH_CODE_2 = frozenset({1504041, 1504042})
_PERMISSION_CODES = frozenset({3, 10, *range(200, 300)})
_TOO_OLD_CODE = 3018
# The list changed under its cursor: pages read so far cannot be told from those of a new beginning.
_STALE_CURSOR_CODE = 2642
_REDUCE_TEXT = "reduce the amount of data"
# The summary-parameter error of report runs turns up at random and passes.
_RANDOM_SUMMARY_TEXT = "in summary param because they weren't there"


def classify(response: httpx.Response) -> Problem | None:
    """None for data; otherwise the problem. A 200 whose body is an error is an error."""
    try:
        error = graph_error(response)
    except orjson.JSONDecodeError:
        return not_json(response, wait=_WAIT, report=_REPORT)
    if error is None:
        return None
    if problem := credential_problem(response, error, wait=_WAIT, version_setting="MDP_META_ADS_API_VERSION"):
        return problem
    if error.code is None and response.status_code in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", f"http {response.status_code}", error.message, _WAIT)
    return _problem(error)


def report_run_problem(run: Mapping[str, Any]) -> Problem:
    """What a failed or skipped report run says; runs tell a code since v25.0."""
    status = str(run.get("async_status"))
    message = str(run.get("error_user_msg") or run.get("error_message") or "no reason given")
    error = GraphError(run.get("error_code"), run.get("error_subcode"), message)
    if error.code is None:
        return Problem(Action.RETRY, "report_run", status, message, _WAIT)
    problem = _problem(error)
    return problem if problem.action is Action.SHRINK else replace(problem, error_class="report_run")


def _problem(error: GraphError) -> Problem:
    code, subcode, message, label = error.code, error.subcode, error.message, error.label
    if (code, subcode) in _TOO_MUCH or _REDUCE_TEXT in message.lower():
        return Problem(Action.SHRINK, "too_much_data", label, message, _WAIT)
    if subcode == _NOT_READY_SUBCODE or _RANDOM_SUMMARY_TEXT in message:
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    if subcode not in _INVALID_THOUGH_CODE_2 and (
        (code, subcode) in _TRANSIENT or code in _TRANSIENT_CODES or error.is_transient
    ):
        return Problem(Action.RETRY, "transient", label, message, _WAIT)
    if label in UNREADABLE_SPEC:
        return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", label, message, _REPORT)
    if code in _PERMISSION_CODES or "permission" in message.lower() or label == NO_SUCH_OBJECT:
        return Problem(Action.GIVE_UP_ACCOUNT, "permission", label, message, _PERMISSION)
    if code == _STALE_CURSOR_CODE:
        return Problem(Action.GIVE_UP_ACCOUNT, "transient", label, message, _WAIT)
    if code == _TOO_OLD_CODE:
        return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", label, message, _TOO_OLD)
    return Problem(Action.GIVE_UP_ACCOUNT, "invalid_request", label, message, _REPORT)
