"""Reads Instagram's Graph API: one call a day for account figures, one or two a media object, lists page by page."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from ingestion.accounts import AccountRef, VisibleAccount, credential_only
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.http.graph_api import token_expires_at
from ingestion.platforms.instagram.errors import GONE_OR_BUSY, NO_INSIGHTS, REFUSED, out_of_reach
from ingestion.platforms.instagram.reports import Question
from ingestion.platforms.instagram.requests import (
    day_parameters,
    day_questions,
    demographics_parameters,
    fields_of,
    list_parameters,
    media_parameters,
    media_questions,
    metric_names,
    midnight,
    series_parameters,
)
from ingestion.platforms.instagram.rows import account_day, breakdown_rows, instant_of, media_row, series_rows, totals
from ingestion.reports import Entity, Report

Row = dict[str, Any]

SMALLEST_PAGE_LIMIT = 10


class InstagramClient:
    """One per run. ``token_of`` resolves a credential name into its access token when it is needed."""

    def __init__(
        self, transport: Transport, *, base_url: str, version: str, token_of: Callable[[str], SecretStr]
    ) -> None:
        self._transport = transport
        self._root = f"{base_url.rstrip('/')}/{version}"
        self._token_of = token_of
        # Metrics that an account was refused in this run: its other days do not ask for them again.
        self._refused: dict[tuple[str, Question], set[str]] = defaultdict(set)

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Pages of one report over the days since..until (inclusive); a snapshot's rows carry ``since``.

        Raises AccountReadError.
        """
        days = [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
        match report.request["reads"]:
            case "day_totals":
                for day in days:
                    yield self._day_totals(account, report, day)
            case "day_breakdowns":
                for day in days:
                    yield self._day_breakdowns(account, report, day)
            case "time_series":
                yield from self._time_series(account, report, since, until)
            case "demographics":
                yield from self._demographics(account, report, since)
            case "profile":
                figures = self._get(account, account.account_id, {"fields": fields_of(report)})
                yield [{**figures, "date_day": since.isoformat()}]
            case _:
                yield from self._media_snapshots(account, report, since)

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """No report is derived from another here."""
        return []

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """The account's profile as a single row, or pages of its media or live stories. Raises AccountReadError."""
        if edge := entity.request.get("edge"):
            yield from self._list(account, edge, list_parameters(entity))
            return
        try:
            yield [self._get(account, account.account_id, {"fields": fields_of(entity)})]
        except AccountReadError as error:
            if error.problem.code != GONE_OR_BUSY:
                raise
            raise AccountReadError(out_of_reach(error.problem)) from error

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Deleted media simply vanish; nothing of them can be read."""
        return iter(())

    def visible_accounts(self, credential: str) -> list[VisibleAccount]:
        """Business accounts that are linked to a page of the token's user. Raises AccountReadError."""
        caller = replace(credential_only("instagram", credential), account_id="me")
        parameters = {"fields": "id,name,instagram_business_account", "limit": "100"}
        return [
            VisibleAccount(str(row["instagram_business_account"]["id"]), row.get("name", ""), None, None, "linked")
            for page in self._list(caller, "accounts", parameters)
            for row in page
            if "instagram_business_account" in row
        ]

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """When the account's token ends; None for a token without an end. Raises AccountReadError."""
        token = self._token_of(account.credential).get_secret_value()
        return token_expires_at(self._get(account, "debug_token", {"input_token": token}))

    def _day_totals(self, account: AccountRef, report: Report, day: date) -> list[Row]:
        found: Row = {}
        for _, answer in self._day_answers(account, report, day):
            found |= totals(answer)
        return account_day(day, found, metric_names(report))

    def _day_breakdowns(self, account: AccountRef, report: Report, day: date) -> list[Row]:
        return [
            row
            for question, answer in self._day_answers(account, report, day)
            for row in breakdown_rows(day, answer, question.breakdown)
        ]

    def _day_answers(self, account: AccountRef, report: Report, day: date) -> list[tuple[Question, Row]]:
        """What the account tells of a day. A metric that it is refused is left out; all refused is an error."""
        answers: list[tuple[Question, Row]] = []
        refusal: AccountReadError | None = None
        for question in day_questions(report):
            refused = self._refused[account.account_id, question]
            wanted = [metric for metric in question.metrics if metric not in refused]
            # One metric that does not suit the account sinks the call: then each one is asked for alone.
            waiting = [wanted] if wanted else []
            while waiting:
                metrics = waiting.pop(0)
                try:
                    answers.append((question, self._insights(account, day_parameters(question, metrics, day))))
                except AccountReadError as error:
                    if error.problem.error_class != REFUSED:
                        raise
                    refusal = error
                    if len(metrics) > 1:
                        waiting = [[metric] for metric in metrics]
                    else:
                        refused.update(metrics)
        if refusal and not answers:
            raise refusal
        return answers

    def _time_series(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        for period in report.request["periods"]:
            parameters = series_parameters(metric_names(report), period, since, until)
            yield list(series_rows(self._insights(account, parameters), period, since, until))

    def _demographics(self, account: AccountRef, report: Report, day: date) -> Iterator[list[Row]]:
        for dimension in report.request["dimensions"]:
            answer = self._insights(account, demographics_parameters(report, dimension))
            yield list(breakdown_rows(day, answer, dimension))

    def _media_snapshots(self, account: AccountRef, report: Report, day: date) -> Iterator[list[Row]]:
        newest_days = report.request.get("newest_days")
        oldest = midnight(day - timedelta(days=newest_days)) if newest_days else 0
        for page in self._list(account, report.request["edge"], list_parameters(report, day)):
            recent = [media for media in page if instant_of(media["timestamp"]).timestamp() >= oldest]
            yield [row for media in recent for row in self._media_snapshot(account, report, media, day)]
            if page and not recent:
                return

    def _media_snapshot(self, account: AccountRef, report: Report, media: Row, day: date) -> list[Row]:
        """The object's row; none where the platform has no insights of it, or where it went meanwhile."""
        answers: list[Row] = []
        try:
            for question in media_questions(report, media):
                answers += self._media_answers(account, str(media["id"]), question)
        except AccountReadError as error:
            if error.problem.error_class == NO_INSIGHTS:
                return []
            if error.problem.code == GONE_OR_BUSY and self._is_gone(account, str(media["id"])):
                return []
            raise
        return media_row(day, media, answers)

    def _media_answers(self, account: AccountRef, media_id: str, question: Question) -> list[Row]:
        for metrics in (question.metrics, *question.fallbacks):
            try:
                return [self._get(account, f"{media_id}/insights", media_parameters(question, metrics))]
            except AccountReadError as error:
                if error.problem.error_class != REFUSED:
                    raise
        return []

    def _is_gone(self, account: AccountRef, media_id: str) -> bool:
        try:
            self._get(account, media_id, {"fields": "id"})
        except AccountReadError as error:
            if error.problem.code == GONE_OR_BUSY:
                return True
            raise
        return False

    def _insights(self, account: AccountRef, parameters: dict[str, str]) -> Row:
        return self._get(account, f"{account.account_id}/insights", parameters)

    def _get(self, account: AccountRef, path: str, parameters: dict[str, str]) -> Row:
        try:
            return self._send(account, path, parameters)
        except ShrinkRequest as error:
            raise AccountReadError(error.problem) from error

    def _send(self, account: AccountRef, path: str, parameters: dict[str, str]) -> Row:
        token = self._token_of(account.credential).get_secret_value()
        headers = {"Authorization": f"Bearer {token}"}
        response = self._transport.send(account, "GET", f"{self._root}/{path}", headers=headers, params=parameters)
        body: Row = json_body(response)
        return body

    def _list(self, account: AccountRef, edge: str, parameters: dict[str, str]) -> Iterator[list[Row]]:
        """Follow the cursor until the answer names no next page; halve the page size where the platform asks.

        What moves down the list while it is read comes once only.
        """
        limit, after, cursors, ids = int(parameters["limit"]), "", {""}, set[str]()
        while True:
            query = {**parameters, "limit": str(limit), **({"after": after} if after else {})}
            try:
                body = self._send(account, f"{account.account_id}/{edge}", query)
            except ShrinkRequest as error:
                if limit <= SMALLEST_PAGE_LIMIT:
                    raise AccountReadError(error.problem) from error
                limit = max(SMALLEST_PAGE_LIMIT, limit // 2)
                continue
            page = _first_time(body.get("data", []), ids)
            yield page
            paging = body.get("paging", {})
            if "next" not in paging:
                return
            after = paging["cursors"]["after"]
            if after in cursors:
                raise AccountReadError(_endless(account, edge, after))
            cursors.add(after)


def _first_time(rows: Iterable[Row], ids: set[str]) -> list[Row]:
    """The rows whose id has not come before; ``ids`` remembers them."""
    fresh: dict[str, Row] = {str(row["id"]): row for row in rows if str(row["id"]) not in ids}
    ids |= set(fresh)
    return list(fresh.values())


def _endless(account: AccountRef, edge: str, cursor: str) -> Problem:
    return Problem(
        Action.GIVE_UP_ACCOUNT,
        "paging",
        "repeated cursor",
        f"{edge} of {account} gave the cursor {cursor!r} twice; its pages have no end",
        "nothing to do: a later run reads the account again",
    )
