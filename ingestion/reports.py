"""What a platform offers, as data: from these definitions follow request, key, raw table, proof, window and tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

DayZone = Literal["account", "utc", "pacific"]


class Level(StrEnum):
    """Which object a report row describes."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    AD_GROUP = "ad_group"
    AD = "ad"
    ASSET_GROUP = "asset_group"
    KEYWORD = "keyword"
    SEARCH_TERM = "search_term"
    MEDIA = "media"


class ProvedBy(StrEnum):
    """Against which independent figure a report's sums are proved."""

    CONTROL = "control"
    ACCOUNT_TOTAL = "account_total"
    OWN_CAMPAIGN = "own_campaign"
    # Every page was read and no key came twice; the platform gives no figure that the sums must equal.
    COMPLETENESS = "completeness"


@dataclass(frozen=True)
class Column:
    """One column: its name in the raw table, where it stands in the shaped row, and its SQL type.

    ``absent`` is the SQL literal for a value that the platform leaves out (metrics: 0; everything else: null).
    """

    name: str
    path: tuple[str, ...]
    sql_type: str = "text"
    absent: str | None = None


DAY = Column("date_day", ("date_day",), "date")


def count(name: str, *path: str) -> Column:
    """A whole-number metric; absent means none."""
    return Column(name, path or (name,), "bigint", absent="0")


def amount(name: str, *path: str) -> Column:
    """An exact decimal metric, additive; absent means none."""
    return Column(name, path or (name,), "numeric", absent="0")


def ratio(name: str, *path: str) -> Column:
    """A figure that must never be summed (reach, rates, averages); absent stays null."""
    return Column(name, path or (name,), "numeric")


def breakdown(name: str, *path: str, sql_type: str = "text") -> Column:
    """A column that is part of the key: a row without a value for it says 'unknown' (numbers: -1)."""
    return Column(name, path or (name,), sql_type, absent="'unknown'" if sql_type == "text" else "-1")


@dataclass(frozen=True)
class Report:
    """One daily report; the key of a row within an account is day + ids + breakdowns.

    ids: the object that a row is about. breakdowns: what splits its day (hour, country, age, action, window).
    attributes: what else stands on the row (parents, currency). measures: metric name -> SQL expression over the raw
    columns, of what totals are made; spend in major units of the account currency.
    required: an account-day waits for it; an optional report is read, proved and recorded by itself.
    request: what the platform's requests.py needs beyond the columns. attribution_windows: as the platform names them.
    derived_from: the report whose answers already hold these rows; it costs no call of its own.
    view_sql: a select over {source}, the raw table of ``derived_from``, that spreads its rows out; then the report is
    a view and costs no storage either. Its columns are account_id and ``columns``, in this order.
    snapshot_hours: the figures are of the instant of reading, not of a day; a new snapshot after so many hours.
    restatement_days, retention_days, longest_request_days: this report's own, where not the platform's.
    """

    name: str
    level: Level
    proved_by: ProvedBy
    ids: tuple[Column, ...] = ()
    metrics: tuple[Column, ...] = ()
    breakdowns: tuple[Column, ...] = ()
    attributes: tuple[Column, ...] = ()
    measures: Mapping[str, str] = field(default_factory=dict)
    day: Column = DAY
    required: bool = True
    request: Mapping[str, Any] = field(default_factory=dict)
    attribution_windows: tuple[str, ...] = ()
    derived_from: str | None = None
    view_sql: str | None = None
    snapshot_hours: int | None = None
    restatement_days: int | None = None
    retention_days: int | None = None
    longest_request_days: int | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.day, *self.ids, *self.breakdowns, *self.attributes, *self.metrics)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that identify a row within an account."""
        return tuple(column.name for column in (self.day, *self.ids, *self.breakdowns))

    @property
    def table(self) -> str:
        return self.name

    @property
    def keeps_unknown(self) -> bool:
        """Whether fields that nobody asked for stand in its rows; those of a derived report are in its source's."""
        return self.derived_from is None


@dataclass(frozen=True)
class Entity:
    """A list of objects with their current attributes (campaigns, ads). Rows are kept when the platform drops them.

    listed_whole: every object that exists comes with each listing, so that a missing one is gone; a list that shows
    the newest objects only (stories of 24 hours) proves nothing about older ones.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    request: Mapping[str, Any] = field(default_factory=dict)
    listed_whole: bool = True

    @property
    def table(self) -> str:
        return self.name

    @property
    def id_column(self) -> str | None:
        """The column by which one of its objects is named, where a single one does."""
        return self.key[0] if len(self.key) == 1 else None


@dataclass(frozen=True)
class ApiVersion:
    """A version of a platform's API. ends_on: first day on which it fails, None where no date is known."""

    version: str
    ends_on: date | None
    source: str


@dataclass(frozen=True)
class MonthTotal:
    """How a platform is asked for its own total of a whole month of an account, in a call that no daily report makes.

    report: its metrics are named like the platform's proved metrics, spend in major units of the account currency.
    whole_months_only: a part of a month cannot be asked for.
    """

    report: Report
    retention_days: int | None = None
    whole_months_only: bool = False


@dataclass(frozen=True)
class PlatformDefinition:
    """Everything about a platform that is data.

    restatement_days: how long the platform may change a day; re-read on every daily pull.
    deep_pass_days: on the first due day of a month also days up to this age are read again.
    retention_days: how far back daily figures can be asked for; older history is write-once.
    due_after_hours: hours after the day's end (in ``day_zone``) from which its figures are worth certifying.
    longest_request_days: the longest span that one request may ask for.
    proved_metrics: what control totals prove. campaign_key: the column that both the report proved by the account
    total and the one proved by its own campaign carry.
    account_path: where a report row names its account, if it does; a row of another account is never accepted.
    currency_path, timezone_path: where the ``accounts`` entity tells what the client file must agree with.
    childless_campaign_types: campaign types that have no ads, as values of ``campaign_type_column``.
    month_total: None where the platform adds nothing up over a month that the days' sums would have to equal.
    api_versions: the sunset calendar, newest version first.
    always_sent: columns that some row of every reading has, usually_sent: those of a reading of some size; also_sent:
    names in answers that no column reads, of the platform or of our own shaping.
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
    currency_path: tuple[str, ...] | None
    timezone_path: tuple[str, ...] | None
    retention_days: int | None = None
    deep_pass_days: int | None = None
    longest_request_days: int | None = None
    proved_metrics: tuple[str, ...] = ("spend", "impressions", "clicks")
    campaign_key: str = "campaign_id"
    campaign_type_column: str | None = None
    childless_campaign_types: frozenset[str] = field(default_factory=frozenset)
    month_total: MonthTotal | None = None
    api_versions: tuple[ApiVersion, ...] = ()
    always_sent: frozenset[str] = frozenset()
    usually_sent: frozenset[str] = frozenset()
    also_sent: frozenset[str] = frozenset()

    @property
    def raw_schema(self) -> str:
        return f"raw_{self.name}"

    @property
    def reports(self) -> tuple[Report, ...]:
        """The control report first, then campaigns before ads: the order in which proofs lean on one another."""
        return (self.control, *self.details)

    @property
    def required_details(self) -> tuple[Report, ...]:
        """What an account-day waits for, besides the control report."""
        return tuple(report for report in self.details if report.required)

    @property
    def optional_reports(self) -> tuple[Report, ...]:
        """Reports with a call of their own that never hold an account-day."""
        return tuple(report for report in self.details if not report.required and report.derived_from is None)

    def derived_from(self, report: Report) -> tuple[Report, ...]:
        """The reports whose rows come with the answers of this one and are kept by themselves."""
        return tuple(other for other in self.details if other.derived_from == report.name and other.view_sql is None)

    @property
    def proved_level(self) -> Report:
        """The report whose sums equal the account's total; the total itself where nothing stands below it."""
        return next(
            (report for report in self.required_details if report.proved_by is ProvedBy.ACCOUNT_TOTAL), self.control
        )

    @property
    def certified_metrics(self) -> tuple[str, ...]:
        """Metrics that a certificate of an account-day needs; the ad level's begin with ad_."""
        levels = {report.proved_by for report in self.required_details}
        ads = [f"ad_{metric}" for metric in self.proved_metrics] if ProvedBy.OWN_CAMPAIGN in levels else []
        return (*self.proved_metrics, *ads)

    @property
    def views(self) -> tuple[Report, ...]:
        """Reports that are views over another one's raw table."""
        return tuple(report for report in self.details if report.view_sql is not None)

    @property
    def tables(self) -> tuple[Report | Entity, ...]:
        """What has rows of its own."""
        return (*(report for report in self.reports if report.view_sql is None), *self.entities)
