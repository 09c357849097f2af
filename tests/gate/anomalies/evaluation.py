"""Runs the detector and the plain z-score over the same panels, day by day, as mornings would."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from quality.anomalies.detection import judge
from quality.anomalies.findings import FAMILY, Finding
from quality.anomalies.grouping import fold, group
from quality.anomalies.panel import Key
from quality.anomalies.sustaining import Known, Place, sustain
from tests.gate.anomalies.clean_world import CleanWorld, Size, clean_world
from tests.gate.anomalies.faults import Kind, detectability, factors, grid, named
from tests.gate.anomalies.plain_score import LIMIT, plain_scores

# The sustain rule asks for two runs; the one after them may still tell in time.
RUNS_IN_TIME = 3
# Drifts a account-month by judgement (world.md 8), without stops and planned edits.
ONSETS_PER_ACCOUNT_MONTH = 0.2


Outcomes = dict[tuple[str, int, str], "Planted"]


@dataclass
class Clean:
    """What the clean half year told. ``stops``: warnings of balances that really were used up."""

    days: int
    series: int
    client_weeks: float
    account_months: float
    false: list[Finding] = field(default_factory=list)
    stops: int = 0
    dark_days: int = 0
    plain: int = 0
    plain_accounts: int = 0
    seconds_a_run: float = 0.0


@dataclass
class Planted:
    """Outcomes of one kind and class: planted, told in time, told by the plain score in as many runs."""

    planted: int = 0
    told: int = 0
    plain: int = 0


def play_clean(world: CleanWorld) -> Clean:
    """Every morning of the half year, nothing planted."""
    accounts = {key.account for key in world.keys}
    weeks = len({key.client_id for key in accounts}) * world.size.judged / 7
    clean = Clean(world.size.judged, len(world.keys) + len(accounts), weeks, len(accounts) * world.size.judged / 30.4)
    known: dict[Place, Known] = {}
    maturity = world.maturity()
    spent = 0.0
    for newest in range(world.size.training, world.size.days):
        panel = world.panel(newest)
        begun = time.process_time()
        found = group(fold(judge(panel, maturity)), accounts)
        spent += time.process_time() - begun
        step = sustain(known, found, panel.last_day)
        known = dict(step.open)
        for one in step.news:
            if _is_stop(world, one.finding):
                clean.stops += 1
            else:
                clean.false.append(one.finding)
        scores = plain_scores(panel)
        clean.plain += sum(abs(z) > LIMIT for own in scores.values() for z in own.values())
        clean.plain_accounts += len(
            {key.account for own in scores.values() for key, z in own.items() if abs(z) > LIMIT}
        )
    clean.dark_days = sum(
        bool(off[day]) and (day == 0 or not off[day - 1])
        for off in world.dark.values() for day in range(world.size.training, world.size.days)
    )  # fmt: skip
    clean.seconds_a_run = spent / world.size.judged
    return clean


def _is_stop(world: CleanWorld, found: Finding) -> bool:
    """Whether a balance was used up on the days told: the world means it, so the warning is right."""
    first, last = ((day - world.first_day).days for day in (found.first_day, found.last_day))
    keys = [key for key in world.dark if _covers(found.key, key)]
    return any(bool(world.dark[key][max(first - 1, 0) : last + 1].any()) for key in keys)


def _covers(wide: Key, account: Key) -> bool:
    names = ("client_id", "platform", "account_id")
    return all(getattr(wide, name) in ("", getattr(account, name)) for name in names)


def play_faults(world: CleanWorld, kinds: Sequence[Kind], every: int = 1) -> dict[tuple[str, int, str], Planted]:
    """(kind, length, class) -> outcomes. Each account gets each kind once, on a day of its own batch."""
    outcomes: dict[tuple[str, int, str], Planted] = defaultdict(Planted)
    maturity = world.maturity()
    accounts = sorted({key.account for key in world.keys})[::every]
    for number, kind in enumerate(kinds):
        start = world.size.training + 7 + (number * 37) % (world.size.judged - 40)
        chosen = [key for key in accounts if not world.dark[key][start - 1 : start + kind.length + 4].any()]
        classes = {key: detectability(world, kind, key, start) for key in chosen}
        planted = factors(world, kind, dict.fromkeys(chosen, start))
        known: dict[Place, Known] = {}
        told: set[Key] = set()
        plain: set[Key] = set()
        lag = 2 if kind.of == "conversion" else 0
        for newest in range(start, start + max(kind.length, 3 if lag else 1) - 1 + RUNS_IN_TIME + lag):
            panel = world.panel(newest, planted)
            step = sustain(known, fold(judge(panel, maturity)), panel.last_day)
            known = dict(step.open)
            told |= {
                one.finding.key.account for one in known.values()
                if one.is_told and one.finding.family == kind.of and one.finding.last_day >= _day(world, start)
            }  # fmt: skip
            for metric, own in plain_scores(panel).items():
                if FAMILY[metric] == kind.of:
                    plain |= {key.account for key, z in own.items() if abs(z) > LIMIT}
        for key, kind_class in classes.items():
            outcome = outcomes[kind.name, kind.length, kind_class]
            outcome.planted += 1
            outcome.told += key in told
            outcome.plain += key in plain
    return outcomes


def _day(world: CleanWorld, column: int) -> date:
    return world.first_day + timedelta(days=column)


def figures(size: Size, every: int = 1) -> tuple[Clean, Outcomes, Outcomes]:
    """The whole evaluation: clean half year, grid, named incidents."""
    world = clean_world(size)
    return play_clean(world), play_faults(world, grid(), every), play_faults(world, named(), every)


def table(clean: Clean, gridded: Outcomes, incidents: Outcomes) -> str:
    """The figures as Markdown."""
    series_days = clean.series * clean.days
    weeks, rival = clean.client_weeks, "Same-weekday z > 3"
    lines = [f"Clean world: {clean.days} days, {clean.series} series of accounts and campaigns.", ""]
    lines += [f"| Clean days | Detector | {rival} |", "| --- | ---: | ---: |"]
    rates = len(clean.false) / weeks, clean.plain_accounts / weeks
    lines.append(f"| false warnings a client and week (rival: account-days) | {rates[0]:.2f} | {rates[1]:.1f} |")
    rates = 1000 * len(clean.false) / series_days, 1000 * clean.plain / series_days
    lines.append(f"| false warnings per 1,000 series-days | {rates[0]:.2f} | {rates[1]:.1f} |")
    lines.append(f"| warnings in {clean.dark_days} true spells of a balance used up | {clean.stops} | |")
    lines.append(f"| CPU seconds of a look | {clean.seconds_a_run:.2f} | |")
    named_ones = list(incidents.values())
    recall = sum(o.told for o in named_ones) / max(sum(o.planted for o in named_ones), 1)
    true = ONSETS_PER_ACCOUNT_MONTH * clean.account_months * recall
    precision = true / max(true + len(clean.false), 1e-9)
    lines.append(f"| precision at natural prevalence, used-up balances left out | {precision:.0%} | |")
    lines += ["", f"| Class | Planted | Told in time | {rival} |", "| --- | ---: | ---: | ---: |"]
    for name in ("clear", "visible", "faint", "little money"):
        both = (*gridded.items(), *incidents.items())
        lines.append(_row(name, [outcome for (_, _, cls), outcome in both if cls == name]))
    lines += ["", f"| Kind | Days | Class | Planted | Told in time | {rival} |"]
    lines.append("| --- | ---: | --- | ---: | ---: | ---: |")
    for (kind, length, cls), outcome in sorted({**gridded, **incidents}.items()):
        lines.append(_row(f"{kind} | {length} | {cls}", [outcome]))
    told = Counter(f"{one.scope} {one.metric}" for one in clean.false)
    lines += ["", f"False warnings by metric: {', '.join(f'{name} {many}' for name, many in told.most_common())}."]
    return "\n".join(lines)


def _row(name: str, own: Sequence[Planted]) -> str:
    planted = sum(outcome.planted for outcome in own)
    told, plain = (sum(getattr(outcome, by) for outcome in own) / max(planted, 1) for by in ("told", "plain"))
    return f"| {name} | {planted} | {told:.0%} | {plain:.0%} |"
