"""Settles one account of a load in ONE transaction: prove, replace what changed, keep what was replaced, record."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from foundation.database import Connection, Cursor, lock_key, transaction
from foundation.money import smallest_unit
from ingestion.accounts import AccountRef
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.evidence import collect_evidence
from ingestion.loading.ledger import (
    NOTHING_KNOWN,
    Entry,
    KnownDays,
    Restatement,
    content_of,
    known_days,
    newest_fence,
    plain_json,
    restated,
    write_entries,
    write_restatements,
)
from ingestion.loading.proof import DayEvidence, Proof, ReportDay, prove
from ingestion.loading.quarantine import hold_days, release_days
from ingestion.loading.replacement import replace_report_days, upsert_entities
from ingestion.loading.tables import REPORT_READS
from ingestion.reports import PlatformDefinition, Report
from ingestion.windows import Span


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


def settle_account(connection: Connection, load: AccountLoad) -> Settlement:
    """Move one account's landed spans into raw. All or nothing; a later run's work is never overwritten."""
    settlement = Settlement(load.account)
    with transaction(connection) as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (lock_key("account", *load.key),))
        if newest_fence(cursor, load) > load.fence:
            settlement.superseded = True
            return settlement
        upsert_entities(cursor, load)
        spans, read_at = _complete_spans(cursor, load)
        if not spans or read_at is None:
            return settlement
        proved: list[tuple[DayEvidence, Proof]] = []
        unit = smallest_unit(load.account.currency)
        for evidence in collect_evidence(cursor, load.landing, load.definition, load.account.account_id, spans):
            proof = prove(evidence, load.definition.details, unit)
            if proof.proved:
                proved.append((evidence, proof))
            else:
                settlement.held[evidence.date_day] = proof
        _enter_raw(cursor, load, proved, known_days(cursor, load, spans), read_at, settlement)
        release_days(cursor, load, [evidence.date_day for evidence, _ in proved])
        hold_days(cursor, load, settlement.held)
    return settlement


def _complete_spans(cursor: Cursor, load: AccountLoad) -> tuple[list[Span], datetime | None]:
    """Spans whose last page arrived, and the earliest instant at which one of them was read."""
    cursor.execute(
        f"select since::date, until::date, read_at::timestamptz from {load.landing}.{REPORT_READS} where _account = %s",
        (load.account.account_id,),
    )
    rows = cursor.fetchall()
    return [Span(since, until) for since, until, _ in rows], min((read_at for _, _, read_at in rows), default=None)


def _enter_raw(
    cursor: Cursor,
    load: AccountLoad,
    proved: list[tuple[DayEvidence, Proof]],
    known: KnownDays,
    read_at: datetime,
    settlement: Settlement,
) -> None:
    definition = load.definition
    entries: list[Entry] = []
    restatements: list[Restatement] = []
    changed_days: set[date] = set()
    for report in definition.reports:
        changed: dict[date, int] = {}
        for evidence, proof in proved:
            day, report_day = evidence.date_day, _report_day(report, definition, evidence)
            before = known.get((report.name, day), NOTHING_KNOWN)
            is_new = content_of(report_day) != before.content_hash
            entry = Entry(report.name, day, before.version + is_new, report_day, proof.control_totals)
            entries.append(entry)
            if is_new:
                changed[day] = entry.version
            if report is not definition.control:
                settlement.rows += report_day.rows
                restatements += restated(entry, before)
        changed_days |= set(changed)
        replace_report_days(cursor, load, report, changed)
    write_entries(cursor, load, entries, read_at)
    write_restatements(cursor, load, restatements)
    # Campaigns and ads restate together: the level that everything is proved against counts once.
    proved_level = [change for change in restatements if change.report == definition.details[0].name]
    settlement.proved_days, settlement.changed_days = len(proved), len(changed_days)
    settlement.restated_days = len({change.day for change in proved_level})
    settlement.restated_spend = sum(
        (change.new_value - change.old_value for change in proved_level if change.metric == "spend"), Decimal(0)
    )


def _report_day(report: Report, definition: PlatformDefinition, evidence: DayEvidence) -> ReportDay:
    """The control report counts as one row a day, with the second reading's sums as content."""
    if report is not definition.control:
        return evidence.details[report.name]
    if evidence.second is None:
        return ReportDay(0, 0, {}, "")
    return ReportDay(1, 1, evidence.second, plain_json(evidence.second))
