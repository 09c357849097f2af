"""The Slack Web API methods that alerts use, and incoming webhooks."""

import hmac
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.credentials import slack_token
from sandbox.faults import RETRY_AFTER_SECONDS
from sandbox.slack_store import Channel, SlackStore
from sandbox.state import Sandbox
from sandbox.wire.forms import form_of
from sandbox.wire.slack_blocks import problem_of_blocks
from sandbox.wire.slack_page import render_page

OPERATIONS_CHANNEL = "C0OPERATIONS"
LONGEST_TEXT = 40_000
TEAM_ID, BOT_ID, BOT_USER = "T0SANDBOX", "B0MDP", "U0MDPBOT"


class SlackRefusedError(Exception):
    """An answer of the form {"ok": false, "error": ...}, with HTTP status 200."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **more}


def workspace_channels(sandbox: Sandbox) -> dict[str, str]:
    """Channel ids and names: one a client and one for the agency's operations."""
    channels = {OPERATIONS_CHANNEL: "ops-marketing-data"}
    return channels | {client.slack_channel: f"client-{client.client_id}" for client in sandbox.source.clients}


class SlackApi:
    """Routes under /slack. A fault for platform "slack" and the channel's id throttles or fails a call."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.store = SlackStore(sandbox.state_dir / "slack.jsonl", workspace_channels(sandbox))

    def routes(self) -> list[Route]:
        return [
            Route("/slack/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/slack/services/{team}/{hook}/{secret}", self._webhook, methods=["POST"]),
            Route("/slack/messages", self._messages),
            Route("/slack", self._page),
        ]

    async def _call(self, request: Request) -> Response:
        try:
            parameters = await _parameters(request)
            self._authorise(request, parameters)
            method = request.path_params["method"]
            handler = {
                "auth.test": self._auth_test, "api.test": lambda p: {},
                "chat.postMessage": self._post, "chat.update": self._update,
                "conversations.info": self._info, "conversations.list": self._list,
            }.get(method)  # fmt: skip
            if handler is None:
                raise SlackRefusedError("unknown_method", req_method=method)
            fault = self._sandbox.faults.take("slack", str(parameters.get("channel", "*")), method)
            if fault is not None and fault.kind == "throttle":
                return _json(
                    {"ok": False, "error": "ratelimited"},
                    429,
                    {"retry-after": str(int(fault.seconds or RETRY_AFTER_SECONDS))},
                )
            if fault is not None and fault.kind == "error":
                return _json({"ok": False, "error": "internal_error"}, fault.status)
            return _json({"ok": True, **handler(parameters)})
        except SlackRefusedError as error:
            return _json(error.body)

    def _authorise(self, request: Request, parameters: dict[str, Any]) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or str(
            parameters.get("token", "")
        )
        if not token:
            raise SlackRefusedError("not_authed")
        if not hmac.compare_digest(token.encode(), slack_token(self._sandbox.source.seed).encode()):
            raise SlackRefusedError("invalid_auth")

    def _auth_test(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"url": "https://sandbox.example/", "team": "Agency", "user": "mdp", "team_id": TEAM_ID,
                "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}  # fmt: skip

    def _channel(self, parameters: dict[str, Any]) -> Channel:
        channel = self.store.find(str(parameters.get("channel") or ""))
        if channel is None:
            raise SlackRefusedError("channel_not_found")
        if channel.archived:
            raise SlackRefusedError("is_archived")
        return channel

    def _post(self, parameters: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(parameters)
        content = _content(parameters)
        thread = parameters.get("thread_ts")
        if thread is not None:
            if not isinstance(thread, str) or thread not in channel.messages:
                raise SlackRefusedError("thread_not_found")
            content["thread_ts"] = thread
        message = self.store.post(
            channel, {"bot_id": BOT_ID, "user": BOT_USER, "username": "mdp", "team": TEAM_ID, **content}
        )
        return {"channel": channel.channel_id, "ts": message["ts"], "message": message}

    def _update(self, parameters: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(parameters)
        ts = str(parameters.get("ts") or "")
        if ts not in channel.messages:
            raise SlackRefusedError("message_not_found")
        message = self.store.update(channel, ts, _content(parameters))
        return {"channel": channel.channel_id, "ts": ts, "text": message.get("text", ""), "message": message}

    def _info(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"channel": _describe(self._channel(parameters))}

    def _list(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"channels": [_describe(channel) for channel in self.store.channels.values()],
                "response_metadata": {"next_cursor": ""}}  # fmt: skip

    async def _webhook(self, request: Request) -> Response:
        """Incoming webhook: plain text answers; the last part of the address is the channel's id."""
        try:
            parameters = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return PlainTextResponse("invalid_payload", 400)
        channel = self.store.find(request.path_params["secret"])
        if channel is None:
            return PlainTextResponse("no_service", 404)
        try:
            content = _content(parameters)
        except SlackRefusedError as error:
            return PlainTextResponse(str(error), 400)
        self.store.post(channel, {"subtype": "bot_message", "bot_id": BOT_ID, "username": "mdp", **content})
        return PlainTextResponse("ok")

    async def _messages(self, request: Request) -> Response:
        return _json(self.store.all_messages())

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(render_page(list(self.store.channels.values()), request.query_params.get("channel")))


def _content(parameters: dict[str, Any]) -> dict[str, Any]:
    """Text and blocks of a message, checked as Slack checks them."""
    text, blocks = str(parameters.get("text") or ""), parameters.get("blocks") or []
    if isinstance(blocks, str):
        try:
            blocks = orjson.loads(blocks)
        except orjson.JSONDecodeError as error:
            raise SlackRefusedError("invalid_blocks_format") from error
    if not text and not blocks and not parameters.get("attachments"):
        raise SlackRefusedError("no_text")
    if len(text) > LONGEST_TEXT:
        raise SlackRefusedError("msg_too_long")
    if problem := problem_of_blocks(blocks):
        raise SlackRefusedError(
            "invalid_blocks", errors=[problem], response_metadata={"messages": [f"[ERROR] {problem}"]}
        )
    return {"text": text, **({"blocks": blocks} if blocks else {})}


def _describe(channel: Channel) -> dict[str, Any]:
    return {"id": channel.channel_id, "name": channel.name, "is_channel": True, "is_private": False,
            "is_archived": channel.archived, "is_member": True}  # fmt: skip


async def _parameters(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = orjson.loads(await request.body() or b"{}")
        except orjson.JSONDecodeError as error:
            raise SlackRefusedError("invalid_json") from error
        return body if isinstance(body, dict) else {}
    form = await form_of(request) if request.method == "POST" else {}
    return {**request.query_params, **form}


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json; charset=utf-8")
