"""`make marts-truth`: published tables and reports of larger worlds, each seed on a warehouse of its own."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from tests.marts_truth.casts import DAYS_BETWEEN_READINGS, SMALL, large
from tests.marts_truth.check import all_differences, past_differences
from tests.marts_truth.stage import staged
from tests.marts_truth.worlds import Cast


def _play(cast: Cast, number: int, server: EmbeddedPostgres, directory: Path, notes: Console) -> list[str]:
    admin, name = server.url("postgres"), f"marts_truth_{number}"
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    migrate(with_database(admin, name))
    place = directory / name
    place.mkdir()
    with staged(cast, place, with_database(admin, name), os.environ.__setitem__) as stage:
        stage.read_and_publish(notes.print)
        stage.advance(DAYS_BETWEEN_READINGS)
        stage.read_and_publish(notes.print)
        return all_differences(stage) + past_differences(stage)


def main() -> int:
    """1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.marts_truth", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--ads", type=int, default=12, help="about so many ads an account over its whole life")
    parser.add_argument("--small", action="store_true", help="the cast of the test instead")
    options = parser.parse_args()
    casts = [SMALL] if options.small else large(options.seeds, options.clients, options.days, options.ads)
    directory = Path(tempfile.mkdtemp(prefix="mdp-marts-truth-", dir="/var/tmp"))
    directory.chmod(0o755)
    server, screen, notes = EmbeddedPostgres(directory / "postgres"), Console(width=200), Console(stderr=True)
    found: list[str] = []
    try:
        server.start()
        for number, cast in enumerate(casts, 1):
            before = time.monotonic()
            own = _play(cast, number, server, directory, notes)
            seeds = ", ".join(str(share.seed) for share in cast.shares)
            screen.print(f"seed {seeds}: {len(own)} differences, {time.monotonic() - before:.0f} s")
            found += own
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
    for line in found:
        screen.print(line, markup=False)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
