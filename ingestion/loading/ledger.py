"""The load ledger: which version of an account-day and report is proved, and what changed from the one before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from psycopg2.extras import execute_values

from foundation.database import Cursor
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.proof import ReportDay, Totals
from ingestion.windows import Span

CONTENT_OF_NO_ROWS = "empty"


class Known(NamedTuple):
    """What the ledger holds of an account-day and report; version 0: nothing yet."""

    version: int
    content_hash: str | None
    totals: Mapping[str, str] | None


NOTHING_KNOWN = Known(0, None, None)
KnownDays = dict[tuple[str, date], Known]


class Entry(NamedTuple):
    """One proved account-day and report, as it is to stand in the ledger."""

    report: str
    day: date
    version: int
    report_day: ReportDay
    control_totals: Totals
    request_ids: tuple[str, ...] = ()
    total_moved: bool = False


class Restatement(NamedTuple):
    """One metric of a day that the platform changed, in account currency where it is money."""

    report: str
    day: date
    metric: str
    old_value: Decimal
    new_value: Decimal
    new_version: int


def plain_json(totals: Mapping[str, Decimal]) -> str:
    """Totals as JSON text with plain digits, no exponent, no trailing zeros."""
    return orjson.dumps({metric: f"{Decimal(value).normalize():f}" for metric, value in totals.items()}).decode()


def content_of(report_day: ReportDay) -> str:
    """The content hash that the ledger compares."""
    return report_day.content_hash or CONTENT_OF_NO_ROWS


def days_of_later_runs(cursor: Cursor, load: AccountLoad) -> dict[str, set[date]]:
    """Report -> days that a run which started later than this one has settled already."""
    cursor.execute(
        """select report, date_day from ops.load_ledger
        where platform = %s and account_id = %s and complete and fence > %s""",
        (*load.key, load.fence),
    )
    days: dict[str, set[date]] = defaultdict(set)
    for report, day in cursor.fetchall():
        days[report].add(day)
    return days


def known_days(cursor: Cursor, load: AccountLoad, spans: list[Span]) -> KnownDays:
    """(report, day) -> what the ledger holds, over the days of the spans."""
    cursor.execute(
        """select report, date_day, version, content_hash, totals from ops.load_ledger
        where platform = %s and account_id = %s and date_day between %s and %s and complete""",
        (*load.key, min(span.since for span in spans), max(span.until for span in spans)),
    )
    return {(report, day): Known(*known) for report, day, *known in cursor.fetchall()}


def restated(entry: Entry, known: Known) -> list[Restatement]:
    """The metrics whose totals differ from the version that the ledger knows."""
    return [
        Restatement(entry.report, entry.day, metric, Decimal(known.totals[metric]), new, entry.version)
        for metric, new in entry.report_day.totals.items()
        if known.totals is not None and metric in known.totals and Decimal(known.totals[metric]) != new
    ]


def write_entries(cursor: Cursor, load: AccountLoad, entries: Iterable[Entry], read_at: datetime) -> None:
    """Record proved days; ``fetched_at`` moves with the version only and never back, ``verified_at`` always."""
    execute_values(
        cursor,
        """insert into ops.load_ledger as known (platform, account_id, report, date_day, version, content_hash,
            row_count, totals, control_totals, complete, read_at, fetched_at, verified_at, run_id, fence, request_ids,
            total_moved)
        values %s on conflict (platform, account_id, report, date_day) do update set
            version = excluded.version, content_hash = excluded.content_hash, row_count = excluded.row_count,
            totals = excluded.totals, control_totals = excluded.control_totals, complete = excluded.complete,
            read_at = excluded.read_at, verified_at = excluded.verified_at, run_id = excluded.run_id,
            fence = excluded.fence, problem = null, problem_at = null,
            request_ids = excluded.request_ids, total_moved = excluded.total_moved,
            fetched_at = case
                when known.version = excluded.version then known.fetched_at
                else greatest(excluded.fetched_at, case when known.complete then known.fetched_at end) end""",
        [
            (
                *load.key, entry.report, entry.day, entry.version, content_of(entry.report_day), entry.report_day.rows,
                plain_json(entry.report_day.totals), plain_json(entry.control_totals), True, read_at,
                load.now, load.now, load.run_id, load.fence, list(entry.request_ids), entry.total_moved,
            )
            for entry in entries
        ],
        page_size=1000,
    )  # fmt: skip


def write_unknown_fields(cursor: Cursor, load: AccountLoad, fields: Mapping[tuple[str, str], Any]) -> None:
    """Take down fields that nobody asked for: (report, field) -> an example of its values, the first one kept."""
    for (report, name), example in fields.items():
        cursor.execute(
            """insert into ops.unknown_field as known
                (platform, account_id, report, field, example, first_seen_at, last_seen_at, run_id)
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (platform, report, field) do update set last_seen_at = excluded.last_seen_at""",
            (*load.key, report, name, orjson.dumps(example).decode(), load.now, load.now, load.run_id),
        )


def write_problems(cursor: Cursor, load: AccountLoad, report: str, problems: Mapping[date, str]) -> None:
    """Note why the last attempt at these days failed; a day that was never complete becomes a row of version 0."""
    execute_values(
        cursor,
        """insert into ops.load_ledger as known (platform, account_id, report, date_day, version, content_hash,
            row_count, totals, control_totals, complete, read_at, fetched_at, verified_at, run_id, fence, problem,
            problem_at)
        values %s on conflict (platform, account_id, report, date_day) do update set
            problem = excluded.problem, problem_at = excluded.problem_at""",
        [
            (*load.key, report, day, 0, "", 0, "{}", "{}", False, load.now, load.now, load.now, load.run_id,
             load.fence, problem, load.now)
            for day, problem in problems.items()
        ],
        page_size=1000,
    )  # fmt: skip


def write_restatements(cursor: Cursor, load: AccountLoad, restatements: Iterable[Restatement]) -> None:
    """Note what changed, by how much and when it was seen."""
    execute_values(
        cursor,
        """insert into ops.restatement (platform, account_id, report, date_day, metric, old_value, new_value,
            old_version, new_version, detected_at, run_id) values %s""",
        [
            (
                *load.key, change.report, change.day, change.metric, change.old_value, change.new_value,
                change.new_version - 1, change.new_version, load.now, load.run_id,
            )
            for change in restatements
        ],
        page_size=1000,
    )  # fmt: skip
