"""Runs the detector and the plain z-score over the same panels, day by day, as mornings would."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from quality.anomalies.detection import CONVERSION_LAG, judge
from quality.anomalies.findings import CONVERSION, FAMILY, Finding
from quality.anomalies.grouping import fold, group
from quality.anomalies.panel import Floats, Key
from quality.anomalies.sustaining import RUNS, Known, Place, sustain
from tests.gate.anomalies.clean_world import CleanWorld
from tests.gate.anomalies.faults import Class, Kind, detectability, factors
from tests.gate.anomalies.plain_score import LIMIT, plain_scores

# Conversions are judged on sums of three days or more, however short the drift is.
_SHORTEST_SUM = 3
_LONGEST = 7


@dataclass
class Clean:
    """What the clean half year told. ``stops``: told of balances that the world really used up, which is right.

    ``told``: (newest day's column, finding), stops too. ``plain``: the rival's scores, morning by morning.
    """

    days: int
    accounts: list[Key]
    campaigns: int
    false: list[Finding] = field(default_factory=list)
    stops: int = 0
    dark_spells: int = 0
    told: list[tuple[int, Finding]] = field(default_factory=list)
    plain: list[Mapping[str, Floats]] = field(default_factory=list)
    dark: Floats | None = None
    seconds_a_look: float = 0.0

    @property
    def clients(self) -> int:
        return len({key.client_id for key in self.accounts})

    @property
    def client_weeks(self) -> float:
        return self.clients * self.days / 7

    @property
    def series_days(self) -> int:
        return (len(self.accounts) + self.campaigns) * self.days

    def plain_spells(self, limit: float) -> int:
        """The rival's false warnings: days in a row of one account are one, and used-up balances none."""
        beyond = np.array([np.max([both.max(axis=1) for both in day.values()], axis=0) > limit for day in self.plain])
        if self.dark is not None:
            beyond &= self.dark < 0.5
        return int(beyond[0].sum() + (beyond[1:] & ~beyond[:-1]).sum())

    def same_limit(self) -> float:
        """The limit at which the rival is as quiet as the detector."""
        return next(float(z) for z in np.arange(LIMIT, 1000.0, 0.25) if self.plain_spells(float(z)) <= len(self.false))


@dataclass(frozen=True)
class Drift:
    """One planted drift. flagged: found by the first run that has its last day; told: by at most one run later.

    by_chance: the same account, metrics, direction and runs tell without it. plain: the rival's largest z there.
    """

    account: Key
    kind: Kind
    visible: Class
    flagged: bool
    told: bool
    by_chance: bool
    plain: float
    plain_by_chance: float


def play_clean(world: CleanWorld) -> Clean:
    """Every morning of the half year, nothing planted."""
    accounts = sorted({key.account for key in world.keys})
    clean = Clean(world.size.judged, accounts, len(world.keys))
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
            clean.told.append((newest, one.finding))
            if _is_stop(world, one.finding):
                clean.stops += 1
            else:
                clean.false.append(one.finding)
        clean.plain.append(plain_scores(panel))
    judged = slice(world.size.training, world.size.days)
    dark = np.array([world.dark[key][judged] for key in accounts])
    clean.dark_spells = int(dark[:, 0].sum() + (dark[:, 1:] & ~dark[:, :-1]).sum())
    after = np.pad(dark, ((0, 0), (1, 0)))[:, :-1]
    clean.dark = (dark | after).T.astype(np.float64)
    clean.seconds_a_look = spent / world.size.judged
    return clean


def _is_stop(world: CleanWorld, found: Finding) -> bool:
    """Whether a balance was used up on the days told: the world means it, so the warning is right."""
    first, last = ((day - world.first_day).days for day in (found.first_day, found.last_day))
    keys = [key for key in world.dark if _covers(found.key, key)]
    return any(bool(world.dark[key][max(first - 1, 0) : last + 1].any()) for key in keys)


def _covers(wide: Key, account: Key) -> bool:
    names = ("client_id", "platform", "account_id")
    return all(getattr(wide, name) in ("", getattr(account, name)) for name in names)


def play_faults(world: CleanWorld, kinds: Sequence[Kind], clean: Clean) -> list[Drift]:
    """Each account gets each kind once. On a day of planting every account has another kind, so dates weigh alike."""
    maturity = world.maturity()
    accounts = sorted({key.account for key in world.keys})
    drifts = []
    for batch in range(len(kinds)):
        start = world.size.training + 7 + (batch * 37) % (world.size.judged - 25)
        chosen = {
            key: kinds[(batch + number) % len(kinds)] for number, key in enumerate(accounts)
            if not world.dark[key][start - 1 : start + _LONGEST + 4].any()
        }  # fmt: skip
        planted = {}
        for kind in dict.fromkeys(chosen.values()):
            own = factors(world, kind, dict.fromkeys((key for key, one in chosen.items() if one == kind), start))
            planted.update({name: planted.get(name, 1.0) * values for name, values in own.items()})
        drifts += _play_batch(world, chosen, planted, start, maturity, clean)
    return drifts


def _play_batch(
    world: CleanWorld, chosen: Mapping[Key, Kind], planted: Mapping[str, Floats], start: int,
    maturity: Mapping[str, Floats], clean: Clean,
) -> list[Drift]:  # fmt: skip
    known: dict[Place, Known] = {}
    last = {key: start + kind.length - 1 for key, kind in chosen.items()}
    for key, kind in chosen.items():
        if kind.of == CONVERSION:
            last[key] = start + max(kind.length, _SHORTEST_SUM) - 1 + CONVERSION_LAG[key.platform]
    flagged, told = set(), set()
    plain = dict.fromkeys(chosen, 0.0)
    place = {key: number for number, key in enumerate(sorted({key.account for key in world.keys}))}
    for newest in range(start, max(last.values()) + RUNS):
        panel = world.panel(newest, planted)
        step = sustain(known, fold(judge(panel, maturity)), panel.last_day)
        known = dict(step.open)
        for one in known.values():
            key, day = one.finding.key.account, _day(world, start)
            if key not in chosen or one.finding.last_day < day or not _is_of(chosen[key], one.finding):
                continue
            if newest <= last[key]:
                flagged.add(key)
            if one.is_told and newest < last[key] + RUNS:
                told.add(key)
        scores = plain_scores(panel)
        for key, kind in chosen.items():
            if newest < last[key] + RUNS:
                plain[key] = max(plain[key], _score(scores, place[key], kind))
    whole = {key: number for number, key in enumerate(clean.accounts)}
    return [
        Drift(
            key, kind, detectability(world, kind, key, start), key in flagged, key in told,
            _by_chance(world, clean, key, kind, range(start, last[key] + RUNS)), plain[key],
            max(
                _score(clean.plain[day - world.size.training], whole[key], kind)
                for day in range(start, min(last[key] + RUNS, world.size.days))
            ),
        )
        for key, kind in chosen.items()
    ]  # fmt: skip


def _is_of(kind: Kind, found: Finding) -> bool:
    return found.family == kind.of and found.direction == kind.direction(found.metric)


def _score(scores: Mapping[str, Floats], row: int, kind: Kind) -> float:
    """The rival's largest z of the kind's family, in its direction."""
    sides = {1: 0, -1: 1}
    own = [
        float(both[row, sides[kind.direction(metric)]]) for metric, both in scores.items()
        if FAMILY[metric] == kind.of and kind.direction(metric)
    ]  # fmt: skip
    return max(own, default=0.0)


def _by_chance(world: CleanWorld, clean: Clean, key: Key, kind: Kind, runs: range) -> bool:
    day = _day(world, runs.start)
    return any(
        newest in runs and found.last_day >= day and _covers(found.key, key) and _is_of(kind, found)
        for newest, found in clean.told
    )


def _day(world: CleanWorld, column: int) -> date:
    return world.first_day + timedelta(days=column)
