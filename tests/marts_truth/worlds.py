"""Clients of several seeded worlds behind one sandbox: one warehouse, one build and three seeds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.world.figures import FigureTable, Level
from sandbox.world.fx import ReferenceRates
from sandbox.world.model import Account, Client
from sandbox.world.world import World, WorldParameters


@dataclass(frozen=True)
class Share:
    """What one seed gives: clients by their place in its world, of each these platforms (all where none are named)."""

    seed: int
    places: Mapping[int, Sequence[str]]


@dataclass(frozen=True)
class Cast:
    """Which worlds are played, and when. ``start``: instant at which their history of ``days`` ends, ISO, UTC."""

    start: str
    days: int
    ads: int
    shares: tuple[Share, ...]

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> "Cast":
        fields = json.loads(path.read_text(encoding="utf-8"))
        shares = tuple(
            Share(share["seed"], {int(place): platforms for place, platforms in share["places"].items()})
            for share in fields.pop("shares")
        )
        return Cast(**fields, shares=shares)


class JoinedWorlds:
    """A source that the sandbox serves: each account's figures are those of the world that it comes from.

    Credentials, exchange rates and Google's manager account are the first seed's. The number of the seed is added to
    ids of clients, since the same client may come from several.
    """

    enforces_retention = True

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        worlds = [
            World(WorldParameters(cast.start, share.seed, max(share.places) + 1, cast.ads, cast.days))
            for share in cast.shares
        ]
        first = worlds[0]
        self.seed, self.revoked = first.seed, first.revoked
        self.manager_id, self.closed_customer_id = first.manager_id, first.closed_customer_id
        self.rates: ReferenceRates = first.rates
        self._world_of: dict[tuple[str, str], tuple[World, Account]] = {}
        self.clients: tuple[Client, ...] = tuple(
            self._client(world, number, world.clients[place], platforms)
            for number, (world, share) in enumerate(zip(worlds, cast.shares, strict=True), 1)
            for place, platforms in share.places.items()
        )

    def _client(self, world: World, number: int, client: Client, platforms: Sequence[str]) -> Client:
        client_id = f"{client.client_id}-s{number}"
        accounts = []
        for account in client.accounts:
            if platforms and account.platform not in platforms:
                continue
            self._world_of[account.platform, account.account_id] = (world, account)
            managed = self.manager_id if account.login_customer_id else None
            accounts.append(replace(account, client_id=client_id, login_customer_id=managed))
        return replace(client, client_id=client_id, accounts=tuple(accounts))

    def table(self, account: Account, level: Level, as_of: datetime) -> FigureTable:
        """What the platform shows of the account at the instant."""
        world, own = self._world_of[account.platform, account.account_id]
        return world.table(own, level, as_of)

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(account for client in self.clients for account in client.accounts)

    def client_of(self, account: Account) -> Client:
        return next(client for client in self.clients if client.client_id == account.client_id)

    def parameters(self) -> dict[str, Any]:
        """What the report of a difference has to name, so that it can be played again."""
        return asdict(self.cast)
