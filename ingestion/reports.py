"""What a platform offers, as data: from these definitions follow request, key, raw table, proof and tests."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

DayZone = Literal["account", "utc", "pacific"]


class Level(StrEnum):
    """Which object a report row describes."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    AD = "ad"


class ProvedBy(StrEnum):
    """Against which independent figure a report's sums are proved."""

    ACCOUNT_TOTAL = "account_total"
    OWN_CAMPAIGN = "own_campaign"
    CONTROL = "control"


@dataclass(frozen=True)
class Column:
    """One column: its name in the raw table, where it stands in the wire row, and its SQL type.

    ``absent`` is the SQL literal for a value that the platform leaves out (metrics: 0; everything else: null).
    """

    name: str
    path: tuple[str, ...]
    sql_type: str = "text"
    absent: str | None = None


@dataclass(frozen=True)
class Report:
    """One daily report. ``key`` identifies a row within an account; ``measures`` are what totals are made of.

    measures: metric name -> SQL expression over the raw columns; spend in major units of the account currency.
    """

    name: str
    level: Level
    proved_by: ProvedBy
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    measures: dict[str, str]
    required: bool = True

    @property
    def table(self) -> str:
        return self.name


@dataclass(frozen=True)
class Entity:
    """A list of objects with their current attributes (campaigns, ads). Rows are kept when the platform drops them."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def table(self) -> str:
        return self.name


@dataclass(frozen=True)
class PlatformDefinition:
    """Everything about a platform that is data.

    restatement_days: how long the platform may change a day; re-read on every daily pull.
    due_after_hours: hours after the day's end (in ``day_zone``) from which its figures are worth certifying.
    account_path: where a report row names its account, if it does; a row of another account is never accepted.
    currency_path, timezone_path: where the ``accounts`` entity tells what the client file must agree with.
    childless_campaign_types: campaign types that have no ads, as values of ``campaign_type_column``.
    """

    name: str
    title: str
    restatement_days: int
    due_after_hours: int
    day_zone: DayZone
    control: Report
    details: tuple[Report, ...]
    entities: tuple[Entity, ...]
    account_path: tuple[str, ...] | None
    currency_path: tuple[str, ...]
    timezone_path: tuple[str, ...]
    campaign_type_column: str | None = None
    childless_campaign_types: frozenset[str] = field(default_factory=frozenset)

    @property
    def raw_schema(self) -> str:
        return f"raw_{self.name}"

    @property
    def reports(self) -> tuple[Report, ...]:
        """The control report first, then campaigns before ads: the order in which proofs lean on one another."""
        return (self.control, *self.details)

    @property
    def tables(self) -> tuple[Report | Entity, ...]:
        return (*self.reports, *self.entities)
