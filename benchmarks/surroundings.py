"""What the measurements stand on: a PostgreSQL of their own, a server of rows in its own process, scratch space."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from benchmarks.plain_reader import TOKEN
from benchmarks.rows import CURRENCY, TIMEZONE, RowPlan
from foundation.credentials import variable_name
from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from foundation.registry import Account, Client
from foundation.settings import REPOSITORY, Settings
from ingestion.loading.tables import ensure_raw_tables
from ingestion.registry_load import load_registry

CLIENT_ID = "bench"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# TikTok's limit of ten calls a second holds for a credential and is not what is measured: one for each account.
_CREDENTIALS = {"tiktok_ads": 4}
_PARTS = ("access_token", "client_id", "client_secret", "refresh_token")
_TEMPLATE = "bench_template"


class FixedClock:
    """The instant that every measurement runs at, so that the same days are due in each."""

    def now(self) -> datetime:
        return NOW


@dataclass
class Surroundings:
    """A running server with a migrated template database, and a directory that is removed at the end."""

    directory: Path
    server: EmbeddedPostgres
    _serial: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def warehouse(self) -> Iterator[str]:
        """URL of a fresh warehouse with migrations and raw tables, dropped at the end."""
        name, admin = f"bench_{next(self._serial)}", self.server.url("postgres")
        with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"create database {name} template {_TEMPLATE}")
        try:
            yield with_database(admin, name)
        finally:
            with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute(f"drop database {name} with (force)")

    def settle(self) -> None:
        """Let the server write out what earlier measurements left, so that none pays for another."""
        with connect(self.server.url("postgres"), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("checkpoint")

    def settings(self, url: str) -> Settings:
        """The platform's settings with this directory and this address of every platform."""
        return settings_of(self.directory, url)


def settings_of(directory: Path, url: str) -> Settings:
    return Settings(
        data_dir=directory, meta_ads_base_url=url, tiktok_ads_base_url=url, google_ads_base_url=url,
        google_oauth_token_url=f"{url}/token",
    )  # fmt: skip


def credential_environment() -> dict[str, str]:
    """Every part of every credential, as environment variables; the stand-ins accept any token."""
    names = [f"bench{number}" for number in range(max(_CREDENTIALS.values()))]
    return {variable_name(name, part): TOKEN for name in names for part in _PARTS}


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Start the server with the settings that the platform ships; stop it and remove everything at the end."""
    os.environ.update(credential_environment())
    # /var/tmp and 0755: run as root, the server runs as another user, who must reach it.
    directory = Path(tempfile.mkdtemp(prefix="mdp-bench-", dir="/var/tmp"))
    directory.chmod(0o755)
    server = EmbeddedPostgres(directory / "postgres")
    try:
        server.start()
        template = server.url(_TEMPLATE)
        with connect(server.url("postgres"), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"create database {_TEMPLATE}")
        migrate(template)
        with connect(template) as connection:
            ensure_raw_tables(connection)
        yield Surroundings(directory, server)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def serving(platform: str, plan: RowPlan, directory: Path, delay: float = 0.0) -> Iterator[str]:
    """URL of the stand-in for a platform with this plan's rows, in a process of its own that is ended at the end.

    delay: seconds that each answer waits.
    """
    rows = Path(tempfile.mkdtemp(prefix="served-", dir=directory))
    arguments = {
        "platform": platform, "accounts": plan.accounts, "ads": plan.ads, "days": plan.days, "delay": delay,
        "version": plan.version, "directory": rows,
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.row_server"]
    command += [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise RuntimeError(f"the server of rows ended with code {process.wait()} before it served")
        yield url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(rows, ignore_errors=True)


def register(warehouse_url: str, platform: str, plan: RowPlan) -> None:
    """One client that owns the plan's accounts."""
    accounts = tuple(
        Account(
            platform=platform, account_id=account_id, currency=CURRENCY, timezone=TIMEZONE,
            credential=f"bench{number % _CREDENTIALS.get(platform, 1)}",
        )
        for number, account_id in enumerate(plan.account_ids)
    )  # fmt: skip
    client = Client(
        client=CLIENT_ID, name="Bench", reporting_currency=CURRENCY, timezone=TIMEZONE, active_from=plan.first_day,
        accounts=accounts,
    )  # fmt: skip
    with connect(warehouse_url) as connection:
        load_registry(connection, [client], NOW)
