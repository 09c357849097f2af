"""Instagram's error codes -> what to do. Codes decide, not the HTTP status; some concern one media object only."""

from dataclasses import replace

import httpx
import orjson

from ingestion.errors import Action, Problem
from ingestion.http.answers import TRANSIENT_STATUS, not_json
from ingestion.http.graph_api import GraphError, credential_problem, graph_error

# The object has no insights: too few viewers, or it is older than the business account.
NO_INSIGHTS = "no_insights"
# The whole call is refused because one of its metrics does not suit the object or the account.
REFUSED = "invalid_request"
# "Unsupported get request" also stands for a throttle; it lasts where the object is really gone.
GONE_OR_BUSY = "100/33"

_WAIT = "nothing to do: a later run reads the account again"
_REPORT = "report this request to the platform's maintainers with the message above"
_PERMISSION = (
    "give the credential's user instagram_basic, instagram_manage_insights and pages_read_engagement for the Page "
    "that the account is linked to"
)
_TOO_FEW_VIEWERS = "not enough viewers"
_REDUCE_TEXT = "reduce the amount of data"
_OLDER_THAN_BUSINESS_ACCOUNT = (100, 2108006)
_GONE_OR_BUSY = (100, 33)
_TRANSIENT_CODES = frozenset({1, 2, -1, -2})
_PERMISSION_CODES = frozenset({3, 10, *range(200, 300)})


def classify(response: httpx.Response) -> Problem | None:
    """None for data; otherwise the problem. A 200 whose body is an error is an error."""
    try:
        error = graph_error(response)
    except orjson.JSONDecodeError:
        return not_json(response, wait=_WAIT, report=_REPORT)
    if error is None:
        return None
    return credential_problem(
        response, error, wait=_WAIT, version_setting="MDP_INSTAGRAM_API_VERSION"
    ) or _classify_error(response, error)


def out_of_reach(problem: Problem) -> Problem:
    """What it means that an account itself is "unsupported" however often it is asked for: nobody sees it."""
    step = f"check the account id in the client file; if it is right, {_PERMISSION}"
    return replace(problem, action=Action.GIVE_UP_ACCOUNT, error_class="permission", next_step=step)


def _classify_error(response: httpx.Response, error: GraphError) -> Problem:
    place = (error.code, error.subcode)
    if place == _OLDER_THAN_BUSINESS_ACCOUNT or (error.code == 10 and _TOO_FEW_VIEWERS in error.message.lower()):
        step = "nothing to do: the platform has no insights of this object"
        return Problem(Action.GIVE_UP_ACCOUNT, NO_INSIGHTS, error.label, error.message, step)
    if _REDUCE_TEXT in error.message.lower():
        return Problem(Action.SHRINK, "too_much_data", error.label, error.message, _WAIT)
    if place == _GONE_OR_BUSY:
        return Problem(Action.RETRY, "transient", GONE_OR_BUSY, error.message, _WAIT)
    if error.code in _TRANSIENT_CODES or error.is_transient:
        return Problem(Action.RETRY, "transient", error.label, error.message, _WAIT)
    if error.code in _PERMISSION_CODES or "permission" in error.message.lower():
        return Problem(Action.GIVE_UP_ACCOUNT, "permission", error.label, error.message, _PERMISSION)
    if error.code is None and response.status_code in TRANSIENT_STATUS:
        return Problem(Action.RETRY, "transient", f"http {response.status_code}", error.message, _WAIT)
    error_class = REFUSED if error.code == 100 else "unknown"
    return Problem(Action.GIVE_UP_ACCOUNT, error_class, error.label, error.message, _REPORT)
