"""Access tokens that are fetched with a refresh token: one refresh at a time, whoever asks."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from pydantic import SecretStr

from ingestion.errors import AccountReadError, TokenRefused
from ingestion.http.answers import json_body
from ingestion.http.transport import Caller, Transport

SecretPart = Callable[[str, str], SecretStr]


class AccessTokens:
    """Access tokens by credential; one thread refreshes, the others wait for its result.

    refresh_expires_at: until when the refresh token itself is good, where the platform says so.
    """

    def __init__(
        self, transport: Transport, token_url: str, secret_of: SecretPart, now: Callable[[], datetime]
    ) -> None:
        self._transport = transport
        self._token_url = token_url
        self._secret_of = secret_of
        self._now = now
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        self.refresh_expires_at: dict[str, datetime] = {}

    def get(self, caller: Caller, refused: str | None = None) -> str:
        """The current token; a new one if the current one is the ``refused`` one. Raises AccountReadError."""
        with self._lock:
            token = self._tokens.get(caller.credential)
            if token is None or token == refused:
                token = self._tokens[caller.credential] = self._refresh(caller)
            return token

    def _refresh(self, caller: Caller) -> str:
        form = {
            "grant_type": "refresh_token",
            **{
                part: self._secret_of(caller.credential, part).get_secret_value()
                for part in ("client_id", "client_secret", "refresh_token")
            },
        }
        answer = json_body(self._transport.send(caller, "POST", self._token_url, data=form))
        if seconds := answer.get("refresh_token_expires_in"):
            self.refresh_expires_at[caller.credential] = self._now() + timedelta(seconds=float(seconds))
        return str(answer["access_token"])

    def call(self, caller: Caller, send: Callable[[str], httpx.Response]) -> httpx.Response:
        """What ``send`` answers with the current token; once more with a new one if the platform refuses it."""
        token = self.get(caller)
        try:
            return send(token)
        except TokenRefused:
            try:
                return send(self.get(caller, refused=token))
            except TokenRefused as error:
                raise AccountReadError(error.problem) from error
