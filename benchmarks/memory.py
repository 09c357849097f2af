"""Peak memory of a loading process, for a number of rows and for ten times as many, each in a process of its own."""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.loading import load, require_all_loaded
from benchmarks.rows import LAST_DAY, RowPlan
from benchmarks.surroundings import Surroundings, register, settings_of
from foundation.settings import REPOSITORY

PLATFORM = "meta_ads"


@dataclass(frozen=True)
class Peak:
    """One load: its rows, accounts and days, its peak resident memory in MiB and its seconds."""

    rows: int
    accounts: int
    days: int
    mebibytes: float
    seconds: float


@dataclass(frozen=True)
class MemoryFigures:
    """The base, and loads that are larger than it in one respect each."""

    base: Peak
    larger: tuple[Peak, ...]

    def ratio(self, peak: Peak) -> float:
        return peak.mebibytes / self.base.mebibytes


def peak_mebibytes() -> float:
    """Highest resident memory that this process has had.

    Linux' getrusage would also count the process that started this one, up to exec; VmHWM does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure_peak(around: Surroundings, url: str, plan: RowPlan, since: date) -> Peak:
    """Load the days from ``since`` on into a fresh database by a fresh process."""
    with around.warehouse() as warehouse_url:
        register(warehouse_url, PLATFORM, plan)
        around.settle()
        command = [sys.executable, "-m", "benchmarks.memory", "--url", url, "--since", since.isoformat()]
        command += ["--directory", str(around.directory), "--accounts", str(plan.accounts)]
        command += ["--ads", str(plan.ads), "--days", str(plan.days)]
        # The address holds the server's password, so it goes through the pipe and not into the process list.
        child = subprocess.run(
            command, input=warehouse_url, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, check=True
        )
    told = json.loads(child.stdout)
    days = (LAST_DAY - since).days + 1
    return Peak(told["rows"], plan.accounts, days, told["mebibytes"], told["seconds"])


def main() -> None:
    """The child: one load, then its rows, seconds and peak memory as JSON on standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--since", type=date.fromisoformat, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    for name in ("accounts", "ads", "days"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    plan = RowPlan(options.accounts, options.ads, options.days)
    account_days = ((LAST_DAY - options.since).days + 1) * plan.accounts
    rows = account_days * plan.ads
    started = time.perf_counter()
    report = load(settings_of(options.directory, options.url), sys.stdin.read(), PLATFORM, options.since)
    seconds = time.perf_counter() - started
    require_all_loaded(report, plan, rows, account_days)
    sys.stdout.write(json.dumps({"rows": rows, "mebibytes": peak_mebibytes(), "seconds": seconds}))


if __name__ == "__main__":
    main()
