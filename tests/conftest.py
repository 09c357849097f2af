"""One real PostgreSQL cluster a test session (and xdist worker), one fresh migrated database a test.

And which tests the coverage is measured of.
"""

import gc
import os
from collections.abc import Iterator
from itertools import count

import pytest

from foundation.database import connect
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from tests.scratch import MIGRATED, database_copy, server_directory

_serial = count(1)
# dbt's modules are a million objects; walking over them at the default pace takes a sixth of a build's processor time.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
# Tracing costs them two thirds more processor time, for lines that the others run as well: the figure is a floor.
_UNTRACED = (
    "tests/conformance/",
    "tests/gate/",
    "tests/marts_truth/",
    "tests/integration/quality/test_expectations.py",
    "tests/integration/transforms/",
    *(
        f"tests/integration/ingestion/test_{name}.py"
        for name in ("history", "reported", "concurrent_runs", "next_sync")
    ),
    *(f"tests/integration/ingestion/test_{name}.py" for name in ("faulty_platforms", "outages", "settled_months")),
)


def pytest_configure() -> None:
    """What costs processor time and decides nothing: collecting often, and dbt's debug log of each build."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    os.environ |= {"DBT_LOG_LEVEL": "none", "DBT_LOG_LEVEL_FILE": "none"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """No coverage of the untraced tests, their fixtures and the processes that they start."""
    plugin = item.config.pluginmanager.get_plugin("_cov")
    controller = plugin.cov_controller if plugin else None
    if controller is None or not item.nodeid.startswith(_UNTRACED):
        return (yield)
    inherited = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("COVERAGE_")}
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()
        os.environ |= inherited


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A running cluster in a directory of its own; durability is off, since no test of it survives the session."""
    with server_directory("test") as directory:
        server = EmbeddedPostgres(directory)
        server.start()
        with connect(server.url("postgres"), autocommit=True) as connection, connection.cursor() as cursor:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "wal_init_zero"):
                cursor.execute(f"alter system set {setting} = off")
            cursor.execute("alter system set max_wal_size = '1GB'")
            cursor.execute("select pg_reload_conf()")
            cursor.execute(f"create database {MIGRATED}")
        migrate(server.url(MIGRATED))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def warehouse_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """URL of a fresh, migrated warehouse that is dropped at the end of the test."""
    with database_copy(postgres.url("postgres"), f"warehouse_{next(_serial)}", MIGRATED) as url:
        yield url
