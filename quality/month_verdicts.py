"""What a settled month's published days prove against the platform's own total of it: pure rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from foundation.money import smallest_unit

# As for a single day: each row may be rounded by half of the smallest unit, and counts may not differ at all.
_UNITS_PER_ROW = Decimal("0.5")
_LEAST_UNITS = Decimal(1)
# A platform's late corrections of a settled month: told, but no fault of the warehouse's.
WARNED_SHARE = Decimal("0.005")
_MONEY_METRICS = frozenset({"spend"})
# More days than this are not listed one by one.
_DAYS_NAMED = 10

Verdict = Literal["certified", "warned", "differs", "incomplete", "not_read", "not_offered"]
# The verdict of a month is that of its worst metric.
WORST_FIRST: tuple[Verdict, ...] = ("differs", "warned", "incomplete", "not_read", "not_offered", "certified")


@dataclass(frozen=True)
class MonthFacts:
    """Everything that a month's verdict follows from.

    missing_days: not published at all; outdated_days: published in an older version than was read last.
    platform_totals: None until the platform's total was read; changed_at: when a day's total last moved in the ledger.
    """

    client_id: str
    platform: str
    account_id: str
    currency: str
    month: date
    first_day: date
    last_day: date
    metrics: tuple[str, ...]
    offered: bool
    whole_only: bool
    rows: int
    warehouse_totals: Mapping[str, Decimal | None]
    missing_days: Sequence[date] = ()
    outdated_days: Sequence[date] = ()
    platform_totals: Mapping[str, str] | None = None
    total_last_day: date | None = None
    request_ids: Sequence[str] = ()
    read_at: datetime | None = None
    changed_at: datetime | None = None
    problem: str | None = None
    next_step: str | None = None

    @property
    def name(self) -> str:
        return f"{self.client_id} {self.platform} {self.account_id} {self.month:%Y-%m}"

    @property
    def is_whole(self) -> bool:
        next_day = date.fromordinal(self.last_day.toordinal() + 1)
        return self.first_day.day == 1 and next_day.day == 1

    @property
    def command(self) -> str:
        """Reads the month's days again."""
        days = f"--from {self.first_day} --to {self.last_day}"
        return f"`mdp sync {self.platform} {days} --account {self.account_id}`, then `mdp publish`"


@dataclass(frozen=True)
class MetricVerdict:
    """One metric of a month. Amounts in major units of the account currency, or counts."""

    metric: str
    verdict: Verdict
    warehouse_total: Decimal | None = None
    platform_total: Decimal | None = None
    difference: Decimal | None = None
    tolerance: Decimal | None = None
    reason: str | None = None


def judge(facts: MonthFacts) -> list[MetricVerdict]:
    """The verdict of each metric of a month; what keeps it from being compared is the same for all of them."""
    if kept := _not_comparable(facts):
        verdict, reason = kept
        return [
            MetricVerdict(metric, verdict, facts.warehouse_totals.get(metric), reason=f"{facts.name}: {reason}")
            for metric in facts.metrics
        ]
    return [_compare(facts, metric) for metric in facts.metrics]


def _not_comparable(facts: MonthFacts) -> tuple[Verdict, str] | None:
    if not facts.offered:
        return "not_offered", (
            f"{facts.platform} gives no total of a month that its days would have to add up to; "
            "nothing to do: each day is certified by itself"
        )
    if facts.whole_only and not facts.is_whole:
        return "not_offered", (
            f"{facts.platform} adds up whole months only, and the account is the client's from {facts.first_day} to "
            f"{facts.last_day}; nothing to do: each day is certified by itself"
        )
    if facts.missing_days or facts.outdated_days:
        parts = []
        if facts.missing_days:
            parts.append(f"not published: {_listed(facts.missing_days)}")
        if facts.outdated_days:
            parts.append(f"published in an older version than was read last: {_listed(facts.outdated_days)}")
        return "incomplete", f"{'; '.join(parts)}. Next: `mdp status` says why they wait; or {facts.command}"
    if facts.problem:
        return "not_read", f"{facts.problem}. Next: {facts.next_step or facts.command}"
    if facts.platform_totals is None:
        return "not_read", (
            f"the platform's total has not been read. Next: `mdp sync {facts.platform}` asks for it, "
            "as far back as the platform answers"
        )
    if facts.total_last_day != facts.last_day or _moved_since(facts):
        return "not_read", (
            "the platform's total was read before the month's days last changed. "
            f"Next: `mdp sync {facts.platform}` asks for it again"
        )
    return None


def _moved_since(facts: MonthFacts) -> bool:
    return facts.changed_at is not None and facts.read_at is not None and facts.changed_at > facts.read_at


def _listed(days: Sequence[date]) -> str:
    named = ", ".join(str(day) for day in days[:_DAYS_NAMED])
    return named if len(days) <= _DAYS_NAMED else f"{named} and {len(days) - _DAYS_NAMED} more"


def _compare(facts: MonthFacts, metric: str) -> MetricVerdict:
    assert facts.platform_totals is not None
    money = metric in _MONEY_METRICS
    unit = smallest_unit(facts.currency)
    tolerance = max(_LEAST_UNITS, _UNITS_PER_ROW * facts.rows) * unit if money else Decimal(0)
    warehouse = facts.warehouse_totals.get(metric) or Decimal(0)
    if metric not in facts.platform_totals:
        reason = f"{facts.name}: {metric}: the platform's total lacks it. Next: `mdp sync {facts.platform}` asks again"
        return MetricVerdict(metric, "not_read", warehouse, None, None, tolerance, reason)
    told = Decimal(facts.platform_totals[metric])
    difference = warehouse - told
    if abs(difference) <= tolerance:
        return MetricVerdict(metric, "certified", warehouse, told, difference, tolerance)
    verdict: Verdict = "warned" if abs(difference) <= WARNED_SHARE * abs(told) else "differs"
    currency = f" {facts.currency}" if money else ""
    share = f", {abs(difference) / abs(told):.2%}" if told else ""
    reason = (
        f"{facts.name}: {metric}: the published days add up to {_plain(warehouse)}{currency}, the platform says "
        f"{_plain(told)} of the whole month (difference {_plain(difference, '+')}{share}, "
        f"tolerance {_plain(tolerance)}). The platform changed the month after it had settled, or a day was read "
        f"wrong. Next: {facts.command}"
    )
    return MetricVerdict(metric, verdict, warehouse, told, difference, tolerance, reason)


def _plain(amount: Decimal, sign: str = "") -> str:
    """8296.820000 -> 8296.82: what the platforms' totals carry behind the last digit says nothing."""
    text = format(amount, f"{sign}f")
    return text.rstrip("0").rstrip(".") if "." in text else text
