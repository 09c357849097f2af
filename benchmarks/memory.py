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
from benchmarks.meta_rows import LAST_DAY, RowPlan
from benchmarks.surroundings import Surroundings, register, settings_of
from foundation.settings import REPOSITORY


@dataclass(frozen=True)
class MemoryFigures:
    """Rows and peak resident memory in MiB of the smaller and of the larger load; seconds of both loads."""

    rows: tuple[int, int]
    mebibytes: tuple[float, float]
    seconds: tuple[float, float]

    @property
    def ratio(self) -> float:
        return self.mebibytes[1] / self.mebibytes[0]


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


def measure_memory(around: Surroundings, url: str, plan: RowPlan, spans: tuple[date, date]) -> MemoryFigures:
    """Load the days from each of the two dates on, each into a fresh database by a fresh process."""
    rows, peaks, seconds = [], [], []
    for since in spans:
        with around.warehouse() as warehouse_url:
            register(warehouse_url, plan)
            around.settle()
            command = [sys.executable, "-m", "benchmarks.memory", "--url", url, "--since", since.isoformat()]
            command += ["--directory", str(around.directory), "--accounts", str(plan.accounts)]
            command += ["--ads", str(plan.ads), "--days", str(plan.days)]
            # The address holds the server's password, so it goes through the pipe and not into the process list.
            child = subprocess.run(
                command, input=warehouse_url, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, check=True
            )
        told = json.loads(child.stdout)
        rows.append(told["rows"])
        peaks.append(told["mebibytes"])
        seconds.append(told["seconds"])
    return MemoryFigures((rows[0], rows[1]), (peaks[0], peaks[1]), (seconds[0], seconds[1]))


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
    report = load(settings_of(options.directory, options.url), sys.stdin.read(), options.since)
    seconds = time.perf_counter() - started
    require_all_loaded(report, plan, rows, account_days)
    sys.stdout.write(json.dumps({"rows": rows, "mebibytes": peak_mebibytes(), "seconds": seconds}))


if __name__ == "__main__":
    main()
