"""Our ingestion against the floor, on the same rows, in time and processor time; dlt alone; a second load."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from uuid import uuid4

import httpx
import pyarrow as pa

from benchmarks.costs import cost_of
from benchmarks.plain_reader import FLOORS, TABLE, load_plainly
from benchmarks.rows import LAST_DAY, RowPlan
from benchmarks.surroundings import NOW, FixedClock, Surroundings, register
from foundation.database import connect
from foundation.settings import Settings
from ingestion.due import AccountTask, requested_tasks
from ingestion.http import Connections
from ingestion.loading.landing import AccountReads, land, platform_source
from ingestion.loading.reading import AccountRead, AccountReader
from ingestion.platforms import PLATFORMS
from ingestion.sync import SyncReport, sync_platform

_WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_user_tables where schemaname = %s
"""
_LANDING = "landing_bench"


class WrongResult(RuntimeError):
    """A load did not end with the served rows, so its speed means nothing."""


@dataclass
class LoadFigures:
    """Seconds of each repetition, and processor seconds of the loading process (all its threads, not the server's).

    dlt: seconds of a bare dlt load of the batches that ours hands over. again, written_again: of a second load of the
    same days, its seconds and the raw rows that it wrote; empty and None where none was made. calls: of one load.
    """

    platform: str
    rows: int
    account_days: int
    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    ours_cpu: list[float] = field(default_factory=list)
    plain_cpu: list[float] = field(default_factory=list)
    dlt: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    written_again: int | None = None
    calls: int = 0

    @property
    def ratio(self) -> float:
        """Our rows a second as a share of the floor's; the median of the repetitions' own ratios."""
        return median(plain / ours for ours, plain in zip(self.ours, self.plain, strict=True))

    @property
    def cpu_ratio(self) -> float:
        return median(ours / plain for ours, plain in zip(self.ours_cpu, self.plain_cpu, strict=True))

    @property
    def dlt_share(self) -> float:
        return median(dlt / ours for ours, dlt in zip(self.ours, self.dlt, strict=True))

    @property
    def again_ratio(self) -> float:
        return median(again / ours for ours, again in zip(self.ours, self.again, strict=True))


def required_tasks(warehouse_url: str, platform: str, since: date) -> list[AccountTask]:
    """The days since..LAST_DAY of every registered account, of the reports that an account-day waits for."""
    with connect(warehouse_url) as connection:
        tasks = requested_tasks(connection, platform, since, LAST_DAY, NOW)
    return [AccountTask(task.account, task.spans) for task in tasks]


def load(
    settings: Settings, warehouse_url: str, platform: str, since: date, http: httpx.Client | None = None
) -> SyncReport:
    """One run of the platform's own ingestion over the days since..LAST_DAY of every registered account."""
    tasks = required_tasks(warehouse_url, platform, since)
    return sync_platform(settings, warehouse_url, platform, tasks, run_id=str(uuid4()), clock=FixedClock(), http=http)


def require_all_loaded(report: SyncReport, plan: RowPlan, rows: int, account_days: int) -> None:
    """Raises WrongResult unless every account-day was proved and every row landed."""
    proved = sum(outcome.proved_days for outcome in report.outcomes)
    ad_rows = report.rows_landed - account_days * plan.campaigns
    if report.failed or proved != account_days or ad_rows != rows:
        problems = [outcome.problem or outcome.held_days for outcome in report.outcomes]
        raise WrongResult(f"{ad_rows} of {rows} rows, {proved} of {account_days} account-days proved: {problems}")


def _require_served_rows(warehouse_url: str, platform: str, rows: int) -> None:
    """Our table must hold what the floor read of the same server: no row more, no row less, no value different."""
    table = f"{PLATFORMS[platform].definition.raw_schema}.{FLOORS[platform].report.table}"
    ours, plain = f"select {', '.join(FLOORS[platform].columns)} from {table}", f"select * from {TABLE}"
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select count(*), (select count(*) from ({ours} except all {plain}) as ours_only), "
            f"(select count(*) from ({plain} except all {ours}) as plain_only) from {table}"
        )
        found = cursor.fetchone()
    if found != (rows, 0, 0):
        raise WrongResult(f"{table} against the served {rows} rows: count, ours only, served only {found}")


def _rows_written(warehouse_url: str, platform: str) -> int:
    """Rows that the platform's raw tables have ever seen inserted, changed or deleted, current ones and history."""
    with connect(warehouse_url, autocommit=True) as connection, connection.cursor() as cursor:
        # A backend reports its counts when it ends, at the latest; this one must not read an older snapshot of them.
        time.sleep(1)
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(_WRITTEN, (PLATFORMS[platform].definition.raw_schema,))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _seconds_of_dlt(settings: Settings, warehouse_url: str, platform: str, since: date) -> float:
    """A bare `pipeline.run` of the batches that our reading hands over, read beforehand, into an empty dataset."""
    batches: dict[str, list[tuple[str, pa.Table]]] = {}
    tasks, connections = required_tasks(warehouse_url, platform, since), Connections()
    client = PLATFORMS[platform].build_client(settings, connections, FixedClock().now)
    reader = AccountReader(client, PLATFORMS[platform].definition, {}, FixedClock().now)
    for task in tasks:
        kept: list[tuple[str, pa.Table]] = []
        batches[task.account.account_id] = kept

        def keep(table: str, rows: pa.Table, kept: list[tuple[str, pa.Table]] = kept) -> None:
            kept.append((table, rows))

        read = reader.read(task, keep)
        if read.problem:
            raise WrongResult(f"{task.account}: {read.problem}")
    connections.close()

    def hand_over(task: AccountTask, emit: Callable[[str, pa.Table], None]) -> AccountRead:
        for table, rows in batches[task.account.account_id]:
            emit(table, rows)
        return AccountRead(task.account)

    gc.collect()
    started = time.perf_counter()
    source = platform_source(platform, AccountReads(tasks, hand_over))
    land(source, warehouse_url=warehouse_url, landing=_LANDING, work_dir=settings.work_dir)
    return time.perf_counter() - started


def measure_loading(
    around: Surroundings, url: str, platform: str, plan: RowPlan, since: date, repeats: int, *, again: bool
) -> LoadFigures:
    """Floor, our load, dlt alone and, if ``again``, our second load in turn, each repetition in a fresh database."""
    days = (LAST_DAY - since).days + 1
    rows, account_days = plan.accounts * plan.ads * days, plan.accounts * days
    settings = around.settings(url)
    figures = LoadFigures(platform, rows, account_days, written_again=0 if again else None)
    with around.warehouse() as warehouse_url:  # imports and caches: a load of one day that is not counted
        register(warehouse_url, platform, plan)
        load(settings, warehouse_url, platform, LAST_DAY)
    for _ in range(repeats):
        with around.warehouse() as warehouse_url:
            register(warehouse_url, platform, plan)

            def plain(warehouse_url: str = warehouse_url) -> None:
                read = load_plainly(warehouse_url, url, platform, plan.account_ids, since, LAST_DAY)
                if read != rows:
                    raise WrongResult(f"the floor read {read} of {rows} rows")

            def ours(warehouse_url: str = warehouse_url) -> None:
                report = load(settings, warehouse_url, platform, since)
                require_all_loaded(report, plan, rows, account_days)
                figures.calls = sum(outcome.calls for outcome in report.outcomes)

            floor, own = cost_of(around, plain), cost_of(around, ours)
            figures.plain.append(floor.seconds)
            figures.plain_cpu.append(floor.cpu_seconds)
            figures.ours.append(own.seconds)
            figures.ours_cpu.append(own.cpu_seconds)
            _require_served_rows(warehouse_url, platform, rows)
            if again:
                before = _rows_written(warehouse_url, platform)
                if before < rows:
                    raise WrongResult(f"the server's statistics know of {before} written rows, there are {rows}")
                figures.again.append(cost_of(around, ours).seconds)
                # Entities come with each read and are compared, not rewritten, where nothing changed.
                figures.written_again = (figures.written_again or 0) + _rows_written(warehouse_url, platform) - before
            around.settle()
            figures.dlt.append(_seconds_of_dlt(settings, warehouse_url, platform, since))
    return figures
