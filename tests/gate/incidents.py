"""One seed: a clean round, a poisoned one with every kind at once, and a round in which everything is well again."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sandbox.incidents import KINDS
from tests.gate.judging import Rounds, Verdict, differences, judge
from tests.gate.planting import plant
from tests.gate.world import GateWorld, gate_world

FIRST_SEED, SEEDS = 401, 10
_A_DAY = timedelta(days=1)


@dataclass
class SeedResult:
    """What a seed showed. others: faults of accounts on which nothing was planted. healed: of the last round."""

    seed: int
    verdicts: list[Verdict]
    others: list[str]
    other_accounts: int
    healed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong, in words."""
        of_kinds = [f"{v.planted.kind} on {v.planted.platform}: {fault}" for v in self.verdicts for fault in v.faults]
        others = [f"elsewhere: {fault}" for fault in self.others]
        return of_kinds + others + [f"afterwards: {fault}" for fault in self.healed]


def play(
    seed: int,
    directory: Path,
    warehouse_url: str,
    set_variable: Callable[[str, str], None],
    *,
    heals: bool = True,
    spoiled: AbstractContextManager[None] | None = None,
) -> SeedResult:
    """Plant every kind on an account of its own and judge.

    heals: also play the day after, on which nothing is wrong any more. spoiled: bugs that the poisoned round has.
    """
    started = time.monotonic()
    with gate_world(directory, warehouse_url, set_variable, seed=seed) as world:
        clean_at = world.now()
        known = world.truth(clean_at + _A_DAY)
        planted = plant(world.source, known, clean_at.date(), seed)
        world.wire.plant([each for each in planted if KINDS[each.kind].rates])
        world.read_and_publish()
        clean_published = world.published()
        clean = world.truth(clean_at)
        others = list(differences(_readable(world), clean, clean_published))
        world.wire.plant(planted)
        world.clock.advance(1)
        with spoiled or nullcontext():
            world.read_and_publish()
        rounds = Rounds.of(world, clean_at)
        verdicts = judge(world, planted, rounds)
        untouched = _readable(world) - {each.account_id for each in planted}
        others += differences(untouched, rounds.poisoned, rounds.published)
        others += [
            f"{account} {day}: {reasons[0]}"
            for (account, day), reasons in rounds.reasons.items()
            if account in _everybody(world) - {each.account_id for each in planted}
        ]
        healed = _heal(world) if heals else []
    return SeedResult(seed, verdicts, others, len(untouched), healed, time.monotonic() - started)


def _heal(world: GateWorld) -> list[str]:
    """Without incidents the next day's run publishes everything as it is; nobody lifts a finger."""
    world.wire.plant(())
    world.clock.advance(1)
    world.read_and_publish()
    found = list(differences(_readable(world), world.truth(world.now()), world.published()))
    still = world.rows("select account_id, date_day, reason from ops.held_day")
    return found + [f"{account} {day} is still held: {reason}" for account, day, reason in still]


def _everybody(world: GateWorld) -> set[str]:
    """Accounts whose login works."""
    source = world.source
    return {a.account_id for client in source.clients for a in client.accounts if a.credential not in source.revoked}


def _readable(world: GateWorld) -> set[str]:
    """Ad accounts that the platform answers for and that are open."""
    return {
        account.account_id
        for client in world.source.clients
        for account in client.accounts
        if account.platform != "instagram" and account.credential not in world.source.revoked
    }
