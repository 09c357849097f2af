"""The crash-point sweep: stop hard on either side of every numbered point, start again, compare."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.checker import Verdict, compare_content
from tests.faults.child import Attempt, kill_hard
from tests.faults.cluster import Cluster
from tests.faults.drive import QUIET_RUNS, RUN_SECONDS, Installation, some_optional
from tests.faults.points import Side, Strike
from tests.faults.reader import Reader, torn_reads
from tests.faults.world import FaultWorld

START = datetime(2026, 5, 11, 12, tzinfo=UTC)
SEED = 4
_PUBLISHED_AFTER = timedelta(hours=2)


@dataclass
class SweptPoint:
    """What became of a warehouse whose process was stopped at a point. quiet_runs: how many it took to be right."""

    number: int
    side: Side
    label: str
    verdict: Verdict
    quiet_runs: int
    runs: int


@dataclass
class Sweep:
    """points: how many the job has; swept: the cases that were run; polls: looks of a reader at whole snapshots."""

    points: int
    swept: list[SweptPoint] = field(default_factory=list)
    polls: int = 0
    seconds: float = 0.0


@contextmanager
def a_day_later(cluster: Cluster, directory: Path, platform: str) -> Iterator[Installation]:
    """An installation that holds a first load, in a world that has restated it since."""
    with FaultWorld.served(directory, SEED, START, platform) as world:
        installation = Installation(cluster, world, platform, cluster.fresh())
        installation.optional = some_optional(platform, SEED)
        finished(installation.quiet_run(START))
        world.clock.set(START + timedelta(days=1))
        installation.instants = [START, START + timedelta(days=1)]
        try:
            yield installation
        finally:
            cluster.drop(installation.url)


def finished(attempt: Attempt) -> Attempt:
    """The attempt itself. Raises RuntimeError where it did not come to its end."""
    if attempt.state != "finished":
        raise RuntimeError(f"an undisturbed run {attempt.state}: {attempt.error}")
    return attempt


def chosen(points: int, part: int, parts: int) -> Iterator[tuple[int, Side]]:
    """Every parts-th side of all points, from ``part`` on."""
    for number in range(1, points + 1):
        for place, side in enumerate(("before", "after")):
            if (2 * number + place) % parts == part:
                yield number, side


def sweep_load(cluster: Cluster, directory: Path, platform: str, part: int, parts: int) -> Sweep:
    """Every parts-th case of a platform's load, from ``part`` on, over days that were restated."""
    started = time.monotonic()
    with a_day_later(cluster, directory, platform) as base:
        instant = base.instants[-1]
        plain = copy_of(base)
        labels = finished(plain.quiet_run(instant + QUIET_RUNS[0])).points
        expected = plain.undisturbed_content()
        cluster.drop(plain.url)
        sweep = Sweep(len(labels))
        for number, side in chosen(len(labels), part, parts):
            case = copy_of(base)
            case.start_run(instant, (Strike(number, side, kill_hard),)).wait(RUN_SECONDS)
            swept = SweptPoint(number, side, labels[number - 1], Verdict(), 0, 0)
            for later in QUIET_RUNS:
                attempt = case.quiet_run(instant + later)
                swept.quiet_runs += 1
                swept.verdict = case.check_raw()
                swept.verdict.add(compare_content(case.content(), expected))
                if attempt.state != "finished":
                    swept.verdict.note("stuck", attempt.error[-1000:])
                if swept.verdict.clean:
                    break
            swept.runs = case.runs
            sweep.swept.append(swept)
            cluster.drop(case.url)
    sweep.seconds = time.monotonic() - started
    return sweep


def sweep_publication(cluster: Cluster, directory: Path, platform: str, part: int, parts: int) -> Sweep:
    """The same for rates, build, certificates, gate and publication of what was published the day before."""
    started = time.monotonic()
    with a_day_later(cluster, directory, platform) as base:
        instant = base.instants[-1] + _PUBLISHED_AFTER
        finished(base.publish(START + _PUBLISHED_AFTER))
        finished(base.quiet_run(base.instants[-1] + QUIET_RUNS[0]))
        plain = copy_of(base)
        labels = finished(plain.publish(instant)).points
        cluster.drop(plain.url)
        sweep = Sweep(len(labels))
        for number, side in chosen(len(labels), part, parts):
            case = copy_of(base)
            reader = Reader.started(case.url, platform)
            case.publish(instant, (Strike(number, side, kill_hard),))
            swept = SweptPoint(number, side, labels[number - 1], Verdict(), 1, 0)
            attempt = case.publish(instant + timedelta(hours=1))
            polls = reader.stop()
            sweep.polls += polls.count
            if attempt.state != "finished":
                swept.verdict.note("stuck", attempt.error[-1000:])
            else:
                swept.verdict = case.check_published()
            for torn in torn_reads(polls, [base.world.truths(platform, earlier) for earlier in base.instants]):
                swept.verdict.note("torn", torn)
            swept.runs = case.runs
            sweep.swept.append(swept)
            cluster.drop(case.url)
    sweep.seconds = time.monotonic() - started
    return sweep


def copy_of(base: Installation) -> Installation:
    """The same installation with a warehouse of its own."""
    copy = Installation(base.cluster, base.world, base.platform, base.cluster.copy(base.url), base.patch, base.runs)
    copy.instants, copy.optional = base.instants, base.optional
    return copy
