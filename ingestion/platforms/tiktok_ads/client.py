"""Reads TikTok's API for Business: lists and reports, page by page, with the errors that hide in HTTP 200."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from ingestion.accounts import AccountRef, VisibleAccount, credential_only
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.http import Transport
from ingestion.http.answers import json_body
from ingestion.platforms.tiktok_ads import requests
from ingestion.platforms.tiktok_ads.reports import ACCOUNT_DAILY, CAMPAIGN_DAILY, HOURLY_RETENTION_DAYS
from ingestion.platforms.tiktok_ads.rows import (
    PageInfo,
    counted,
    have_shape,
    shaped_entities,
    with_events,
    with_hours,
    without_dashes,
)
from ingestion.reports import Entity, Level, Report

Row = dict[str, Any]
Counts = dict[str, int]

# More ids than this in one query: the newest are kept, the others are cut without a word.
MOST_IDS_PER_QUERY = 20_000
MOST_IDS_PER_FILTER = 100
# An hourly list that stops in the middle of the day was seen under throttling; it comes whole a little later.
HOURLY_ATTEMPTS = 3
HOURLY_PAUSE_SECONDS = 10.0
_WAIT = "nothing to do: a later run reads the account again"


class TikTokAdsClient:
    """One per run. ``token_of`` resolves a credential name into its access token when it is needed.

    app_part_of: likewise app_id and secret of the app, which only the list of visible accounts needs.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        base_url: str,
        version: str,
        token_of: Callable[[str], SecretStr],
        app_part_of: Callable[[str, str], SecretStr],
        sleeper: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._root = f"{base_url.rstrip('/')}/open_api/{version}"
        self._token_of = token_of
        self._app_part_of = app_part_of
        self._sleeper = sleeper
        self._top_view: dict[str, bool] = {}
        self._counted: dict[str, dict[date, Counts]] = {}

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Pages of one report over the days since..until (inclusive). Raises AccountReadError."""
        if requests.time_dimension(report) == "stat_time_hour":
            yield self._hours(account, report, since)
            return
        events = report.request.get("also_metrics", ())
        for page in self._every_object(account, report, since, until):
            shaped = without_dashes(page)
            yield with_events(shaped, events) if events else shaped

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """None: the conversions of ads are a view over their days."""
        return []

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Pages of one list; the advertiser itself is a single row. Raises AccountReadError."""
        if entity.name == "accounts":
            yield [self._advertiser(account, entity)]
            return
        seen: set[str] = set()
        try:
            for rows in self._every_kind(account, entity):
                # Kinds that are asked for one by one may overlap.
                new = [row for row in rows if str(row.get(entity.key[0])) not in seen]
                seen |= {str(row.get(entity.key[0])) for row in new}
                yield shaped_entities(entity, new)
        except AccountReadError as error:
            if error.problem.code not in entity.request.get("absent_codes", ()):
                raise

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Nothing: lists show deleted objects, and what they no longer show is not there by its id either."""
        return iter(())

    def visible_accounts(self, credential: str) -> list[VisibleAccount]:
        """Advertisers that authorised the app of the credential. Raises AccountReadError."""
        caller = credential_only("tiktok_ads", credential)
        app = {part: self._app_part_of(credential, part).get_secret_value() for part in ("app_id", "secret")}
        ids = [str(row["advertiser_id"]) for row in _listed(self._get(caller, "oauth2/advertiser/get", app))]
        found = []
        for start in range(0, len(ids), MOST_IDS_PER_FILTER):
            some = requests.accounts_parameters(ids[start : start + MOST_IDS_PER_FILTER])
            found += _listed(self._get(caller, requests.ACCOUNT_PATH, some))
        return [
            VisibleAccount(
                str(row["advertiser_id"]), row.get("name", ""), row.get("currency"), row.get("display_timezone"),
                row.get("status", ""),
            )
            for row in found
        ]  # fmt: skip

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """Never: the token of the Marketing API ends only when somebody withdraws it."""
        return None

    def _advertiser(self, account: AccountRef, entity: Entity) -> Row:
        parameters = requests.account_parameters(entity, account.account_id)
        data = self._get(account, requests.ACCOUNT_PATH, parameters)
        own = [row for row in _listed(data) if str(row.get("advertiser_id")) == account.account_id]
        if not own:
            raise AccountReadError(
                Problem(
                    Action.GIVE_UP_ACCOUNT,
                    "permission",
                    "no advertiser",
                    f"{account}: the platform shows no such advertiser to this credential",
                    "check the advertiser id in the client file and who authorised the app",
                )
            )
        return shaped_entities(entity, own)[0]

    def _every_kind(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        path = entity.request["path"]
        yield from self._pages(account, path, requests.entity_parameters(entity, account.account_id))
        hidden = list(entity.request.get("only_in", ()))
        if not entity.request.get("all_fields") and self._has_top_view(account):
            hidden.append(requests.TOP_VIEW)
        for only in hidden:
            yield from self._pages(account, path, requests.entity_parameters(entity, account.account_id, only))

    def _has_top_view(self, account: AccountRef) -> bool:
        """Whether TopView must be asked for by itself; one call for each account and run."""
        if account.account_id not in self._top_view:
            data = self._get(account, requests.CAMPAIGN_PATH, requests.top_view_probe(account.account_id))
            self._top_view[account.account_id] = bool(_listed(data))
        return self._top_view[account.account_id]

    def _every_object(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """All rows of a report: what is shown by itself, TopView, and what a query of too many ids was cut by."""
        if report.level is Level.ACCOUNT:
            for rows in self._report(account, report, since, until):
                _require_own(account, report, rows)
                yield rows
            return
        for top_view in (False, True) if self._has_top_view(account) else (False,):
            seen: set[str] = set()
            for rows in self._report(account, report, since, until, top_view=top_view):
                seen |= _ids(report, rows)
                yield rows
            if len(seen) >= MOST_IDS_PER_QUERY:
                yield from self._what_was_cut(account, report, since, until, seen, top_view)

    def _what_was_cut(
        self, account: AccountRef, report: Report, since: date, until: date, seen: set[str], top_view: bool
    ) -> Iterator[list[Row]]:
        """Rows of the objects that are not ``seen``, asked for by campaigns: fewer of them wherever it is too many."""
        if report.level is Level.CAMPAIGN:
            raise _too_many_ids(account, report, f"{len(seen)} campaigns")
        campaigns: set[str] = set()
        for rows in self._report(account, CAMPAIGN_DAILY, since, until, top_view=top_view):
            campaigns |= _ids(CAMPAIGN_DAILY, rows)
        ordered = sorted(campaigns)
        waiting = [
            ordered[start : start + MOST_IDS_PER_FILTER] for start in range(0, len(ordered), MOST_IDS_PER_FILTER)
        ]
        while waiting:
            chosen = waiting.pop()
            found: set[str] = set()
            for rows in self._report(account, report, since, until, top_view=top_view, campaigns=chosen):
                ids = _ids(report, rows)
                found |= ids
                yield [row for row in rows if _id(report, row) not in seen]
            seen |= found
            if len(found) >= MOST_IDS_PER_QUERY:
                if len(chosen) == 1:
                    raise _too_many_ids(account, report, f"campaign {chosen[0]}")
                middle = len(chosen) // 2
                waiting += [chosen[:middle], chosen[middle:]]

    def _hours(self, account: AccountRef, report: Report, day: date) -> list[Row]:
        """The hours of one day, accepted only if their counts add up to the account's own day."""
        for attempt in range(HOURLY_ATTEMPTS):
            if attempt:
                self._sleeper(HOURLY_PAUSE_SECONDS)
            hours = [row for page in self._every_object(account, report, day, day) for row in page]
            shaped = with_hours(hours, day)
            of_hours = counted(shaped)
            of_day = self._counts_of(account, day, again=attempt > 0)
            if of_hours == of_day:
                return shaped
        raise _incomplete(
            "hours missing",
            f"{report.name} of {account} on {day}: the hours add up to {of_hours}, the day says {of_day}",
        )

    def _counts_of(self, account: AccountRef, day: date, *, again: bool) -> Counts:
        """Impressions and clicks of the account's own day; asked once for all the days whose hours are due."""
        known = self._counted.setdefault(account.account_id, {})
        if again or day not in known:
            since = day - timedelta(days=HOURLY_RETENTION_DAYS - 1)
            own: dict[str, list[Row]] = defaultdict(list)
            for page in self._every_object(account, ACCOUNT_DAILY, since, day):
                for row in without_dashes(page):
                    own[str(row["dimensions"].get("stat_time_day"))[:10]].append(row)
            for number in range(HOURLY_RETENTION_DAYS):
                each = since + timedelta(days=number)
                known[each] = counted(own[each.isoformat()])
        return known[day]

    def _report(
        self,
        account: AccountRef,
        report: Report,
        since: date,
        until: date,
        *,
        top_view: bool = False,
        campaigns: Sequence[str] = (),
    ) -> Iterator[list[Row]]:
        parameters = requests.report_parameters(
            report, account.account_id, since, until, top_view=top_view, campaigns=campaigns
        )
        return self._pages(account, requests.REPORT_PATH, parameters)

    def _pages(self, account: AccountRef, path: str, parameters: dict[str, str]) -> Iterator[list[Row]]:
        """All pages of one question; as many rows as the last page announces, or it was not complete."""
        page, read = 1, 0
        while True:
            data = self._get(account, path, {**parameters, "page": str(page)})
            rows, announced = _listed(data), PageInfo.of(data)
            if announced is None or not have_shape(rows, report=path == requests.REPORT_PATH):
                raise _incomplete("shape", f"{path} of {account} answered with rows or page_info of another shape")
            read += len(rows)
            yield rows
            if page >= announced.total_page:
                break
            if not rows or read > announced.total_number:
                # Pages are left, but no rows: the count of pages may grow for ever.
                break
            page += 1
        if read != announced.total_number:
            raise _incomplete(
                "page_info", f"{path} of {account} announced {announced.total_number} rows and gave {read}"
            )

    def _get(self, account: AccountRef, path: str, parameters: dict[str, str]) -> Row:
        """The ``data`` of one answer."""
        token = self._token_of(account.credential).get_secret_value()
        try:
            response = self._transport.send(
                account, "GET", f"{self._root}/{path}/", headers={"Access-Token": token}, params=parameters
            )
        except ShrinkRequest as error:
            raise AccountReadError(error.problem) from error
        data: Row = json_body(response)["data"]
        return data


def _listed(data: Row) -> list[Row]:
    rows: list[Row] = data["list"]
    return rows


def _incomplete(code: str, message: str) -> AccountReadError:
    return AccountReadError(Problem(Action.GIVE_UP_ACCOUNT, "transient", code, message, _WAIT))


def _id(report: Report, row: Row) -> str:
    return str(row["dimensions"].get(requests.id_dimension(report)))


def _ids(report: Report, rows: Sequence[Row]) -> set[str]:
    return {_id(report, row) for row in rows}


def _require_own(account: AccountRef, report: Report, rows: Sequence[Row]) -> None:
    if foreign := _ids(report, rows) - {account.account_id}:
        raise AccountReadError(
            Problem(
                Action.GIVE_UP_ACCOUNT,
                "wrong_account",
                "foreign_rows",
                f"{report.name} of {account} holds rows of account {', '.join(sorted(foreign))}",
                "check that the credential and the account id in the client file belong together",
            )
        )


def _too_many_ids(account: AccountRef, report: Report, what: str) -> AccountReadError:
    return AccountReadError(
        Problem(
            Action.GIVE_UP_ACCOUNT,
            "too_much_data",
            f"{MOST_IDS_PER_QUERY} ids",
            f"{report.name} of {account}: {what} reaches TikTok's limit of {MOST_IDS_PER_QUERY} ids in one query, "
            "which keeps the newest and cuts the rest without saying so",
            "run `mdp sync tiktok_ads` for this account with a shorter --from/--to range",
        )
    )
