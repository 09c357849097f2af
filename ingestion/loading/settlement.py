"""Settles one account of a load in ONE transaction: prove, replace what changed, keep what was replaced, record."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from foundation.database import Connection, Cursor, lock_key, transaction
from foundation.money import smallest_unit
from ingestion.accounts import AccountRef
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.evidence import collect_evidence, no_rows, proved_totals, report_days
from ingestion.loading.ledger import (
    NOTHING_KNOWN,
    Entry,
    KnownDays,
    Restatement,
    content_of,
    days_of_later_runs,
    known_days,
    restated,
    write_entries,
    write_problems,
    write_restatements,
)
from ingestion.loading.proof import DayEvidence, Proof, ReportDay, prove, prove_optional
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


@dataclass(frozen=True)
class _Reads:
    """Spans of one report whose last page arrived, and the earliest instant at which one of them was read.

    settled_later: days among them that a run which started later has settled. request_ids: report -> ids of the calls,
    span by span.
    """

    spans: list[Span]
    read_at: datetime
    settled_later: frozenset[date]
    request_ids: tuple[Mapping[str, list[str]], ...] = ()

    def ids_of(self, report: Report, day: date) -> tuple[str, ...]:
        """How the platform calls the requests that the report's rows of the day came from."""
        source = report.derived_from or report.name
        for span, ids in zip(self.spans, self.request_ids, strict=True):
            if span.since <= day <= span.until:
                return tuple(ids.get(source, ()))
        return ()

    @property
    def days(self) -> list[date]:
        return sorted({day for span in self.spans for day in span.days()} - self.settled_later)


def settle_account(connection: Connection, load: AccountLoad) -> Settlement:
    """Move one account's landed spans into raw. All or nothing; a later run's work is never overwritten."""
    settlement = Settlement(load.account)
    with transaction(connection) as cursor:
        later = _in_its_turn(cursor, load)
        reads = _complete_reads(cursor, load, later)
        if not later:
            upsert_entities(cursor, load)
        required = reads.pop(load.definition.control.name, None)
        if required:
            proved = _settle_required(cursor, load, required, settlement)
            # What comes with a required report's answers is as complete as that report, on the days that it is proved.
            for report in load.definition.required_details:
                for derived in load.definition.derived_from(report):
                    _settle_optional(cursor, load, derived, proved, required)
        for report in load.definition.optional_reports:
            if read := reads.get(report.name):
                for own in (report, *load.definition.derived_from(report)):
                    settlement.rows += _settle_optional(cursor, load, own, read.days, read)
    return settlement


def is_overtaken(cursor: Cursor, load: AccountLoad) -> bool:
    """Whether a run that started later has settled days of the account; none can until the transaction ends."""
    return bool(_in_its_turn(cursor, load))


def _in_its_turn(cursor: Cursor, load: AccountLoad) -> dict[str, set[date]]:
    """Runs that meet on an account take turns; returns what later ones have settled."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (lock_key("account", *load.key),))
    return days_of_later_runs(cursor, load)


def _complete_reads(cursor: Cursor, load: AccountLoad, later: Mapping[str, set[date]]) -> dict[str, _Reads]:
    """Report -> what of it arrived to the last page; the control report stands for all required ones."""
    cursor.execute(
        f"select report, since::date, until::date, read_at::timestamptz, coalesce(request_ids, '{{}}')::jsonb "
        f"from {load.landing}.{REPORT_READS} "
        "where _account = %s",
        (load.account.account_id,),
    )
    found: dict[str, list[tuple[Span, datetime, dict[str, list[str]]]]] = defaultdict(list)
    for report, since, until, read_at, request_ids in cursor.fetchall():
        found[report].append((Span(since, until), read_at, request_ids))
    return {
        report: _Reads(
            [span for span, *_ in own],
            min(read_at for _, read_at, _ in own),
            frozenset(later.get(report, ())),
            tuple(request_ids for *_, request_ids in own),
        )
        for report, own in found.items()
    }


def _settle_required(cursor: Cursor, load: AccountLoad, reads: _Reads, settlement: Settlement) -> list[date]:
    """Prove the account-days and enter them; returns those that are proved."""
    proved: list[tuple[DayEvidence, Proof]] = []
    unit = smallest_unit(load.account.currency)
    for evidence in collect_evidence(cursor, load.landing, load.definition, load.account.account_id, reads.spans):
        if evidence.date_day in reads.settled_later:
            continue
        proof = prove(evidence, load.definition, unit)
        if proof.proved:
            proved.append((evidence, proof))
        else:
            settlement.held[evidence.date_day] = proof
    _enter_raw(cursor, load, proved, known_days(cursor, load, reads.spans), reads, settlement)
    days = [evidence.date_day for evidence, _ in proved]
    release_days(cursor, load, days)
    hold_days(cursor, load, settlement.held)
    reasons = {day: proof.sentence for day, proof in settlement.held.items()}
    for report in (load.definition.control, *load.definition.required_details):
        write_problems(cursor, load, report.name, reasons)
    return days


def _enter_raw(
    cursor: Cursor,
    load: AccountLoad,
    proved: list[tuple[DayEvidence, Proof]],
    known: KnownDays,
    reads: _Reads,
    settlement: Settlement,
) -> None:
    definition = load.definition
    entries: list[Entry] = []
    restatements: list[Restatement] = []
    changed_days: set[date] = set()
    for report in (definition.control, *definition.required_details):
        changed: dict[date, int] = {}
        for evidence, proof in proved:
            day, report_day = evidence.date_day, _report_day(report, definition, evidence)
            before = known.get((report.name, day), NOTHING_KNOWN)
            is_new = content_of(report_day) != before.content_hash
            entry = Entry(
                report.name, day, before.version + is_new, report_day, proof.control_totals,
                reads.ids_of(report, day), evidence.total_moved,
            )  # fmt: skip
            entries.append(entry)
            if is_new:
                changed[day] = entry.version
            if report is not definition.control:
                settlement.rows += report_day.rows
            if report is not definition.control or definition.proved_level is definition.control:
                restatements += restated(entry, before)
        changed_days |= set(changed)
        replace_report_days(cursor, load, report, changed)
    write_entries(cursor, load, entries, reads.read_at)
    write_restatements(cursor, load, restatements)
    # Campaigns and ads restate together: the level that everything is proved against counts once.
    proved_level = [change for change in restatements if change.report == definition.proved_level.name]
    settlement.proved_days, settlement.changed_days = len(proved), len(changed_days)
    settlement.restated_days = len({change.day for change in proved_level})
    settlement.restated_spend = sum(
        (change.new_value - change.old_value for change in proved_level if change.metric == "spend"), Decimal(0)
    )


def _report_day(report: Report, definition: PlatformDefinition, evidence: DayEvidence) -> ReportDay:
    """What is to stand in raw: of the control report its second reading, with all its figures."""
    if report is not definition.control:
        return evidence.details[report.name]
    if evidence.second is None or evidence.control_day is None:
        return ReportDay(0, 0, {}, "")
    return evidence.control_day


def _settle_optional(cursor: Cursor, load: AccountLoad, report: Report, days: list[date], reads: _Reads) -> int:
    """Enter the days of a report that never holds one; those that fail keep what they had. Returns rows entered."""
    landed = report_days(cursor, load.landing, report, load.account.account_id)
    totals = proved_totals(cursor, load.definition, load.account.account_id)
    known, unit = known_days(cursor, load, reads.spans), smallest_unit(load.account.currency)
    entries: list[Entry] = []
    changed: dict[date, int] = {}
    restatements: list[Restatement] = []
    problems: dict[date, str] = {}
    for day in days:
        report_day = landed.get(day) or no_rows(report)
        proof = prove_optional(report, report_day, totals.get(day), load.definition.proved_metrics, unit)
        if not proof.proved:
            problems[day] = proof.sentence
            continue
        before = known.get((report.name, day), NOTHING_KNOWN)
        is_new = content_of(report_day) != before.content_hash
        entry = Entry(
            report.name, day, before.version + is_new, report_day, proof.control_totals, reads.ids_of(report, day)
        )
        entries.append(entry)
        if is_new:
            changed[day] = entry.version
        # A lifetime figure that has grown is not a restatement.
        if not report.snapshot_hours:
            restatements += restated(entry, before)
    replace_report_days(cursor, load, report, changed)
    write_entries(cursor, load, entries, reads.read_at)
    write_problems(cursor, load, report.name, problems)
    write_restatements(cursor, load, restatements)
    return sum(entry.report_day.rows for entry in entries)
