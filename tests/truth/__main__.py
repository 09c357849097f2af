"""`make truth`: a year of every platform, restated twice, compared with the sandbox's truth to the last unit."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from ingestion.due import AccountTask
from ingestion.platforms import PLATFORMS
from ingestion.sync import SyncReport
from sandbox.credentials import credential_environment
from sandbox.world.world import load_world
from tests.integration.ingestion.ad_world import AdWorld, Ingestion
from tests.integration.ingestion.conftest import ingestion_of
from tests.truth.raw_figures import TABLES, figures_query, loaded_figures, true_figures

START = datetime(2026, 9, 7, 12, tzinfo=UTC)


@dataclass
class Comparison:
    """One level of one platform after one round. differing: object-days whose figures are not the truth's."""

    platform: str
    level: str
    read: str
    object_days: int
    spend: Decimal
    missing: int
    surplus: int
    differing: int
    seconds: float

    @property
    def right(self) -> bool:
        return self.object_days > 0 and not (self.missing or self.surplus or self.differing)


def _oldest_expected(platform: str, now: datetime, days: int) -> str:
    """The history begins within its first ten days, or where the platform stops to answer; both with a day to spare."""
    kept = min(PLATFORMS[platform].definition.retention_days or days, days - 10)
    return str(now.date() - timedelta(days=kept - 1))


def _compare(
    world: AdWorld, ingestion: Ingestion, platform: str, read: str, seconds: float, unreadable: set[str], days: int
) -> list[Comparison]:
    results = []
    for level in TABLES[platform]:
        loaded = loaded_figures(ingestion.rows(figures_query(platform, level)))
        since = min((key[1] for key in loaded), default="")
        truth = {
            key: figures
            for key, figures in true_figures(world.truth(level), platform, level).items()
            if key[1] >= since and key[0] not in unreadable
        }
        if since > _oldest_expected(platform, START, days):
            raise SystemExit(f"{platform}: the oldest day read is {since}: the first days of its history are missing")
        both = loaded.keys() & truth.keys()
        results.append(
            Comparison(
                platform, level, read, len(both), sum((figures[0] for figures in loaded.values()), Decimal(0)),
                len(truth.keys() - both), len(loaded.keys() - both), sum(loaded[key] != truth[key] for key in both),
                seconds,
            )
        )  # fmt: skip
    return results


def _cost(report: SyncReport, tasks: list[AccountTask]) -> list[tuple[int, int]]:
    """Calls and asked days of every account that could be read."""
    asked = {task.account: len(task.days) for task in tasks}
    return [(outcome.calls, asked[outcome.account]) for outcome in report.outcomes if outcome.loaded] or [(0, 1)]


def _table(results: list[Comparison], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("platform", "level", "read", "object-days", "spend", "missing", "surplus", "differing", "seconds"):
        table.add_column(heading, justify="left" if heading in ("platform", "level", "read") else "right")
    for row in results:
        table.add_row(
            row.platform, row.level, row.read, f"{row.object_days:,}", f"{row.spend:,.2f}", str(row.missing),
            str(row.surplus), str(row.differing), f"{row.seconds:.0f}", style=None if row.right else "red",
        )  # fmt: skip
    return table


def main() -> int:
    """Read, restate, compare; 1 where anything differs from the truth."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--ads", type=int, default=8, help="about so many ads an account over its whole life")
    parser.add_argument("--all-reports", action="store_true", help="also the reports that never hold a day")
    parser.add_argument("--only", choices=list(PLATFORMS), action="append")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="mdp-truth-", dir="/var/tmp"))
    directory.chmod(0o755)
    server = EmbeddedPostgres(directory / "postgres")
    started, results = time.monotonic(), list[Comparison]()
    notes = Console(stderr=True)
    world: AdWorld | None = None
    try:
        server.start()
        admin = server.url("postgres")
        with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("create database truth")
        migrate(with_database(admin, "truth"))
        (directory / "world").mkdir()
        world = AdWorld.started(
            directory / "world", clients=options.clients, days=options.days, ads=options.ads, start_at=START
        )
        source = load_world(directory / "world" / "state")
        os.environ.update(credential_environment(source))
        unreadable = {a.account_id for c in source.clients for a in c.accounts if a.credential in source.revoked}
        ingestion = ingestion_of(world, with_database(admin, "truth"))
        ingestion.load_clients()
        for read in ("first", "a day later", "two days later"):
            for platform in options.only or list(PLATFORMS):
                before = time.monotonic()
                tasks = ingestion.due(platform)
                if not options.all_reports:
                    tasks = [AccountTask(task.account, task.spans) for task in tasks if task.spans]
                report = ingestion.sync(platform, tasks=tasks)
                seconds = time.monotonic() - before
                failed = {str(outcome.account): outcome.problem.code for outcome in report.failed if outcome.problem}
                calls, days = (sum(values) for values in zip(*_cost(report, tasks), strict=True))
                notes.print(
                    f"{platform} {read}: {report.rows_landed:,} rows in {seconds:.0f} s, {calls:,} calls, "
                    f"{calls / days:.2f} an account-day; not read: {failed}"
                )
                results += _compare(world, ingestion, platform, read, seconds, unreadable, options.days)
            world.advance(1)
    finally:
        if world:
            world.stop()
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
    title = f"{options.clients} clients x {options.days} days, {time.monotonic() - started:.0f} s"
    Console(width=140).print(_table(results, title))
    return 0 if all(row.right for row in results) else 1


if __name__ == "__main__":
    sys.exit(main())
