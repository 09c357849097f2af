"""Plays a cast: the sandbox, a warehouse, and the product's own way from the platforms to published figures."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from cli.publishing import run_publish
from cli.session import PlatformSession
from foundation.clock import FileClock, show_clock_to_database
from foundation.database import connect
from foundation.registry import read_clients
from foundation.settings import REPOSITORY, Settings
from ingestion.due import due_tasks
from ingestion.fx_rates import sync_rates
from ingestion.loading.tables import ensure_raw_tables
from ingestion.platforms import PLATFORMS
from ingestion.registry_load import load_registry
from ingestion.sync import sync_platform
from sandbox.clock import WorldClock, parse_instant
from sandbox.credentials import credential_environment
from tests.integration.ingestion.ad_world import settings_at
from tests.marts_truth.client_files import write_client_files
from tests.marts_truth.worlds import Cast, JoinedWorlds

_START_SECONDS = 60.0
_runs = count(1)


@dataclass
class Stage:
    """A cast on a warehouse of its own. ``readings``: instants at which the platforms were read, oldest first."""

    worlds: JoinedWorlds
    directory: Path
    settings: Settings
    warehouse_url: str
    readings: list[datetime] = field(default_factory=list)

    @property
    def clock(self) -> FileClock:
        return FileClock(self.directory / "clock")

    def now(self) -> datetime:
        return self.clock.now()

    def advance(self, days: float) -> None:
        WorldClock(self.directory / "clock").advance(days)

    def read_and_publish(self, note: Callable[[str], None] = lambda text: None) -> dict[str, Any]:
        """One day's work: client files, every platform's due days, rates, build, checks, publication."""
        with connect(self.warehouse_url) as connection:
            ensure_raw_tables(connection)
            show_clock_to_database(connection, self.clock)
            load_registry(connection, read_clients(self.settings.clients_dir), self.now())
        for platform in PLATFORMS:
            with self._timed(f"read {platform}", note):
                self._read(platform)
        with self._timed("rates", note):
            sync_rates(self.settings, self.warehouse_url, run_id=_run_id(), clock=self.clock, sleeper=lambda s: None)
        self.readings.append(self.now())
        with self._timed("publish", note):
            return run_publish(PlatformSession(self.settings, self.warehouse_url, self.clock))

    def _read(self, platform: str) -> None:
        with connect(self.warehouse_url) as connection:
            tasks = due_tasks(connection, platform, self.now())
        sync_platform(
            self.settings, self.warehouse_url, platform, tasks, run_id=_run_id(), clock=self.clock,
            sleeper=lambda seconds: None,
        )  # fmt: skip

    def frame(self, query: str) -> pd.DataFrame:
        """Rows of the warehouse with their Python values: Decimal, date, bool, None."""
        with connect(self.warehouse_url) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            return pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)

    @contextmanager
    def _timed(self, what: str, note: Callable[[str], None]) -> Iterator[None]:
        before = time.monotonic()
        yield
        note(f"{what}: {time.monotonic() - before:.1f} s")


def _run_id() -> str:
    return f"run{next(_runs):09d}"


@contextmanager
def staged(
    cast: Cast, directory: Path, warehouse_url: str, set_variable: Callable[[str, str], None]
) -> Iterator[Stage]:
    """The cast's sandbox, running until the end; ``set_variable`` puts a secret into the environment."""
    cast.save(directory / "cast.json")
    WorldClock(directory / "clock").ensure(parse_instant(cast.start))
    worlds = JoinedWorlds(cast)
    for name, secret in credential_environment(worlds).items():  # type: ignore[arg-type]
        set_variable(name, secret)
    write_client_files(worlds, directory / "clients")
    command = [sys.executable, "-m", "tests.marts_truth.serve", str(directory)]
    with (directory / "sandbox.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=REPOSITORY)
    try:
        url = _address(directory / "url", process)
        settings = settings_at(
            url, data_dir=directory / "data", clients_dir=directory / "clients", warehouse_url=warehouse_url
        )
        yield Stage(worlds, directory, settings, warehouse_url)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(directory / "data", ignore_errors=True)


def _address(path: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists():
            return path.read_text(encoding="utf-8").strip()
        time.sleep(0.05)
    log = path.with_name("sandbox.log").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"the sandbox did not start: {log[-2000:]}")


def days_before(instant: datetime, days: float) -> datetime:
    return instant - timedelta(days=days)
