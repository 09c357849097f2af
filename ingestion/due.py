"""Which accounts have due days, asked of the registry, the ledger and the clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from foundation.database import Connection
from foundation.held_days import newest_retry
from ingestion.accounts import AccountRef
from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition, Report
from ingestion.windows import LedgerDays, Span, Window, due_spans, end_of_day, last_due_day, months, today_in

# A report that never holds a day and could not be read is tried again four times a day.
OPTIONAL_RETRY = timedelta(hours=6)
NOTHING_READ = LedgerDays({})


@dataclass(frozen=True)
class AccountTask:
    """An account and what to read of it, newest first: the spans of its required reports, and of each optional one."""

    account: AccountRef
    spans: tuple[Span, ...]
    optional: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        """Every day that is asked for, of any report."""
        spans = {*self.spans, *(span for own in self.optional.values() for span in own)}
        return sorted({day for span in spans for day in span.days()})

    def slices(self, spans_each: int) -> list["AccountTask"]:
        """The task in parts of at most so many spans of each report, newest first."""
        longest = max((len(spans) for spans in (self.spans, *self.optional.values())), default=0)
        return [
            AccountTask(
                self.account,
                self.spans[start : start + spans_each],
                {name: part for name, own in self.optional.items() if (part := own[start : start + spans_each])},
            )
            for start in range(0, longest, spans_each)
        ]


def registered_accounts(connection: Connection, platform: str) -> list[AccountRef]:
    """Accounts of active clients, newest range of each account last."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select client_id, platform, account_id, account.currency, account.timezone, account.credential,
                account.login_customer_id, account.active_from, account.active_to, account.restatement_days
            from raw_registry.account inner join raw_registry.client using (client_id)
            where platform = %s and client.status = 'active' order by client_id, account_id, account.active_from""",
            (platform,),
        )
        return [AccountRef(*row) for row in cursor.fetchall()]


def _required_days(connection: Connection, platform: str, now: datetime) -> dict[str, LedgerDays]:
    """Account -> what the ledger knows. A day is verified once its last reading had no problem.

    Of two runs that read the same days the second may have failed: then nobody knows how the account is.
    """
    verified: dict[str, dict[date, datetime]] = defaultdict(dict)
    waiting: dict[str, list[date]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """select ledger.account_id, ledger.date_day, min(ledger.verified_at)
            from ops.load_ledger as ledger
            inner join ops.report_definition as definition using (platform, report)
            where ledger.platform = %s and definition.required and ledger.complete and ledger.problem is null
            group by ledger.account_id, ledger.date_day
            having count(*) = (select count(*) from ops.report_definition where platform = %s and required)""",
            (platform, platform),
        )
        for account_id, day, verified_at in cursor.fetchall():
            # Written while the clock ran ahead: nobody knows when that was, so the day is read again.
            if verified_at <= now:
                verified[account_id][day] = verified_at
        cursor.execute(
            "select account_id, date_day, next_attempt_at > %s and last_attempt_at <= %s from ops.quarantine "
            "where platform = %s",
            (now, now, platform),
        )
        for account_id, day, waits in cursor.fetchall():
            if waits:
                waiting[account_id].append(day)
            else:
                # What was verified before it was held has to be read again, also once the window has passed it.
                verified[account_id].pop(day, None)
        # What was proved and then refused by the gate may have been a half-written day of the platform.
        cursor.execute(
            "select account_id, date_day, min(held_since) from ops.held_day where platform = %s and read_again "
            "group by account_id, date_day",
            (platform,),
        )
        for account_id, day, held_since in cursor.fetchall():
            verified_at = verified[account_id].get(day)
            if verified_at and verified_at < newest_retry(held_since, now):
                del verified[account_id][day]
    return {
        account_id: LedgerDays(verified.get(account_id, {}), waiting.get(account_id, ()))
        for account_id in {*verified, *waiting}
    }


def _optional_days(connection: Connection, platform: str, now: datetime) -> dict[tuple[str, str], LedgerDays]:
    """(account, report) -> what the ledger knows of a report that never holds a day."""
    verified: dict[tuple[str, str], dict[date, datetime]] = defaultdict(dict)
    waiting: dict[tuple[str, str], list[date]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """select ledger.account_id, ledger.report, ledger.date_day,
                ledger.complete and ledger.problem is null, ledger.verified_at,
                coalesce(ledger.problem_at between %s and %s, false)
            from ops.load_ledger as ledger
            inner join ops.report_definition as definition using (platform, report)
            where ledger.platform = %s and not definition.required""",
            (now - OPTIONAL_RETRY, now, platform),
        )
        for account_id, report, day, complete, verified_at, waits in cursor.fetchall():
            if complete and verified_at <= now:
                verified[account_id, report][day] = verified_at
            if waits:
                waiting[account_id, report].append(day)
    return {key: LedgerDays(verified.get(key, {}), waiting.get(key, ())) for key in {*verified, *waiting}}


def window_of(definition: PlatformDefinition, account: AccountRef, report: Report | None = None) -> Window:
    """How far back an account is read; ``report``: an optional one with rules of its own."""
    own = report.restatement_days if report else None
    return Window(
        own or account.restatement_days or definition.restatement_days,
        definition.deep_pass_days if own is None else None,
        (report.retention_days if report else None) or definition.retention_days,
    )


def _snapshot_spans(report: Report, ledger: LedgerDays, today: date, now: datetime) -> list[Span]:
    """Today, unless the last snapshot is younger than the report asks for."""
    assert report.snapshot_hours is not None
    taken = ledger.verified.get(today)
    if today in ledger.retry_later or (taken and taken > now - timedelta(hours=report.snapshot_hours)):
        return []
    return [Span(today, today)]


def due_tasks(connection: Connection, platform: str, now: datetime) -> list[AccountTask]:
    """The accounts of a platform that have due days, each with what to read."""
    definition = PLATFORMS[platform].definition
    required, optional = _required_days(connection, platform, now), _optional_days(connection, platform, now)
    tasks = []
    for account in registered_accounts(connection, platform):
        active = Span(account.active_from, account.active_to or date.max)
        newest = last_due_day(now, definition.due_after_hours, definition.day_zone, account.timezone)
        newest_due_at = end_of_day(newest, definition.day_zone, account.timezone) + timedelta(
            hours=definition.due_after_hours
        )
        today = today_in(definition.day_zone, account.timezone, now)

        def spans_of(
            report: Report | None, ledger: LedgerDays, account: AccountRef = account, active: Span = active,
            newest: date = newest, newest_due_at: datetime = newest_due_at, today: date = today,
        ) -> tuple[Span, ...]:  # fmt: skip
            if report and report.snapshot_hours:
                live = active.since <= today <= active.until
                return tuple(_snapshot_spans(report, ledger, today, now)) if live else ()
            window = window_of(definition, account, report)
            return tuple(due_spans(active, ledger, window=window, newest_due=newest, newest_due_at=newest_due_at))

        own = {
            report.name: spans
            for report in definition.optional_reports
            if (spans := spans_of(report, optional.get((account.account_id, report.name), NOTHING_READ)))
        }
        spans = spans_of(None, required.get(account.account_id, NOTHING_READ))
        if spans or own:
            tasks.append(AccountTask(account, spans, own))
    return tasks


def requested_tasks(
    connection: Connection,
    platform: str,
    since: date,
    until: date,
    now: datetime,
    *,
    clients: Iterable[str] = (),
    accounts: Iterable[str] = (),
    unless_verified_since: datetime | None = None,
) -> list[AccountTask]:
    """What a person asked for: the days since..until of the chosen accounts (all, where none is named).

    unless_verified_since: resumes an interrupted request: account-months that are whole since then are left out.
    Days outside an account's active range, days that are not due yet and days that the platform no longer answers for
    are left out; snapshots cannot be asked for. Raises ValueError for a client or account that the registry does not
    know on this platform.
    """
    definition = PLATFORMS[platform].definition
    registered = registered_accounts(connection, platform)
    chosen = _chosen(registered, platform, set(clients), set(accounts))
    known = _required_days(connection, platform, now) if unless_verified_since else {}
    tasks = []
    for account in chosen:
        newest = last_due_day(now, definition.due_after_hours, definition.day_zone, account.timezone)
        asked = Span(max(since, account.active_from), min(until, account.active_to or date.max))

        def spans_of(
            report: Report | None, account: AccountRef = account, asked: Span = asked, newest: date = newest
        ) -> tuple[Span, ...]:
            reachable = window_of(definition, account, report).reachable(asked, newest)
            return tuple(months(reachable)) if reachable else ()

        own = {
            report.name: spans
            for report in definition.optional_reports
            if not report.snapshot_hours and (spans := spans_of(report))
        }
        spans = spans_of(None)
        if unless_verified_since:
            verified = known.get(account.account_id, NOTHING_READ).verified
            fresh = {day for day, at in verified.items() if at >= unless_verified_since}
            spans = tuple(span for span in spans if not fresh.issuperset(span.days()))
            own = {name: tuple(s for s in asked_for if s in spans) for name, asked_for in own.items()}
        if spans:
            tasks.append(AccountTask(account, spans, own))
    return tasks


def _chosen(registered: Sequence[AccountRef], platform: str, clients: set[str], accounts: set[str]) -> list[AccountRef]:
    for name, wanted, known in (
        ("client", clients, {account.client_id for account in registered}),
        ("account", accounts, {account.account_id for account in registered}),
    ):
        if unknown := wanted - known:
            raise ValueError(
                f"no active {platform} {name} {', '.join(sorted(unknown))}; known: {', '.join(sorted(known)) or 'none'}"
            )
    return [
        account
        for account in registered
        if (not clients or account.client_id in clients) and (not accounts or account.account_id in accounts)
    ]
