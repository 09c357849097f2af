"""A demo world in a directory of its own, driven through the `mdp` command as a newcomer would."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from foundation.embedded_postgres import EmbeddedPostgres
from sandbox.process import start
from tests.scratch import server_directory

DEMO_SECONDS = 420
Figures = tuple[Decimal, int, int]
AccountDay = tuple[str, str, str, str]


@dataclass
class DemoWorld:
    """Directory of one demo; every command runs in a process of its own.

    is_measured: its processes count in the coverage, which takes two thirds more processor time; one small world's do.
    """

    directory: Path
    is_measured: bool = False

    @property
    def environment(self) -> dict[str, str]:
        foreign = ("MDP_",) if self.is_measured else ("MDP_", "COVERAGE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return {**kept, "MDP_DEMO_DIR": str(self.directory), "COLUMNS": "120"}

    def mdp(self, *arguments: str, seconds: float = DEMO_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run one command to its end and return what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def begin(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a command in a session of its own, its output thrown away."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill_everything(self, process: "subprocess.Popen[bytes]") -> None:
        """SIGKILL the command, all its children, and the database server with its children."""
        victims = [process.pid]
        with suppress(psutil.NoSuchProcess):
            victims += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        pid_file = self.server.cluster / "postmaster.pid"
        if pid_file.exists():
            postmaster = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
            with suppress(psutil.NoSuchProcess):
                victims += [child.pid for child in psutil.Process(postmaster).children(recursive=True)]
            victims.append(postmaster)
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    @property
    def server(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.directory / "postgres")

    @contextmanager
    def warehouse(self) -> Iterator[Any]:
        """A psycopg2 connection to this world's warehouse, whose server runs for that long."""
        server = self.server
        started = server.start()
        connection = psycopg2.connect(server.url())
        try:
            yield connection
        finally:
            connection.close()
            if started:
                server.stop()

    @contextmanager
    def sandbox(self) -> Iterator[str]:
        """Address of this world's sandbox, started for that long."""
        handle = start(state_dir=self.directory / "sandbox", clock_file=self.directory / "clock")
        try:
            yield handle.url
        finally:
            handle.stop()

    def truth(self, level: str = "account") -> dict[AccountDay, Figures]:
        """The world's own totals at its clock: (client, platform, account, day) -> spend, impressions, clicks."""
        with self.sandbox() as url, urllib.request.urlopen(f"{url}/_sandbox/truth?level={level}", timeout=60) as answer:
            document = json.load(answer)
        rows = document["rows"] if isinstance(document, dict) else document
        totals: dict[AccountDay, Figures] = {}
        for row in rows:
            key = (row["client_id"], row["platform"], row["account_id"], row["date_day"])
            spend, impressions, clicks = totals.get(key, (Decimal(0), 0, 0))
            totals[key] = (spend + Decimal(row["spend"]), impressions + row["impressions"], clicks + row["clicks"])
        return totals

    def slack_messages(self) -> list[dict[str, Any]]:
        with self.sandbox() as url, urllib.request.urlopen(f"{url}/slack/messages", timeout=60) as answer:
            document = json.load(answer)
        messages: list[dict[str, Any]] = document["messages"] if isinstance(document, dict) else document
        return messages


def query(connection: Any, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Rows of one query, in a transaction that ends with it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    connection.rollback()
    return rows


def published(connection: Any, table: str) -> dict[AccountDay, Figures]:
    """Sums per account-day of a published fact table."""
    rows = query(
        connection,
        f"select client_id, platform, account_id, date_day::text, sum(spend), sum(impressions)::bigint, "
        f"sum(clicks)::bigint from analytics.{table} group by 1, 2, 3, 4",
    )
    return {row[:4]: (row[4], row[5], row[6]) for row in rows}


def states(connection: Any) -> dict[AccountDay, str]:
    """State of every expected account-day; Instagram does not answer for the first days of a world of 90."""
    rows = query(
        connection,
        "select client_id, platform, account_id, date_day::text, state from analytics.account_day_state "
        "where not (platform = 'instagram' and state = 'out_of_reach')",
    )
    return {row[:4]: row[4] for row in rows}


@pytest.fixture
def demo_world() -> Iterator[DemoWorld]:
    """A new world in a directory of its own."""
    with server_directory("demo") as directory:
        world = DemoWorld(directory)
        try:
            yield world
        finally:
            world.server.stop()
