"""`make gate`: planted incidents, a poisoned unit of 200, a clean half year, a polling reader, the price of the audit,
drifts that are warned of.

Goes on where it was stopped, as long as the code is the same; `--anew` forgets what was found.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from foundation.settings import REPOSITORY
from tests.gate.anomalies.report import CHOSEN_ON, JUDGED_ON, play_drifts
from tests.gate.clean import SAMPLE, Size, play_clean
from tests.gate.incidents import FIRST_SEED, SEEDS, play
from tests.gate.mutants import EXPECTED_RED, mutated, surviving
from tests.gate.results import Result, of_seed, read_results
from tests.gate.summary import lines, write_section
from tests.gate.warehouse import Server, server

RESULTS = Path(".data/gate/results.jsonl")
Part = Callable[[Server], Result]


def parts(first: int, seeds: int) -> dict[str, Part]:
    """Name -> what plays it."""
    played = {f"seed {seed}": _seed(seed, heals=seed == FIRST_SEED) for seed in range(first, first + seeds)}
    drifts = {f"drifts {seed}": _drifts(seed) for seed in (CHOSEN_ON, *JUDGED_ON)}
    return {"clean": _clean(Size()), "mutants": _mutants, **drifts, **played}


def sample() -> dict[str, Part]:
    """What a quick look takes: one seed and a small clean world."""
    return {"clean": _clean(SAMPLE), f"seed {FIRST_SEED}": _seed(FIRST_SEED, heals=True)}


def _mutants(on: Server) -> Result:
    with on.warehouse("mutants") as url:
        played = play(FIRST_SEED, on.directory / "mutants", url, os.environ.__setitem__, heals=False, spoiled=mutated())
    red = sorted({verdict.planted.kind for verdict in played.verdicts if verdict.faults})
    faults = tuple(f"nobody noticed: {name}" for name in surviving(red))
    return Result("mutants", faults, played.seconds, {"red": red, "mutants": len(EXPECTED_RED)})


def _clean(size: Size) -> Part:
    def run(on: Server) -> Result:
        with on.warehouse("clean") as url:
            return play_clean(url, on.directory / "clean", size)

    return run


def _drifts(seed: int) -> Part:
    def run(on: Server) -> Result:
        begun = time.monotonic()
        found, wrong = play_drifts(seed)
        return Result(f"drifts {seed}", wrong, time.monotonic() - begun, found)

    return run


def _seed(seed: int, *, heals: bool) -> Part:
    def run(on: Server) -> Result:
        with on.warehouse(f"seed_{seed}") as url:
            return of_seed(play(seed, on.directory / f"seed_{seed}", url, os.environ.__setitem__, heals=heals))

    return run


def main() -> int:
    """1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.gate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--only", help="parts whose names begin so")
    parser.add_argument("--sample", action="store_true", help="one seed and a small clean world")
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.anew:
        options.results.unlink(missing_ok=True)
    screen, known = Console(width=200), read_results(options.results)
    with server() as on:
        for name, run in (sample() if options.sample else parts(options.first, options.seeds)).items():
            if name in known or not name.startswith(options.only or ""):
                continue
            result = run(on)
            result.append_to(options.results)
            screen.print(f"{name}: {'right' if not result.faults else 'WRONG'}, {result.seconds:.0f} s")
            for fault in result.faults:
                screen.print(f"  {fault}", markup=False)
    results = list(read_results(options.results).values())
    for line in lines(results):
        screen.print(line, markup=False, soft_wrap=True)
    if options.write:
        write_section(REPOSITORY / "docs" / "benchmarks.md", results, "make gate")
    return 1 if any(result.faults for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
