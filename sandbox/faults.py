"""Faults that can be switched on for an account: the ways in which a platform's answers go wrong."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from sandbox.world.figures import FigureTable, ListTable
from sandbox.world.model import MICROS, FigureRow

Kind = Literal[
    "error", "throttle", "empty", "half", "truncate", "hang", "moving_totals", "control_mismatch", "restated"
]
HANG_SECONDS, RETRY_AFTER_SECONDS = 600.0, 2.0
# These concern the whole answer, so entity calls meet them too.
WHOLE_ANSWER: frozenset[Kind] = frozenset({"error", "throttle", "truncate", "hang"})
ENTITIES = "entities"


class FaultRefusedError(ValueError):
    """The description of a fault makes no sense."""


@dataclass
class Fault:
    """One fault. ``level``: account, campaign, ad or entities, None = all; ``times``: None = until taken away.

    since/until limit it to answers (and rows) of these days; ``amount`` is in major units; ``status`` an HTTP status;
    restated: at every level alike, spend is ``amount`` times what it was (a whole number, so that levels still agree);
    ``seconds``: how long a hanging answer takes, and what a throttled Slack answer asks for.
    """

    platform: str
    account_id: str
    kind: Kind
    level: str | None = None
    times: int | None = None
    since: date | None = None
    until: date | None = None
    amount: str = "1.00"
    status: int = 500
    seconds: float | None = None
    served: int = 0

    def to_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, date) else value for name, value in asdict(self).items()}

    @staticmethod
    def from_json(body: dict[str, Any]) -> "Fault":
        """Raises FaultRefusedError with the reason."""
        if body.get("kind") not in get_args(Kind):
            raise FaultRefusedError(f"kind is {body.get('kind')!r}; allowed: {', '.join(get_args(Kind))}")
        unknown = set(body) - set(Fault.__dataclass_fields__)
        missing = {"platform", "account_id"} - set(body)
        if unknown or missing:
            raise FaultRefusedError(f"unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
        days = {key: date.fromisoformat(body[key]) for key in ("since", "until") if body.get(key)}
        texts = {key: str(body[key]) for key in ("account_id", "amount") if key in body}
        return Fault(**{**body, **days, **texts})

    def _touches(self, since: date | None, until: date | None) -> bool:
        if since is None or until is None:
            return True
        return (self.until is None or since <= self.until) and (self.since is None or until >= self.since)

    def concerns(self, platform: str, account_id: str, level: str, since: date | None, until: date | None) -> bool:
        if (self.platform, self.account_id) != (platform, account_id) or self.times == 0:
            return False
        if level == ENTITIES and self.kind not in WHOLE_ANSWER:
            return False
        if self.kind in ("moving_totals", "control_mismatch") and level != "account":
            return False
        return self.level in (None, level) and self._touches(since, until)

    def bend(self, table: FigureTable) -> FigureTable:
        """The rows as this fault shows them."""
        rows = table.page(0, len(table))
        if self.kind == "empty":
            rows = [row for row in rows if not self._inside(row)]
        elif self.kind == "half":
            hit = [row for row in rows if self._inside(row)]
            dropped = {id(row) for row in hit[1::2]}
            rows = [row for row in rows if id(row) not in dropped]
        elif self.kind == "control_mismatch" or (self.kind == "moving_totals" and self.served % 2 == 0):
            extra = int(Decimal(self.amount) * MICROS)
            rows = [replace(row, spend=row.spend + extra) if self._inside(row) else row for row in rows]
        elif self.kind == "restated":
            factor = int(Decimal(self.amount))
            rows = [replace(row, spend=row.spend * factor) if self._inside(row) else row for row in rows]
        return ListTable("account", rows)

    def _inside(self, row: FigureRow) -> bool:
        return (self.since is None or row.day >= self.since) and (self.until is None or row.day <= self.until)


class FaultBook:
    """The faults that are switched on, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def all(self) -> Sequence[Fault]:
        return tuple(self._faults)

    def take(
        self, platform: str, account_id: str, level: str, since: date | None = None, until: date | None = None
    ) -> Fault | None:
        """The first fault that concerns this answer; it has served once more."""
        for fault in self._faults:
            if fault.concerns(platform, account_id, level, since, until):
                fault.served += 1
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
