"""The publish flow over a changed 28-day window behind three months and behind three years; and over everything."""

import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

from benchmarks.history_rows import clients_since, fill_days
from benchmarks.loading import WrongResult
from benchmarks.rows import LAST_DAY
from benchmarks.surroundings import NOW, Surroundings
from foundation.database import Connection, connect, transaction
from ingestion.registry_load import load_registry
from quality.dbt_tests import record, required_tests
from quality.expectations import run_expectations
from quality.gate import Gate
from quality.reconciliation import certify
from transforms.building import DBT_PROJECT_DIR, build, flow_lock, prepare, prepared_manifest
from transforms.publication import publish
from transforms.versions import model_hash, open_build, refresh_account_days

SHORT_DAYS, LONG_DAYS, WINDOW_DAYS = 90, 1095, 28


@dataclass
class FlowSeconds:
    """Seconds of each repetition by step. ``nodes``: of the dbt build, what its models and tests took themselves."""

    versions: list[float] = field(default_factory=list)
    dbt_build: list[float] = field(default_factory=list)
    nodes: list[float] = field(default_factory=list)
    expectations: list[float] = field(default_factory=list)
    certify_gate_publish: list[float] = field(default_factory=list)


@dataclass
class HistoryFigures:
    """The same window behind which lies a short and a long history. ``ad_rows``: ad-level raw rows of each."""

    account_days: int
    ad_rows: tuple[int, int]
    first_build: tuple[float, float]
    short: FlowSeconds
    long: FlowSeconds

    @property
    def ratio(self) -> float:
        """dbt build on the long history against the short one; medians."""
        return median(self.long.dbt_build) / median(self.short.dbt_build)


@dataclass
class RebuildFigures:
    """Everything built, checked, certified and published at once, as after a change of the models."""

    clients: int
    account_days: int
    ad_rows: int
    seconds: FlowSeconds

    @property
    def whole(self) -> float:
        """Seconds from versions to publication."""
        flow = self.seconds
        steps = (flow.versions, flow.dbt_build, flow.expectations, flow.certify_gate_publish)
        return sum(step[0] for step in steps)


@dataclass
class _Warehouse:
    url: str
    connection: Connection
    target_dir: Path

    def vacuum(self) -> None:
        """What autovacuum does within a minute; no repetition should meet it half-way."""
        self.connection.autocommit = True
        with self.connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
        self.connection.autocommit = False

    def flow(self, seconds: FlowSeconds) -> int:
        """The platform's own flow from versions to publication. Returns how many account-days it published."""
        build_id = str(uuid4())
        with flow_lock(self.url):
            started = time.perf_counter()
            refresh_account_days(self.connection, model_hash=model_hash(DBT_PROJECT_DIR), now=NOW)
            pending = open_build(self.connection, build_id=build_id, now=NOW)
            seconds.versions.append(time.perf_counter() - started)
            built = build(self.url, DBT_PROJECT_DIR, self.target_dir, full_refresh=pending.full_refresh)
            seconds.dbt_build.append(built.seconds)
            seconds.nodes.append(sum(node["execution_time"] for node in built.run_results["results"]))
            started = time.perf_counter()
            record(self.connection, build_id=build_id, run_results=built.run_results, now=NOW)
            run_expectations(self.url, build_id=build_id, now=NOW)
            seconds.expectations.append(time.perf_counter() - started)
            started = time.perf_counter()
            certify(self.connection, build_id=build_id, run_id=build_id, now=NOW)
            tests = required_tests(prepared_manifest(DBT_PROJECT_DIR))
            published = publish(self.connection, build_id=build_id, gate=Gate(build_id, tests, NOW), now=NOW)
            seconds.certify_gate_publish.append(time.perf_counter() - started)
        if published.account_days != pending.account_days:
            raise WrongResult(f"{published.account_days} of {pending.account_days} changed account-days were published")
        return published.account_days


def measure_history(around: Surroundings, ads: int, repeats: int) -> HistoryFigures:
    """Fill both warehouses, publish everything once, then change the window and publish it, in turn."""
    prepare(DBT_PROJECT_DIR)
    with around.warehouse() as short_url, around.warehouse() as long_url:
        with connect(short_url) as short_connection, connect(long_url) as long_connection:
            short = _Warehouse(short_url, short_connection, around.directory / "dbt_short")
            long = _Warehouse(long_url, long_connection, around.directory / "dbt_long")
            firsts = FlowSeconds()
            ad_rows = []
            for warehouse, days in ((short, SHORT_DAYS), (long, LONG_DAYS)):
                ad_rows.append(_set_up(warehouse, days, clients=1, ads=ads))
                warehouse.flow(firsts)
            figures = HistoryFigures(
                0, (ad_rows[0], ad_rows[1]), (firsts.dbt_build[0], firsts.dbt_build[1]), FlowSeconds(), FlowSeconds()
            )
            window = LAST_DAY - timedelta(days=WINDOW_DAYS - 1)
            for reading in range(1, repeats + 1):
                for warehouse, seconds in ((short, figures.short), (long, figures.long)):
                    _change(warehouse, window, clients=1, ads=ads, reading=reading)
                    warehouse.vacuum()
                    around.settle()
                    figures.account_days = warehouse.flow(seconds)
            return figures


def measure_rebuild(around: Surroundings, clients: int, ads: int) -> RebuildFigures:
    """Three years of all clients with so many ads an account, from raw rows to published figures in one flow."""
    prepare(DBT_PROJECT_DIR)
    with around.warehouse() as url, connect(url) as connection:
        warehouse = _Warehouse(url, connection, around.directory / "dbt_rebuild")
        ad_rows = _set_up(warehouse, LONG_DAYS, clients=clients, ads=ads)
        around.settle()
        seconds = FlowSeconds()
        account_days = warehouse.flow(seconds)
        return RebuildFigures(clients, account_days, ad_rows, seconds)


def _set_up(warehouse: _Warehouse, days: int, *, clients: int, ads: int) -> int:
    first = LAST_DAY - timedelta(days=days - 1)
    with transaction(warehouse.connection) as cursor:
        cursor.execute("insert into ops.clock (now_at) values (%s)", (NOW,))
    registered = clients_since(first, clients)
    load_registry(warehouse.connection, registered, NOW)
    with transaction(warehouse.connection) as cursor:
        rows = fill_days(cursor, first, LAST_DAY, clients=registered, ads=ads, reading=0)
    warehouse.vacuum()
    return rows


def _change(warehouse: _Warehouse, since: date, *, clients: int, ads: int, reading: int) -> None:
    with transaction(warehouse.connection) as cursor:
        fill_days(cursor, since, LAST_DAY, clients=clients_since(since, clients), ads=ads, reading=reading)
