"""One real PostgreSQL cluster a test session (and xdist worker), one fresh migrated database a test.

And which tests the coverage is measured of.
"""

import os
from collections.abc import Iterator
from itertools import count

import pytest

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from tests.scratch import server_directory

_TEMPLATE = "migrated_template"
_serial = count(1)
# Tracing costs them two thirds more processor time, for lines that the others run as well: the figure is a floor.
_UNTRACED = (
    "tests/gate/",
    "tests/marts_truth/",
    "tests/integration/transforms/",
    *(
        f"tests/integration/ingestion/test_{name}.py"
        for name in ("history", "reported", "concurrent_runs", "next_sync")
    ),
    *(f"tests/integration/ingestion/test_{name}.py" for name in ("faulty_platforms", "outages", "settled_months")),
)


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
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                cursor.execute(f"alter system set {setting} = off")
            cursor.execute("select pg_reload_conf()")
            cursor.execute(f"create database {_TEMPLATE}")
        migrate(server.url(_TEMPLATE))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def warehouse_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """URL of a fresh, migrated warehouse that is dropped at the end of the test."""
    name = f"warehouse_{next(_serial)}"
    admin = postgres.url("postgres")
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {name} template {_TEMPLATE}")
    yield with_database(admin, name)
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
