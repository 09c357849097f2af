"""The sandbox's world as campaign series at every age, with a season, promotions and planned edits put over it.

The generators are called as the sandbox calls them, only with one age for all days: what a day shows at that age.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from quality.anomalies.panel import BASES, Floats, Key, Panel
from sandbox.world import conversions, delivery, randomness, restatement
from sandbox.world.model import AD_PLATFORMS, MICROS, Account
from sandbox.world.roster import PRICE_LEVEL
from sandbox.world.world import World, WorldParameters

# Hours after midnight at which a day is read for the n-th time: at nine in the morning of the days after it.
AGES = (1, 2, 3, 4, 5, 7, 10, 14, 28)
_READ_AT_HOUR = 9.0
_EDIT_DAYS = 45
_EDITS = (0.5, 0.7, 1.4, 1.8, 2.5)


@dataclass(frozen=True)
class Size:
    """How large the world is. The first ``training`` days are history; the others are judged day by day."""

    accounts: int = 200
    judged: int = 180
    training: int = 90
    ads: int = 30
    seed: int = 430
    last_day: date = date(2026, 3, 15)

    @property
    def days(self) -> int:
        return self.judged + self.training


@dataclass(frozen=True)
class CleanWorld:
    """``at_age``: per figure an array (ages, campaigns, days). ``dark``: accounts whose balance is used up that day."""

    size: Size
    keys: tuple[Key, ...]
    at_age: Mapping[str, Floats]
    active: Floats
    budget: Floats
    fx: Floats
    dark: Mapping[Key, np.typing.NDArray[np.bool_]]
    noise: Floats

    @property
    def first_day(self) -> date:
        return self.size.last_day - timedelta(days=self.size.days - 1)

    def panel(self, newest: int, faults: Mapping[str, Floats] | None = None, width: int = 90) -> Panel:
        """What is published on the morning after column ``newest``. ``faults``: factors (campaigns, days) by figure."""
        days = np.arange(max(0, newest - width + 1), newest + 1)
        place = np.searchsorted(AGES, newest - days + 1, side="right") - 1
        figures = {name: values[place, :, days].T.copy() for name, values in self.at_age.items()}
        for name, factors in (faults or {}).items():
            figures[name] = figures[name] * factors[:, days]
            if name != "spend":
                figures[name] = np.floor(figures[name] + 0.5)
        last = self.first_day + timedelta(days=int(newest))
        return Panel(self.keys, last, figures, self.active[:, days], self.budget[:, days], self.fx)

    def only(self, accounts: Collection[Key]) -> "CleanWorld":
        """The same world with these accounts alone."""
        rows = [row for row, key in enumerate(self.keys) if key.account in accounts]
        return replace(
            self, keys=tuple(self.keys[row] for row in rows),
            at_age={name: values[:, rows] for name, values in self.at_age.items()},
            active=self.active[rows], budget=self.budget[rows], fx=self.fx[rows], noise=self.noise[rows],
            dark={key: days for key, days in self.dark.items() if key in accounts},
        )  # fmt: skip

    def maturity(self) -> dict[str, Floats]:
        """Per platform, the share of final conversions by age, learnt from the training days alone."""
        past = slice(14, self.size.training - 28)
        shares = {}
        for platform in {key.platform for key in self.keys}:
            own = np.array([key.platform == platform for key in self.keys])
            sums = self.at_age["conversions"][:, own, past].sum(axis=(1, 2))
            known = np.concatenate([[0.5 * sums[0]], sums]) / max(sums[-1], 1.0)
            shares[platform] = np.interp(np.arange(30), (0, *AGES), known)
        return shares


def clean_world(size: Size) -> CleanWorld:
    """Accounts of all four platforms, until there are as many as asked for."""
    end = size.last_day + timedelta(days=40)
    days = size.days + 40
    world = World(WorldParameters(f"{end}T12:00:00+00:00", size.seed, size.accounts, size.ads, days))
    accounts = [
        account for client in world.clients for account in client.accounts
        if account.platform in AD_PLATFORMS and account.ads
    ][: size.accounts]  # fmt: skip
    first = end - timedelta(days=days)
    ordinals = np.arange(first.toordinal(), first.toordinal() + days, dtype=np.int64)
    kept = slice(0, size.days)
    keys: list[Key] = []
    blocks: dict[str, list[Floats]] = {name: [] for name in (*BASES, "active", "budget", "noise", "fx")}
    dark = {}
    for account in accounts:
        figures, active, budget, noise = _account(account, ordinals)
        own = [Key(account.client_id, account.platform, account.account_id, c.campaign_id) for c in _with_ads(account)]
        keys += own
        dark[own[0].account] = (randomness.uniform(account.key, ordinals, "dark-day") < 0.015)[kept]
        for name in BASES:
            blocks[name].append(figures[name][:, :, kept])
        blocks["active"].append(active[:, kept])
        blocks["budget"].append(budget[:, kept])
        blocks["noise"].append(noise)
        blocks["fx"].append(np.full(len(own), 1.0 / PRICE_LEVEL.get(account.currency, 1.0)))
    return CleanWorld(
        size, tuple(keys), {name: np.concatenate(blocks[name], axis=1) for name in BASES},
        np.concatenate(blocks["active"]), np.concatenate(blocks["budget"]), np.concatenate(blocks["fx"]), dark,
        np.concatenate(blocks["noise"]),
    )  # fmt: skip


def _with_ads(account: Account) -> list:  # type: ignore[type-arg]
    return [account.ads[place].campaign for place in delivery.Units.of(account).campaign_starts]


def _account(account: Account, days: np.typing.NDArray[np.int64]) -> tuple[dict[str, Floats], Floats, Floats, Floats]:
    units = delivery.Units.of(account)
    gross = delivery.deliver(account, units, days)
    events = conversions.happen(account, units, days, gross)
    shown: dict[str, list[Floats]] = {name: [] for name in BASES}
    for age in AGES:
        hours = np.full(len(days), 24.0 * age + _READ_AT_HOUR)
        seen = restatement.reported(account, units, days, gross, hours)
        booked = conversions.book(account, units, days, gross, events, hours)
        minor = 1.0 if account.currency in ("JPY", "CLP") else 100.0
        for name, values in (
            ("spend", seen.spend_minor / minor), ("impressions", seen.impressions), ("clicks", seen.clicks),
            ("conversions", booked.columns()[0] / MICROS),
        ):  # fmt: skip
            shown[name].append(np.add.reduceat(values.astype(np.float64), units.campaign_starts, axis=0))
    campaigns = _with_ads(account)
    active, budget = _listed(campaigns, days)
    if account.active_to is not None:
        active[:, days > account.active_to.toordinal()] = 0.0
    season, edits = _season(days, account.country), _edits(account, len(campaigns), days)
    figures = {}
    for name in BASES:
        factor = season[name] * edits * season["budget"]
        figures[name] = np.stack(shown[name]) * factor
        if name in ("impressions", "clicks"):
            figures[name] = np.rint(figures[name])
        if name == "conversions":
            figures[name] = np.floor(figures[name] * 100 + 0.5) / 100
    noise = np.array([0.25 if account.platform == "google_ads" else 0.10] * len(campaigns))
    shares = [[ad.weight for ad in account.ads if ad.campaign is campaign] for campaign in campaigns]
    spread = np.array([np.sqrt(sum(w * w for w in own)) / sum(own) for own in shares])
    noise = np.sqrt(noise**2 + (0.19 * spread) ** 2)
    return figures, active, budget * edits * season["budget"], noise


def _listed(campaigns: list, days: np.typing.NDArray[np.int64]) -> tuple[Floats, Floats]:  # type: ignore[type-arg]
    """What the platform's lists say: on or off by day, and the budget that the spend really follows."""
    active = np.zeros((len(campaigns), len(days)))
    budget = np.zeros((len(campaigns), len(days)))
    for row, campaign in enumerate(campaigns):
        life = campaign.lifetime
        last = life.end.toordinal() if life.end else 10**7
        last = min(last, life.removed.toordinal() - 1) if life.removed else last
        on = (days >= life.start.toordinal()) & (days <= last)
        for begun, ended in life.pauses:
            on &= (days < begun.toordinal()) | (days > ended.toordinal())
        active[row] = on
        budget[row] = campaign.daily_budget_micros / MICROS
    return active, budget


def _season(days: np.typing.NDArray[np.int64], country: str) -> dict[str, Floats]:
    """Black Friday week with its budgets, prices and buyers, waiting buyers before it; Carnival in Brazil."""
    dates = [date.fromordinal(int(day)) for day in days]
    friday = {day.year: _friday(day.year) for day in dates}
    away = np.array([(day - friday[day.year]).days for day in dates])
    week, peak, waiting = (away >= -4) & (away <= 3), (away >= -1) & (away <= 2), (away >= -14) & (away < -4)
    budget = np.where(week, 2.5, 1.0)
    price = np.where(week, 1.5, 1.0)
    rate = np.where(peak, 1.6, np.where(waiting, 0.85, 1.0))
    if country == "BR":
        carnival = np.array([date(2026, 2, 14) <= day <= date(2026, 2, 18) for day in dates])
        price, rate = np.where(carnival, price * 0.9, price), np.where(carnival, rate * 0.7, rate)
    one = np.ones(len(days))
    return {"budget": budget, "spend": one, "impressions": 1 / price, "clicks": 1 / price, "conversions": rate / price}


def _friday(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _edits(account: Account, campaigns: int, days: np.typing.NDArray[np.int64]) -> Floats:
    """Planned budget edits: about one a campaign and six weeks, known from the change history."""
    factors = np.ones((campaigns, len(days)))
    for row in range(campaigns):
        chance = np.random.default_rng([account.key % 2**32, row])
        level, start = 1.0, int(chance.integers(10, 2 * _EDIT_DAYS))
        while start < len(days):
            level = float(np.clip(level * chance.choice(_EDITS), 0.3, 3.0))
            factors[row, start:] = level
            start += int(chance.integers(14, 2 * _EDIT_DAYS))
    return factors
