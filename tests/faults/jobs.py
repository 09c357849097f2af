"""What a scheduler starts, as functions to be run in a forked process: the product's own calls, nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib import import_module
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx

from foundation.database import connect
from foundation.migrations import migrate
from foundation.registry import read_clients
from foundation.settings import Settings
from ingestion.due import AccountTask, due_tasks, requested_tasks
from ingestion.fx_rates import sync_rates
from ingestion.http import Connections
from ingestion.loading import landing
from ingestion.platforms.meta_ads import requests as meta_requests
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.tiktok_ads import requests as tiktok_requests
from ingestion.registry_load import load_registry
from ingestion.sync import sync_platform
from tests.integration.ingestion.ad_world import FixedClock

_IMPORTED = (
    "adbc_driver_manager.dbapi", "adbc_driver_postgresql", "botocore.client", "dlt",
    "dlt.destinations.impl.postgres.factory", "dlt.destinations.impl.postgres.postgres", "pyarrow.parquet",
)  # fmt: skip
PAGE_ROWS = 50
# A local world answers in milliseconds; what takes longer than this is a fault.
TIMEOUT = httpx.Timeout(0.5, connect=0.3)


@dataclass
class SkippedTime:
    """Waiting costs no time: whoever sleeps finds that the time has passed."""

    skipped: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped


SKIPPED = SkippedTime()


def skip_waiting() -> None:
    """Budgets and pauses of this process count the time that was slept away."""
    Connections.__init__.__kwdefaults__["monotonic"] = SKIPPED.monotonic


def preload() -> None:
    """Import what a run imports, so that a forked one need not."""
    for name in _IMPORTED:
        import_module(name)


def one_at_a_time() -> None:
    """Accounts and files one after the other: what happens at the n-th request or point is then the same each time."""
    landing.ACCOUNTS_AT_ONCE = 1
    landing._DLT_ENVIRONMENT["LOAD__WORKERS"] = "1"


def share_bulk_database() -> None:
    """Let the bulk loads of a process share what ADBC reads of the catalog: a tenth of a second a table otherwise.

    Each load still has a session of its own.
    """
    from adbc_driver_manager import dbapi

    connect, first = dbapi.connect, dict[str, dbapi.Connection]()

    def cloned(*, db_kwargs: dict[str, str], **kwargs: Any) -> dbapi.Connection:
        if db_kwargs["uri"] not in first:
            first[db_kwargs["uri"]] = connect(db_kwargs=db_kwargs, **kwargs)
        return first[db_kwargs["uri"]].adbc_clone()

    dbapi.connect = cloned


def ask_for_report_runs() -> None:
    """Let Meta's questions be computed as report runs, as if every one of them were too heavy for one answer."""

    def computed(self: Any, account: Any, report: Any, span: Any, limit: int) -> Any:
        return self._computed(account, report, span, f"act_{account.account_id}/insights")

    MetaAdsClient._insights = computed  # type: ignore[method-assign]


def small_pages() -> None:
    """Pages of so few rows that a world this small has several."""
    meta_requests.PAGE_LIMIT = tiktok_requests.LARGEST_PAGE = PAGE_ROWS


def _run_id(run: int) -> str:
    return str(uuid5(NAMESPACE_OID, str(run)))


def _outcome(report: Any) -> dict[str, Any]:
    return {
        "rows": report.rows_landed,
        "failed": {str(outcome.account): outcome.problem.code for outcome in report.failed},
        "held": sum(len(outcome.held_days) for outcome in report.outcomes),
    }


def scheduled_run(
    settings: Settings, url: str, platform: str, instant: datetime, run: int, *, migrates: bool = False,
    optional: frozenset[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The hourly run: client files, what is due, load; the first one of a new release migrates.

    optional: read only these of the reports that never hold a day; None = all.
    """

    def tasks() -> list[AccountTask]:
        with connect(url) as connection:
            due = due_tasks(connection, platform, instant)
        if optional is None:
            return due
        kept = [
            replace(task, optional={name: spans for name, spans in task.optional.items() if name in optional})
            for task in due
        ]
        return [task for task in kept if task.spans or task.optional]

    if migrates:
        migrate(url)
    with connect(url) as connection:
        load_registry(connection, read_clients(settings.clients_dir), instant)
    return _load(settings, url, platform, tasks(), instant, run)


def requested_run(
    settings: Settings, url: str, platform: str, instant: datetime, run: int, since: date, until: date,
    accounts: tuple[str, ...] = (), *, gives_way: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A manual ``mdp sync`` over days of a person's choice or, where it gives way, a backfill."""

    def due() -> list[AccountTask]:
        with connect(url) as connection:
            return due_tasks(connection, platform, instant)

    with connect(url) as connection:
        tasks = requested_tasks(connection, platform, since, until, instant, accounts=accounts)
    return _load(settings, url, platform, tasks, instant, run, due if gives_way else None)


def _load(
    settings: Settings, url: str, platform: str, tasks: list[AccountTask], instant: datetime, run: int,
    goes_first: Callable[[], list[AccountTask]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    with httpx.Client(timeout=TIMEOUT) as http:
        report = sync_platform(
            settings, url, platform, tasks, run_id=_run_id(run), clock=FixedClock(instant),
            sleeper=SKIPPED.sleep, http=http, goes_first=goes_first,
        )  # fmt: skip
    return _outcome(report)


def rates_run(settings: Settings, url: str, instant: datetime, run: int) -> None:
    """The day's reference rates."""
    with httpx.Client(timeout=TIMEOUT) as http:
        sync_rates(settings, url, run_id=_run_id(run), clock=FixedClock(instant), sleeper=SKIPPED.sleep, http=http)
