"""A seeded world behind the wire of incidents, and the product's own way from the platforms to published figures."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from cli.session import PlatformSession
from foundation.clock import FileClock, show_clock_to_database
from foundation.database import connect
from foundation.registry import read_clients
from foundation.settings import Settings
from ingestion.due import due_tasks
from ingestion.fx_rates import sync_rates
from ingestion.loading.tables import ensure_raw_tables
from ingestion.registry_load import load_registry
from ingestion.sync import sync_platform
from sandbox.client_files import write_client_files
from sandbox.clock import WorldClock
from sandbox.credentials import credential_environment
from sandbox.incidents import IncidentWire, start_incident_wire
from sandbox.process import SandboxHandle, start
from sandbox.world.model import AD_PLATFORMS
from sandbox.world.world import World, load_world
from tests.gate.flow import Flow, timed_flow
from tests.integration.ingestion.ad_world import settings_at

# A Monday noon: in every zone of the world's accounts yesterday is over.
START = datetime(2026, 9, 7, 12, tzinfo=UTC)
CLIENTS, ADS, DAYS = 13, 6, 14
Figures = tuple[Decimal, int, int]
AccountDay = tuple[str, date]
_runs = count(1)


@dataclass
class GateWorld:
    """A running world. ``seconds``: what the steps took, by name."""

    source: World
    sandbox: SandboxHandle
    wire: IncidentWire
    settings: Settings
    clock: WorldClock
    warehouse_url: str
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def session(self) -> PlatformSession:
        return PlatformSession(self.settings, self.warehouse_url, FileClock(self.clock.path))

    def now(self) -> datetime:
        return self.clock.now()

    def read(self) -> None:
        """Load what is due of the ad platforms: of each account the reports that its days wait for, and the rates."""
        with connect(self.warehouse_url) as connection:
            ensure_raw_tables(connection)
            show_clock_to_database(connection, self.session.clock)
            load_registry(connection, read_clients(self.settings.clients_dir), self.now())
        for platform in AD_PLATFORMS:
            with connect(self.warehouse_url) as connection:
                tasks = [replace(task, optional={}) for task in due_tasks(connection, platform, self.now())]
            sync_platform(
                self.settings, self.warehouse_url, platform, [task for task in tasks if task.spans],
                run_id=_run_id(), clock=self.session.clock, sleeper=lambda seconds: None,
            )  # fmt: skip
        sync_rates(
            self.settings, self.warehouse_url, run_id=_run_id(), clock=self.session.clock, sleeper=lambda seconds: None
        )

    def read_and_publish(self) -> Flow:
        """One day's work."""
        with self.timed("read"):
            self.read()
        with self.timed("publish"):
            return timed_flow(self.session)

    def truth(self, as_of: datetime) -> dict[AccountDay, Figures]:
        """Spend, impressions and clicks of every ad account-day up to the day before; days without any are absent."""
        query = {
            "level": "account", "as_of": as_of.isoformat(), "until": str(as_of.date() - timedelta(days=1)),
        }  # fmt: skip
        rows = httpx.get(f"{self.sandbox.url}/_sandbox/truth", params=query, timeout=60).json()
        return {
            (row["account_id"], date.fromisoformat(row["date_day"])): figures
            for row in rows
            if any(figures := (Decimal(row["spend"]), row["impressions"], row["clicks"]))
        }

    def published(self) -> dict[AccountDay, Figures]:
        """What analysts see, campaigns summed; days without figures are absent."""
        found = self.rows(
            "select account_id, date_day, sum(spend), sum(impressions), sum(clicks) "
            "from analytics.fct_campaign_performance_daily group by account_id, date_day"
        )
        return {
            (account, day): figures
            for account, day, *sums in found
            if any(figures := (Decimal(sums[0]), int(sums[1]), int(sums[2])))
        }

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with connect(self.warehouse_url) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall()

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        before = time.monotonic()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.monotonic() - before


@contextmanager
def gate_world(
    directory: Path, warehouse_url: str, set_variable: Callable[[str, str], None], *, seed: int
) -> Iterator[GateWorld]:
    """The world of a seed with its wire, running until the end; ``set_variable`` puts a secret into the environment."""
    directory.mkdir(parents=True, exist_ok=True)
    sandbox = start(
        directory / "state", directory / "clock", seed=seed, clients=CLIENTS, ads=ADS, days=DAYS,
        start_at=START.isoformat(),
    )  # fmt: skip
    try:
        source = load_world(directory / "state")
        for name, secret in credential_environment(source).items():
            set_variable(name, secret)
        write_client_files(source, directory / "clients")
        wire = start_incident_wire(sandbox.url, directory / "wire")
        try:
            settings = settings_at(
                wire.url, data_dir=directory / "data", clients_dir=directory / "clients", warehouse_url=warehouse_url
            )
            yield GateWorld(source, sandbox, wire, settings, WorldClock(directory / "clock"), warehouse_url)
        finally:
            wire.stop()
    finally:
        sandbox.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _run_id() -> str:
    return f"run{next(_runs):09d}"
