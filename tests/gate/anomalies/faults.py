"""Planted faults: what each does to the figures, and how visible it is by the generator's own noise."""

from dataclasses import dataclass
from math import log, sqrt
from typing import Literal

import numpy as np

from quality.anomalies.panel import RATIOS, Floats, Key
from tests.gate.anomalies.clean_world import CleanWorld

Class = Literal["clear", "visible", "faint", "little money"]
CLEAR, VISIBLE, MONEY = 6.0, 3.0, 50.0
# Log of the largest drop that counts: a stop is no infinite signal.
_LARGEST = 3.0


@dataclass(frozen=True)
class Kind:
    """``factors``: figure -> factor on the account's campaigns; ``of``: the family that must be told."""

    name: str
    factors: tuple[tuple[str, float], ...]
    length: int
    of: Literal["delivery", "conversion"]

    @property
    def size(self) -> float:
        """What it does to the figure that it is recognised by."""
        of = dict(self.factors)
        if self.of == "delivery":
            return of.get("spend", 1.0) if of.get("spend", 1.0) != 1.0 else of.get("clicks", 1.0)
        return of["conversions"]

    def direction(self, metric: str) -> int:
        """Where the metric goes: 1 up, -1 down, 0 nowhere. A warning of the other direction is no warning of it."""
        of = {name: log(max(factor, 1e-9)) for name, factor in self.factors}
        above, below = RATIOS[metric] if metric != "cpa" else ("spend", "conversions")
        moved = of.get(above, 0.0) - of.get(below, 0.0)
        return (moved > 1e-9) - (moved < -1e-9)


SIZES, LENGTHS = (1.3, 2.0, 10.0, 0.5, 0.0), (1, 3, 7)


def grid() -> list[Kind]:
    """Delivery and conversions, each in five sizes and three lengths."""
    kinds = []
    for size in SIZES:
        for length in LENGTHS:
            delivered = tuple((name, size) for name in ("spend", "impressions", "clicks", "conversions"))
            kinds.append(Kind(f"delivery x{size:g}", delivered, length, "delivery"))
            kinds.append(Kind(f"conversions x{size:g}", (("conversions", size),), length, "conversion"))
    return kinds


def named() -> list[Kind]:
    """The incidents that a warning must answer."""
    both = (("spend", 2.0), ("impressions", 2.0), ("clicks", 2.0), ("conversions", 2.0))
    typo = tuple((name, 9.0) for name in ("spend", "impressions", "clicks", "conversions"))
    return [
        Kind("tag lost", (("conversions", 0.15),), 4, "conversion"),
        Kind("pixel and server both count", (("conversions", 1.6),), 7, "conversion"),
        Kind("platform overspends at CPM x4", (("spend", 2.5), ("impressions", 0.62), ("clicks", 0.62)), 1, "delivery"),
        Kind("budget typed x10", typo, 2, "delivery"),
        Kind("campaigns duplicated", both, 7, "delivery"),
        Kind("bot burst", (("clicks", 3.0),), 2, "delivery"),
        Kind("site down", (("conversions", 0.1),), 3, "conversion"),
        Kind("account disabled", tuple((n, 0.0) for n in ("spend", "impressions", "clicks")), 5, "delivery"),
    ]


def factors(world: CleanWorld, kind: Kind, first: dict[Key, int]) -> dict[str, Floats]:
    """The kind planted in every account that has a first day in ``first``."""
    planted = {name: np.ones(world.active.shape) for name, _ in kind.factors}
    for row, key in enumerate(world.keys):
        start = first.get(key.account)
        if start is not None:
            for name, factor in kind.factors:
                planted[name][row, start : start + kind.length] = factor
    return planted


def detectability(world: CleanWorld, kind: Kind, account: Key, first: int) -> Class:
    """Signal to noise of the planted change from the generator's parameters and true counts, not from the detector."""
    rows = [row for row, key in enumerate(world.keys) if key.account == account]
    days = slice(first, first + kind.length)
    spend = world.at_age["spend"][-1][rows, days].sum(axis=1)
    if spend.sum() <= 0:
        return "little money"
    rates = world.fx[rows]
    shares = spend / spend.sum()
    generator = float(((shares * world.noise[rows]) ** 2).sum())
    lost = abs(1.0 - kind.size) * float((spend * rates).sum())
    if min(lost, float((spend * rates).sum()) if kind.of == "conversion" else lost) < MONEY:
        return "little money"
    signal = min(abs(log(max(kind.size, 1e-9))), _LARGEST)
    count = float(world.at_age["conversions"][-1][rows, days].sum())
    if kind.of == "conversion":
        # Clicks and moods of buyers besides the counting itself, which is on the smaller of both sides.
        noise = sqrt(1.0 / max(count * max(min(kind.size, 1.0), 0.2), 0.05) + 0.10**2 / kind.length)
    else:
        clicks = float(world.at_age["clicks"][-1][rows, days].sum())
        counted = 1.0 / max(clicks, 1.0) if dict(kind.factors).get("spend", 1.0) == 1.0 else 0.0
        noise = sqrt((generator + 0.05**2) / kind.length + counted)
    ratio = signal / noise
    return "clear" if ratio >= CLEAR else "visible" if ratio >= VISIBLE else "faint"
