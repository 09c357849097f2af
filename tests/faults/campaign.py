"""All tasks of the ledger test, worked off by a few processes; what is done stays done when it is interrupted."""

import fcntl
import hashlib
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from foundation.settings import REPOSITORY
from sandbox.faulty_wire import possible
from tests.faults import jobs, publishing
from tests.faults.backup_sweep import sweep_backup
from tests.faults.cluster import Cluster
from tests.faults.drive import Outcome, live_through
from tests.faults.kinds import KINDS
from tests.faults.mutants import MUTANTS
from tests.faults.script import PLATFORM_NAMES, Fault, Script, draw, single, times_of
from tests.faults.sweep import Sweep, sweep_load, sweep_publication
from tests.faults.writers import write_at_once

# What only shows results judges nothing.
_SHOWS = ("__main__.py", "summary.py", "test_ledger.py")
_CODE = ("foundation", "ingestion", "transforms", "quality", "backups", "sandbox", "dbt_project/models", "tests/faults")
_SWEPT_PLATFORM = "meta_ads"
# The detail of a task that broke off, when somebody stopped the campaign for one; it is begun anew.
DID_NOT_RUN = "did not run to its end"
ROUNDS_A_TASK = 4
_SWEEPS = {"sweep": sweep_load, "publication": sweep_publication, "backup": sweep_backup}


@dataclass
class Result:
    """What one task came to. group: seed, sweep, publication, backup, writers, mutant. fired: what really happened.

    cases: seeds lived through, points stopped at, rounds, mutants killed; right: how many of them ended as they should.
    """

    task: str
    group: str
    cases: int
    right: int
    compared: int = 0
    differences: dict[str, int] = field(default_factory=dict)
    spend: str = "0"
    fired: dict[str, int] = field(default_factory=dict)
    polls: int = 0
    quiet_runs: int = 0
    runs: int = 0
    points: int = 0
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)
    script: str = ""
    detail: str = ""


def tasks_of(seeds: int, parts: int, rounds: int) -> list[str]:
    """Names of all tasks. parts: into how many each sweep is cut; rounds of several writers."""
    tasks = [f"mutant {number}" for number in range(len(MUTANTS))]
    tasks += [f"sweep {platform} {part}/{parts}" for part in range(parts) for platform in PLATFORM_NAMES]
    tasks += [
        f"{group} {_SWEPT_PLATFORM} {part}/{parts}" for part in range(parts) for group in ("publication", "backup")
    ]
    tasks += [f"writers {_writers_on(first)} {first}" for first in range(0, rounds, ROUNDS_A_TASK)]
    tasks += [f"seed {seed}" for seed in range(seeds)]
    # Mixed, so that whatever is done when somebody stops it is a fair part of everything.
    random.Random(0).shuffle(tasks)
    return tasks


def _writers_on(first: int) -> str:
    return PLATFORM_NAMES[first // ROUNDS_A_TASK % len(PLATFORM_NAMES)]


def sample_of(tasks: Sequence[str], seeds: int, parts: int) -> list[str]:
    """For a short time: mutants, the first seeds, a part of each sweep, and then seeds for as long as there is time."""
    first = sorted(task for task in tasks if task.startswith("mutant")) + [f"seed {seed}" for seed in range(seeds)]
    swept = [task for task in tasks if "/" in task and int(task.split()[-1].split("/")[0]) < parts]
    rounds = [task for task in tasks if task.startswith("writers")]
    return [*first, *swept, *rounds, *(task for task in tasks if task.startswith("seed") and task not in first)]


def top_up(fired: dict[str, int], wanted: int) -> list[str]:
    """Tasks for the kinds that have not fired often enough: lives that meet nothing else."""
    missing = {name: wanted - fired.get(name, 0) for name in KINDS if fired.get(name, 0) < wanted}
    return [f"directed {name} {number}" for name, count in sorted(missing.items()) for number in range(count)]


def do(task: str, cluster: Cluster, directory: Path) -> Result:
    """Run one task to its end."""
    group, *rest = task.split()
    started = time.monotonic()
    if group == "seed":
        result = _of_life(task, group, live_through(draw(int(rest[0])), cluster, directory))
    elif group == "directed":
        result = _of_life(task, "seed", live_through(_directed(rest[0], int(rest[1])), cluster, directory))
    elif group in _SWEEPS:
        part, parts = (int(number) for number in rest[1].split("/"))
        result = _of_sweep(task, group, _SWEEPS[group](cluster, directory, rest[0], part, parts))
    elif group == "writers":
        rounds = write_at_once(cluster, directory, rest[0], ROUNDS_A_TASK, int(rest[1]))
        result = Result(task, group, len(rounds.verdicts), rounds.right)
        for verdict in rounds.verdicts:
            result.compared += verdict.compared
            result.examples += verdict.examples[:3]
    else:
        mutant = MUTANTS[int(rest[0])]
        differences = mutant.scenario(cluster, directory, mutant.patch)
        result = Result(task, group, 1, int(differences > 0), detail=f"{mutant.name}: {differences} differences")
        if not differences:
            result.examples = [f"nobody noticed: {mutant.name}"]
    result.seconds = time.monotonic() - started
    return result


def _directed(kind: str, number: int) -> Script:
    able = [name for name in PLATFORM_NAMES if KINDS[kind].place != "wire" or kind in possible(name)]
    platform, seed = able[number % len(able)], 20_000 + number
    if KINDS[kind].place == "seed":
        starts = draw(next(s for s in range(30_000 + number * 50, 40_000) if kind in draw(s).seed_faults))
        return Script(seed, platform, starts.start, (24, 24), ((), ()), (kind,))
    places = {"wire": number % 7, "request": 1 + number * 3 % 25, "point": 1 + number * 7 % 140}
    fault = Fault(kind, places.get(KINDS[kind].place, 1), times_of(kind), ("before", "after")[number % 2])
    return single(platform, fault, seed=seed)


def _of_life(task: str, group: str, outcome: Outcome) -> Result:
    verdict = outcome.verdict
    return Result(
        task, group, 1, int(outcome.clean), verdict.compared, dict(verdict.differences), str(verdict.spend),
        dict(outcome.fired), outcome.polls, outcome.quiet_runs, outcome.runs,
        examples=[example[-600:] for example in verdict.examples], script=outcome.script.to_text(),
        detail=" | ".join(outcome.notes)[:600],
    )  # fmt: skip


def _of_sweep(task: str, group: str, sweep: Sweep) -> Result:
    result = Result(task, group, len(sweep.swept), sum(case.verdict.clean for case in sweep.swept), points=sweep.points)
    result.polls = sweep.polls
    for case in sweep.swept:
        result.compared += case.verdict.compared
        result.runs += case.runs
        result.quiet_runs = max(result.quiet_runs, case.quiet_runs)
        for name, count in case.verdict.differences.items():
            result.differences[name] = result.differences.get(name, 0) + count
        result.examples += [
            f"{case.side} point {case.number} ({case.label}): {example[-500:]}" for example in case.verdict.examples[:2]
        ]
    return result


def code_hash() -> str:
    """Hash of everything whose behaviour is judged: results of other code do not count."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in (".py", ".sql", ".yml") and path.name not in _SHOWS:
                digest.update(path.relative_to(REPOSITORY).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class Ledger:
    """The results that are there, one JSON line each, of this very code."""

    def __init__(self, path: Path) -> None:
        self.path, self.code = path, code_hash()
        path.parent.mkdir(parents=True, exist_ok=True)

    def results(self) -> list[Result]:
        """The last result of each task."""
        if not self.path.exists():
            return []
        bodies = (json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines())
        found = [Result(**body["result"]) for body in bodies if body["code"] == self.code]
        return list({result.task: result for result in found}.values())

    def add(self, result: Result) -> None:
        line = json.dumps({"code": self.code, "result": asdict(result)}) + "\n"
        with self.path.open("a", encoding="utf-8") as file:
            # Held until the file is closed: lines of two processes must not run into one another.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line)


def work(
    tasks: Sequence[str], ledger: Ledger, processes: int, tell: Callable[[Result], None],
    deadline: float | None = None, whatever_the_time: int = 0,
) -> None:  # fmt: skip
    """Do the tasks in as many processes, each with a database server of its own.

    deadline: begin none after it (of ``time.monotonic``), but for the first tasks, which are done whatever the time.
    """
    jobs.preload()
    publishing.preload()
    queue, feed = os.pipe()
    done, told = os.pipe()
    children = []
    for _ in range(processes):
        pid = os.fork()
        if pid == 0:
            os.close(feed)
            os.close(done)
            _worker(queue, told, ledger, deadline, frozenset(tasks[:whatever_the_time]))
        children.append(pid)
    os.close(queue)
    os.close(told)
    feeder = os.fork()
    if feeder == 0:
        os.close(done)
        for task in tasks:
            os.write(feed, task.ljust(_TASK_BYTES).encode())
        os._exit(0)
    os.close(feed)
    text = b""
    while part := os.read(done, 65536):
        text += part
        *lines, text = text.split(b"\n")
        for line in lines:
            tell(Result(**json.loads(line)))
    for pid in (*children, feeder):
        os.waitpid(pid, 0)


# Tasks go through a pipe whole: writes and reads of so few bytes are never split.
_TASK_BYTES = 80


def _worker(queue: int, told: int, ledger: Ledger, deadline: float | None, needed: frozenset[str]) -> None:
    # Told to end, a worker still stops its database server.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    try:
        with Cluster.started() as cluster:
            while task := os.read(queue, _TASK_BYTES).decode().strip():
                if deadline and time.monotonic() > deadline and task not in needed:
                    continue
                result = _done(task, cluster)
                ledger.add(result)
                # The examples stay in the ledger: what fits into a pipe at once is written whole.
                told_of = replace(result, examples=[example[:300] for example in result.examples[:3]], script="")
                os.write(told, json.dumps(asdict(told_of)).encode() + b"\n")
    finally:
        os._exit(0)


def _done(task: str, cluster: Cluster) -> Result:
    try:
        return do(task, cluster, cluster.directory / "world")
    except Exception:
        group = task.split()[0]
        group = "seed" if group == "directed" else group
        return Result(task, group, 1, 0, detail=DID_NOT_RUN, examples=[traceback.format_exc()[-1500:]])
