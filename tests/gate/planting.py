"""Which account gets which incident: one kind an account, another platform with every seed."""

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sandbox.incidents import KINDS, Kind, Planted
from sandbox.world.model import Account
from sandbox.world.world import World
from tests.gate.world import AccountDay, Figures

# The published day that is poisoned later, counted back from the newest one.
EARLIER_DAYS = 4
_FX_GAP_DAYS = 12
# Impressions and clicks of a day: what an incident needs, and what one needs that only the figures' size gives away.
_SOME, _MANY = (100, 2), (1_200, 15)


def plant(world: World, truth: Mapping[AccountDay, Figures], newest: date, seed: int) -> list[Planted]:
    """Every kind on an account of its own that delivers on the poisoned days. Raises where a world has too few.

    A poisoned account has an earlier day, published before, and the newest one, never seen before.
    """
    days = (newest - timedelta(days=EARLIER_DAYS), newest)
    around = {day - timedelta(days=back) for day in days for back in (0, 1)}
    free = [
        account
        for account in _poisonable(world)
        if all(_delivers(truth.get((account.account_id, day)), *_SOME) for day in around)
    ]
    random.Random(seed).shuffle(free)
    planted = [_fx_gap(world, free, newest, seed)]
    large = {
        account.account_id
        for account in free
        if all(_delivers(truth.get((account.account_id, day)), *_MANY) for day in around)
    }
    # Kinds with few accounts to choose from choose first.
    for name, kind in sorted(KINDS.items(), key=lambda item: (not _needs_many(item[1]), len(item[1].platforms))):
        if kind.rates:
            continue
        account = next(
            (
                each
                for each in free
                if each.platform in kind.platforms and (each.account_id in large or not _needs_many(kind))
            ),
            None,
        )
        if account is None:
            raise ValueError(f"the world of seed {seed} has no account left for {name}")
        free.remove(account)
        planted.append(Planted(name, account.platform, account.account_id, _days_of(name, kind, days), seed))
    return planted


def _days_of(name: str, kind: Kind, days: tuple[date, ...]) -> tuple[date, ...]:
    """Look-alikes happen where they would: an outage of today, an addition to what is past."""
    if name == "serving_outage":
        return days[-1:]
    return days[:-1] if name == "late_backfill" else days


def _poisonable(world: World) -> Iterator[Account]:
    for account in (account for client in world.clients for account in client.accounts):
        readable = account.credential not in world.revoked and account.status == "active"
        if account.platform != "instagram" and readable and account.active_to is None:
            yield account


def _needs_many(kind: Kind) -> bool:
    """Told twice and not refused by its form: it is recognised by figures that cannot be."""
    return kind.answer == "held" and kind.stop == "gate"


def _delivers(figures: Figures | None, impressions: int, clicks: int) -> bool:
    return figures is not None and figures[0] > 1 and figures[1] >= impressions and figures[2] >= clicks


def _fx_gap(world: World, free: list[Account], newest: date, seed: int) -> Planted:
    """A currency that one account's client does not report in loses its rates; that account gets nothing else."""
    reporting = {client.client_id: client.reporting_currency for client in world.clients}
    quoted = world.rates.rate
    affected = next(
        account
        for account in free
        if account.currency != reporting[account.client_id] and quoted(account.currency, _a_weekday(newest)) is not None
    )
    free.remove(affected)
    days = tuple(newest - timedelta(days=back) for back in range(-1, _FX_GAP_DAYS))
    return Planted("fx_gap", affected.platform, affected.account_id, days, seed, affected.currency)


def _a_weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
