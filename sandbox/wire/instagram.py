"""Instagram behind the Graph API: pages, accounts, media, stories and their insights."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faults
from sandbox.faults import Fault
from sandbox.state import Sandbox
from sandbox.wire import instagram_errors, instagram_insights, instagram_media, meta_errors, meta_tokens
from sandbox.wire.instagram_objects import (
    Child,
    Page,
    View,
    children_of,
    page_of,
    render_media,
    render_page,
    render_user,
)
from sandbox.wire.meta_errors import MetaError
from sandbox.wire.meta_paging import envelope, page_bounds
from sandbox.world.media import Media
from sandbox.world.media_insights import is_visible, live_stories, visible_media
from sandbox.world.model import Account
from sandbox.world.world import accounts_of

PLATFORM = "instagram"
MEDIA = "media"
# The list of media goes no further back, and no page holds more than a thousand.
MOST_LISTED, BIGGEST_PAGE = 10_000, 1_000
_CALLS_PER_PERCENT = 600
# A Page of the same person that no Instagram account is linked to.
_UNLINKED_PAGE = Page("100999999999999", "A Page without Instagram", None)
_SCOPES = ("instagram_basic", "instagram_manage_insights", "pages_read_engagement")
# Marks a body that is to be cut off in the middle.
_TRUNCATE = "__truncate__"

Answered = tuple[int, dict[str, Any], Account | None]


class InstagramApi:
    """Routes under /instagram, whatever version stands in the path."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._calls = 0
        self._views: dict[str, View] = {}
        accounts = [account for account in accounts_of(sandbox.source) if account.platform == PLATFORM]
        self._accounts = {account.account_id: account for account in accounts}
        self._pages = {page_of(account).page_id: page_of(account) for account in accounts}

    def routes(self) -> list[Route]:
        return [Route("/instagram/{path:path}", self._serve, methods=["GET"])]

    @cached_property
    def _media(self) -> dict[str, tuple[Account, Media | Child]]:
        """Everything that is ever published, by id."""
        places: dict[str, tuple[Account, Media | Child]] = {}
        for account in self._accounts.values():
            for media in account.media:
                places[media.media_id] = (account, media)
                places |= {child.child_id: (account, child) for child in children_of(media)}
        return places

    async def _serve(self, request: Request) -> Response:
        parameters = dict(request.query_params)
        if bearer := request.headers.get("authorization", "").removeprefix("Bearer ").strip():
            parameters["access_token"] = bearer
        status, body, account = await self._answer(request.url.path, parameters, str(request.url.replace(query="")))
        cut = body.pop(_TRUNCATE, False)
        content = orjson.dumps(body)
        if cut:
            content = content[: len(content) * 2 // 3]
        return Response(content, status, self._usage(account, body), "application/json; charset=UTF-8")

    async def _answer(self, path: str, parameters: dict[str, str], url: str) -> Answered:
        account: Account | None = None
        try:
            parts = [part for part in path.split("/") if part][1:]
            if parts and parts[0].startswith("v") and parts[0][1:2].isdigit():
                parts = parts[1:]
            credential = self._authorise(parameters)
            if not parts:
                raise meta_errors.unknown_object("")
            if parts[0] in ("me", "debug_token") or parts[0] in self._pages or parts[0] == _UNLINKED_PAGE.page_id:
                return 200, self._about_the_person(parts, parameters, url, credential), None
            account, thing = self._place(parts[0], credential)
            return 200, await self._dispatch(account, thing, parts[1:], parameters, url), account
        except MetaError as error:
            return error.http_status, error.body, account

    def _authorise(self, parameters: Mapping[str, str]) -> str:
        token = parameters.get("access_token")
        if not token:
            raise meta_errors.no_token()
        credential = self._sandbox.credentials.named_by(token)
        if credential is None:
            raise meta_errors.unknown_token()
        if self._sandbox.credentials.is_revoked(credential):
            raise meta_errors.revoked_token()
        return credential

    def _place(self, object_id: str, credential: str) -> tuple[Account, Media | Child | None]:
        """The account that a call is about, and the media object if it is about one."""
        account, thing = self._accounts.get(object_id), None
        if account is None and object_id in self._media:
            account, thing = self._media[object_id]
        media = thing.parent if isinstance(thing, Child) else thing
        if account is None or (media and not is_visible(media, self._sandbox.clock.now())):
            raise meta_errors.unknown_object(object_id)
        if account.credential != credential:
            raise instagram_errors.not_permitted()
        return account, thing

    def _about_the_person(
        self, parts: list[str], parameters: dict[str, str], url: str, credential: str
    ) -> dict[str, Any]:
        fields = parameters.get("fields", "")
        own = [page for page in self._pages.values() if page.account and page.account.credential == credential]
        match parts:
            case ["me"]:
                return {"id": str(10_000_000_000_000 + len(credential))}
            case ["me", "accounts"]:
                pages = [*own, _UNLINKED_PAGE]
                start, limit = page_bounds(parameters)
                data = [render_page(page, fields or "id,name") for page in pages[start : start + limit]]
                return envelope(data, start, len(pages), url, parameters)
            case ["debug_token"]:
                told = meta_tokens.debug_token(self._sandbox, parameters)
                return {"data": {**told["data"], "scopes": list(_SCOPES) if told["data"]["is_valid"] else []}}
            case [page_id]:
                found = [page for page in (*own, _UNLINKED_PAGE) if page.page_id == page_id]
                if not found:
                    raise instagram_errors.not_permitted()
                return render_page(found[0], fields)
        raise meta_errors.unknown_object(parts[-1])

    def _view(self, account: Account) -> View:
        """The account as it is now; what was computed of its days is kept until the clock moves."""
        now = self._sandbox.clock.now()
        kept = self._views.get(account.account_id)
        if kept is None or kept.now != now:
            kept = self._views[account.account_id] = View(account, now)
        return kept

    async def _dispatch(
        self, account: Account, thing: Media | Child | None, edge: list[str], parameters: dict[str, str], url: str
    ) -> dict[str, Any]:
        view = self._view(account)
        if edge == ["insights"]:
            if thing is None:
                return await self._account_insights(view, parameters, url)
            return await self._media_insights(view, thing, parameters)
        fault = self._sandbox.faults.take(PLATFORM, account.account_id, faults.ENTITIES)
        await _suffer(fault)
        if not edge:
            fields = parameters.get("fields", "")
            body = render_user(view, fields) if thing is None else render_media(view, thing, fields)
        elif thing is None and edge == ["media"]:
            body = _listed(view, visible_media(account, view.now)[:MOST_LISTED], parameters, url)
        elif thing is None and edge == ["stories"]:
            body = _listed(view, live_stories(account, view.now), parameters, url)
        else:
            raise meta_errors.unknown_object(edge[0])
        return body | _mark(fault)

    async def _account_insights(self, view: View, parameters: dict[str, str], url: str) -> dict[str, Any]:
        query = instagram_insights.parse_query(parameters, view)
        fault = self._sandbox.faults.take(PLATFORM, view.account.account_id, "account", query.since, query.until)
        await _suffer(fault)
        data = instagram_insights.answer(query, view, fault)
        self._log(view, "account", str(query.since), str(query.until), len(data), fault)
        paging = _neighbours(query, url, parameters) if data and query.period != "lifetime" else {}
        return {"data": data, **paging, **_mark(fault)}

    async def _media_insights(self, view: View, thing: Media | Child, parameters: dict[str, str]) -> dict[str, Any]:
        fault = self._sandbox.faults.take(PLATFORM, view.account.account_id, MEDIA)
        await _suffer(fault)
        data = instagram_media.answer(parameters, view, thing, fault)
        today = str(view.now.date())
        self._log(view, MEDIA, today, today, len(data), fault)
        return {"data": data, **_mark(fault)}

    def _log(self, view: View, level: str, since: str, until: str, rows: int, fault: Fault | None) -> None:
        self._sandbox.serve_log.add(
            view.now, platform=PLATFORM, account_id=view.account.account_id, client_id=view.account.client_id,
            level=level, since=since, until=until, first_row=0, rows=rows, rows_in_answer=rows, spend="0",
            fault=fault.kind if fault else None,
        )  # fmt: skip

    def _usage(self, account: Account | None, body: Mapping[str, Any]) -> dict[str, str]:
        """The usage headers that come with every answer; a throttled one names its waiting time in minutes."""
        self._calls += 1
        throttled = body.get("error", {}).get("code") == 80002
        used = 100 if throttled else min(90, self._calls // _CALLS_PER_PERCENT)
        figures = {"call_count": used, "total_time": used, "total_cputime": used}
        headers = {"x-app-usage": orjson.dumps(figures).decode()}
        if account is not None:
            entry = {"type": "instagram", **figures, "estimated_time_to_regain_access": 1 if throttled else 0}
            headers["x-business-use-case-usage"] = orjson.dumps({account.account_id: [entry]}).decode()
        return headers


async def _suffer(fault: Fault | None) -> None:
    """Faults that concern the whole answer."""
    if fault is None:
        return
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds or faults.HANG_SECONDS)
        raise meta_errors.unknown_failure()
    if fault.kind == "throttle":
        raise instagram_errors.throttled()
    if fault.kind == "error":
        raise meta_errors.of_status(fault.status)


def _mark(fault: Fault | None) -> dict[str, bool]:
    return {_TRUNCATE: True} if fault and fault.kind == "truncate" else {}


def _listed(view: View, media: list[Media], parameters: dict[str, str], url: str) -> dict[str, Any]:
    """A page of media, newest first; since and until are Unix seconds."""
    start, limit = page_bounds(parameters)
    if limit > BIGGEST_PAGE:
        raise meta_errors.reduce_data()
    since, until = _seconds(parameters, "since", 0), _seconds(parameters, "until", 2**40)
    chosen = [one for one in media if since <= one.published_at.timestamp() <= until]
    data = [render_media(view, one, parameters.get("fields", "")) for one in chosen[start : start + limit]]
    return envelope(data, start, len(chosen), url, parameters)


def _seconds(parameters: Mapping[str, str], name: str, otherwise: int) -> int:
    text = parameters.get(name, "")
    if text and not text.isdigit():
        raise meta_errors.invalid_parameter(f"The parameter {name} must be a Unix time")
    return int(text or otherwise)


def _neighbours(query: instagram_insights.Query, url: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Insights are paged by time: the spans before and after, for ever, without a cursor."""
    second = timedelta(seconds=1)
    length = query.ends_at - query.starts_at

    def link(starts_at: datetime) -> str:
        ends = {"since": str(int(starts_at.timestamp())), "until": str(int((starts_at + length).timestamp()))}
        return f"{url}?{urlencode({**parameters, **ends})}"

    return {"paging": {"previous": link(query.starts_at - second - length), "next": link(query.ends_at + second)}}
