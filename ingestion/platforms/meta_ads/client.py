"""Reads Meta's Graph API: entities and insights, page by page, and objects by their ids."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from ingestion.accounts import AccountRef, VisibleAccount, credential_only
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.http.graph_api import token_expires_at
from ingestion.platforms.meta_ads import requests
from ingestion.platforms.meta_ads.errors import NO_SUCH_OBJECT, UNREADABLE_SPEC, classify
from ingestion.platforms.meta_ads.report_runs import ReportRuns
from ingestion.platforms.meta_ads.rows import entity_rows, report_shaper
from ingestion.reports import Entity, Report
from ingestion.windows import Span

Row = dict[str, Any]

# A first page of this size that is still too heavy means that the whole question is.
SMALLEST_FIRST_PAGE = 25
# Parts of a question that was too heavy begin with a smaller page.
PART_PAGE_LIMIT = 100
# A part of so few days that is still too heavy is computed as a report run.
LIGHTEST_SPAN_DAYS = 7


class MetaAdsClient:
    """One per run. ``token_of`` resolves a credential name into its access token when it is needed."""

    def __init__(
        self,
        transport: Transport,
        *,
        base_url: str,
        version: str,
        token_of: Callable[[str], SecretStr],
        sleeper: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._version = version
        self._token_of = token_of
        self._report_runs = ReportRuns(self._call, sleeper)

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Pages of one insights report over the days since..until (inclusive). Raises AccountReadError."""
        shape = report_shaper(report)
        for page in self._insights(account, report, Span(since, until), requests.PAGE_LIMIT):
            yield shape(page)

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """None: conversions are a view over the lists of actions that ``ad_daily`` keeps."""
        return []

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Pages of one entity edge; the account itself is a single row. Raises AccountReadError."""
        node = f"act_{account.account_id}"
        if not entity.key:
            parameters = {"fields": f"account_id,{requests.entity_fields(entity)}"}
            yield entity_rows(entity, account.currency, [self._call(account, "GET", node, parameters)])
            return
        edge, limit = f"{node}/{entity.request['edge']}", int(entity.request.get("page_limit", requests.PAGE_LIMIT))
        broken = entity.request.get("may_be_unreadable")

        def instead(page: dict[str, str]) -> Row:
            """The page without the field that failed it, its objects read again by themselves."""
            body = self._call(account, "GET", edge, page | requests.entity_parameters(entity, without=broken))
            ids = [str(row["id"]) for row in body.get("data", [])]
            return {**body, "data": list(self._by_id(account, entity, ids))}

        try:
            parameters = requests.entity_parameters(entity)
            for rows in self._pages(account, edge, parameters, limit, instead if broken else None):
                yield entity_rows(entity, account.currency, rows)
        except ShrinkRequest:
            raise _unreadable(account, edge) from None

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Objects that no edge shows, most of them deleted, by their ids; those that are gone for good are left out."""
        for start in range(0, len(ids), requests.LARGEST_BATCH):
            found = self._by_id(account, entity, ids[start : start + requests.LARGEST_BATCH])
            yield entity_rows(entity, account.currency, found)

    def visible_accounts(self, credential: str) -> list[VisibleAccount]:
        """Ad accounts that the token's user reaches. Raises AccountReadError."""
        fields = {"fields": "account_id,name,currency,timezone_name,account_status"}
        pages = self._pages(credential_only("meta_ads", credential), "me/adaccounts", fields, requests.PAGE_LIMIT)
        return [
            VisibleAccount(
                str(row["account_id"]), row.get("name", ""), row["currency"], row["timezone_name"],
                str(row.get("account_status", "")),
            )
            for page in pages
            for row in page
        ]  # fmt: skip

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """When the access token, or its right to read data, ends; None for one that does not."""
        token = self._token_of(account.credential).get_secret_value()
        return token_expires_at(self._call(account, "GET", "debug_token", {"input_token": token}))

    def _insights(self, account: AccountRef, report: Report, span: Span, limit: int) -> Iterator[list[Row]]:
        """Pages of a report; what is too heavy at the smallest page is asked for in parts, then as report runs."""
        edge = f"act_{account.account_id}/insights"
        try:
            yield from self._pages(account, edge, requests.insights_parameters(report, span.since, span.until), limit)
        except ShrinkRequest:
            if len(span.days()) <= LIGHTEST_SPAN_DAYS:
                yield from self._computed(account, report, span, edge)
                return
            for part in requests.halves(span):
                yield from self._insights(account, report, part, PART_PAGE_LIMIT)

    def _computed(self, account: AccountRef, report: Report, span: Span, edge: str) -> Iterator[list[Row]]:
        """Pages of a report run; one that is too heavy is computed in parts, down to single days."""
        try:
            rows = self._report_runs.completed(
                account, edge, requests.insights_parameters(report, span.since, span.until)
            )
            yield from self._pages(account, rows, {}, requests.PAGE_LIMIT)
        except ShrinkRequest:
            if span.since == span.until:
                raise _unreadable(account, edge) from None
            for part in requests.halves(span):
                yield from self._computed(account, report, part, edge)

    def _by_id(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[Row]:
        """Objects by their ids, in batches; what a batch does not answer is asked for by itself."""
        for start in range(0, len(ids), requests.LARGEST_BATCH):
            part = ids[start : start + requests.LARGEST_BATCH]
            form = requests.batch_form(self._version, part, requests.entity_fields(entity))
            answers = self._call(account, "POST", "", form)
            for object_id, answer in zip(part, answers, strict=True):
                # A call that the batch had no time for has no answer.
                told = httpx.Response(answer["code"], content=answer["body"]) if answer else None
                if told is not None and classify(told) is None:
                    yield json_body(told)
                elif (alone := self._alone(account, entity, object_id)) is not None:
                    yield alone

    def _alone(self, account: AccountRef, entity: Entity, object_id: str) -> Row | None:
        """One object; without the field that makes it unreadable; None if it does not exist any more."""
        try:
            whole: Row = self._call(account, "GET", object_id, {"fields": requests.entity_fields(entity)})
            return whole
        except AccountReadError as error:
            if error.problem.code == NO_SUCH_OBJECT:
                return None
            broken = entity.request.get("may_be_unreadable")
            if broken is None or error.problem.code not in UNREADABLE_SPEC:
                raise
        rest: Row = self._call(account, "GET", object_id, {"fields": requests.entity_fields(entity, without=broken)})
        return rest

    def _call(self, account: AccountRef, method: str, path: str, parameters: dict[str, str]) -> Any:
        """The parsed answer of one call. The token travels in a header, so that no address shows it."""
        token = self._token_of(account.credential).get_secret_value()
        response = self._transport.send(
            account,
            method,
            f"{self._base_url}/{self._version}/{path}",
            headers={"Authorization": f"Bearer {token}"},
            **({"params": parameters} if method == "GET" else {"data": parameters}),
        )
        return json_body(response)

    def _pages(
        self,
        account: AccountRef,
        edge: str,
        parameters: dict[str, str],
        limit: int,
        instead: Callable[[dict[str, str]], Row] | None = None,
    ) -> Iterator[list[Row]]:
        """Follow the cursor until the answer names no next page; halve the page size where the platform asks.

        instead: another way to the page of these parameters, where an object on it cannot be read as asked. Raises
        ShrinkRequest when the first page is too heavy however small it is.
        """
        after, seen = "", {""}
        while True:
            page = {"limit": str(limit), **({"after": after} if after else {})}
            try:
                body: Row = self._call(account, "GET", edge, {**parameters, **page})
            except ShrinkRequest:
                if limit <= (1 if after else SMALLEST_FIRST_PAGE):
                    if after:
                        raise _unreadable(account, edge) from None
                    raise
                limit = max(1 if after else SMALLEST_FIRST_PAGE, limit // 2)
                continue
            except AccountReadError as error:
                if instead is None or error.problem.code not in UNREADABLE_SPEC:
                    raise
                body = instead(page)
            yield body.get("data", [])
            paging = body.get("paging", {})
            if "next" not in paging:
                return
            after = paging["cursors"]["after"]
            if after in seen:
                raise AccountReadError(
                    Problem(
                        Action.GIVE_UP_ACCOUNT,
                        "paging",
                        "repeated cursor",
                        f"{edge} of {account} gave the cursor {after!r} twice; its pages have no end",
                        "nothing to do: a later run reads the account again",
                    )
                )
            seen.add(after)


def _unreadable(account: AccountRef, edge: str) -> AccountReadError:
    return AccountReadError(
        Problem(
            Action.GIVE_UP_ACCOUNT,
            "too_much_data",
            "smallest page",
            f"{edge} of {account} is refused however small the page and the span are",
            "run `mdp sync meta_ads` for this account with a shorter --from/--to range",
        )
    )
