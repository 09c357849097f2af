"""Decides whether an account-day was read completely and correctly. Pure: evidence in, verdict out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ingestion.reports import PlatformDefinition, ProvedBy, Report

Totals = Mapping[str, Decimal]


@dataclass(frozen=True)
class ReportDay:
    """One report's rows of one day: how many, how many different keys, their sums, their content."""

    rows: int
    distinct_keys: int
    totals: Totals
    content_hash: str


@dataclass(frozen=True)
class ChildDifference:
    """A campaign whose ads do not add up to its own row. ``rows``: how many ad rows it has."""

    campaign_id: str
    metric: str
    children: Decimal
    own: Decimal
    rows: int


@dataclass(frozen=True)
class DayEvidence:
    """All that is known of one account-day after a read. Spend in major units of the account currency.

    first, second: the account total before and after the detail; None where the platform gave no row.
    before: the control totals of the last proved version. read_is_empty: the whole span came without any total
    although the ledger knows delivery in it. control_day: all that the second reading said of the day.
    """

    date_day: date
    first: Totals | None
    second: Totals | None
    details: Mapping[str, ReportDay]
    child_differences: tuple[ChildDifference, ...] = ()
    before: Totals | None = None
    read_is_empty: bool = False
    control_day: ReportDay | None = None

    @property
    def total_moved(self) -> bool:
        """The platform changed the account total while the detail was read."""
        return self.first is not None and self.second is not None and dict(self.first) != dict(self.second)


@dataclass(frozen=True)
class Proof:
    """proved, with the control totals to record; or not, with a code, a sentence and the figures behind it."""

    proved: bool
    control_totals: Totals
    code: str = ""
    reason: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Code and reason in one, for the ledger."""
        return f"{self.code}: {self.reason}"


def spend_tolerance(rows: int, smallest_unit: Decimal) -> Decimal:
    """Rounding that sums may carry: half a smallest currency unit a row, at least one unit; never a percentage."""
    return max(Decimal(1), Decimal(rows) / 2) * smallest_unit


def _tolerance(metric: str, rows: int, smallest_unit: Decimal) -> Decimal:
    return spend_tolerance(rows, smallest_unit) if metric == "spend" else Decimal(0)


def _held(code: str, reason: str, **details: object) -> Proof:
    return Proof(False, {}, code, reason, {name: str(value) for name, value in details.items()})


def prove(evidence: DayEvidence, definition: PlatformDefinition, smallest_unit: Decimal) -> Proof:
    """Proved when every required report agrees with the platform's own total of the account, read around it."""
    for name, report_day in evidence.details.items():
        if proof := _doubled(name, report_day):
            return proof
    rows = sum(report_day.rows for report_day in evidence.details.values())
    if evidence.first is None and evidence.second is None:
        return _prove_without_total(evidence, definition, rows)
    if evidence.first is None or evidence.second is None:
        return _held("moving_total", "the account total was there in one of two readings only", rows=rows)
    control: dict[str, Decimal] = dict(evidence.second)
    for report in definition.required_details:
        if report.proved_by is not ProvedBy.ACCOUNT_TOTAL:
            continue
        report_day = evidence.details[report.name]
        for metric in definition.proved_metrics:
            found = report_day.totals[metric]
            low, high = sorted((evidence.first[metric], evidence.second[metric]))
            slack = _tolerance(metric, report_day.rows, smallest_unit)
            if not low - slack <= found <= high + slack:
                return _difference(report, report_day, metric, found, evidence.second[metric])
            # Between two readings of a moving total the sum itself is the platform's figure at that moment.
            if low != high:
                control[metric] = min(max(found, low), high)
    for child in evidence.child_differences:
        if abs(child.children - child.own) > _tolerance(child.metric, child.rows, smallest_unit):
            return _held(
                "ads_differ_from_campaign",
                f"{child.metric} of the ads of campaign {child.campaign_id} is {child.children.normalize():f}, "
                f"the campaign's own is {child.own.normalize():f}",
                campaign_id=child.campaign_id, metric=child.metric, ads=child.children, campaign=child.own,
            )  # fmt: skip
    return Proof(True, control)


def prove_optional(
    report: Report, report_day: ReportDay, totals: Totals | None, metrics: tuple[str, ...], smallest_unit: Decimal
) -> Proof:
    """A report that never holds a day: no key twice and, where it must add up to the account, equal to its totals.

    totals: the account-day's proved control totals; None where the day itself is not proved.
    """
    if proof := _doubled(report.name, report_day):
        return proof
    if report.proved_by is not ProvedBy.ACCOUNT_TOTAL:
        return Proof(True, {})
    if totals is None:
        return _held("day_not_proved", f"{report.name} waits for the account-day's own proof", report=report.name)
    for metric in metrics:
        if abs(report_day.totals[metric] - totals[metric]) > _tolerance(metric, report_day.rows, smallest_unit):
            return _difference(report, report_day, metric, report_day.totals[metric], totals[metric])
    return Proof(True, totals)


def _doubled(name: str, report_day: ReportDay) -> Proof | None:
    if report_day.rows == report_day.distinct_keys:
        return None
    doubled = report_day.rows - report_day.distinct_keys
    return _held("duplicate_rows", f"{name} holds {doubled} rows twice; a page was served twice", report=name)


def _prove_without_total(evidence: DayEvidence, definition: PlatformDefinition, rows: int) -> Proof:
    if definition.proved_level is definition.control:
        return _held("unanswered", "the platform gave no figures for the day; absent is not zero")
    if rows:
        return _held(
            "control_missing", f"the platform gave {rows} detail rows but no account total for the day", rows=rows
        )
    if (evidence.before and any(evidence.before.values())) or evidence.read_is_empty:
        return _held("unexpectedly_empty", "the platform answered with nothing where there was delivery before")
    return Proof(True, dict.fromkeys(definition.proved_metrics, Decimal(0)))


def _difference(report: Report, report_day: ReportDay, metric: str, found: Decimal, expected: Decimal) -> Proof:
    code = "missing_rows" if report_day.rows == 0 else "differs_from_total"
    return _held(
        code,
        f"{metric} of {report.name} adds up to {found.normalize():f} in {report_day.rows} rows, "
        f"the account total says {expected.normalize():f}",
        report=report.name, metric=metric, found=found, account_total=expected, rows=report_day.rows,
    )  # fmt: skip
