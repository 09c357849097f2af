"""Settles one account of a load in ONE transaction: prove, replace what changed, keep what was replaced, record."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from psycopg2.extras import execute_values

from foundation.database import Connection, Cursor, lock_key, transaction
from foundation.money import smallest_unit
from ingestion.accounts import AccountRef
from ingestion.loading.evidence import collect_evidence
from ingestion.loading.proof import DayEvidence, Proof, ReportDay, prove
from ingestion.loading.replacement import replace_report_days, upsert_entities
from ingestion.loading.tables import REPORT_READS, typed_columns
from ingestion.reports import PlatformDefinition, Report
from ingestion.windows import Span

# A first difference is read again at once, then three times over six hours, then once a day.
RETRY_HOURS = (0, 1, 2, 3)
DAILY_RETRY_HOURS = 24
CONTENT_OF_NO_ROWS = "empty"


@dataclass
class Settlement:
    """What became of one account's read. Amounts in account currency."""

    account: AccountRef
    proved_days: int = 0
    changed_days: int = 0
    rows: int = 0
    held: dict[date, Proof] = field(default_factory=dict)
    restated_days: int = 0
    restated_spend: Decimal = Decimal(0)
    superseded: bool = False


def settle_account(
    connection: Connection,
    *,
    landing: str,
    definition: PlatformDefinition,
    account: AccountRef,
    run_id: str,
    fence: int,
    now: datetime,
) -> Settlement:
    """Move one account's landed spans into raw. All or nothing; a later run's work is never overwritten."""
    settlement = Settlement(account)
    with transaction(connection) as cursor:
        # Raw rows can be fetched again, so a crash may lose the newest ones only together with their ledger rows.
        cursor.execute("select pg_advisory_xact_lock(%s)", (lock_key("account", account.platform, account.account_id),))
        cursor.execute(
            "select coalesce(max(fence), 0) from ops.load_ledger where platform = %s and account_id = %s",
            (account.platform, account.account_id),
        )
        row = cursor.fetchone()
        if row and row[0] > fence:
            settlement.superseded = True
            return settlement
        spans, read_at = _complete_spans(cursor, landing, account.account_id)
        upsert_entities(cursor, landing, definition, account.account_id, run_id, now)
        if not spans:
            return settlement
        ledger = _ledger(cursor, definition, account.account_id, spans)
        proved: list[tuple[DayEvidence, Proof]] = []
        unit = smallest_unit(account.currency)
        for evidence in collect_evidence(cursor, landing, definition, account.account_id, spans):
            proof = prove(evidence, definition.details, unit)
            if proof.proved:
                proved.append((evidence, proof))
            else:
                settlement.held[evidence.date_day] = proof
        _enter_raw(cursor, landing, definition, account, proved, ledger, settlement, run_id, fence, now, read_at)
        _quarantine(cursor, landing, definition, account, settlement.held, run_id, now)
    return settlement


def _complete_spans(cursor: Cursor, landing: str, account_id: str) -> tuple[list[Span], datetime]:
    cursor.execute(
        f"select since::date, until::date, read_at::timestamptz from {landing}.{REPORT_READS} where _account = %s",
        (account_id,),
    )
    rows = cursor.fetchall()
    instants = [read_at for _, _, read_at in rows]
    return [Span(since, until) for since, until, _ in rows], min(instants) if instants else datetime.max.replace(
        tzinfo=UTC
    )


Ledger = dict[tuple[str, date], tuple[int, str, dict[str, Any]]]


def _ledger(cursor: Cursor, definition: PlatformDefinition, account_id: str, spans: list[Span]) -> Ledger:
    cursor.execute(
        """select report, date_day, version, content_hash, totals from ops.load_ledger
        where platform = %s and account_id = %s and date_day between %s and %s""",
        (definition.name, account_id, min(s.since for s in spans), max(s.until for s in spans)),
    )
    return {(report, day): (version, content, totals) for report, day, version, content, totals in cursor.fetchall()}


def _json(totals: Any) -> str:
    return orjson.dumps({metric: f"{Decimal(value).normalize():f}" for metric, value in totals.items()}).decode()


def _enter_raw(
    cursor: Cursor,
    landing: str,
    definition: PlatformDefinition,
    account: AccountRef,
    proved: list[tuple[DayEvidence, Proof]],
    ledger: Ledger,
    settlement: Settlement,
    run_id: str,
    fence: int,
    now: datetime,
    read_at: datetime,
) -> None:
    restatements: list[tuple[Any, ...]] = []
    entries: list[tuple[Any, ...]] = []
    changed_days: set[date] = set()
    for report in definition.reports:
        changed: dict[date, int] = {}
        for evidence, proof in proved:
            day, report_day = evidence.date_day, _report_day(report, definition, evidence)
            content = report_day.content_hash or CONTENT_OF_NO_ROWS
            version, old_content, old_totals = ledger.get((report.name, day), (0, None, None))
            if content != old_content:
                version += 1
                changed[day] = version
                changed_days.add(day)
                if old_totals is not None and report is not definition.control:
                    restatements += _restated(
                        report, definition, account, day, old_totals, report_day, version, now, run_id
                    )
            if report is not definition.control:
                settlement.rows += report_day.rows
            entries.append(
                (
                    definition.name,
                    account.account_id,
                    report.name,
                    day,
                    version,
                    content,
                    report_day.rows,
                    _json(report_day.totals),
                    _json(proof.control_totals),
                    True,
                    read_at,
                    now,
                    now,
                    run_id,
                    fence,
                )
            )
        replace_report_days(cursor, landing, definition, report, account.account_id, changed, run_id, now)
    _write_ledger(cursor, entries)
    _write_restatements(cursor, restatements)
    cursor.execute(
        "delete from ops.quarantine where platform = %s and account_id = %s and date_day = any(%s)",
        (definition.name, account.account_id, [evidence.date_day for evidence, _ in proved]),
    )
    settlement.proved_days, settlement.changed_days = len(proved), len(changed_days)
    detail = definition.details[0].name
    settlement.restated_days = len({row[3] for row in restatements if row[2] == detail})
    settlement.restated_spend = sum(
        (row[6] - row[5] for row in restatements if row[2] == detail and row[4] == "spend"), Decimal(0)
    )


def _report_day(report: Report, definition: PlatformDefinition, evidence: DayEvidence) -> ReportDay:
    """The control report's own rows count as one row a day with the second reading's sums as content."""
    if report is not definition.control:
        return evidence.details[report.name]
    if evidence.second is None:
        return ReportDay(0, 0, {}, "")
    content = _json(evidence.second)
    return ReportDay(1, 1, evidence.second, content)


def _restated(
    report: Report,
    definition: PlatformDefinition,
    account: AccountRef,
    day: date,
    old_totals: dict[str, Any],
    report_day: ReportDay,
    version: int,
    now: datetime,
    run_id: str,
) -> list[tuple[Any, ...]]:
    return [
        (definition.name, account.account_id, report.name, day, metric, Decimal(old_totals[metric]), new,
         version - 1, version, now, run_id)
        for metric, new in report_day.totals.items()
        if metric in old_totals and Decimal(old_totals[metric]) != new
    ]  # fmt: skip


def _write_ledger(cursor: Cursor, entries: list[tuple[Any, ...]]) -> None:
    execute_values(
        cursor,
        """insert into ops.load_ledger as known (platform, account_id, report, date_day, version, content_hash,
            row_count, totals, control_totals, complete, read_at, fetched_at, verified_at, run_id, fence)
        values %s on conflict (platform, account_id, report, date_day) do update set
            version = excluded.version, content_hash = excluded.content_hash, row_count = excluded.row_count,
            totals = excluded.totals, control_totals = excluded.control_totals, complete = excluded.complete,
            read_at = excluded.read_at, verified_at = excluded.verified_at, run_id = excluded.run_id,
            fence = excluded.fence,
            fetched_at = case
                when known.version = excluded.version then known.fetched_at else excluded.fetched_at end""",
        entries,
        page_size=1000,
    )


def _write_restatements(cursor: Cursor, restatements: list[tuple[Any, ...]]) -> None:
    execute_values(
        cursor,
        """insert into ops.restatement (platform, account_id, report, date_day, metric, old_value, new_value,
            old_version, new_version, detected_at, run_id) values %s""",
        restatements,
        page_size=1000,
    )


def retry_after(attempts: int) -> timedelta:
    """How long a day that was held ``attempts`` times waits for its next reading."""
    hours = RETRY_HOURS[attempts - 1] if attempts <= len(RETRY_HOURS) else DAILY_RETRY_HOURS
    return timedelta(hours=hours)


def _quarantine(
    cursor: Cursor,
    landing: str,
    definition: PlatformDefinition,
    account: AccountRef,
    held: dict[date, Proof],
    run_id: str,
    now: datetime,
) -> None:
    if not held:
        return
    key = (definition.name, account.account_id)
    cursor.execute(
        "select date_day, attempts from ops.quarantine where platform = %s and account_id = %s and date_day = any(%s)",
        (*key, list(held)),
    )
    attempts = dict(cursor.fetchall())
    execute_values(
        cursor,
        """insert into ops.quarantine (platform, account_id, date_day, reason_code, reason, details, held_since,
            last_attempt_at, attempts, next_attempt_at, run_id) values %s
        on conflict (platform, account_id, date_day) do update set
            reason_code = excluded.reason_code, reason = excluded.reason, details = excluded.details,
            last_attempt_at = excluded.last_attempt_at, attempts = excluded.attempts,
            next_attempt_at = excluded.next_attempt_at, run_id = excluded.run_id""",
        [
            (
                *key,
                day,
                proof.code,
                proof.reason,
                orjson.dumps(proof.details).decode(),
                now,
                now,
                attempts.get(day, 0) + 1,
                now + retry_after(attempts.get(day, 0) + 1),
                run_id,
            )
            for day, proof in held.items()
        ],
    )
    cursor.execute(
        "delete from ops.quarantined_row where platform = %s and account_id = %s and date_day = any(%s)",
        (*key, list(held)),
    )
    for report in definition.reports:
        cursor.execute(
            f"""insert into ops.quarantined_row
                (platform, account_id, report, date_day, payload, run_id, quarantined_at)
            select %s, %s, %s, t.date_day, to_jsonb(t), %s, %s
            from (select {typed_columns(report)} from {landing}.{report.table} where _account = %s) as t
            where t.date_day = any(%s)""",
            (*key, report.name, run_id, now, account.account_id, list(held)),
        )
