"""The figures of all parts as markdown."""

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from sandbox.incidents import KINDS
from tests.gate.anomalies.report import table as drift_table
from tests.gate.results import Result

_BEGIN, _END = "<!-- gate: written by make gate -->", "<!-- gate: end -->"
_TARGET_SECONDS, _TARGET_SHARE = 60, 0.10


def lines(results: Sequence[Result]) -> list[str]:
    """The tables of what has been played."""
    seeds = [result for result in results if result.part.startswith("seed ")]
    clean = next((result for result in results if result.part == "clean"), None)
    mutants = next((result for result in results if result.part == "mutants"), None)
    told = ["| Question | Found | Target |", "| --- | --- | --- |"]
    told += _of_seeds(seeds) if seeds else []
    told += _of_clean(clean.figures) if clean else []
    if mutants:
        told.append(
            f"| deliberate bugs noticed | {mutants.figures['mutants'] - len(mutants.faults)} of "
            f"{mutants.figures['mutants']} | all |"
        )
    if seeds:
        told += ["", *_kinds(seeds)]
    told += _audit(clean.figures if clean else {})
    drifts = [result.figures for result in results if result.part.startswith("drifts ")]
    return [*told, "", "Drifts, which warn and hold nothing:", "", *drift_table(drifts)] if drifts else told


def _of_seeds(seeds: Sequence[Result]) -> Iterator[str]:
    for answer, title, target in (
        ("held", "incidents that must be held: held, last good numbers published", "all"),
        ("warned", "incidents that must be published and warned of", "all"),
        ("nothing", "look-alikes: published as they are told, not held", "all"),
    ):
        names = [name for name, kind in KINDS.items() if kind.answer == answer]
        right = sum(seed.figures["kinds"][name]["right"] for seed in seeds for name in names)
        kinds = f"{len(names)} {'kind' if len(names) == 1 else 'kinds'} x {len(seeds)} seeds"
        yield f"| {title} | {right} of {len(names) * len(seeds)} ({kinds}) | {target} |"
    others = sum(seed.figures["others"] for seed in seeds)
    wrong = sum(fault.startswith("elsewhere") for seed in seeds for fault in seed.faults)
    yield f"| accounts beside them, every day equal to the truth | {others} accounts, {wrong} differences | 0 |"


def _of_clean(figures: dict[str, Any]) -> Iterator[str]:
    size = f"{figures['days']} days x {figures['units']} units of {figures['clients']} clients"
    yield (
        f"| clean world, {size}, {figures['decisions']:,} decisions of the gate, {figures['restated']:,} of them after "
        f"a restatement: held | {figures['holds']} | 0 |"
    )
    yield (
        f"| warnings of the checks there, a client, account and week counted once | {figures['warnings']} in "
        f"{figures['client_weeks']:,} client-weeks | at most 1 a client-week |"
    )
    yield f"| one poisoned unit of {figures['units']}: others published in the same run | {figures['alone']} | all |"
    yield (
        f"| snapshots of a polling reader, REPEATABLE READ: account-days that were not published and certified | "
        f"{figures['unaudited']} in {figures['looks']} looks at {figures['publications_seen']} publications | 0 |"
    )
    share = figures["audit"] / figures["whole"]
    yield (
        f"| audit of a day's run ({figures['daily_days']:,} changed account-days): share of versions + build + audit + "
        f"publication | {figures['audit']:.1f} s, {share:.0%} | at most {_TARGET_SHARE:.0%} of the daily run or "
        f"{_TARGET_SECONDS} s |"
    )


def _kinds(seeds: Sequence[Result]) -> Iterator[str]:
    yield "| Kind | What is wrong | Must be | right | stopped by |"
    yield "| --- | --- | --- | ---: | --- |"
    for name, kind in KINDS.items():
        own = [seed.figures["kinds"][name] for seed in seeds]
        stops = Counter(outcome["stop"] for outcome in own if outcome["stop"] != "none")
        told = ", ".join(f"{stop} {count}" for stop, count in stops.most_common())
        yield f"| {name} | {kind.about} | {kind.answer} | {sum(o['right'] for o in own)} of {len(own)} | {told} |"


def _audit(figures: dict[str, Any]) -> list[str]:
    if not figures:
        return []
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in figures["daily"].items())
    return ["", f"Seconds of that day's run by step: {steps}."]


def write_section(document: Path, results: Sequence[Result], command: str) -> None:
    """Put the tables between the document's markers, with what they were made with."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{document} has no section between {_BEGIN} and {_END}")
    minutes = sum(result.seconds for result in results) / 60
    libraries = ", ".join(f"{name} {version(name)}" for name in ("dbt-core", "great-expectations", "dlt"))
    memory = psutil.virtual_memory().total / 2**30
    about = (
        f"`{command}`, {datetime.now(UTC).date()}: {minutes:.0f} minutes added up, {os.cpu_count()} cores, "
        f"{memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}; {libraries}."
    )
    section = "\n".join([f"{before}{_BEGIN}", about, "", *lines(results), f"{_END}{after}"])
    document.write_text(section, encoding="utf-8")
