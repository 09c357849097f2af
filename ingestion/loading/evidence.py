"""Collects, in SQL over the landed text, what the proof of an account's days needs."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from foundation.database import Cursor
from ingestion.loading.proof import PROVED_METRICS, ChildDifference, DayEvidence, ReportDay, Totals
from ingestion.loading.tables import typed_columns
from ingestion.reports import PlatformDefinition, ProvedBy, Report
from ingestion.windows import Span


def _typed(landing: str, report: Report, condition: str = "") -> str:
    return (
        f"(select {typed_columns(report)} from {landing}.{report.table} where _account = %(account)s {condition}) as t"
    )


def _sums(measures: Mapping[str, str]) -> str:
    return ", ".join(f"coalesce(sum({expression}), 0) as {metric}" for metric, expression in measures.items())


def _report_days(cursor: Cursor, landing: str, report: Report, account_id: str) -> dict[date, ReportDay]:
    key = ", ".join(name for name in report.key if name != "date_day") or "date_day"
    cursor.execute(
        f"""select date_day, count(*), count(distinct ({key})), md5(string_agg(row_hash, '' order by row_hash)),
            {_sums(report.measures)}
        from (select t.*, md5(t::text) as row_hash from {_typed(landing, report)}) as hashed
        group by date_day""",
        {"account": account_id},
    )
    return {
        day: ReportDay(rows, keys, {m: Decimal(v) for m, v in zip(report.measures, sums, strict=True)}, content_hash)
        for day, rows, keys, content_hash, *sums in cursor.fetchall()
    }


def _controls(cursor: Cursor, landing: str, control: Report, account_id: str, reading: int) -> dict[date, Totals]:
    cursor.execute(
        f"""select date_day, {_sums(control.measures)}
        from {_typed(landing, control, "and _reading = %(reading)s")} group by date_day""",
        {"account": account_id, "reading": reading},
    )
    return {
        day: {m: Decimal(v) for m, v in zip(control.measures, sums, strict=True)} for day, *sums in cursor.fetchall()
    }


def _child_differences(
    cursor: Cursor, landing: str, definition: PlatformDefinition, child: Report, account_id: str
) -> dict[date, list[ChildDifference]]:
    """Campaigns whose ads do not add up to their own row; a campaign type without ads differs only if it has some."""
    parent = next(report for report in definition.details if report.proved_by is ProvedBy.ACCOUNT_TOTAL)
    metrics = {metric: parent.measures[metric] for metric in PROVED_METRICS}
    type_column = definition.campaign_type_column
    childless = f"coalesce(own.{type_column}, '') = any(%(childless)s)" if type_column else "false"
    differs = " or ".join(f"coalesce(ads.{m}, 0) <> coalesce(own.{m}, 0)" for m in metrics)
    cursor.execute(
        f"""with own as (
            select date_day, campaign_id {f", max({type_column}) as {type_column}" if type_column else ""},
                {_sums(metrics)}
            from {_typed(landing, parent)} group by date_day, campaign_id
        ), ads as (
            select date_day, campaign_id, count(*) as ad_rows, {_sums(metrics)}
            from {_typed(landing, child)} group by date_day, campaign_id
        )
        select date_day, campaign_id, coalesce(ad_rows, 0),
            {", ".join(f"coalesce(ads.{m}, 0), coalesce(own.{m}, 0)" for m in metrics)}
        from own full join ads using (date_day, campaign_id)
        where ({differs}) and not (ads.ad_rows is null and {childless})""",
        {"account": account_id, "childless": sorted(definition.childless_campaign_types)},
    )
    differences: dict[date, list[ChildDifference]] = defaultdict(list)
    for day, campaign_id, rows, *pairs in cursor.fetchall():
        for position, metric in enumerate(metrics):
            children, own = Decimal(pairs[2 * position]), Decimal(pairs[2 * position + 1])
            if children != own:
                differences[day].append(ChildDifference(campaign_id, metric, children, own, rows))
    return differences


def _proved_before(cursor: Cursor, definition: PlatformDefinition, account_id: str) -> dict[date, Totals]:
    cursor.execute(
        """select date_day, control_totals from ops.load_ledger
        where platform = %s and account_id = %s and report = %s""",
        (definition.name, account_id, definition.control.name),
    )
    return {day: {metric: Decimal(v) for metric, v in totals.items()} for day, totals in cursor.fetchall()}


def collect_evidence(
    cursor: Cursor, landing: str, definition: PlatformDefinition, account_id: str, spans: list[Span]
) -> list[DayEvidence]:
    """Evidence of every day in the spans, also of those without a row. Raises on values that are not of their type."""
    details = {report.name: _report_days(cursor, landing, report, account_id) for report in definition.details}
    first = _controls(cursor, landing, definition.control, account_id, 1)
    second = _controls(cursor, landing, definition.control, account_id, 2)
    differences: dict[date, list[ChildDifference]] = defaultdict(list)
    for report in definition.details:
        if report.required and report.proved_by is ProvedBy.OWN_CAMPAIGN:
            for day, found in _child_differences(cursor, landing, definition, report, account_id).items():
                differences[day] += found
    before = _proved_before(cursor, definition, account_id)
    evidence = []
    for span in spans:
        days = span.days()
        read_is_empty = not any(day in second for day in days) and any(
            any(before[d].values()) for d in days if d in before
        )
        evidence += [
            DayEvidence(
                date_day=day,
                first=first.get(day),
                second=second.get(day),
                details={
                    report.name: details[report.name].get(day)
                    or ReportDay(0, 0, dict.fromkeys(report.measures, Decimal(0)), "")
                    for report in definition.details
                },
                child_differences=tuple(differences.get(day, ())),
                before=before.get(day),
                read_is_empty=read_is_empty,
            )
            for day in days
        ]
    return evidence
