"""Reads the Google Ads REST API with GAQL over searchStream: one operation a query, whatever it returns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from ingestion.accounts import AccountRef, VisibleAccount, credential_only
from ingestion.errors import AccountReadError
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.google_ads.errors import TOO_SLOW
from ingestion.platforms.google_ads.requests import ACCOUNT_TREE_QUERY, entity_query, report_query
from ingestion.platforms.google_ads.rows import answer_parts, shaped
from ingestion.reports import Column, Entity, Report

Row = dict[str, Any]
DeveloperToken = Callable[[str], SecretStr | None]


class GoogleAdsClient:
    """One per run. Accounts reached through a manager carry login_customer_id in the client file.

    developer_token: by credential; since 2026-09-09 Google ignores it, so it is sent only where somebody stored one.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: AccessTokens,
        *,
        base_url: str,
        version: str,
        developer_token: DeveloperToken = lambda credential: None,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._root = f"{base_url.rstrip('/')}/{version}"
        self._developer_token = developer_token

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Batches of one report over the days since..until (inclusive); in halves where Google takes too long.

        Raises AccountReadError.
        """
        try:
            answer = self._ask(account, report_query(report, since, until))
        except AccountReadError as error:
            if error.problem.code not in TOO_SLOW or since == until:
                raise
            middle = since + timedelta(days=(until - since).days // 2)
            yield from self.report_pages(account, report, since, middle)
            yield from self.report_pages(account, report, middle + timedelta(days=1), until)
            return
        yield from _pages(answer, report.columns)

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """No report is derived from another: GAQL has a query for each."""
        return []

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Batches of one resource without metrics. Raises AccountReadError."""
        yield from _pages(self._ask(account, entity_query(entity)), entity.columns)

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Nothing: removed objects stay in the lists, as REMOVED."""
        return iter(())

    def visible_accounts(self, credential: str) -> list[VisibleAccount]:
        """Client accounts that the login reaches, directly or below a manager. Raises AccountReadError."""
        caller = credential_only("google_ads", credential)

        def send(token: str) -> httpx.Response:
            url = f"{self._root}/customers:listAccessibleCustomers"
            return self._transport.send(caller, "GET", url, headers={"Authorization": f"Bearer {token}"})

        found: dict[str, VisibleAccount] = {}
        for name in json_body(self._tokens.call(caller, send)).get("resourceNames", []):
            reached = str(name).partition("/")[2]
            for customer in self._customers_below(replace(caller, account_id=reached, login_customer_id=reached)):
                own = str(customer["id"])
                # What is reached directly needs no manager in its calls.
                if not customer.get("manager") and (own == reached or own not in found):
                    found[own] = VisibleAccount(
                        own, customer.get("descriptiveName", ""), customer.get("currencyCode"),
                        customer.get("timeZone"), customer.get("status", ""), None if own == reached else reached,
                    )  # fmt: skip
        return list(found.values())

    def _customers_below(self, reached: AccountRef) -> list[Row]:
        """The tree of an account; a lone client account is its own tree. One that is closed has none."""
        try:
            parts = answer_parts(self._ask(reached, ACCOUNT_TREE_QUERY))
        except AccountReadError as error:
            if error.problem.error_class != "permission":
                raise
            return []
        return [row["customerClient"] for batch in parts for row in batch.get("results", [])]

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """Refresh tokens have no date; a revoked one is told by the first call."""
        return None

    def _ask(self, account: AccountRef, query: str) -> httpx.Response:
        """The whole stream: an error after good batches or a cut body is the transport's to meet, before any row."""

        def send(token: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}"}
            if account.login_customer_id:
                headers["login-customer-id"] = account.login_customer_id
            if developer_token := self._developer_token(account.credential):
                headers["developer-token"] = developer_token.get_secret_value()
            return self._transport.send(
                account,
                "POST",
                f"{self._root}/customers/{account.account_id}/googleAds:searchStream",
                headers=headers,
                json={"query": query},
            )

        return self._tokens.call(account, send)


def _pages(answer: httpx.Response, columns: tuple[Column, ...]) -> Iterator[list[Row]]:
    for batch in answer_parts(answer):
        yield shaped(batch.get("results", []), columns)
