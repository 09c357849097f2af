"""The platforms' own totals of settled months: which are due, the calls, and ops.month_total."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from psycopg2.extras import Json

from foundation.credentials import MissingCredential
from foundation.database import Connection, transaction
from ingestion.accounts import AccountRef
from ingestion.due import OPTIONAL_RETRY, registered_accounts
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.http import Connections
from ingestion.loading.reading import require_own_rows, value_at
from ingestion.platforms import PLATFORMS, PlatformClient
from ingestion.reports import MonthTotal, PlatformDefinition
from ingestion.windows import ONE_DAY, Span, months, today_in

Row = dict[str, Any]
_READ_AGAIN = "nothing to do: a later run asks again"


@dataclass(frozen=True)
class MonthTask:
    """A settled month of an account, as far as the account was its client's. delivered: impressions of its days."""

    account: AccountRef
    span: Span
    delivered: int = 0

    @property
    def month(self) -> date:
        return self.span.since.replace(day=1)

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m}"


@dataclass(frozen=True)
class MonthOutcome:
    """What asking for one month led to."""

    task: MonthTask
    problem: Problem | None = None


@dataclass(frozen=True)
class KnownMonth:
    """What ops.month_total and the ledger know of a month. days_proved: days whose control total is in the ledger.

    changed_at: when the ledger's figures of one of the days last moved. waits: a failed attempt is too recent.
    """

    days_proved: int
    delivered: int = 0
    changed_at: datetime | None = None
    last_day: date | None = None
    read_at: datetime | None = None
    failed: bool = False
    waits: bool = False


def settled_months(account: AccountRef, definition: PlatformDefinition, now: datetime) -> list[Span]:
    """Parts of months that were the client's and that the platform no longer restates, newest first.

    Left out: what the platform cannot be asked for, since it is too old or no whole month.
    """
    rule = definition.month_total
    if rule is None:
        return []
    window = account.restatement_days or definition.restatement_days
    today = today_in("account", account.timezone, now)
    # A day is final from the start of day + window on, in the account's zone.
    newest = min(account.active_to or date.max, today)
    since = account.active_from
    if rule.retention_days is not None:
        since = max(since, today - timedelta(days=rule.retention_days - 1))
    if since > newest:
        return []
    return [
        span
        for span in months(Span(since, newest))
        if _month_end(span.since) + timedelta(days=window) <= today and _can_be_asked(span, rule, account)
    ]


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def _can_be_asked(span: Span, rule: MonthTotal, account: AccountRef) -> bool:
    # What retention cut off would make a total of fewer days than the month has.
    if span.since != max(span.since.replace(day=1), account.active_from):
        return False
    return not rule.whole_months_only or (span.since.day == 1 and span.until == _month_end(span.since))


def is_due(span: Span, known: KnownMonth, now: datetime) -> bool:
    """Asked once when every day of it is proved, again when the client's days or their figures changed since."""
    if known.waits or known.days_proved < len(span.days()):
        return False
    # A reading of the future was written while the clock ran ahead.
    if known.read_at is None or known.failed or known.last_day != span.until or known.read_at > now:
        return True
    return known.changed_at is not None and known.changed_at > known.read_at


_KNOWN = """
    select asked.account_id, asked.first_day, days.proved, days.delivered, days.changed_at, total.last_day,
        total.read_at, total.problem is not null,
        coalesce(total.problem is not null and total.attempted_at between %(retry_since)s and %(now)s, false)
    from unnest(%(accounts)s::text[], %(first_days)s::date[], %(last_days)s::date[])
        as asked (account_id, first_day, last_day)
    cross join lateral (
        select count(*) as proved, coalesce(sum((ledger.totals ->> 'impressions')::numeric), 0)::bigint as delivered,
            max(ledger.fetched_at) as changed_at
        from ops.load_ledger as ledger
        where ledger.platform = %(platform)s and ledger.account_id = asked.account_id
            and ledger.report = %(control)s and ledger.complete
            and ledger.date_day between asked.first_day and asked.last_day
    ) as days
    left join ops.month_total as total
        on total.platform = %(platform)s and total.account_id = asked.account_id
            and total.month = date_trunc('month', asked.first_day)::date and total.first_day = asked.first_day
"""


# Months whose total stands and of whose days none has moved since, which is nearly all of a long history.
_AT_REST = """
    select total.account_id, total.first_day, total.last_day
    from ops.month_total as total
    where total.platform = %(platform)s and total.problem is null and total.read_at <= %(now)s
    except
    select total.account_id, total.first_day, total.last_day
    from ops.month_total as total
    inner join ops.load_ledger as ledger
        on ledger.platform = total.platform and ledger.account_id = total.account_id
    where total.platform = %(platform)s and ledger.report = %(control)s and ledger.complete
        and ledger.date_day between total.first_day and total.last_day and ledger.fetched_at > total.read_at
"""


def due_months(
    connection: Connection, platform: str, now: datetime, accounts: Iterable[AccountRef] | None = None
) -> list[MonthTask]:
    """Settled months whose total is to be asked for now; ``accounts``: only of these."""
    definition = PLATFORMS[platform].definition
    wanted = registered_accounts(connection, platform) if accounts is None else accounts
    settled = [(account, span) for account in wanted for span in settled_months(account, definition, now)]
    if not settled:
        return []
    with connection.cursor() as cursor:
        values = {"platform": platform, "control": definition.control.name, "now": now}
        cursor.execute(_AT_REST, values)
        at_rest = set(cursor.fetchall())
        settled = [
            (account, span) for account, span in settled if (account.account_id, span.since, span.until) not in at_rest
        ]
        cursor.execute(
            _KNOWN,
            {
                **values, "retry_since": now - OPTIONAL_RETRY,
                "accounts": [account.account_id for account, _ in settled],
                "first_days": [span.since for _, span in settled],
                "last_days": [span.until for _, span in settled],
            },
        )  # fmt: skip
        known = {(account_id, first_day): KnownMonth(*facts) for account_id, first_day, *facts in cursor.fetchall()}
    return [
        MonthTask(account, span, found.delivered)
        for account, span in settled
        if is_due(span, found := known[account.account_id, span.since], now)
    ]


def add_up(task: MonthTask, definition: PlatformDefinition, rows: Sequence[Row]) -> dict[str, str]:
    """The platform's totals by metric, as exact text. Raises AccountReadError for an answer that proves nothing."""
    assert definition.month_total is not None
    report = definition.month_total.report
    if not rows and task.delivered:
        raise _unusable("empty", f"the platform answered with nothing; its days had {task.delivered} impressions")
    totals = {column.name: Decimal(0) for column in report.metrics}
    for row in rows:
        day = value_at(row, report.day.path)
        if day is not None and str(day)[:7] != f"{task.month:%Y-%m}":
            raise _unusable("another month", f"the platform answered for {str(day)[:10]}")
        for column in report.metrics:
            value = value_at(row, column.path)
            try:
                totals[column.name] += Decimal(str(value)) if value is not None else Decimal(0)
            except InvalidOperation:
                raise _unusable("no number", f"{column.name} is {str(value)[:40]!r}") from None
    return {name: f"{total:f}" for name, total in totals.items()}


def _unusable(code: str, message: str) -> AccountReadError:
    return AccountReadError(Problem(Action.GIVE_UP_ACCOUNT, "month_total", code, message, _READ_AGAIN))


@dataclass(frozen=True)
class MonthReader:
    """Asks one platform for months. held_back: why an account must not be asked now, None where it may."""

    client: PlatformClient
    definition: PlatformDefinition
    connections: Connections
    now: Callable[[], datetime]
    held_back: Callable[[AccountRef], Problem | None]

    def read_all(self, connection: Connection, tasks: Sequence[MonthTask], run_id: str) -> list[MonthOutcome]:
        """Ask for each month and write what came, month by month; a month that fails never stops the others.

        Months of a credential whose quota is kept for the daily run are left out and stay due.
        """
        outcomes = []
        for task in tasks:
            if self.held_back(task.account):
                continue
            self.connections.take_request_ids(task.account.account_id)
            try:
                totals, problem = self._read(task), None
            except AccountReadError as error:
                totals, problem = None, _explained(task, error.problem)
            except MissingCredential as error:
                missing = Problem(Action.GIVE_UP_ACCOUNT, "credential", "missing", str(error), "store the credential")
                totals, problem = None, _explained(task, missing)
            request_ids = self.connections.take_request_ids(task.account.account_id)
            if totals is None:
                _write_problem(connection, task, problem, run_id, self.now())
            else:
                _write_total(connection, task, totals, request_ids, run_id, self.now())
            outcomes.append(MonthOutcome(task, problem))
        return outcomes

    def _read(self, task: MonthTask) -> dict[str, str]:
        assert self.definition.month_total is not None
        report, rows = self.definition.month_total.report, list[Row]()
        try:
            for page in self.client.report_pages(task.account, report, task.span.since, task.span.until):
                require_own_rows(self.definition, report, task.account, page)
                rows += page
        except ShrinkRequest as error:
            raise AccountReadError(error.problem) from error
        return add_up(task, self.definition, rows)


def _explained(task: MonthTask, problem: Problem) -> Problem:
    """The problem with client, account and month in its message, and the credential where that must be mended."""
    step = problem.next_step
    if problem.error_class == "credential":
        step = f"credential {task.account.credential!r}: {step}"
    return replace(problem, message=f"{task}: its total could not be read: {problem.message}", next_step=step)


_KEY = "(platform, account_id, month, first_day)"


def _write_total(
    connection: Connection, task: MonthTask, totals: dict[str, str], request_ids: list[str], run_id: str, now: datetime
) -> None:
    with transaction(connection) as cursor:
        cursor.execute(
            f"""insert into ops.month_total (platform, account_id, month, first_day, last_day, metrics, request_ids,
                read_at, run_id, attempted_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict {_KEY} do update set
                last_day = excluded.last_day, metrics = excluded.metrics, request_ids = excluded.request_ids,
                read_at = excluded.read_at, run_id = excluded.run_id, attempted_at = excluded.attempted_at,
                problem = null, next_step = null""",
            (
                task.account.platform, task.account.account_id, task.month, task.span.since, task.span.until,
                Json(totals), request_ids, now, run_id, now,
            ),
        )  # fmt: skip


def _write_problem(
    connection: Connection, task: MonthTask, problem: Problem | None, run_id: str, now: datetime
) -> None:
    """Beside an older total, which stays: its last_day still says what it covers."""
    assert problem is not None
    with transaction(connection) as cursor:
        cursor.execute(
            f"""insert into ops.month_total as kept (platform, account_id, month, first_day, last_day, run_id, problem,
                next_step, attempted_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict {_KEY} do update set
                last_day = case when kept.metrics is null then excluded.last_day else kept.last_day end,
                run_id = excluded.run_id, problem = excluded.problem, next_step = excluded.next_step,
                attempted_at = excluded.attempted_at""",
            (
                task.account.platform, task.account.account_id, task.month, task.span.since, task.span.until, run_id,
                problem.message, problem.next_step, now,
            ),
        )  # fmt: skip
