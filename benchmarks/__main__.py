"""`make bench`: the load against a floor, the memory of large loads, the cost of history. Ends with 1 on a miss."""

import argparse
import json
import logging
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from rich.console import Console

from benchmarks.figures import Figures, as_table
from benchmarks.history import measure_history
from benchmarks.loading import measure_loading
from benchmarks.memory import measure_memory
from benchmarks.meta_rows import LAST_DAY, RowPlan
from benchmarks.surroundings import Surroundings, serving, surroundings

ACCOUNTS = 4
DAYS = 110
# The larger load is the same accounts with ten times the days: three years, as far back as Meta answers.
LARGER = 10
ADS_IN_HISTORY = 100


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="ad rows of the load; memory also takes ten times")
    parser.add_argument("--quick", action="store_true", help="a fifth of the rows and one repetition: a smoke test")
    parser.add_argument("--only", choices=("load", "memory", "history"), help="one of the three measurements")
    parser.add_argument("--json", action="store_true", help="JSON on standard output instead of the table")
    return parser.parse_args()


def measure(around: Surroundings, options: argparse.Namespace, progress: Callable[[str], None]) -> Figures:
    """Run what was asked for, one measurement after the other."""
    rows, repeats, ads = (options.rows // 5, 1, ADS_IN_HISTORY // 5) if options.quick else (
        options.rows, 3, ADS_IN_HISTORY
    )  # fmt: skip
    loading = memory = history = None
    if options.only != "history":
        days = DAYS if options.only == "load" else DAYS * LARGER
        plan = RowPlan(ACCOUNTS, max(1, round(rows / ACCOUNTS / DAYS)), days)
        newest = LAST_DAY - timedelta(days=DAYS - 1)
        progress(f"rendering {plan.rows:,} rows to be served")
        with serving(plan, around.directory) as url:
            if options.only != "memory":
                progress(f"loading: floor, ingestion and ingestion again, {repeats} times")
                loading = measure_loading(around, url, plan, newest, repeats)
            if options.only != "load":
                progress("memory: two loads in processes of their own")
                memory = measure_memory(around, url, plan, (newest, plan.first_day))
    if options.only in (None, "history"):
        progress(f"history: both warehouses filled and published, then the window changed {repeats} times")
        history = measure_history(around, ads, repeats)
    return Figures(loading, memory, history)


def main() -> int:
    """Measure, print, and tell by the exit code whether every target was met."""
    options = _options()
    screen, notes = Console(), Console(stderr=True)
    # One of its modules sets its own level to INFO, and dbt gives the root logger a handler.
    logging.getLogger("great_expectations").propagate = False
    # Terminated as interrupted: what was started is ended and removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    started = time.monotonic()
    with surroundings() as around:
        figures = measure(around, options, lambda text: notes.print(f"{time.monotonic() - started:5.0f} s  {text}"))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    seconds = time.monotonic() - started
    if options.json:
        document = {"machine": machine, "command": sys.argv[1:], "seconds": seconds, **figures.as_json()}
        screen.print_json(json.dumps(document))
    else:
        screen.print(as_table(figures, f"Benchmarks on {machine}, {seconds:.0f} s in all"))
    return 0 if figures.targets_met else 1


if __name__ == "__main__":
    sys.exit(main())
