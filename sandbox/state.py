"""Everything that one running sandbox holds: the source of figures, the clock, and what survives a restart."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sandbox.clock import WorldClock
from sandbox.credentials import CredentialBook
from sandbox.faults import Fault, FaultBook
from sandbox.serve_log import ServeLog
from sandbox.world.figures import FigureTable, Level
from sandbox.world.model import Account, Platform, major_units
from sandbox.world.world import Source, accounts_of


@dataclass(frozen=True)
class Reading:
    """One report as the platform would answer it now, faults included."""

    account: Account
    as_of: datetime
    level: str
    since: date
    until: date
    table: FigureTable
    fault: Fault | None


class Sandbox:
    """State shared by all wire layers. ``lenient``: serve also what only old third-party clients still send."""

    def __init__(self, source: Source, clock: WorldClock, state_dir: Path, *, lenient: bool = False) -> None:
        self.source, self.clock, self.state_dir, self.lenient = source, clock, state_dir, lenient
        self.credentials = CredentialBook(source, state_dir / "mended.json")
        self.faults = FaultBook()
        self.serve_log = ServeLog(state_dir / "serve_log.jsonl")
        self._accounts = {(account.platform, account.account_id): account for account in accounts_of(source)}

    def account(self, platform: Platform, account_id: str) -> Account | None:
        return self._accounts.get((platform, account_id))

    def read(
        self, account: Account, level: Level, since: date, until: date,
        narrow: Callable[[FigureTable], FigureTable] = lambda table: table, as_of: datetime | None = None,
        fault: Fault | None = None,
    ) -> Reading:  # fmt: skip
        """Rows of since..until at the clock's instant (or ``as_of``), narrowed, then bent by the fault."""
        instant = as_of or self.clock.now()
        table = narrow(self.source.table(account, level, instant).between(since, until))
        if fault is not None:
            table = fault.bend(table)
        return Reading(account, instant, level, since, until, table, fault)

    def log(self, reading: Reading, *, rows: int, spend: int, first_row: int = 0) -> None:
        """Write down that so many rows of a reading were served, with their spend in micros."""
        self.serve_log.add(
            reading.as_of,
            platform=reading.account.platform,
            account_id=reading.account.account_id,
            client_id=reading.account.client_id,
            level=reading.level,
            since=str(reading.since),
            until=str(reading.until),
            first_row=first_row,
            rows=rows,
            rows_in_answer=len(reading.table),
            spend=major_units(spend),
            fault=reading.fault.kind if reading.fault else None,
        )
