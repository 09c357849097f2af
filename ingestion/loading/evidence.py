"""Collects, in SQL over the landed text, what the proof of an account's days needs."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from foundation.database import Cursor
from ingestion.loading.proof import ChildDifference, DayEvidence, ReportDay, Totals
from ingestion.loading.tables import typed_columns
from ingestion.reports import PlatformDefinition, ProvedBy, Report
from ingestion.windows import Span


def _typed(landing: str, report: Report, condition: str = "") -> str:
    return (
        f"(select {typed_columns(report)} from {landing}.{report.table} where _account = %(account)s {condition}) as t"
    )


def _sums(measures: Mapping[str, str]) -> str:
    return ", ".join(f"coalesce(sum({expression}), 0) as {metric}" for metric, expression in measures.items())


def report_days(
    cursor: Cursor, landing: str, report: Report, account_id: str, condition: str = ""
) -> dict[date, ReportDay]:
    """What landed of one report, by day. Raises psycopg2.DataError on values that are not of their type."""
    key = ", ".join(name for name in report.key if name != "date_day") or "date_day"
    figures = ["count(*)", f"count(distinct ({key}))", "md5(string_agg(row_hash, '' order by row_hash))"]
    figures += [f"coalesce(sum({expression}), 0)" for expression in report.measures.values()]
    cursor.execute(
        f"""select date_day, {", ".join(figures)}
        from (select t.*, md5(t::text) as row_hash from {_typed(landing, report, condition)}) as hashed
        group by date_day""",
        {"account": account_id},
    )
    return {
        day: ReportDay(rows, keys, {m: Decimal(v) for m, v in zip(report.measures, sums, strict=True)}, content_hash)
        for day, rows, keys, content_hash, *sums in cursor.fetchall()
    }


def no_rows(report: Report) -> ReportDay:
    """A day for which nothing came."""
    return ReportDay(0, 0, dict.fromkeys(report.measures, Decimal(0)), "")


def _controls(cursor: Cursor, landing: str, control: Report, account_id: str, reading: int) -> dict[date, Totals]:
    """Totals by day; a day whose row lacks one of the figures is as good as no answer."""
    plain = ", ".join(f"sum({expression})" for expression in control.measures.values())
    cursor.execute(
        f"""select date_day, {plain}
        from {_typed(landing, control, "and _reading = %(reading)s")} group by date_day""",
        {"account": account_id, "reading": reading},
    )
    return {
        day: {m: Decimal(v) for m, v in zip(control.measures, sums, strict=True)}
        for day, *sums in cursor.fetchall()
        if None not in sums
    }


def _child_differences(
    cursor: Cursor, landing: str, definition: PlatformDefinition, child: Report, account_id: str
) -> dict[date, list[ChildDifference]]:
    """Campaigns whose ads do not add up to their own row; a campaign type without ads differs only if it has some."""
    parent, campaign = definition.proved_level, definition.campaign_key
    metrics = {metric: parent.measures[metric] for metric in definition.proved_metrics}
    child_metrics = {metric: child.measures[metric] for metric in definition.proved_metrics}
    type_column = definition.campaign_type_column
    childless = f"coalesce(own.{type_column}, '') = any(%(childless)s)" if type_column else "false"
    differs = " or ".join(f"coalesce(ads.{m}, 0) <> coalesce(own.{m}, 0)" for m in metrics)
    cursor.execute(
        f"""with own as (
            select date_day, {campaign} {f", max({type_column}) as {type_column}" if type_column else ""},
                {_sums(metrics)}
            from {_typed(landing, parent)} group by date_day, {campaign}
        ), ads as (
            select date_day, {campaign}, count(*) as ad_rows, {_sums(child_metrics)}
            from {_typed(landing, child)} group by date_day, {campaign}
        )
        select date_day, {campaign}, coalesce(ad_rows, 0),
            {", ".join(f"coalesce(ads.{m}, 0), coalesce(own.{m}, 0)" for m in metrics)}
        from own full join ads using (date_day, {campaign})
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


def proved_totals(cursor: Cursor, definition: PlatformDefinition, account_id: str) -> dict[date, Totals]:
    """The control totals of every account-day that is proved in the ledger."""
    cursor.execute(
        """select date_day, control_totals from ops.load_ledger
        where platform = %s and account_id = %s and report = %s and complete""",
        (definition.name, account_id, definition.control.name),
    )
    return {day: {metric: Decimal(v) for metric, v in totals.items()} for day, totals in cursor.fetchall()}


def collect_evidence(
    cursor: Cursor, landing: str, definition: PlatformDefinition, account_id: str, spans: list[Span]
) -> list[DayEvidence]:
    """Evidence of every day in the spans, also of those without a row. Raises on values that are not of their type."""
    required = definition.required_details
    details = {report.name: report_days(cursor, landing, report, account_id) for report in required}
    second = _controls(cursor, landing, definition.control, account_id, 2)
    first = _controls(cursor, landing, definition.control, account_id, 1) if required else second
    differences: dict[date, list[ChildDifference]] = defaultdict(list)
    for report in required:
        if report.proved_by is ProvedBy.OWN_CAMPAIGN:
            for day, found in _child_differences(cursor, landing, definition, report, account_id).items():
                differences[day] += found
    control_days = report_days(cursor, landing, definition.control, account_id, "and _reading = 2")
    before = proved_totals(cursor, definition, account_id)
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
                details={report.name: details[report.name].get(day) or no_rows(report) for report in required},
                child_differences=tuple(differences.get(day, ())),
                before=before.get(day),
                read_is_empty=read_is_empty,
                control_day=control_days.get(day),
            )
            for day in days
        ]
    return evidence
