"""Reads the Google Ads REST API with GAQL over searchStream; refreshes access tokens per credential."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from pydantic import SecretStr

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError, TokenRefused
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.platforms.google_ads.reports import ENTITY_QUERIES, REPORT_QUERIES
from ingestion.reports import Entity, Report

Row = dict[str, Any]
SecretPart = Callable[[str, str], SecretStr]


class AccessTokens:
    """Access tokens by credential; one thread refreshes, the others wait for its result."""

    def __init__(self, transport: Transport, token_url: str, secret_of: SecretPart) -> None:
        self._transport = transport
        self._token_url = token_url
        self._secret_of = secret_of
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def get(self, credential: str, refused: str | None = None) -> str:
        """The current token; a new one if the current one is the ``refused`` one. Raises AccountReadError."""
        with self._lock:
            token = self._tokens.get(credential)
            if token is None or token == refused:
                token = self._tokens[credential] = self._refresh(credential)
            return token

    def _refresh(self, credential: str) -> str:
        form = {
            "grant_type": "refresh_token",
            **{
                part: self._secret_of(credential, part).get_secret_value()
                for part in ("client_id", "client_secret", "refresh_token")
            },
        }
        response = self._transport.send(credential, "POST", self._token_url, data=form)
        return str(json_body(response)["access_token"])


class GoogleAdsClient:
    """One per run. Accounts reached through a manager carry login_customer_id in the client file."""

    def __init__(self, transport: Transport, tokens: AccessTokens, *, base_url: str, version: str) -> None:
        self._transport = transport
        self._tokens = tokens
        self._root = f"{base_url.rstrip('/')}/{version}"

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()
        self._tokens.close()

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Batches of one report over the days since..until (inclusive). Raises AccountReadError."""
        yield from self._stream(account, REPORT_QUERIES[report.name].format(since=since, until=until))

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Batches of one resource without metrics. Raises AccountReadError."""
        yield from self._stream(account, ENTITY_QUERIES[entity.name])

    def _stream(self, account: AccountRef, query: str) -> Iterator[list[Row]]:
        token = self._tokens.get(account.credential)
        try:
            batches = self._search_stream(account, query, token)
        except TokenRefused:
            try:
                batches = self._search_stream(account, query, self._tokens.get(account.credential, refused=token))
            except TokenRefused as error:
                raise AccountReadError(error.problem) from error
        for batch in batches:
            yield batch.get("results", [])

    def _search_stream(self, account: AccountRef, query: str, token: str) -> list[Row]:
        headers = {"Authorization": f"Bearer {token}"}
        if account.login_customer_id:
            headers["login-customer-id"] = account.login_customer_id
        response = self._transport.send(
            account.credential,
            "POST",
            f"{self._root}/customers/{account.account_id}/googleAds:searchStream",
            headers=headers,
            json={"query": query},
        )
        batches: list[Row] = json_body(response)
        return batches
