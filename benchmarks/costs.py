"""What a piece of work costs: seconds on the clock and of the processor, here and in the database server."""

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.surroundings import Surroundings


@dataclass(frozen=True)
class Cost:
    """cpu_seconds: of this process, all its threads. server_cpu_seconds: of PostgreSQL, all its processes."""

    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float

    @property
    def all_cpu_seconds(self) -> float:
        return self.cpu_seconds + self.server_cpu_seconds


def cost_of(around: Surroundings, work: Callable[[], None]) -> Cost:
    """Do the work once, after the server has written out what earlier work left."""
    around.settle()
    gc.collect()
    server_started = _server_cpu_seconds(around)
    started, cpu_started = time.perf_counter(), time.process_time()
    work()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return Cost(seconds, cpu_seconds, _server_cpu_seconds(around) - server_started)


def _server_cpu_seconds(around: Surroundings) -> float:
    """Processor seconds of the server since its start: its own, of the backends that ended, and of living ones."""
    pid = (around.server.cluster / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    postmaster = psutil.Process(int(pid))
    times = postmaster.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in postmaster.children():
        # A backend that ends meanwhile is counted by the next reading.
        with suppress(psutil.NoSuchProcess):
            own = child.cpu_times()
            total += own.user + own.system
    return total
