"""What the detector is given: figures of campaigns by day, and what is known of their status and budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BASES = ("spend", "impressions", "clicks", "conversions")


@dataclass(frozen=True, order=True)
class Key:
    """Whose series it is; ``campaign_id`` is empty for a whole account."""

    client_id: str
    platform: str
    account_id: str
    campaign_id: str = ""

    @property
    def account(self) -> "Key":
        return Key(self.client_id, self.platform, self.account_id)


@dataclass(frozen=True)
class Panel:
    """Arrays (campaigns, days), the last column being ``last_day``. Null and held days are nan, never zero.

    ``active``: 1 switched on, 0 switched off, nan where nobody knows. ``budget``: daily, nan where unknown.
    ``fx``: reporting currency per unit of account currency, by campaign.
    """

    keys: tuple[Key, ...]
    last_day: date
    figures: Mapping[str, Floats]
    active: Floats
    budget: Floats
    fx: Floats


@dataclass(frozen=True)
class Exposed:
    """Series to judge: ``counted`` over ``exposure`` has a steady level. ``unrest``: extra spread after known edits."""

    keys: tuple[Key, ...]
    counted: Mapping[str, Floats]
    exposure: Mapping[str, Floats]
    spend: Floats
    fx: Floats
    unrest: Floats
    switched_on: npt.NDArray[np.bool_] = field(repr=False)

    def joined(self, other: "Exposed") -> "Exposed":
        return Exposed(
            self.keys + other.keys,
            {name: np.vstack([values, other.counted[name]]) for name, values in self.counted.items()},
            {name: np.vstack([values, other.exposure[name]]) for name, values in self.exposure.items()},
            np.vstack([self.spend, other.spend]), np.concatenate([self.fx, other.fx]),
            np.vstack([self.unrest, other.unrest]), np.vstack([self.switched_on, other.switched_on]),
        )  # fmt: skip


# metric -> (what is counted, what it is counted per); capacity = what the switched-on campaigns usually deliver.
RATIOS: Mapping[str, tuple[str, str]] = {
    "spend": ("spend", "capacity"), "impressions": ("impressions", "capacity"), "clicks": ("clicks", "capacity"),
    "cpc": ("spend", "clicks"), "cpa": ("conversions", "spend"), "conversion_rate": ("conversions", "clicks"),
}  # fmt: skip
_REFERENCE_DAYS, _JUDGED_DAYS, _FEWEST_DAYS, _UNREST_DAYS = 28, 7, 3, 3
_UNREST = 0.35


def expose(panel: Panel, maturity: Mapping[str, Floats]) -> Exposed:
    """Campaign and account series with their exposure.

    ``maturity``: per platform the share of a day's final conversions that is there at an age in days (0, 1, 2, ...).
    """
    published = ~np.isnan(panel.figures["spend"])
    running = np.where(np.isnan(panel.active), np.nan_to_num(panel.figures["spend"]) > 0, panel.active > 0)
    usual = {base: _usual(np.nan_to_num(panel.figures[base]), running & published) for base in BASES}
    budgets = _budget_ratio(panel.budget, running & published)
    capacity = {base: np.where(running, usual[base][:, None] * budgets, 0.0) for base in BASES}
    seen = np.array([_matured(maturity.get(key.platform), panel.active.shape[1]) for key in panel.keys])
    moved = _recent_changes(running, budgets)
    campaigns = _series(panel, panel.keys, panel.figures, capacity, running, seen, _UNREST * moved)

    accounts = sorted({key.account for key in panel.keys})
    place = {key: number for number, key in enumerate(accounts)}
    owner = np.array([place[key.account] for key in panel.keys], dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))

    def summed(values: Floats) -> Floats:
        total: Floats = np.add.reduceat(values[order], starts, axis=0)
        return total

    whole = {base: summed(panel.figures[base]) for base in BASES}
    able = {base: summed(values) for base, values in capacity.items()}
    weight = np.maximum(able["spend"], 1e-9)
    unrest = _UNREST * np.minimum(1.0, summed(capacity["spend"] * moved) / weight)
    first = order[starts]
    above = Panel(tuple(accounts), panel.last_day, whole, panel.active[first], panel.budget[first], panel.fx[first])
    on = summed(running.astype(np.float64)) > 0
    return _series(above, above.keys, whole, able, on, seen[first], unrest).joined(campaigns)


def _series(
    panel: Panel, keys: Sequence[Key], figures: Mapping[str, Floats], capacity: Mapping[str, Floats],
    running: npt.NDArray[np.bool_], seen: Floats, unrest: Floats,
) -> Exposed:  # fmt: skip
    def mix(counted: str, per: str) -> Floats:
        """What the campaigns that run usually bring per unit: launching a cheap campaign is no drift."""
        usual: Floats = np.divide(
            capacity[counted], capacity[per], out=np.ones_like(capacity[per]), where=capacity[per] > 0
        )
        return np.where(usual > 0, usual, 1.0)

    exposure = {}
    for metric, (counted, per) in RATIOS.items():
        below = capacity[counted] if per == "capacity" else figures[per] * mix(counted, per)
        below = below * seen if counted == "conversions" else below
        exposure[metric] = np.where(running & (below > 0), below, np.nan)
    counted_of = {metric: figures[counted] for metric, (counted, _) in RATIOS.items()}
    return Exposed(tuple(keys), counted_of, exposure, figures["spend"], panel.fx, unrest, running)


def _usual(values: Floats, used: npt.NDArray[np.bool_]) -> Floats:
    """Mean of the running days before the judged ones; of all days where there are too few."""
    past = used.copy()
    past[:, -_JUDGED_DAYS:] = False
    past[:, : -(_JUDGED_DAYS + _REFERENCE_DAYS)] = False
    wide = used.copy()
    wide[:, -_JUDGED_DAYS:] = False
    few = past.sum(axis=1) < _FEWEST_DAYS
    past[few] = wide[few]
    few = past.sum(axis=1) < _FEWEST_DAYS
    past[few] = used[few]
    days = np.maximum(past.sum(axis=1), 1)
    mean: Floats = (values * past).sum(axis=1) / days
    return mean


def _budget_ratio(budget: Floats, used: npt.NDArray[np.bool_]) -> Floats:
    """Each day's budget against its usual one; 1 where it is not known."""
    usual = _usual(np.nan_to_num(budget), used & ~np.isnan(budget))[:, None]
    known = (usual > 0) & ~np.isnan(budget) & (budget > 0)
    ratio: Floats = np.divide(budget, usual, out=np.ones_like(budget), where=known)
    return ratio


def _recent_changes(running: npt.NDArray[np.bool_], budgets: Floats) -> Floats:
    """1 on the days right after a campaign was switched or its budget moved."""
    moved = np.zeros(running.shape, dtype=np.float64)
    step = (running[:, 1:] != running[:, :-1]) | (np.abs(budgets[:, 1:] / budgets[:, :-1] - 1.0) > 0.01)
    for later in range(_UNREST_DAYS):
        width = step.shape[1] - later
        moved[:, 1 + later :] = np.maximum(moved[:, 1 + later :], step[:, :width])
    return moved


def _matured(shares: Floats | None, days: int) -> Floats:
    """The shares by column: the last one is a day old."""
    if shares is None:
        return np.ones(days)
    ages = np.minimum(np.arange(days, 0, -1), len(shares) - 1)
    return np.asarray(shares, dtype=np.float64)[ages]
