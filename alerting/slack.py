"""Slack's Web API as the delivery sees it: a message posted, or one of three ways in which it was not."""

import json
from http.client import HTTPException
from typing import Any, Protocol

from foundation.credentials import resolve_secret
from foundation.settings import Settings

TOKEN_VARIABLE = "MDP_SLACK_BOT_TOKEN"
TIMEOUT_SECONDS = 15
# What to wait where Slack limits us without saying for how long.
DEFAULT_RETRY_AFTER_SECONDS = 30.0

_TOKEN_STEP = f"set a valid bot token in {TOKEN_VARIABLE} (or {TOKEN_VARIABLE}_FILE)"
_CHANNEL_STEP = "correct slack_channel in the client's file, or MDP_SLACK_OPS_CHANNEL, to a channel id (C…)"
_CREDENTIAL_STEPS = {
    "invalid_auth": _TOKEN_STEP,
    "not_authed": _TOKEN_STEP,
    "account_inactive": _TOKEN_STEP,
    "token_revoked": _TOKEN_STEP,
    "token_expired": _TOKEN_STEP,
    "missing_scope": "give the Slack app the scope chat:write and install it again",
    "ekm_access_denied": "ask the workspace's administrators: posting is suspended",
    "org_login_required": "ask the workspace's administrators: the workspace is being moved",
}
_MESSAGE_STEPS = {
    "channel_not_found": _CHANNEL_STEP,
    "not_in_channel": "invite the bot into the channel (/invite)",
    "is_archived": "unarchive the channel or name another one",
    "channel_is_archived": "unarchive the channel or name another one",
    "restricted_action": "let the bot post in this channel (channel settings, posting permissions)",
    "invalid_blocks": "report this message as a defect: Slack does not accept its blocks",
    "msg_too_long": "report this message as a defect: it is longer than Slack takes",
    "msg_blocks_too_long": "report this message as a defect: it is longer than Slack takes",
    "no_text": "report this message as a defect: it has no text",
}
_THREAD_GONE = frozenset({"thread_not_found", "cannot_reply_to_message"})


class SlackError(Exception):
    """A message was not posted, or perhaps was: see the subclass."""


class RateLimitedError(SlackError):
    """Slack wants us to wait."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__(f"rate limited for {retry_after_seconds:g} s")
        self.retry_after_seconds = retry_after_seconds


class RefusedError(SlackError):
    """Repeating the call changes nothing before somebody acts. ``whole_token``: no message can be posted at all."""

    def __init__(self, code: str, next_step: str, *, whole_token: bool) -> None:
        super().__init__(f"{code}: {next_step}")
        self.code = code
        self.whole_token = whole_token


class UnavailableError(SlackError):
    """Slack failed or did not answer; the message may have been posted all the same."""


class SlackClient(Protocol):
    """What the delivery needs of Slack."""

    def post(self, *, channel: str, payload: dict[str, Any], thread_ts: str | None) -> str:
        """Post a message and return its ts. Raises RateLimitedError, RefusedError or UnavailableError."""
        ...


class ThreadGoneError(SlackError):
    """The message to answer is not there any more."""


def classify(code: str, retry_after_seconds: float | None) -> SlackError:
    """The error for a code of ``ok: false``. What is unknown is tried again, since giving up loses an alert."""
    if code in ("ratelimited", "rate_limited"):
        return RateLimitedError(DEFAULT_RETRY_AFTER_SECONDS if retry_after_seconds is None else retry_after_seconds)
    if code in _THREAD_GONE:
        return ThreadGoneError(code)
    if code in _CREDENTIAL_STEPS:
        return RefusedError(code, _CREDENTIAL_STEPS[code], whole_token=True)
    if code in _MESSAGE_STEPS:
        return RefusedError(code, _MESSAGE_STEPS[code], whole_token=False)
    return UnavailableError(f"Slack answered {code}")


def _seconds(value: object) -> float | None:
    """A Retry-After header in seconds; None where it is absent or no number."""
    if isinstance(value, list):
        value = value[0] if value else None
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return None


class SlackWebClient:
    """slack-sdk's WebClient without its own retries: the outbox retries, and knows what it has sent."""

    def __init__(self, token: str, base_url: str) -> None:
        from slack_sdk import WebClient

        address = base_url if base_url.endswith("/") else f"{base_url}/"
        self._web = WebClient(token=token, base_url=address, timeout=TIMEOUT_SECONDS, retry_handlers=[])

    def post(self, *, channel: str, payload: dict[str, Any], thread_ts: str | None) -> str:
        """Post through chat.postMessage; nothing in the text is parsed into links or mentions by Slack."""
        try:
            return self._post(channel, payload, thread_ts)
        except ThreadGoneError:
            # Somebody deleted the parent message: what belongs to it is better seen alone than never.
            return self._post(channel, payload, None)

    def _post(self, channel: str, payload: dict[str, Any], thread_ts: str | None) -> str:
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            answer = self._web.chat_postMessage(
                channel=channel,
                text=payload["text"],
                blocks=payload["blocks"],
                thread_ts=thread_ts,
                parse="none",
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            raise self._classified(error) from error
        except (SlackClientError, OSError, HTTPException, json.JSONDecodeError) as error:
            raise UnavailableError(f"Slack cannot be reached: {type(error).__name__}: {error}") from error
        return str(answer["ts"])

    @staticmethod
    def _classified(error: Any) -> SlackError:
        response = error.response
        headers = {name.lower(): value for name, value in (response.headers or {}).items()}
        if response.status_code == 429:
            return classify("ratelimited", _seconds(headers.get("retry-after")))
        data = response.data if isinstance(response.data, dict) else {}
        if response.status_code >= 500:
            return UnavailableError(f"Slack answered HTTP {response.status_code}")
        return classify(str(data.get("error") or f"HTTP {response.status_code}"), _seconds(headers.get("retry-after")))


def slack_client(settings: Settings) -> SlackClient | None:
    """The client for the configured bot token; None where there is no token, and messages stay in the outbox."""
    token = resolve_secret(TOKEN_VARIABLE)
    if token is None:
        return None
    return SlackWebClient(token.get_secret_value(), settings.slack_base_url)
