"""Many small accounts: the whole run against the bare HTTP time of the same requests at the same concurrency."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median

import httpx
import urllib3

from benchmarks.loading import load, require_all_loaded
from benchmarks.plain_reader import TOKEN
from benchmarks.rows import LAST_DAY, RowPlan
from benchmarks.surroundings import Surroundings, register
from ingestion.loading.landing import ACCOUNTS_AT_ONCE

PLATFORM = "meta_ads"
# What each answer waits for: little beside the 0.2 to 2 s that the real platforms take.
ANSWER_SECONDS = 0.05
_HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class ManyAccountsFigures:
    """Seconds of each repetition. calls: requests of one run, the same in both."""

    accounts: int
    calls: int
    bare: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))


class _Recorder:
    """Remembers which requests a run sends, by the thread that sends them: each reads one account at a time."""

    def __init__(self) -> None:
        self.urls: dict[str, list[str]] = defaultdict(list)
        self._lock = threading.Lock()

    def note(self, request: httpx.Request) -> None:
        account = next((part for part in request.url.path.split("/") if part.startswith("act_")), "")
        with self._lock:
            self.urls[account].append(str(request.url))


def _read_account(pool: urllib3.PoolManager, urls: Sequence[str]) -> None:
    for url in urls:
        pool.request("GET", url, headers=_HEADERS)


def measure_many_accounts(around: Surroundings, url: str, plan: RowPlan, repeats: int) -> ManyAccountsFigures:
    """One day of every account: the requests of a run that is not counted are sent bare, then the run is timed."""
    settings, recorder = around.settings(url), _Recorder()
    with around.warehouse() as warehouse_url, httpx.Client(event_hooks={"request": [recorder.note]}) as http:
        register(warehouse_url, PLATFORM, plan)
        load(settings, warehouse_url, PLATFORM, LAST_DAY, http)
    requests = list(recorder.urls.values())
    figures = ManyAccountsFigures(plan.accounts, sum(map(len, requests)))
    for _ in range(repeats):
        with around.warehouse() as warehouse_url, ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as threads:
            register(warehouse_url, PLATFORM, plan)
            around.settle()
            pool = urllib3.PoolManager(maxsize=ACCOUNTS_AT_ONCE)
            started = time.perf_counter()
            list(threads.map(lambda urls: _read_account(pool, urls), requests))  # noqa: B023
            figures.bare.append(time.perf_counter() - started)
            started = time.perf_counter()
            report = load(settings, warehouse_url, PLATFORM, LAST_DAY)
            figures.ours.append(time.perf_counter() - started)
            require_all_loaded(report, plan, plan.accounts * plan.ads, plan.accounts)
    return figures
