"""One run of a platform: read the accounts' due days, land them in one load, settle account by account."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

import httpx
import psycopg2

from foundation.clock import Clock
from foundation.credentials import MissingCredential
from foundation.database import Connection, connect, session_lock, transaction
from foundation.settings import Settings
from ingestion.accounts import AccountRef
from ingestion.due import AccountTask
from ingestion.errors import Action, Problem
from ingestion.health import record_health
from ingestion.http import Connections
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.landing import (
    AccountReads,
    drop_landing,
    drop_orphaned_landings,
    land,
    landing_schema,
    platform_source,
)
from ingestion.loading.reading import AccountRead, read_account
from ingestion.loading.settlement import Settlement, settle_account
from ingestion.loading.tables import ensure_landing_tables, ensure_raw_tables
from ingestion.platforms import PLATFORMS, Platform
from ingestion.windows import Span


@dataclass
class AccountOutcome:
    """What a run did for one account. Amounts in account currency."""

    account: AccountRef
    rows: int = 0
    proved_days: int = 0
    changed_days: int = 0
    held_days: dict[date, str] = field(default_factory=dict)
    restated_days: int = 0
    restated_spend: Decimal = Decimal(0)
    problem: Problem | None = None

    @property
    def loaded(self) -> bool:
        return self.problem is None


@dataclass
class SyncReport:
    """Outcome of one platform run."""

    platform: str
    run_id: str
    outcomes: list[AccountOutcome]
    rows_landed: int = 0

    @property
    def failed(self) -> list[AccountOutcome]:
        return [outcome for outcome in self.outcomes if not outcome.loaded]

    @property
    def nothing_loaded(self) -> bool:
        """True when accounts were asked for and none could be read: then the run as a whole has failed."""
        return bool(self.outcomes) and all(not outcome.loaded for outcome in self.outcomes)


def sync_platform(
    settings: Settings,
    warehouse_url: str,
    platform: str,
    tasks: Sequence[AccountTask],
    *,
    run_id: str,
    clock: Clock,
    sleeper: Callable[[float], None] = time.sleep,
    http: httpx.Client | None = None,
    progress: Callable[[str], None] = lambda message: None,
) -> SyncReport:
    """Read, land, prove and replace. Days whose proof fails are read again at once, then left to later runs.

    Never raises for a failing account; raises for a failing warehouse. Safe to kill at any moment and to run twice.
    """
    chosen = PLATFORMS[platform]
    report = SyncReport(platform, run_id, [AccountOutcome(task.account) for task in tasks])
    with connect(warehouse_url, application=f"mdp load {platform}") as connection:
        ensure_raw_tables(connection)
        drop_orphaned_landings(connection, f"landing_{platform}_")
        if not tasks:
            return report
        fence = _open_run(connection, platform, run_id, len(tasks), clock.now())
        connections = Connections(http, sleeper=sleeper)
        run = _Run(settings, warehouse_url, chosen, connection, run_id, fence, clock, connections, progress)
        outcomes = {outcome.account: outcome for outcome in report.outcomes}
        try:
            for number, chosen_tasks in enumerate(_rounds(tasks)):
                by_account = {task.account.account_id: outcomes[task.account] for task in chosen_tasks}
                again = run.load(chosen_tasks, 2 * number + 1, by_account, report)
                if again:
                    progress(f"{len(again)} accounts differ from their total: reading those days again")
                    run.load(again, 2 * number + 2, by_account, report)
        finally:
            connections.close()
        _close_run(connection, report, fence, clock.now())
    return report


def _rounds(tasks: Sequence[AccountTask]) -> list[list[AccountTask]]:
    """The tasks so that an account is in a round once: one that moved between clients has a task for each of them."""
    rounds: list[list[AccountTask]] = []
    for task in tasks:
        for chosen in rounds:
            if task.account.account_id not in {other.account.account_id for other in chosen}:
                chosen.append(task)
                break
        else:
            rounds.append([task])
    return rounds


@dataclass
class _Run:
    settings: Settings
    warehouse_url: str
    platform: Platform
    connection: Connection
    run_id: str
    fence: int
    clock: Clock
    connections: Connections
    progress: Callable[[str], None]

    def load(
        self, tasks: Sequence[AccountTask], load_pass: int, outcomes: dict[str, AccountOutcome], report: SyncReport
    ) -> list[AccountTask]:
        """One landing and its settlement. Returns the accounts and spans to be read again."""
        definition = self.platform.definition
        landing = landing_schema(definition.name, f"{self.run_id}", load_pass)
        spans = {task.account.account_id: task.spans for task in tasks}
        client = self.platform.build_client(self.settings, self.connections, self.clock.now)

        def read(account: AccountRef, emit: Callable[..., None]) -> AccountRead:
            try:
                return read_account(
                    client, definition, account, spans[account.account_id], now=self.clock.now, emit=emit
                )
            except MissingCredential as error:
                return AccountRead(account, problem=_missing_credential(error))

        reads = AccountReads([task.account for task in tasks], read)
        with session_lock(self.warehouse_url, "landing", landing):
            try:
                land(
                    platform_source(definition.name, reads),
                    warehouse_url=self.warehouse_url,
                    landing=landing,
                    work_dir=self.settings.work_dir,
                )
                with transaction(self.connection) as cursor:
                    cursor.execute(f"create schema if not exists {landing}")
                ensure_landing_tables(self.connection, landing, definition)
                return [
                    again
                    for task in tasks
                    if (again := self._settle(landing, reads.results[task.account.account_id], outcomes, report))
                ]
            finally:
                drop_landing(self.connection, landing)

    def _settle(
        self, landing: str, read: AccountRead, outcomes: dict[str, AccountOutcome], report: SyncReport
    ) -> AccountTask | None:
        outcome = outcomes[read.account.account_id]
        report.rows_landed += read.rows
        problem = _with_credential(read.account, read.problem)
        settlement = Settlement(read.account)
        try:
            load = AccountLoad(
                landing, self.platform.definition, read.account, self.run_id, self.fence, self.clock.now()
            )
            settlement = settle_account(self.connection, load)
        except psycopg2.DataError as error:
            problem = _unreadable_value(read.account, error)
        outcome.rows += settlement.rows
        outcome.proved_days += settlement.proved_days
        outcome.changed_days += settlement.changed_days
        outcome.restated_days += settlement.restated_days
        outcome.restated_spend += settlement.restated_spend
        for span in read.spans:
            for day in span.days():
                outcome.held_days.pop(day, None)
        outcome.held_days |= {day: proof.reason for day, proof in settlement.held.items()}
        outcome.problem = problem
        # A run that a later one overtook says nothing about how the account is now.
        if not settlement.superseded:
            record_health(self.connection, read.account, problem, self.clock.now())
        self.progress(_progress_line(outcome))
        if problem or not settlement.held:
            return None
        return AccountTask(read.account, (Span(min(settlement.held), max(settlement.held)),))


def _progress_line(outcome: AccountOutcome) -> str:
    if outcome.problem:
        return f"{outcome.account}: not read: {outcome.problem.error_class} {outcome.problem.code}"
    held = f", {len(outcome.held_days)} held" if outcome.held_days else ""
    return f"{outcome.account}: {outcome.proved_days} days proved{held}, {outcome.rows} rows"


def _with_credential(account: AccountRef, problem: Problem | None) -> Problem | None:
    """The problem with the credential's name in its next step, where a credential is what must be mended."""
    if problem is None or problem.error_class != "credential":
        return problem
    return replace(problem, next_step=f"credential {account.credential!r}: {problem.next_step}")


def _missing_credential(error: MissingCredential) -> Problem:
    return Problem(
        Action.GIVE_UP_ACCOUNT, "credential", "missing", str(error), "store the credential; `mdp doctor` checks it"
    )


def _unreadable_value(account: AccountRef, error: psycopg2.DataError) -> Problem:
    text = str(error).strip().splitlines()[0]
    return Problem(
        Action.GIVE_UP_ACCOUNT, "schema", type(error).__name__, f"{account}: a value is of another type: {text}",
        "compare the platform's changelog with ingestion/platforms and adapt the column's type",
    )  # fmt: skip


def _open_run(connection: Connection, platform: str, run_id: str, accounts: int, now: datetime) -> int:
    """Record the run and draw its fence: of two runs that met on an account, the one that started later wins."""
    with transaction(connection) as cursor:
        cursor.execute(
            """insert into ops.load_run (run_id, platform, fence, started_at, accounts_asked)
            values (%s, %s, nextval('ops.fence_seq'), %s, %s) returning fence""",
            (run_id, platform, now, accounts),
        )
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _close_run(connection: Connection, report: SyncReport, fence: int, now: datetime) -> None:
    with transaction(connection) as cursor:
        cursor.execute(
            """update ops.load_run set finished_at = %s, accounts_loaded = %s, rows_landed = %s
            where run_id = %s and platform = %s and fence = %s""",
            (now, sum(o.loaded for o in report.outcomes), report.rows_landed, report.run_id, report.platform, fence),
        )
