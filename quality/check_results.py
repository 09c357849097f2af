"""What a check found, and its record in ops.check_run and ops.check_failure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from foundation.database import Cursor
from quality.bulk_copy import copy_rows

CheckKind = Literal["expectation", "dbt_test", "reconciliation"]
CheckStatus = Literal["passed", "failed", "errored"]
Severity = Literal["hold", "warn"]
# Findings that people are shown of one check.
SAMPLE_ROWS = 20
# A longer text is of no use in a Slack message or a table cell.
DETAIL_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class FailingAccountDay:
    """One account-day that a check found wrong; ``date_day`` None means the whole account."""

    client_id: str
    platform: str
    account_id: str
    date_day: date | None
    detail: str


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """Result of one check over the scope. ``errored`` = it could not be evaluated, so it vouches for nothing.

    The last three are for people and are not recorded: rows read, rows found wrong, and some of these.
    """

    name: str
    kind: CheckKind
    status: CheckStatus
    severity: Severity
    detail: str | None = None
    failing: tuple[FailingAccountDay, ...] = ()
    rows_checked: int | None = field(default=None, compare=False)
    rows_failing: int | None = field(default=None, compare=False)
    sample: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)


def record_outcomes(cursor: Cursor, outcomes: Sequence[CheckOutcome], *, build_id: str, now: datetime) -> None:
    """Write the outcomes of a build; a repeated check replaces its earlier result, failures included."""
    names = [outcome.name for outcome in outcomes]
    cursor.execute("delete from ops.check_failure where build_id = %s and check_name = any(%s)", (build_id, names))
    cursor.execute("delete from ops.check_run where build_id = %s and check_name = any(%s)", (build_id, names))
    copy_rows(
        cursor,
        "ops.check_run",
        ("build_id", "check_name", "kind", "status", "failing_account_days", "detail", "ran_at"),
        (
            (build_id, outcome.name, outcome.kind, outcome.status, len(outcome.failing), _short(outcome.detail), now)
            for outcome in outcomes
        ),
    )
    copy_rows(
        cursor,
        "ops.check_failure",
        ("build_id", "check_name", "client_id", "platform", "account_id", "date_day", "detail"),
        _failure_rows(outcomes, build_id),
    )


def _failure_rows(outcomes: Iterable[CheckOutcome], build_id: str) -> Iterable[tuple[object, ...]]:
    for outcome in outcomes:
        for day in outcome.failing:
            detail = day.detail[:DETAIL_CHARACTERS]
            yield build_id, outcome.name, day.client_id, day.platform, day.account_id, day.date_day, detail


def _short(text: str | None) -> str | None:
    return None if text is None else text[:DETAIL_CHARACTERS]
