"""Where rows, cursors and errors stand in each platform's answers, and how each tells of a token or a bad moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

Body = Any
Answer = tuple[int, Body]


@dataclass(frozen=True)
class Dialect:
    """How a platform speaks. lists: the row lists of an answer, to be changed in place.

    turn_back: lets the answer name the page that was asked for as its next one; the cursor's parameter is ``cursor``.
    """

    lists: Callable[[Body], list[list[Any]]]
    turn_back: Callable[[Body, str], bool]
    cursor: tuple[str, ...]
    passing_error: Body
    expired: Answer
    revoked: Answer
    token_path: str = ""


def _graph_lists(body: Body) -> list[list[Any]]:
    rows = body.get("data") if isinstance(body, dict) else None
    return [rows] if isinstance(rows, list) else []


def _graph_turn_back(body: Body, target: str) -> bool:
    if not _graph_lists(body):
        return False
    after = _query(target).get("after") or "MAZDZD"
    body["paging"] = {"cursors": {"before": after, "after": after}, "next": f"https://graph.facebook.com{target}"}
    return True


def _google_lists(body: Body) -> list[list[Any]]:
    batches = body if isinstance(body, list) else [body]
    return [batch["results"] for batch in batches if isinstance(batch, dict) and batch.get("results")]


def _tiktok_lists(body: Body) -> list[list[Any]]:
    data = body.get("data") if isinstance(body, dict) else None
    rows = data.get("list") if isinstance(data, dict) else None
    return [rows] if isinstance(rows, list) else []


def _tiktok_turn_back(body: Body, target: str) -> bool:
    """TikTok counts its pages: one more than there are, and the last one is answered for ever."""
    if not _tiktok_lists(body) or "page_info" not in body["data"]:
        return False
    info = body["data"]["page_info"]
    info["total_page"] = int(info.get("page", 1)) + 1
    info["page"] = 1
    return True


def _linkedin_lists(body: Body) -> list[list[Any]]:
    rows = body.get("elements") if isinstance(body, dict) else None
    return [rows] if isinstance(rows, list) else []


def _linkedin_turn_back(body: Body, target: str) -> bool:
    if not _linkedin_lists(body):
        return False
    metadata = body.setdefault("metadata", {})
    metadata["nextPageToken"] = _query(target).get("pageToken") or "DgGerr1iVQreCJVjZDOW"
    return True


def _query(target: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def _graph_error(code: int, kind: str, message: str, **more: Any) -> Body:
    return {"error": {"message": message, "type": kind, "code": code, "fbtrace_id": "AfAuLtYwIrEsAnDbOx", **more}}


_GRAPH = Dialect(
    _graph_lists, _graph_turn_back, ("after",),
    _graph_error(2, "OAuthException", "Service temporarily unavailable", is_transient=True),
    (400, _graph_error(190, "OAuthException", "Session has expired", error_subcode=463)),
    (400, _graph_error(190, "OAuthException", "The session has been invalidated", error_subcode=460)),
)  # fmt: skip
DIALECTS = {
    "meta_ads": _GRAPH,
    "instagram": _GRAPH,
    "google_ads": Dialect(
        _google_lists, lambda body, target: False, (),
        {"error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}},
        (401, {"error": {"code": 401, "message": "Request had invalid authentication credentials.",
                         "status": "UNAUTHENTICATED"}}),
        (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}),
        "/oauth2/token",
    ),
    "tiktok_ads": Dialect(
        _tiktok_lists, _tiktok_turn_back, ("page",),
        {"code": 50000, "message": "Internal time out, please retry.", "request_id": "2026", "data": {}},
        (200, {"code": 40105, "message": "Access token is incorrect or has been revoked.", "request_id": "2026",
               "data": {}}),
        (200, {"code": 40105, "message": "Access token is incorrect or has been revoked.", "request_id": "2026",
               "data": {}}),
    ),
    "linkedin_ads": Dialect(
        _linkedin_lists, _linkedin_turn_back, ("pageToken",),
        {"status": 500, "serviceErrorCode": 0, "message": "Internal Server Error"},
        (401, {"status": 401, "serviceErrorCode": 65602, "code": "EXPIRED_ACCESS_TOKEN",
               "message": "The token used in the request has expired"}),
        (400, {"error": "invalid_grant", "error_description": "The provided refresh token is revoked"}),
        "/oauth/v2/accessToken",
    ),
}  # fmt: skip


def is_token_request(dialect: Dialect, target: str) -> bool:
    """Whether the request asks for a new access token."""
    return bool(dialect.token_path) and dialect.token_path in target


def is_follow_up(dialect: Dialect, target: str) -> bool:
    """Whether the request asks for a page that an answer named."""
    query = _query(target)
    return any(name in query and query[name] != "1" for name in dialect.cursor)
