"""``make faults``: every seed, crash point, round of writers and mutant. --seed and --script repeat one life."""

import argparse
import os
import sys
import time
from pathlib import Path

from foundation.settings import REPOSITORY
from tests.faults import jobs, publishing
from tests.faults.campaign import DID_NOT_RUN, Ledger, Result, sample_of, tasks_of, top_up, work
from tests.faults.cluster import Cluster
from tests.faults.drive import live_through
from tests.faults.script import Script, draw
from tests.faults.summary import Summary, write_section

LEDGER = REPOSITORY / ".data" / "faults" / "results.jsonl"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--parts", type=int, default=8, help="into how many tasks each sweep is cut")
    parser.add_argument("--sample", type=int, default=0, help="a part of each sweep, and at least so many seeds")
    parser.add_argument("--rounds", type=int, default=200, help="rounds of several writers")
    parser.add_argument("--fired", type=int, default=20, help="how often each fault must have happened; 0 = any number")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=None, help="begin no task after so long")
    parser.add_argument("--results", type=Path, default=LEDGER)
    parser.add_argument("--seed", type=int, default=None, help="live through this one seed and print all of it")
    parser.add_argument("--script", default=None, help="live through a script that a failure printed")
    parser.add_argument("--print", action="store_true", help="print the tables of what is done and run nothing")
    return parser.parse_args()


def _replay(script: Script) -> int:
    jobs.preload()
    publishing.preload()
    print(script.to_text())
    with Cluster.started() as cluster:
        outcome = live_through(script, cluster, cluster.directory / "world")
    print(f"fired: {dict(outcome.fired)}; runs: {outcome.runs}; quiet runs: {outcome.quiet_runs}")
    print("\n".join([*outcome.notes, *outcome.verdict.examples]))
    print("clean" if outcome.clean else f"differences: {dict(outcome.verdict.differences)}")
    return 0 if outcome.clean else 1


def _tell(result: Result) -> None:
    state = "right" if result.right == result.cases else "WRONG"
    print(
        f"{state}  {result.task}: {result.right} of {result.cases}, {result.seconds:.0f} s {result.detail}", flush=True
    )
    if state == "WRONG":
        print(f"    {result.differences} {result.script}")
        print("\n".join(f"    {example}" for example in result.examples), flush=True)


def main() -> int:
    """Do what is not done yet; 1 where anything is wrong or a fault never happened."""
    options = _arguments()
    if options.script or options.seed is not None:
        return _replay(Script.from_text(options.script) if options.script else draw(options.seed))
    ledger = Ledger(options.results)
    tasks = tasks_of(options.seeds, options.parts, options.rounds)
    if options.sample:
        tasks = sample_of(tasks, options.sample, 1)
    started = time.monotonic()
    deadline = started + options.seconds if options.seconds else None
    for wanted in (tasks, None):
        results = ledger.results()
        fired = Summary(results).fired
        todo = wanted if wanted is not None else top_up(fired, options.fired)
        done = {result.task for result in results if result.detail != DID_NOT_RUN}
        todo = [task for task in todo if task not in done]
        if todo and not options.print:
            print(f"{len(todo)} tasks to do, {len(done)} are done", flush=True)
            # Mutants, the first seeds and a part of each sweep; rounds of writers and more seeds if there is time.
            needed = [task.startswith("writers") for task in todo].index(True) if options.sample else 0
            work(todo, ledger, options.jobs, _tell, deadline, needed)
    summary = Summary(ledger.results())
    print("\n".join(summary.lines()))
    print(f"\n{time.monotonic() - started:.0f} s in {options.jobs} processes, load average {os.getloadavg()[0]:.1f}")
    if not options.sample and not options.print:
        write_section(REPOSITORY / "docs" / "benchmarks.md", summary, ledger.code, "make faults")
    missing = summary.never_fired(options.fired)
    if missing:
        print(f"too seldom: {', '.join(missing)}")
    return 1 if summary.wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
