"""Lives through a script with one installation and judges what is in its warehouse after every round."""

import gc
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.platforms import PLATFORMS
from sandbox.faulty_wire import WireFault
from tests.faults import checker, host, jobs, publishing
from tests.faults.checker import Verdict
from tests.faults.child import Attempt, Child, begin
from tests.faults.cluster import Cluster
from tests.faults.kinds import KINDS
from tests.faults.older import become_older
from tests.faults.points import Strike
from tests.faults.reader import Reader, torn_reads
from tests.faults.script import Fault, Script
from tests.faults.world import FaultWorld
from tests.integration.ingestion.ad_world import FixedClock
from tests.truth.raw_figures import TABLES

# A run of a world this small takes one to two seconds; one that takes so much longer hangs.
RUN_SECONDS, PUBLISH_SECONDS = 60.0, 120.0
# Meta's splits have no total that they must equal: a row that moves between their pages is missed until the next day.
# LinkedIn's adAnalytics has no pages between which a row could move.
_WHERE = {"moved_row": r"^(?!.*(breakdowns=|adAnalytics))"}
# Quiet runs after the last fault in which the warehouse must be right, and how far the product's clock is by then.
QUIET_RUNS = (timedelta(hours=1), timedelta(hours=8))


@dataclass
class Outcome:
    """What a script came to. fired: kind -> how often it happened; quiet_runs: the most that any round needed."""

    script: Script
    verdict: Verdict = field(default_factory=Verdict)
    fired: Counter[str] = field(default_factory=Counter)
    quiet_runs: int = 0
    runs: int = 0
    polls: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return self.verdict.clean


@dataclass
class Installation:
    """One warehouse of the product, reading one platform of one world."""

    cluster: Cluster
    world: FaultWorld
    platform: str
    url: str
    patch: Callable[[], None] = lambda: None
    runs: int = 0
    instants: list[datetime] = field(default_factory=list)
    last_run: datetime | None = None
    optional: frozenset[str] | None = None

    @property
    def settings(self) -> Any:
        return self.world.settings(self.url)

    def start_run(
        self, instant: datetime, strikes: Sequence[Strike] = (), prepare: Callable[[], None] = lambda: None,
        *, migrates: bool = False,
    ) -> Child:  # fmt: skip
        """A scheduled run in a process of its own."""
        self.runs += 1
        self.last_run = instant
        run, settings = self.runs, self.settings

        def prepared() -> None:
            gc.disable()
            jobs.one_at_a_time()
            jobs.share_bulk_database()
            jobs.skip_waiting()
            jobs.small_pages()
            host.raise_on_termination()
            self.patch()
            prepare()

        return begin(
            lambda: jobs.scheduled_run(
                settings, self.url, self.platform, instant, run, migrates=migrates, optional=self.optional
            ),
            self.world.directory, tuple(strikes), prepared,
        )  # fmt: skip

    def quiet_run(self, instant: datetime) -> Attempt:
        return self.start_run(instant).wait(RUN_SECONDS)

    def publish(self, instant: datetime, strikes: Sequence[Strike] = ()) -> Attempt:
        """Rates, build, checks, certificates, gate and publication, in a process of its own."""
        self.runs += 1
        run, settings = self.runs, self.settings

        def job() -> dict[str, Any]:
            jobs.rates_run(settings, self.url, instant, run)
            return publishing.publish_once(settings, self.url, FixedClock(instant))

        def prepared() -> None:
            jobs.share_bulk_database()
            publishing.one_node_at_a_time()

        return begin(job, self.world.directory, tuple(strikes), prepared).wait(PUBLISH_SECONDS)

    def check_raw(self) -> Verdict:
        """Raw against the truth of the last instant, and the books against the calendar."""
        instant, accounts = self.instants[-1], self.world.accounts(self.platform)
        due = checker.newest_due_days(self.platform, accounts, instant)
        truths = [self.world.truths(self.platform, earlier) for earlier in self.instants]
        found, verdict = checker.raw_figures(self.url, self.platform), Verdict()
        for level in TABLES[self.platform]:
            verdict.add(
                checker.compare(
                    level, found[level], truths[-1][level], [truth[level] for truth in truths[:-1]], set(due), due
                )
            )
        verdict.add(checker.leftovers(self.url, self.platform, due, self.world.world.first_day))
        return verdict

    def check_content(self) -> Verdict:
        """Every row of every report against those of an installation to which nothing happened."""
        return checker.compare_content(self.content(), self.undisturbed_content())

    def content(self) -> dict[str, set[str]]:
        due = checker.newest_due_days(
            self.platform, self.world.accounts(self.platform), self.last_run or self.instants[-1]
        )
        return checker.whole_content(self.url, self.platform, self.instants[-1], due)

    def undisturbed_content(self) -> dict[str, set[str]]:
        """What a new installation reads that starts now."""
        undisturbed = Installation(self.cluster, self.world, self.platform, self.cluster.fresh())
        undisturbed.instants, undisturbed.optional = self.instants[-1:], self.optional
        attempt = undisturbed.quiet_run(self.last_run or self.instants[-1])
        if attempt.state != "finished":
            raise RuntimeError(f"the undisturbed run {attempt.state}: {attempt.error}")
        content = undisturbed.content()
        self.cluster.drop(undisturbed.url)
        return content

    def check_published(self) -> Verdict:
        """Build and published figures against the truth."""
        instant, accounts = self.instants[-1], self.world.accounts(self.platform)
        client_of = {account.account_id: account.client_id for account in accounts}
        truths = [self.world.truths(self.platform, earlier) for earlier in self.instants]
        due = checker.newest_due_days(self.platform, accounts, instant)
        due = {f"{client_of[account]}/{account}": day for account, day in due.items()}
        verdict = Verdict()
        for schema in ("analytics_build", "analytics"):
            found = checker.mart_figures(self.url, schema, self.platform)
            for level, figures in found.items():
                shown = [checker.as_published(truth[level], client_of, at_ad_level=level == "ad") for truth in truths]
                verdict.add(checker.compare(f"{schema} {level}", figures, shown[-1], shown[:-1], set(due), due))
        return verdict


def some_optional(platform: str, seed: int) -> frozenset[str]:
    """Two of the reports that never hold a day, others for other seeds: all are read alike, and each costs its time."""
    names = [report.name for report in PLATFORMS[platform].definition.optional_reports]
    return frozenset(random.Random(seed).sample(names, min(2, len(names))))


def live_through(
    script: Script, cluster: Cluster, directory: Path, *, patch: Callable[[], None] = lambda: None,
    publish: bool = True,
) -> Outcome:  # fmt: skip
    """Run the script to its end. ``patch``: what makes the product a mutant, applied in each of its processes."""
    started, outcome = time.monotonic(), Outcome(script)
    with FaultWorld.served(directory, script.seed, script.starts_at, script.platform) as world:
        # Who upgrades builds for the first time; everybody else has all views since an earlier publication.
        upgrades = "upgrade" in script.seed_faults
        template = "installed_before" if upgrades else cluster.template("published", publishing.publish_nothing)
        installation = Installation(cluster, world, script.platform, cluster.fresh(template), patch)
        installation.optional = some_optional(script.platform, script.seed)
        reader = Reader.started(installation.url, script.platform)
        try:
            for number, runs in enumerate(script.rounds):
                if not _one_round(installation, script, number, runs, outcome):
                    return outcome
            if "upgrade" in script.seed_faults:
                outcome.fired["upgrade"] += 1
            if "clock_change_day" in script.seed_faults:
                outcome.fired["clock_change_day"] += 1
            content = installation.check_content()
            if not content.clean and outcome.quiet_runs < len(QUIET_RUNS):
                # A report that never holds a day waits some hours before it is asked for again.
                installation.quiet_run(installation.instants[-1] + QUIET_RUNS[-1])
                outcome.quiet_runs = len(QUIET_RUNS)
                content = installation.check_content()
            outcome.verdict.add(content)
            if publish and outcome.clean:
                _publish(installation, outcome)
        finally:
            polls = reader.stop()
            outcome.polls += polls.count
            truths = [world.truths(script.platform, instant) for instant in installation.instants]
            for torn in torn_reads(polls, truths):
                outcome.verdict.note("torn", torn)
            outcome.runs, outcome.seconds = installation.runs, time.monotonic() - started
            cluster.drop(installation.url)
    return outcome


def _publish(installation: Installation, outcome: Outcome) -> None:
    attempt = installation.publish(installation.instants[-1] + QUIET_RUNS[-1] + timedelta(hours=1))
    if attempt.state != "finished":
        outcome.verdict.note("stuck", f"publication {attempt.state}: {attempt.error[-1500:]}")
        return
    outcome.verdict.add(installation.check_published())


def _one_round(
    installation: Installation, script: Script, number: int, runs: Sequence[Sequence[Fault]], outcome: Outcome
) -> bool:
    """The world moves on, runs are disturbed, then left in peace; whether the warehouse became right in time."""
    world = installation.world
    if number:
        world.clock.set(world.clock.now() + timedelta(hours=script.hours[number]))
    instant = world.clock.now()
    installation.instants.append(instant)
    older, migrates = ("upgrade" in script.seed_faults and (number == 0) is first for first in (True, False))
    for faults in runs:
        disturbed_run(installation, faults, instant, outcome, older=older, migrates=migrates)
    verdict = Verdict()
    for number_of_run, later in enumerate(QUIET_RUNS, 1):
        # Before an upgrade the older product must be right as well, of what it knew.
        prepare = become_older(installation.platform) if older else lambda: None
        attempt = installation.start_run(instant + later, prepare=prepare, migrates=migrates).wait(RUN_SECONDS)
        outcome.quiet_runs = max(outcome.quiet_runs, number_of_run)
        verdict = installation.check_raw()
        if attempt.state != "finished":
            # Nothing disturbed this run: that it fails is a page in the night, whatever the next one does.
            outcome.verdict.note("stuck", f"quiet run {attempt.state}: {attempt.error[-1500:]}")
        elif verdict.clean:
            break
        outcome.notes.append(f"round {number} run {number_of_run}: {attempt.result} {dict(verdict.differences)}")
    outcome.verdict.add(verdict)
    return verdict.clean


def disturbed_run(
    installation: Installation, faults: Sequence[Fault], instant: datetime, outcome: Outcome, *,
    older: bool = False, migrates: bool = False,
) -> Attempt:  # fmt: skip
    """One scheduled run during which the faults happen; what really happened is counted."""
    world, url = installation.world, installation.url
    kinds = {fault.kind for fault in faults}
    wire = [WireFault(f.kind, f.at, f.times, _WHERE.get(f.kind, "")) for f in faults if KINDS[f.kind].place == "wire"]
    strikes = [s for f in faults if (s := host.strike(f, installation.cluster, url, installation.settings.work_dir))]
    fired_before = world.wire.fired()

    def prepare() -> None:
        if older:
            become_older(installation.platform)()
        if "work_dir_full" in kinds:
            host.fill_work_dir()
        if kinds & {"job_failed", "job_stuck"}:
            jobs.ask_for_report_runs()

    clock = instant
    clock += host.CLOCK_JUMP if "clock_ahead" in kinds else timedelta()
    clock -= host.CLOCK_JUMP if "clock_behind" in kinds else timedelta()
    with _around(installation, kinds, wire):
        children = [installation.start_run(clock, strikes, prepare, migrates=migrates)]
        if "two_schedulers" in kinds:
            children.append(installation.start_run(clock, strikes, prepare, migrates=migrates))
        attempts = [child.wait(RUN_SECONDS) for child in children]
    fired_after = world.wire.fired()
    outcome.fired.update({kind: fired_after[kind] - fired_before.get(kind, 0) for kind in fired_after})
    for attempt in attempts:
        outcome.fired.update(_struck(attempt, faults))
        if attempt.state == "hung":
            outcome.verdict.note("stuck", f"a run of {faults} hangs")
    # A disk that nobody had to write to was not full for anybody.
    idle = {"work_dir_full"} if attempts[0].state == "finished" else set()
    outcome.fired.update(kind for kind in kinds - idle if KINDS[kind].place == "run")
    return attempts[0]


def _struck(attempt: Attempt, faults: Sequence[Fault]) -> Iterator[str]:
    """The kinds whose point or request was reached."""
    for fault in faults:
        place = KINDS[fault.kind].place
        if place in ("point", "request") and f"{place} {fault.at} {fault.side}" in attempt.struck:
            yield fault.kind


@contextmanager
def _around(installation: Installation, kinds: set[str], wire: Sequence[WireFault]) -> Iterator[None]:
    """What is wrong for as long as the run lasts."""
    locked = 0
    if "table_locked" in kinds:
        definition = PLATFORMS[installation.platform].definition
        locked = host.hold_lock(installation.url, f"{definition.raw_schema}.{definition.proved_level.table}")
    installation.world.wire.arm(wire)
    try:
        yield
    finally:
        installation.world.wire.disarm()
        if locked:
            os.waitpid(locked, 0)
        if "database_read_only" in kinds:
            host.set_read_only(installation.url, read_only=False)
