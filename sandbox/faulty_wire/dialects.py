"""Where rows and cursors stand in each platform's answers, and how each tells of a token or a bad moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.faulty_wire.messages import Request
from sandbox.wire import google_errors, linkedin_errors, meta_errors, tiktok_errors

Body = Any
Rows = list[Any]
Told = tuple[int, Body]

# Names the page before every other one, which no platform has a cursor for.
FIRST_PAGE = "QVFIUmZAyc3QtcGFnZQZDZD"
_GOOGLE_VERSION = "v26"
_REQUEST_ID = "20261101120000A1B2C3D4E5F6"


@dataclass(frozen=True)
class Dialect:
    """How a platform speaks. rows: those of a page, to be changed in place; None where the answer is no page.

    cursors: the parameters that name a page, with what they say of the first one. turn_back: lets a page name itself as
    the next one, or another one where pages are counted; False where the answer has no place for that.
    token_path, refused: where access tokens are fetched anew and how that is refused.
    """

    rows: Callable[[Request, Body], Rows | None]
    cursors: dict[str, str]
    turn_back: Callable[[Request, Body], bool]
    passing_error: Callable[[Body], Body]
    expired: Told
    revoked: Told
    token_path: str = ""
    refused: Told = (400, None)

    def fetches_token(self, request: Request) -> bool:
        """Whether the request asks for a new access token."""
        return bool(self.token_path) and request.path.endswith(self.token_path)

    def is_follow_up(self, request: Request) -> bool:
        """Whether the request asks for a page after the first one."""
        return any(request.query.get(name, first) != first for name, first in self.cursors.items())

    def without_own_cursor(self, request: Request) -> Request:
        """The request without a cursor that no platform gave."""
        own = [name for name in self.cursors if request.query.get(name) == FIRST_PAGE]
        return request.with_query(**dict.fromkeys(own)) if own else request

    def list_of(self, request: Request) -> str:
        """What all pages of a list have in common."""
        return request.with_query(limit=None, **dict.fromkeys(self.cursors)).target


def _no_next_page(request: Request, body: Body) -> bool:
    return False


def _list_in(body: Body, name: str) -> Rows | None:
    rows = body.get(name) if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else None


def _meta_rows(request: Request, body: Body) -> Rows | None:
    return _list_in(body, "data")


def _instagram_rows(request: Request, body: Body) -> Rows | None:
    """Insights are a list of metrics, not a list that has pages."""
    return None if request.path.endswith("/insights") else _list_in(body, "data")


def _graph_turn_back(request: Request, body: Body) -> bool:
    after = request.query.get("after") or FIRST_PAGE
    following = f"http://{request.host}{request.with_query(after=after).target}"
    body["paging"] = {"cursors": {"before": unquote(after), "after": unquote(after)}, "next": following}
    return True


def _google_rows(request: Request, body: Body) -> Rows | None:
    """The first batch of a stream that has rows."""
    batches = body if isinstance(body, list) else [body]
    return next((batch["results"] for batch in batches if batch.get("results")), None)


def _google_passing_error(body: Body) -> Body:
    """A stream tells of it after what it had sent by then."""
    error = {"error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}}
    return [*body, error] if isinstance(body, list) else error


def _tiktok_rows(request: Request, body: Body) -> Rows | None:
    data = body.get("data") if isinstance(body, dict) else None
    return _list_in(data, "list") if isinstance(data, dict) and "page_info" in data else None


def _tiktok_turn_back(request: Request, body: Body) -> bool:
    page = int(request.query.get("page", "1"))
    body["data"]["page_info"] |= {"page": page, "total_page": page + 1}
    return True


def _tiktok_told(error: tiktok_errors.TikTokError) -> Body:
    return tiktok_errors.envelope({}, _REQUEST_ID, error.code, error.message)


def _linkedin_rows(request: Request, body: Body) -> Rows | None:
    return _list_in(body, "elements")


def _linkedin_turn_back(request: Request, body: Body) -> bool:
    if "start" in request.query:
        start, count = int(request.query["start"]), int(request.query["count"])
        href = request.with_query(start=str(start + count)).target
        body["paging"]["links"] = [{"type": "application/json", "rel": "next", "href": href}]
        return True
    if "pageSize" not in request.query:
        return False
    body["metadata"] = {"nextPageToken": unquote(request.query.get("pageToken") or FIRST_PAGE)}
    return True


def _graph(rows: Callable[[Request, Body], Rows | None]) -> Dialect:
    expired = meta_errors.MetaError(
        400, 190, "Error validating access token: Session has expired on Sunday, 01-Nov-26 04:00:00 PST.", subcode=463
    )
    return Dialect(
        rows,
        {"after": ""},
        _graph_turn_back,
        lambda body: meta_errors.temporarily_unavailable().body,
        (400, expired.body),
        (400, meta_errors.revoked_token().body),
    )


def _invalid_grant(description: str) -> Told:
    return 400, {"error": "invalid_grant", "error_description": description}


DIALECTS = {
    "meta_ads": _graph(_meta_rows),
    "instagram": _graph(_instagram_rows),
    "google_ads": Dialect(
        _google_rows,
        {},
        _no_next_page,
        _google_passing_error,
        (401, google_errors.token_invalid(expired=True).body(_GOOGLE_VERSION)),
        (401, google_errors.token_invalid().body(_GOOGLE_VERSION)),
        "/oauth2/token",
        _invalid_grant("Token has been expired or revoked."),
    ),
    "tiktok_ads": Dialect(
        _tiktok_rows,
        {"page": "1"},
        _tiktok_turn_back,
        lambda body: _tiktok_told(tiktok_errors.TikTokError(50000, "System error.")),
        (200, _tiktok_told(tiktok_errors.TikTokError(40102, "Access token has expired."))),
        (200, _tiktok_told(tiktok_errors.refused_token())),
    ),
    "linkedin_ads": Dialect(
        _linkedin_rows,
        {"pageToken": "", "start": "0"},
        _linkedin_turn_back,
        lambda body: linkedin_errors.of_status(500).body,
        (401, linkedin_errors.expired_token().body),
        (401, linkedin_errors.revoked_token().body),
        "/oauth/v2/accessToken",
        _invalid_grant("The provided refresh token is invalid, expired or revoked"),
    ),
}


def job_told(kind: str, body: Body) -> Body:
    """The state of a report run that failed by chance, or that does not come on."""
    state = {name: value for name, value in body.items() if name != "time_completed"}
    state |= {"async_percent_completion": 60, "is_running": kind == "job_stuck"}
    if kind == "job_stuck":
        return state | {"async_status": "Job Running"}
    reason = {"error_code": -2, "error_subcode": 2490547, "error_message": "Internal server error"}
    return state | {"async_status": "Job Failed"} | reason
