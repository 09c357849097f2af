"""Several writers at once: on one account, on different accounts of a platform, and one that wakes up too late."""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.faults import host, jobs
from tests.faults.checker import Verdict
from tests.faults.child import Child, begin
from tests.faults.cluster import Cluster
from tests.faults.drive import RUN_SECONDS, Installation
from tests.faults.points import Strike
from tests.faults.world import FaultWorld

START = datetime(2026, 6, 8, 12, tzinfo=UTC)
SEED = 11


@dataclass
class Rounds:
    """verdicts: of each round, in order."""

    verdicts: list[Verdict] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def right(self) -> int:
        return sum(verdict.clean for verdict in self.verdicts)


def write_at_once(
    cluster: Cluster, directory: Path, platform: str, rounds: int, first: int = 0,
    patch: Callable[[], None] = lambda: None,
) -> Rounds:  # fmt: skip
    """Rounds in which a scheduled run, a backfill and a manual sync meet; in every other one of them one is late."""
    started, result = time.monotonic(), Rounds()
    for number in range(first, first + rounds):
        with FaultWorld.served(directory, SEED + number, START, platform) as world:
            installation = Installation(cluster, world, platform, cluster.fresh(), patch)
            installation.instants, installation.optional = [START], frozenset()
            attempt = installation.quiet_run(START)
            world.clock.set(START + timedelta(days=1))
            installation.instants.append(START + timedelta(days=1))
            verdict = _late_writer(installation) if number % 2 else _meeting(installation, number)
            if attempt.state != "finished":
                verdict.note("stuck", attempt.error[-500:])
            result.verdicts.append(verdict)
            cluster.drop(installation.url)
    result.seconds = time.monotonic() - started
    return result


def _begin(installation: Installation, job: Callable[[], object], strikes: tuple[Strike, ...] = ()) -> Child:
    def prepare() -> None:
        jobs.share_bulk_database()
        jobs.skip_waiting()
        host.raise_on_termination()
        installation.patch()

    return begin(job, installation.world.directory, strikes, prepare)


def _meeting(installation: Installation, number: int) -> Verdict:
    """Three writers start within moments: all on one account, or each manual one on an account of its own."""
    random_ = random.Random(f"writers/{number}")
    instant, settings, url = installation.instants[-1], installation.settings, installation.url
    accounts = [account.account_id for account in installation.world.accounts(installation.platform)]
    since = installation.world.world.first_day
    until = instant.date() - timedelta(days=1)
    mine, yours = (accounts[0], accounts[0]) if number % 4 == 0 else (accounts[0], accounts[-1])

    def requested(run: int, since: date, account: str, *, gives_way: bool) -> Callable[[], object]:
        return lambda: jobs.requested_run(
            settings, url, installation.platform, instant, run, since, until, (account,), gives_way=gives_way
        )

    work = [
        lambda: jobs.scheduled_run(settings, url, installation.platform, instant, 101, optional=frozenset()),
        requested(102, since, mine, gives_way=True),
        requested(103, since + timedelta(days=3), yours, gives_way=False),
    ]
    random_.shuffle(work)
    children = []
    for job in work:
        children.append(_begin(installation, job))
        time.sleep(random_.choice((0.0, 0.0, 0.1, 0.3)))
    attempts = [child.wait(RUN_SECONDS) for child in children]
    verdict = installation.check_raw()
    for attempt in attempts:
        if attempt.state != "finished":
            verdict.note("stuck", f"a writer {attempt.state}: {attempt.error[-800:]}")
    return verdict


def _late_writer(installation: Installation) -> Verdict:
    """One run stands still after its reading, the world moves on, another run finishes; then the first one wakes up."""
    instant, settings, url, platform = (
        installation.instants[-1], installation.settings, installation.url, installation.platform,
    )  # fmt: skip
    # Everything has been read by then, so what the late run holds is consistent, proved and old.
    stop = Strike(1, "before", lambda: os.kill(os.getpid(), signal.SIGSTOP), label="bulk load")
    late = _begin(
        installation, lambda: jobs.scheduled_run(settings, url, platform, instant, 201, optional=frozenset()), (stop,)
    )
    _wait_until_stopped(late.pid)
    later = instant + timedelta(days=1)
    installation.world.clock.set(later)
    installation.instants.append(later)
    quiet = _begin(
        installation, lambda: jobs.scheduled_run(settings, url, platform, later, 202, optional=frozenset())
    ).wait(RUN_SECONDS)
    os.kill(late.pid, signal.SIGCONT)
    woken = late.wait(RUN_SECONDS)
    verdict = installation.check_raw()
    if quiet.state != "finished":
        verdict.note("stuck", f"the run in time {quiet.state}: {quiet.error[-800:]}")
    if woken.state not in ("finished", "failed"):
        verdict.note("stuck", f"the late run {woken.state}")
    return verdict


def _wait_until_stopped(pid: int, seconds: float = RUN_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        if state in "TZX":
            return
        time.sleep(0.01)
    raise RuntimeError("the late writer never stood still")
