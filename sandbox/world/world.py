"""The seeded world: clients with their accounts, and what each platform shows at an instant."""

import json
from collections import OrderedDict
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Protocol

from sandbox.clock import parse_instant
from sandbox.files import write_atomically
from sandbox.world.catalog import WorldSize, build_clients, closed_customer_id, manager_id
from sandbox.world.figures import AccountFigures, FigureTable, Level
from sandbox.world.fx import ReferenceRates
from sandbox.world.model import Account, Client
from sandbox.world.roster import REVOKED_CREDENTIAL

DEFAULT_SEED, DEFAULT_CLIENTS, DEFAULT_ADS, DEFAULT_DAYS = 20261101, 4, 40, 90
# Cells (ads x days) of computed figures to keep; half a gigabyte at the most.
_CACHE_CELLS = 1_500_000


@dataclass(frozen=True)
class WorldParameters:
    """What a world is made from. ``start``: instant at which its history of ``days`` ends, ISO, UTC.

    withdrawn_share: share of the ad-days that the platform takes back whole some days later, so that rows vanish.
    """

    start: str
    seed: int = DEFAULT_SEED
    clients: int = DEFAULT_CLIENTS
    ads: int = DEFAULT_ADS
    days: int = DEFAULT_DAYS
    withdrawn_share: float = 0.0

    def save(self, path: Path) -> None:
        write_atomically(path, json.dumps(asdict(self), indent=2) + "\n")

    @staticmethod
    def load(path: Path) -> "WorldParameters":
        return WorldParameters(**json.loads(path.read_text(encoding="utf-8")))


def load_world(state_dir: Path) -> "World":
    """The world that a sandbox serves from this state directory."""
    return World(WorldParameters.load(parameters_file(state_dir)))


def parameters_file(state_dir: Path) -> Path:
    """Where a state directory keeps its world's parameters."""
    return state_dir / "world.json"


class Source(Protocol):
    """Where the wire layers take accounts and figures from: the seeded world or a recording."""

    seed: int
    clients: tuple[Client, ...]
    rates: ReferenceRates
    revoked: frozenset[str]
    manager_id: str
    closed_customer_id: str
    enforces_retention: bool

    def table(self, account: Account, level: Level, as_of: datetime) -> FigureTable:
        """What the platform shows of the account at the instant."""
        ...


def accounts_of(source: Source) -> list[Account]:
    """All accounts of all clients."""
    return [account for client in source.clients for account in client.accounts]


class World:
    """A pure function of its parameters; the cache only saves time."""

    def __init__(self, parameters: WorldParameters) -> None:
        self.parameters = parameters
        self.seed = parameters.seed
        start = parse_instant(parameters.start)
        self.first_day: date = start.date() - timedelta(days=parameters.days)
        size = WorldSize(parameters.clients, parameters.ads, self.first_day, parameters.days)
        self.clients: tuple[Client, ...] = build_clients(parameters.seed, size)
        self.rates = ReferenceRates(parameters.seed)
        self.revoked = frozenset({REVOKED_CREDENTIAL})
        self.manager_id = manager_id(parameters.seed)
        self.closed_customer_id = closed_customer_id(parameters.seed)
        self.enforces_retention = True
        self._kept: OrderedDict[tuple[str, str, datetime], AccountFigures] = OrderedDict()
        self._lock = Lock()

    def table(self, account: Account, level: Level, as_of: datetime) -> FigureTable:
        """What the platform shows of the account at the instant, all days of its history."""
        return self._figures(account, as_of).table(level)

    def _figures(self, account: Account, as_of: datetime) -> AccountFigures:
        place = (account.platform, account.account_id, as_of)
        with self._lock:
            figures = self._kept.get(place)
            if figures is None:
                figures = self._kept[place] = AccountFigures(
                    account, self.first_day, as_of, self.parameters.withdrawn_share
                )
                each = max(1, len(account.ads) * self.parameters.days)
                while len(self._kept) > max(2, _CACHE_CELLS // each):
                    self._kept.popitem(last=False)
            self._kept.move_to_end(place)
            return figures
