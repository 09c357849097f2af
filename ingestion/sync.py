"""One run of a platform: read the accounts' due days, land them in one load, settle account by account."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

import httpx
import psycopg2

from foundation.clock import Clock
from foundation.credentials import MissingCredential, stated_end
from foundation.database import Connection, connect, session_lock, transaction
from foundation.settings import Settings
from ingestion.accounts import AccountRef
from ingestion.api_versions import record_versions
from ingestion.due import AccountTask
from ingestion.errors import AccountReadError, Action, Problem
from ingestion.health import Attempt, record_credentials, record_health, stopped_credentials
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
from ingestion.loading.ledger import write_problems, write_unknown_fields
from ingestion.loading.reading import AccountRead, AccountReader
from ingestion.loading.replacement import known_objects
from ingestion.loading.settlement import Settlement, is_overtaken, settle_account
from ingestion.loading.tables import ensure_landing_tables, ensure_raw_tables
from ingestion.months import MonthOutcome, MonthReader, MonthTask, due_months
from ingestion.platforms import PLATFORMS, Platform, PlatformClient
from ingestion.windows import Span

# Account-months that land together: bounds what a killed first load has to read again, and its landing tables.
SPANS_A_ROUND = 6

# From here on a backfill leaves a credential's quota to the daily run.
BACKFILL_LEAVES_ABOVE_PERCENT = 75.0


@dataclass
class AccountOutcome:
    """What a run did for one account. Amounts in account currency; calls: requests that it cost."""

    account: AccountRef
    rows: int = 0
    proved_days: int = 0
    changed_days: int = 0
    held_days: dict[date, str] = field(default_factory=dict)
    restated_days: int = 0
    restated_spend: Decimal = Decimal(0)
    problem: Problem | None = None
    report_problems: dict[str, Problem] = field(default_factory=dict)
    calls: int = 0

    @property
    def loaded(self) -> bool:
        return self.problem is None

    def add(self, settlement: Settlement, read: AccountRead, problem: Problem | None) -> None:
        """Count one landing of the account; days that it read are held only if it says so."""
        self.rows += settlement.rows
        self.proved_days += settlement.proved_days
        self.changed_days += settlement.changed_days
        self.restated_days += settlement.restated_days
        self.restated_spend += settlement.restated_spend
        for span in read.spans:
            for day in span.days():
                self.held_days.pop(day, None)
        self.held_days |= {day: proof.reason for day, proof in settlement.held.items()}
        self.report_problems |= read.report_problems
        self.problem = problem


@dataclass
class SyncReport:
    """Outcome of one platform run."""

    platform: str
    run_id: str
    outcomes: list[AccountOutcome]
    rows_landed: int = 0
    months: list[MonthOutcome] = field(default_factory=list)

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
    goes_first: Callable[[], Sequence[AccountTask]] | None = None,
) -> SyncReport:
    """Read, land, prove and replace. Days whose proof fails are read again at once, then left to later runs.

    What has settled meanwhile is read last: the platform's own totals of whole months, once each.
    goes_first: makes this a backfill, which gives way: between two of its rounds everything that has become due is
    read, and it leaves a credential alone whose quota is used up to what the daily run needs.
    Never raises for a failing account; raises for a failing warehouse. Safe to kill at any moment and to run twice:
    a long history is settled every few months of it, newest first, and what is settled is not read again.
    """
    chosen = PLATFORMS[platform]
    report = SyncReport(platform, run_id, [AccountOutcome(task.account) for task in tasks])
    with connect(warehouse_url, application=f"mdp load {platform}") as connection:
        ensure_raw_tables(connection)
        record_versions(connection, settings)
        drop_orphaned_landings(connection, f"landing_{platform}_")
        # A request for some accounts asks for the months of these alone.
        asked = [task.account for task in tasks] if goes_first else None
        if not tasks and not due_months(connection, platform, clock.now(), asked):
            return report
        fence = _open_run(connection, platform, run_id, len(tasks), clock.now())
        connections = Connections(http, sleeper=sleeper)
        try:
            for credential, problem in stopped_credentials(connection, platform, clock.now()).items():
                connections.budget(credential).refuse(problem)
            client = chosen.build_client(settings, connections, clock.now)
            run = _Run(settings, warehouse_url, chosen, connection, run_id, fence, clock, connections, client, progress)
            run.load_all(tasks, report, goes_first)
            run.read_months(due_months(connection, platform, clock.now(), asked), report)
            expires_at = _expiry_of_credentials(client, report.outcomes)
            record_credentials(connection, platform, connections.budgets, expires_at, clock.now())
        finally:
            connections.close()
        _close_run(connection, report, fence, clock.now())
    return report


def _rounds(tasks: Sequence[AccountTask]) -> list[list[AccountTask]]:
    """The tasks so that an account is in a round once: one that moved between clients has a task for each of them,
    and a long history is read in several."""
    rounds: list[list[AccountTask]] = []
    for task in tasks:
        place = 0
        for part in task.slices(SPANS_A_ROUND):
            while place < len(rounds) and task.account.account_id in {t.account.account_id for t in rounds[place]}:
                place += 1
            if place == len(rounds):
                rounds.append([])
            rounds[place].append(part)
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
    client: PlatformClient
    progress: Callable[[str], None]
    passes: int = 0

    def load_all(
        self,
        tasks: Sequence[AccountTask],
        report: SyncReport,
        goes_first: Callable[[], Sequence[AccountTask]] | None = None,
    ) -> None:
        """All rounds; an account that failed in one is not asked again in the next, its days stay holes."""
        outcomes = {outcome.account: outcome for outcome in report.outcomes}
        reserved: dict[AccountRef, Problem] = {}
        for task in tasks:
            if task.account not in outcomes:
                outcomes[task.account] = AccountOutcome(task.account)
                report.outcomes.append(outcomes[task.account])
        for number, chosen in enumerate(_rounds(tasks)):
            if goes_first and number and (due := goes_first()):
                self.progress(f"{len(due)} accounts have become due: they go first")
                self.load_all(due, report)
            readable = []
            for task in chosen:
                if goes_first and self._needs_its_quota(task.account):
                    reserved[task.account] = _quota_reserved(task.account)
                problem = outcomes[task.account].problem or reserved.get(task.account)
                if problem:
                    self._note(task, AccountRead(task.account, problem=problem))
                else:
                    readable.append(task)
            if again := self._load(readable, outcomes, report):
                self.progress(f"{len(again)} accounts differ from their total: reading those days again")
                self._load(again, outcomes, report)
        for account, problem in reserved.items():
            outcomes[account].problem = outcomes[account].problem or problem

    def read_months(self, tasks: Sequence[MonthTask], report: SyncReport) -> None:
        """The platform's totals of months that have settled; what the daily run needs of a quota is left to it."""
        if not tasks:
            return
        self.progress(f"{len(tasks)} settled months: reading the platform's own totals")

        def held_back(account: AccountRef) -> Problem | None:
            return _quota_reserved(account) if self._needs_its_quota(account) else None

        reader = MonthReader(self.client, self.platform.definition, self.connections, self.clock.now, held_back)
        report.months += reader.read_all(self.connection, tasks, self.run_id)
        for outcome in report.months:
            if outcome.problem:
                self.progress(f"{outcome.problem.message}. Next: {outcome.problem.next_step}")

    def _needs_its_quota(self, account: AccountRef) -> bool:
        used = self.connections.budget(account.credential).used_percent
        return used is not None and used >= BACKFILL_LEAVES_ABOVE_PERCENT

    def _load(
        self, tasks: Sequence[AccountTask], outcomes: dict[AccountRef, AccountOutcome], report: SyncReport
    ) -> list[AccountTask]:
        """One landing and its settlement. Returns the accounts and spans to be read again."""
        if not tasks:
            return []
        definition = self.platform.definition
        self.passes += 1
        landing = landing_schema(definition.name, f"{self.run_id}", self.passes)
        known = known_objects(self.connection, definition)
        reader = AccountReader(self.client, definition, known, self.clock.now, self.connections.take_request_ids)
        calls_before = self.connections.calls.copy()

        def read(task: AccountTask, emit: Callable[..., None]) -> AccountRead:
            try:
                return reader.read(task, emit)
            except MissingCredential as error:
                return AccountRead(task.account, problem=_missing_credential(error))

        reads = AccountReads(tasks, read)
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
                return [again for task in tasks if (again := self._settle(landing, task, reads, outcomes, report))]
            finally:
                for task in tasks:
                    account_id = task.account.account_id
                    outcomes[task.account].calls += self.connections.calls[account_id] - calls_before[account_id]
                drop_landing(self.connection, landing)

    def _settle(
        self,
        landing: str,
        task: AccountTask,
        reads: AccountReads,
        outcomes: dict[AccountRef, AccountOutcome],
        report: SyncReport,
    ) -> AccountTask | None:
        outcome, read = outcomes[task.account], reads.results[task.account.account_id]
        report.rows_landed += read.rows
        problem = _with_credential(read.account, read.problem)
        settlement = Settlement(read.account)
        try:
            load = AccountLoad(
                landing, self.platform.definition, read.account, self.run_id, self.fence, self.clock.now()
            )
            settlement = settle_account(self.connection, load)
            if read.unknown:
                with transaction(self.connection) as cursor:
                    write_unknown_fields(cursor, load, read.unknown)
        except psycopg2.DataError as error:
            problem = _unreadable_value(read.account, error)
            # What arrived cannot be used, so all days that were asked for are holes.
            read = replace(read, spans=[])
        outcome.add(settlement, read, problem)
        calls = self.connections.calls[read.account.account_id]
        attempt = Attempt(task.days, calls, problem is None and len(read.spans) == len(task.spans), problem)
        self._note(task, replace(read, problem=problem), attempt)
        self.progress(_progress_line(outcome))
        if problem or not settlement.held:
            return None
        return AccountTask(read.account, (Span(min(settlement.held), max(settlement.held)),))

    def _note(self, task: AccountTask, read: AccountRead, attempt: Attempt | None = None) -> None:
        """Days that were asked for and did not arrive stand in the ledger with the reason, until they do.

        A run that a later one overtook, be it since its own settlement, says nothing about how the account is now.
        """
        definition = self.platform.definition
        load = AccountLoad("", definition, task.account, self.run_id, self.fence, self.clock.now())
        with transaction(self.connection) as cursor:
            if is_overtaken(cursor, load):
                return
            if attempt:
                record_health(cursor, task.account, attempt, load.now)
            if read.problem:
                missing = {day for span in task.spans if span not in read.spans for day in span.days()}
                for report in (definition.control, *definition.required_details):
                    write_problems(cursor, load, report.name, dict.fromkeys(sorted(missing), _in_short(read.problem)))
            for name, problem in read.report_problems.items():
                days = sorted({day for span in task.optional[name] for day in span.days()})
                write_problems(cursor, load, name, dict.fromkeys(days, _in_short(problem)))


def _in_short(problem: Problem) -> str:
    return f"{problem.error_class} {problem.code}: {problem.message}"


def _expiry_of_credentials(client: PlatformClient, outcomes: Sequence[AccountOutcome]) -> dict[str, datetime | None]:
    """When each credential that still works stops working, asked once a credential; unknown ones are left out."""
    expires_at: dict[str, datetime | None] = {}
    for outcome in outcomes:
        if outcome.account.credential in expires_at or not outcome.loaded:
            continue
        credential = outcome.account.credential
        try:
            expires_at[credential] = client.credential_expires_at(outcome.account) or stated_end(credential)
        except (AccountReadError, MissingCredential):
            continue
    return expires_at


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


def _quota_reserved(account: AccountRef) -> Problem:
    return Problem(
        Action.GIVE_UP_ACCOUNT, "quota", "reserved",
        f"credential {account.credential} has used {BACKFILL_LEAVES_ABOVE_PERCENT:.0f} % of its quota: "
        "the rest is left to the daily run",
        "start the backfill again later with --resume",
    )  # fmt: skip


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
