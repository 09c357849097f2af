"""Reads Meta's Graph API: entities and insights, page by page."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from pydantic import SecretStr

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.platforms.meta_ads.reports import EVERY_CAMPAIGN_STATUS, EVERY_STATUS
from ingestion.reports import Entity, Level, Report

Row = dict[str, Any]

PAGE_LIMIT = 500
SMALLEST_PAGE_LIMIT = 25
REPORT_RUN_FIRST_POLL_SECONDS = 1.0
REPORT_RUN_LONGEST_POLL_SECONDS = 30.0
# Meta says up to an hour including its own retries.
REPORT_RUN_TIMEOUT_SECONDS = 3600.0

_EDGES = {"campaigns": "campaigns", "ad_sets": "adsets", "ads": "ads"}
# Edges leave out archived objects unless asked; deleted ones cannot be asked for on an edge.
_ENTITY_STATUS = {
    "campaigns": [status for status in EVERY_CAMPAIGN_STATUS if status != "DELETED"],
    "ad_sets": [*(status for status in EVERY_CAMPAIGN_STATUS if status != "DELETED"), "CAMPAIGN_PAUSED"],
    "ads": [status for status in EVERY_STATUS if status != "DELETED"],
}
_STATUS_FILTERS = {Level.CAMPAIGN: ("campaign", EVERY_CAMPAIGN_STATUS), Level.AD: ("ad", EVERY_STATUS)}


def insights_parameters(report: Report, since: date, until: date) -> dict[str, str]:
    """Query of one insights report. The account-level control call carries no filter and no attribution setting."""
    # `created_time` and the like are never asked for; date_start and date_stop always come by themselves.
    fields = ["account_id", *(column.path[0] for column in report.columns if column.name != "date_day")]
    parameters = {
        "level": report.level.value,
        "time_increment": "1",
        "time_range": orjson.dumps({"since": since.isoformat(), "until": until.isoformat()}).decode(),
        "fields": ",".join(fields),
    }
    if status_filter := _STATUS_FILTERS.get(report.level):
        scope, statuses = status_filter
        condition = {"field": f"{scope}.effective_status", "operator": "IN", "value": list(statuses)}
        parameters["filtering"] = orjson.dumps([condition]).decode()
    return parameters


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
        self._root = f"{base_url.rstrip('/')}/{version}"
        self._token_of = token_of
        self._sleeper = sleeper

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Pages of one insights report over the days since..until (inclusive). Raises AccountReadError."""
        parameters = insights_parameters(report, since, until)
        edge = f"act_{account.account_id}/insights"
        try:
            yield from self._pages(account, edge, parameters)
        except ShrinkRequest:
            # Too heavy even at the smallest page: the platform computes it as a report run instead.
            try:
                yield from self._report_run_pages(account, edge, parameters)
            except ShrinkRequest:
                raise _unreadable(account, edge) from None

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Pages of one entity edge; the account itself is a single row. Raises AccountReadError."""
        fields = ",".join(dict.fromkeys(_field_of(column.path) for column in entity.columns))
        if entity.name == "accounts":
            yield [self._get(account, f"act_{account.account_id}", {"fields": f"account_id,{fields}"})]
            return
        parameters = {
            "fields": fields,
            "effective_status": orjson.dumps(_ENTITY_STATUS[entity.name]).decode(),
        }
        try:
            yield from self._pages(account, f"act_{account.account_id}/{_EDGES[entity.name]}", parameters)
        except ShrinkRequest as error:
            raise AccountReadError(error.problem) from error

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """No report is derived from another yet."""
        return []

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """No object is read by its id yet."""
        return iter(())

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """Not asked yet."""
        return None

    def _get(self, account: AccountRef, path: str, parameters: dict[str, str]) -> Row:
        return self._call(account, "GET", path, parameters)

    def _call(self, account: AccountRef, method: str, path: str, parameters: dict[str, str]) -> Row:
        token = self._token_of(account.credential).get_secret_value()
        response = self._transport.send(
            account,
            method,
            f"{self._root}/{path}",
            headers={"Authorization": f"Bearer {token}"},
            **({"params": parameters} if method == "GET" else {"data": parameters}),
        )
        body: Row = json_body(response)
        return body

    def _pages(self, account: AccountRef, edge: str, parameters: dict[str, str]) -> Iterator[list[Row]]:
        """Follow the cursor until the answer names no next page; halve the page size where the platform asks."""
        limit, after, seen = PAGE_LIMIT, "", {""}
        while True:
            query = {**parameters, "limit": str(limit), **({"after": after} if after else {})}
            try:
                body = self._get(account, edge, query)
            except ShrinkRequest:
                if limit <= SMALLEST_PAGE_LIMIT:
                    if after:
                        raise _unreadable(account, edge) from None
                    raise
                limit = max(SMALLEST_PAGE_LIMIT, limit // 2)
                continue
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

    def _report_run_pages(self, account: AccountRef, edge: str, parameters: dict[str, str]) -> Iterator[list[Row]]:
        """Asynchronous report: start, poll until it is complete, read its pages."""
        run_id = self._call(account, "POST", edge, parameters)["report_run_id"]
        waited, pause = 0.0, REPORT_RUN_FIRST_POLL_SECONDS
        while True:
            run = self._get(account, str(run_id), {"fields": "id,async_status,async_percent_completion"})
            status = run.get("async_status")
            if status == "Job Completed":
                break
            if status in ("Job Failed", "Job Skipped") or waited > REPORT_RUN_TIMEOUT_SECONDS:
                raise AccountReadError(
                    Problem(
                        Action.GIVE_UP_ACCOUNT,
                        "report_run",
                        str(status),
                        f"report run {run_id} of {account} ended with {status!r} after {waited:.0f} s",
                        "nothing to do: a later run asks for the report again",
                    )
                )
            self._sleeper(pause)
            waited += pause
            pause = min(REPORT_RUN_LONGEST_POLL_SECONDS, pause * 2)
        yield from self._pages(account, f"{run_id}/insights", {})


def _field_of(path: tuple[str, ...]) -> str:
    """Graph API field expression of a path: ("creative", "id") -> creative{id}."""
    return path[0] if len(path) == 1 else f"{path[0]}{{{_field_of(path[1:])}}}"


def _unreadable(account: AccountRef, edge: str) -> AccountReadError:
    return AccountReadError(
        Problem(
            Action.GIVE_UP_ACCOUNT,
            "too_much_data",
            "smallest page",
            f"{edge} of {account} is refused even at {SMALLEST_PAGE_LIMIT} rows a page",
            "run `mdp sync meta_ads` for this account with a shorter --from/--to range",
        )
    )
