"""One dlt load per platform and pass: accounts read concurrently, rows landed in a dataset of the run's own."""

import os
import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from foundation.database import Connection, lock_key, transaction
from ingestion.due import AccountTask
from ingestion.errors import Action, Problem
from ingestion.loading.reading import AccountRead

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

ReadAccount = Callable[[AccountTask, Callable[[str, pa.Table], None]], AccountRead]

ACCOUNTS_AT_ONCE = 4
# Batches that may wait between readers and dlt; bounds memory whatever the accounts' size.
QUEUED_BATCHES = 8
# Each batch costs dlt milliseconds, so those of small accounts wait for one another; larger ones would cost memory.
GATHERED_ROWS = 2_000
_POLL_SECONDS = 0.2
# The ADBC driver keeps all rows of a file in memory until the file is loaded (measured: 2 GB for 2 million rows).
FILE_ROWS = 40_000
FILES_AT_ONCE = 2

# dlt is configured by environment: no telemetry, no gzip of files that live for a second (measured 3x slower).
_DLT_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "WARNING",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
    "DATA_WRITER__FILE_MAX_ITEMS": str(FILE_ROWS),
    "LOAD__WORKERS": str(FILES_AT_ONCE),
    "LOAD__DELETE_COMPLETED_JOBS": "true",
}


class _Stopped(Exception):
    """The load is over before its readers are."""


class AccountReads:
    """The accounts of one load, read by threads into a bounded queue. Results are there when `batches` is exhausted."""

    def __init__(self, tasks: Sequence[AccountTask], read: ReadAccount) -> None:
        self._tasks = tasks
        self._read = read
        self._queue: Queue[tuple[str, pa.Table]] = Queue(QUEUED_BATCHES)
        self._stop = threading.Event()
        self.results: dict[str, AccountRead] = {}

    def _emit(self, table: str, rows: pa.Table) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put((table, rows), timeout=_POLL_SECONDS)
                return
            except Full:
                continue
        raise _Stopped

    def _read_one(self, task: AccountTask) -> AccountRead:
        try:
            return self._read(task, self._emit)
        except _Stopped:
            raise
        except Exception as error:
            # A fault of ours in one account must neither sink the others nor pass for the platform's answer;
            # it is shown as the account's failure of class "internal".
            return AccountRead(
                task.account,
                problem=Problem(
                    Action.GIVE_UP_ACCOUNT,
                    "internal",
                    type(error).__name__,
                    f"{task.account}: {error}",
                    "report this to the platform's maintainers; the account stays due",
                ),
            )

    def batches(self) -> Iterator[tuple[str, pa.Table]]:
        """(table, rows) of all accounts; small ones of a table together."""
        waiting: dict[str, list[pa.Table]] = defaultdict(list)
        waiting_rows: Counter[str] = Counter()
        for table, rows in self._as_they_come():
            waiting[table].append(rows)
            waiting_rows[table] += rows.num_rows
            if waiting_rows[table] >= GATHERED_ROWS:
                del waiting_rows[table]
                yield table, pa.concat_tables(waiting.pop(table))
        for table, parts in waiting.items():
            yield table, pa.concat_tables(parts)

    def _as_they_come(self) -> Iterator[tuple[str, pa.Table]]:
        with ThreadPoolExecutor(ACCOUNTS_AT_ONCE, thread_name_prefix="account") as pool:
            futures: list[Future[AccountRead]] = [pool.submit(self._read_one, task) for task in self._tasks]
            try:
                while True:
                    finished = all(future.done() for future in futures)
                    try:
                        yield self._queue.get(timeout=0.0 if finished else _POLL_SECONDS)
                    except Empty:
                        if finished:
                            break
            finally:
                self._stop.set()
        for future in futures:
            read = future.result()
            self.results[read.account.account_id] = read


def landing_schema(platform: str, run_id: str, load_pass: int) -> str:
    """Dataset of one load: landing_meta_ads_1f2e3d4c5b6a_1."""
    return f"landing_{platform}_{run_id.replace('-', '')[:12]}_{load_pass}"


def platform_source(platform: str, reads: AccountReads) -> "DltSource":
    """The platform as a dlt source: one resource whose batches name their tables.

    One resource instead of one a table, since an account's total must be read before and after its detail.
    """
    import dlt

    @dlt.resource(name="account_reads", write_disposition="replace")
    def account_reads() -> Iterator[Any]:
        for table, rows in reads.batches():
            yield dlt.mark.with_table_name(rows, table)

    return dlt.source(lambda: account_reads(), name=platform)()


def land(source: "DltSource", *, warehouse_url: str, landing: str, work_dir: Path) -> None:
    """Load a dlt source into its landing dataset. Its working directory is new and gone afterwards."""
    os.environ.update(_DLT_ENVIRONMENT)
    import dlt

    pipelines_dir = work_dir / "dlt" / landing
    shutil.rmtree(pipelines_dir, ignore_errors=True)
    try:
        pipeline = dlt.pipeline(
            pipeline_name=landing,
            destination=dlt.destinations.postgres(credentials=warehouse_url),
            dataset_name=landing,
            pipelines_dir=str(pipelines_dir),
        )
        pipeline.config.restore_from_destination = False
        pipeline.run(source, loader_file_format="parquet")
    finally:
        shutil.rmtree(pipelines_dir, ignore_errors=True)


def drop_landing(connection: Connection, landing: str) -> None:
    with transaction(connection) as cursor:
        cursor.execute(f"drop schema if exists {landing} cascade")
        cursor.execute(f"drop schema if exists {landing}_staging cascade")


def drop_orphaned_landings(connection: Connection, prefix: str) -> list[str]:
    """Drop the datasets of loads whose process is gone: nobody holds their lock. Returns their names."""
    dropped = []
    with transaction(connection) as cursor:
        cursor.execute("select nspname from pg_namespace where starts_with(nspname, %s)", (prefix,))
        for (landing,) in cursor.fetchall():
            cursor.execute("select pg_try_advisory_xact_lock(%s)", (lock_key("landing", landing),))
            row = cursor.fetchone()
            if row and row[0]:
                cursor.execute(f'drop schema "{landing}" cascade')
                dropped.append(landing)
    return dropped
