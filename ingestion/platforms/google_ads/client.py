"""Reads the Google Ads REST API with GAQL over searchStream."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from ingestion.accounts import AccountRef
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.google_ads.reports import ENTITY_QUERIES, REPORT_QUERIES
from ingestion.reports import Entity, Report

Row = dict[str, Any]


class GoogleAdsClient:
    """One per run. Accounts reached through a manager carry login_customer_id in the client file."""

    def __init__(self, transport: Transport, tokens: AccessTokens, *, base_url: str, version: str) -> None:
        self._transport = transport
        self._tokens = tokens
        self._root = f"{base_url.rstrip('/')}/{version}"

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Batches of one report over the days since..until (inclusive). Raises AccountReadError."""
        yield from self._stream(account, REPORT_QUERIES[report.name].format(since=since, until=until))

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """No report is derived from another: GAQL has a query for each."""
        return []

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Batches of one resource without metrics. Raises AccountReadError."""
        yield from self._stream(account, ENTITY_QUERIES[entity.name])

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Nothing: removed objects stay in the lists, as REMOVED."""
        return iter(())

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """Refresh tokens have no date; a revoked one is told by the first call."""
        return None

    def _stream(self, account: AccountRef, query: str) -> Iterator[list[Row]]:
        def send(token: str) -> Any:
            headers = {"Authorization": f"Bearer {token}"}
            if account.login_customer_id:
                headers["login-customer-id"] = account.login_customer_id
            return self._transport.send(
                account,
                "POST",
                f"{self._root}/customers/{account.account_id}/googleAds:searchStream",
                headers=headers,
                json={"query": query},
            )

        for batch in json_body(self._tokens.call(account, send)):
            yield batch.get("results", [])
