"""A small world as `mdp sandbox` serves it, with a warehouse of the test cluster."""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from command_line import DAYS, START, CommandLine

from cli.world import WorldDirectory
from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres

_serial = count(1)


@pytest.fixture(scope="module")
def command_line(postgres: EmbeddedPostgres) -> Iterator[CommandLine]:
    """Three clients with ten days behind them. The database is empty: the first command makes its tables."""
    directory = Path(tempfile.mkdtemp(prefix="mdp-command-line-"))
    world = WorldDirectory(directory)
    handle = world.start(clients=3, ads=3, days=DAYS, start_at=START)
    admin, name = postgres.url("postgres"), f"command_line_{next(_serial)}"
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    url = with_database(admin, name)
    with world.environment_file.open("a", encoding="utf-8") as file:
        file.write(f"MDP_WAREHOUSE_URL='{url}'\n")
    yield CommandLine(world, handle.url, url)
    handle.stop()
    shutil.rmtree(directory, ignore_errors=True)
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
