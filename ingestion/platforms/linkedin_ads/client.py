"""Reads LinkedIn's versioned REST API: lists page by page, adAnalytics in parts that are never cut off."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from ingestion.accounts import AccountRef, VisibleAccount, credential_only
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.linkedin_ads.requests import (
    accounts_query,
    analytics_queries,
    by_campaign,
    entity_path,
    entity_query,
)
from ingestion.platforms.linkedin_ads.rows import entity_row, joined, report_rows, window_rows
from ingestion.reports import Entity, Report

Row = dict[str, Any]

# Longer queries travel in the body of a POST, since gateways refuse long addresses with 414.
LONGEST_QUERY_CHARACTERS = 4_000
ONE_DAY = timedelta(days=1)
# How a list that is a permission of its own is refused.
_NOT_GRANTED = frozenset({"permission", "invalid_request"})


class LinkedInAdsClient:
    """One per run.

    plain_token: the access token of a credential that has nothing else, None for one that ``tokens`` refreshes.
    refreshed, plain: the ways to send for the two kinds; a refused plain token ends the credential.
    """

    def __init__(
        self,
        *,
        refreshed: Transport,
        plain: Transport,
        tokens: AccessTokens,
        plain_token: Callable[[str], SecretStr | None],
        base_url: str,
        version: str,
    ) -> None:
        self._refreshed, self._plain = refreshed, plain
        self._tokens = tokens
        self._plain_token = plain_token
        self._root = f"{base_url.rstrip('/')}/rest"
        self._version = version
        # (account, report) -> the longest span in days whose answer was whole.
        self._whole_days: dict[tuple[str, str], int] = {}

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """One page for each span that adAnalytics answers whole. Raises AccountReadError.

        A snapshot asks for its periods up to the day before ``until`` and is filed under ``until``.
        """
        for days in report.request.get("periods_days", ()):
            elements = self._elements(account, report, until - timedelta(days=days), until - ONE_DAY)
            yield report_rows(report, elements, date_day=until.isoformat(), period_days=str(days))
        if "periods_days" not in report.request:
            for elements in self._daily(account, report, since, until):
                yield report_rows(report, elements)

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """Conversions by attribution window, out of the rows that hold both windows as metrics."""
        return window_rows(rows)

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Pages of one list; the account itself is a single row. Raises AccountReadError."""
        path = entity_path(entity, account.account_id)
        try:
            if "query" not in entity.request:
                yield [entity_row(self._get(account, path, ""))]
            elif "offset_page_size" in entity.request:
                yield from self._offset_pages(account, entity, path)
            else:
                yield from self._token_pages(account, entity, path)
        except AccountReadError as error:
            if not (entity.request.get("needs_own_permission") and error.problem.error_class in _NOT_GRANTED):
                raise

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Nothing: removed objects stay in the lists, as REMOVED."""
        return iter(())

    def visible_accounts(self, credential: str) -> list[VisibleAccount]:
        """Ad accounts in which the login has a role. Raises AccountReadError."""
        caller, token, found = credential_only("linkedin_ads", credential), "", list[VisibleAccount]()
        while True:
            body = self._get(caller, "adAccounts", accounts_query(token))
            found += [
                VisibleAccount(str(row["id"]), row.get("name", ""), row.get("currency"), None, row.get("status", ""))
                for row in body.get("elements", [])
            ]
            following = (body.get("metadata") or {}).get("nextPageToken") or ""
            if not following or following == token:
                return found
            token = following

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """When the refresh token ends, as the last refresh told; a plain access token does not say."""
        if self._plain_token(account.credential) is not None:
            return None
        self._tokens.get(account)
        return self._tokens.refresh_expires_at.get(account.credential)

    def _get(self, account: AccountRef, path: str, query: str) -> Row:
        body: Row = json_body(self._call(account, path, query))
        return body

    def _call(self, account: AccountRef, path: str, query: str) -> httpx.Response:
        plain = self._plain_token(account.credential)
        if plain is not None:
            return self._send(self._plain, account, plain.get_secret_value(), path, query)
        return self._tokens.call(account, lambda token: self._send(self._refreshed, account, token, path, query))

    def _send(self, transport: Transport, account: AccountRef, token: str, path: str, query: str) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": self._version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if query.startswith("q="):
            headers["X-RestLi-Method"] = "FINDER"
        if len(query) > LONGEST_QUERY_CHARACTERS:
            headers |= {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
            return transport.send(account, "POST", f"{self._root}/{path}", headers=headers, content=query.encode())
        url = f"{self._root}/{path}?{query}" if query else f"{self._root}/{path}"
        return transport.send(account, "GET", url, headers=headers)

    def _token_pages(self, account: AccountRef, entity: Entity, path: str) -> Iterator[list[Row]]:
        """Only a missing token ends the list; pages may be short on the way."""
        token, seen = "", {""}
        while True:
            body = self._get(account, path, entity_query(entity, account.account_id, page_token=token))
            yield [entity_row(element) for element in body.get("elements", [])]
            token = (body.get("metadata") or {}).get("nextPageToken") or ""
            if not token:
                return
            if token in seen:
                raise _endless(account, path, token)
            seen.add(token)

    def _offset_pages(self, account: AccountRef, entity: Entity, path: str) -> Iterator[list[Row]]:
        """The list goes on as long as the answer links to a next page; its address is ours to make."""
        start, before = 0, list[Row]()
        while True:
            body = self._get(account, path, entity_query(entity, account.account_id, start=start))
            elements = body.get("elements", [])
            if elements and elements == before:
                raise _endless(account, path, f"start={start}")
            before = elements
            yield [entity_row(element) for element in elements]
            links = body.get("paging", {}).get("links", [])
            if not elements or not any(link.get("rel") == "next" for link in links):
                return
            start += entity.request["offset_page_size"]

    def _elements(
        self, account: AccountRef, report: Report, since: date, until: date, campaigns: Sequence[str] = ()
    ) -> list[Row]:
        """The whole answer for since..until, its parts joined. Raises ShrinkRequest where one of them was cut off."""
        queries = analytics_queries(report, account.account_id, since, until, campaigns)
        return joined([self._get(account, "adAnalytics", query).get("elements", []) for query in queries])

    def _daily(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Spans of the length that was whole before; a span that is cut off is halved, a day is read by campaign."""
        place = (account.account_id, report.name)
        while since <= until:
            length = min((until - since).days + 1, self._whole_days.get(place, (until - since).days + 1))
            last = since + timedelta(days=length - 1)
            try:
                yield self._elements(account, report, since, last)
            except ShrinkRequest as error:
                if length > 1:
                    self._whole_days[place] = length // 2
                    continue
                yield from self._day_by_campaign(account, report, since, error.problem)
            since = last + ONE_DAY

    def _day_by_campaign(self, account: AccountRef, report: Report, day: date, problem: Problem) -> Iterator[list[Row]]:
        """One day in groups of campaigns, halved until each is whole. Raises AccountReadError where one never is."""
        try:
            elements = self._elements(account, by_campaign(report), day, day)
        except ShrinkRequest:
            raise _too_much(account, report, day, problem) from None
        named = report_rows(by_campaign(report), elements)
        waiting = [sorted({str(row["campaign_id"]) for row in named})]
        while waiting:
            campaigns = waiting.pop(0)
            half = len(campaigns) // 2
            try:
                yield self._elements(account, report, day, day, campaigns)
            except ShrinkRequest:
                if not half:
                    raise _too_much(account, report, day, problem) from None
                waiting[:0] = [campaigns[:half], campaigns[half:]]


def _endless(account: AccountRef, path: str, token: str) -> AccountReadError:
    return AccountReadError(
        Problem(
            Action.GIVE_UP_ACCOUNT,
            "paging",
            "repeated page token",
            f"{path} of {account} gave the page {token!r} twice; its pages have no end",
            "nothing to do: a later run reads the account again",
        )
    )


def _too_much(account: AccountRef, report: Report, day: date, problem: Problem) -> AccountReadError:
    return AccountReadError(
        Problem(
            Action.GIVE_UP_ACCOUNT,
            "too_much_data",
            problem.code,
            f"{report.name} of {account} on {day} is cut off even when it is read campaign by campaign",
            "report this account to the platform's maintainers: the day cannot be read whole",
        )
    )
