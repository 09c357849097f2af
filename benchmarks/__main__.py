"""`make bench`: loads against a floor and plain dlt, many accounts, memory, history, rebuild. Ends with 1 on a miss."""

import argparse
import json
import logging
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from rich.console import Console

from benchmarks.figures import Figures, as_table
from benchmarks.guarantee import WINDOW_DAYS, measure_guarantee
from benchmarks.history import measure_history, measure_rebuild
from benchmarks.loading import measure_loading
from benchmarks.many_accounts import ANSWER_SECONDS, measure_many_accounts
from benchmarks.memory import MemoryFigures, measure_peak
from benchmarks.rows import LAST_DAY, RowPlan
from benchmarks.surroundings import Surroundings, serving, surroundings

ACCOUNTS = 4
DAYS = 110
# The larger load is the same accounts with ten times the days: three years, as far back as Meta answers.
LARGER = 10
# Each repetition of the guarantee's cost is nine loads: a half of the rows does.
GUARANTEE_SHARE = 2
MANY_ACCOUNTS = 200
ADS_IN_HISTORY = 100
PLATFORMS_MEASURED = ("meta_ads", "tiktok_ads", "google_ads")
# An agency's whole book at once; ads an account so that its rows are about those of the long history.
REBUILD_CLIENTS, ADS_IN_REBUILD = 12, 8
PARTS = ("load", "guarantee", "accounts", "memory", "history", "rebuild")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="ad rows of the load; memory also takes ten times")
    parser.add_argument("--quick", action="store_true", help="a fifth of the rows and one repetition: a smoke test")
    parser.add_argument("--only", choices=PARTS, help="one of the measurements")
    parser.add_argument("--platform", choices=PLATFORMS_MEASURED, help="of load and guarantee: one platform")
    parser.add_argument("--json", action="store_true", help="JSON on standard output instead of the table")
    return parser.parse_args()


def _plan(rows: int, accounts: int, days: int) -> RowPlan:
    return RowPlan(accounts, max(1, round(rows / accounts / days)), days)


def measure(around: Surroundings, options: argparse.Namespace, progress: Callable[[str], None]) -> Figures:
    """Run what was asked for, one measurement after the other."""
    rows, repeats = (options.rows // 5, 1) if options.quick else (options.rows, 3)
    chosen = PARTS if options.only is None else (options.only,)
    figures = Figures()
    platforms = (options.platform,) if options.platform else PLATFORMS_MEASURED
    if "load" in chosen:
        plan = _plan(rows, ACCOUNTS, DAYS)
        for platform in platforms:
            progress(f"{platform}: rendering {plan.rows:,} rows to be served")
            with serving(platform, plan, around.directory) as url:
                progress(f"{platform}: floor, ingestion and dlt alone, {repeats} times")
                again = platform == "meta_ads"
                figures.loads.append(measure_loading(around, url, platform, plan, plan.first_day, repeats, again=again))
    if "guarantee" in chosen:
        plan = _plan(rows // GUARANTEE_SHARE, ACCOUNTS, DAYS)
        restated = replace(plan, days=WINDOW_DAYS, version=1)
        for platform in platforms:
            progress(f"{platform}: rendering {plan.rows:,} rows, and {restated.rows:,} of them restated")
            with (
                serving(platform, plan, around.directory) as url,
                serving(platform, restated, around.directory) as restated_url,
            ):
                progress(f"{platform}: ours and two plain dlt pipelines in turn, {repeats} times")
                figures.guarantees.append(measure_guarantee(around, url, restated_url, platform, plan, repeats))
    if "accounts" in chosen:
        plan = RowPlan(MANY_ACCOUNTS // (5 if options.quick else 1), 10, 1)
        progress(f"{plan.accounts} accounts with one page each, {repeats} times")
        with serving("meta_ads", plan, around.directory, ANSWER_SECONDS) as url:
            figures.many_accounts = measure_many_accounts(around, url, plan, repeats)
    if "memory" in chosen:
        figures.memory = _memory(around, rows, progress)
    if "history" in chosen:
        progress(f"history: both warehouses filled and published, then the window changed {repeats} times")
        figures.history = measure_history(around, ADS_IN_HISTORY // (5 if options.quick else 1), repeats)
    if "rebuild" in chosen:
        clients = REBUILD_CLIENTS // (5 if options.quick else 1)
        progress(f"rebuild: three years of {clients} clients filled, built, certified and published")
        figures.rebuild = measure_rebuild(around, clients, ADS_IN_REBUILD)
    return figures


def _memory(around: Surroundings, rows: int, progress: Callable[[str], None]) -> MemoryFigures:
    """The base; ten times its accounts, ten times its days, and ten times its rows over ten times its days."""
    many, long = _plan(rows, ACCOUNTS * LARGER, DAYS), _plan(rows, ACCOUNTS, DAYS * LARGER)
    larger = []
    for plan in (many, long):
        progress(f"memory: {plan.rows:,} rows of {plan.accounts} accounts and {plan.days} days")
        with serving("meta_ads", plan, around.directory) as url:
            larger.append(measure_peak(around, url, plan, plan.first_day))
    plan = _plan(rows * LARGER, ACCOUNTS, DAYS * LARGER)
    progress(f"memory: {plan.rows // LARGER:,} and {plan.rows:,} rows")
    with serving("meta_ads", plan, around.directory) as url:
        base = measure_peak(around, url, plan, LAST_DAY - timedelta(days=DAYS - 1))
        larger.append(measure_peak(around, url, plan, plan.first_day))
    return MemoryFigures(base, tuple(larger))


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
