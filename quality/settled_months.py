"""Settled months, certified again: their published days against the platform's own total of the whole month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg2.extras import RealDictCursor, execute_values

from foundation.database import Connection, Cursor, transaction
from quality.check_results import CheckStatus
from quality.month_verdicts import WORST_FIRST, MonthFacts, judge


@dataclass(frozen=True)
class MonthSummary:
    """What a pass did. checked: months that it judged; standing: verdict -> months, over all that are on record."""

    status: CheckStatus
    checked: int
    standing: Mapping[str, int] = field(default_factory=dict)
    detail: str | None = None


# Months that have settled, judged anew where something that their verdict follows from may have changed.
_TO_JUDGE = """
with watermark as (
    select coalesce(max(checked_at), '-infinity'::timestamptz) as at from ops.month_certificate
),
touched as (
    select distinct
        day.client_id, day.platform, day.account_id, date_trunc('month', day.date_day)::date as month
    from ops.published_day as day
    where day.published_at >= (select at from watermark)
),
settled as (
    select
        account.client_id, account.platform, account.account_id, account.currency, month.first::date as month,
        greatest(month.first::date, account.active_from) as first_day,
        least((month.first + interval '1 month')::date - 1, coalesce(account.active_to, 'infinity'::date)) as last_day,
        rule.month_metrics, rule.month_whole_only, rule.certified_metrics
    from raw_registry.account
    inner join raw_registry.client using (client_id)
    inner join ops.platform_rule as rule using (platform)
    cross join lateral generate_series(
        date_trunc('month', account.active_from::timestamp),
        least(coalesce(account.active_to, 'infinity'::date), (%(now)s at time zone account.timezone)::date)::timestamp,
        interval '1 month'
    ) as month (first)
    where client.status = 'active'
        and (month.first + interval '1 month')::date - 1 + coalesce(account.restatement_days, rule.restatement_days)
            <= (%(now)s at time zone account.timezone)::date
)
select settled.*
from settled
left join lateral (
    select
        min(known.checked_at) as checked_at, min(known.last_day) as last_day,
        bool_or(known.verdict not in ('certified', 'not_offered')) as open
    from ops.month_certificate as known
    where known.client_id = settled.client_id and known.platform = settled.platform
        and known.account_id = settled.account_id and known.month = settled.month
        and known.first_day = settled.first_day
) as certificate on true
left join ops.month_total as total
    on total.platform = settled.platform and total.account_id = settled.account_id and total.month = settled.month
        and total.first_day = settled.first_day
left join touched
    on touched.client_id = settled.client_id and touched.platform = settled.platform
        and touched.account_id = settled.account_id and touched.month = settled.month
where (
    certificate.checked_at is null or certificate.open or certificate.last_day <> settled.last_day
    or total.attempted_at > certificate.checked_at or touched.month is not null
) and exists (
    select 1 from ops.published_day as day
    where day.client_id = settled.client_id and day.platform = settled.platform
        and day.account_id = settled.account_id and day.superseded_at is null
        and day.date_day between settled.first_day and settled.last_day
)
"""
_FACTS = """
select
    month.client_id, month.platform, month.account_id, month.currency, month.month, month.first_day, month.last_day,
    month.month_metrics, month.month_whole_only, month.certified_metrics,
    days.missing_days, days.outdated_days, total.metrics as platform_totals, total.last_day as total_last_day,
    coalesce(total.request_ids, '{{}}') as request_ids, total.read_at, total.problem, total.next_step,
    ledger.changed_at, {columns}
from month_to_judge as month
left join ops.month_total as total
    on total.platform = month.platform and total.account_id = month.account_id and total.month = month.month
        and total.first_day = month.first_day
cross join lateral (
    select
        coalesce(array_agg(day.date_day order by day.date_day) filter (where published.version is null), '{{}}')
            as missing_days,
        coalesce(
            array_agg(day.date_day order by day.date_day) filter (where published.version <> current.version), '{{}}'
        ) as outdated_days
    from (
        select each.day::date as date_day
        from generate_series(month.first_day::timestamp, month.last_day::timestamp, interval '1 day') as each (day)
    ) as day
    left join ops.published_day as published
        on published.client_id = month.client_id and published.platform = month.platform
            and published.account_id = month.account_id and published.date_day = day.date_day
            and published.superseded_at is null
    left join ops.account_day as current
        on current.client_id = month.client_id and current.platform = month.platform
            and current.account_id = month.account_id and current.date_day = day.date_day
) as days
left join ops.report_definition as control
    on control.platform = month.platform and control.proved_by = 'control'
left join lateral (
    select max(own.fetched_at) as changed_at
    from ops.load_ledger as own
    where own.platform = month.platform and own.account_id = month.account_id and own.report = control.report
        and own.complete and own.date_day between month.first_day and month.last_day
) as ledger on true
{joins}
"""


@dataclass(frozen=True)
class _Fact:
    """A published table whose sums are compared, and its measures."""

    table: str
    measures: tuple[str, ...]


_PUBLISHED = (
    _Fact("fct_campaign_performance_daily", ("spend", "impressions", "clicks")),
    _Fact("fct_instagram_account_daily", ("views", "total_interactions")),
)


def _facts_statement() -> str:
    columns, joins = ["coalesce(published_0.rows, 0) as rows"], []
    for number, fact in enumerate(_PUBLISHED):
        name = f"published_{number}"
        columns += [f"{name}.{measure}" for measure in fact.measures]
        sums = ", ".join(f"sum(fact.{measure}) as {measure}" for measure in fact.measures)
        joins.append(f"""
            left join lateral (
                select count(*) as rows, {sums}
                from analytics.{fact.table} as fact
                where fact.client_id = month.client_id and fact.platform = month.platform
                    and fact.account_id = month.account_id
                    and fact.date_day between month.first_day and month.last_day
            ) as {name} on true
        """)
    return _FACTS.format(columns=", ".join(columns), joins="".join(joins))


def certify_months(connection: Connection, *, now: datetime) -> MonthSummary:
    """Judge the settled months whose days or totals changed since they were last judged; write ops.month_certificate.

    To be called after a publication. One transaction. It publishes and holds nothing, so that a comparison that fails
    is told as errored and leaves the certificates as they were.
    """
    try:
        with transaction(connection) as cursor:
            checked = _certify_months(cursor, connection, now)
            standing = _standing(cursor)
    # Whatever broke the comparison, the publication before it stands and Slack has to be told all the same.
    except Exception as error:
        return MonthSummary("errored", 0, {}, f"settled months could not be compared: {error}".strip())
    wrong = sum(standing.get(verdict, 0) for verdict in ("differs", "warned"))
    told = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in standing.items())
    return MonthSummary("failed" if wrong else "passed", checked, standing, told or "no month has settled")


def _certify_months(cursor: Cursor, connection: Connection, now: datetime) -> int:
    cursor.execute("select to_regclass('analytics.fct_campaign_performance_daily') is not null")
    row = cursor.fetchone()
    if not (row and row[0]):
        return 0
    _forget_unregistered(cursor)
    cursor.execute(f"create temporary table month_to_judge on commit drop as {_TO_JUDGE}", {"now": now})
    if not cursor.rowcount:
        return 0
    cursor.execute("analyze month_to_judge")
    with connection.cursor(cursor_factory=RealDictCursor) as reading:
        reading.execute(_facts_statement())
        months = [_facts_of(found) for found in reading.fetchall()]
    cursor.execute("""
        delete from ops.month_certificate as old using month_to_judge as month
        where old.client_id = month.client_id and old.platform = month.platform and old.account_id = month.account_id
            and old.month = month.month and old.first_day = month.first_day
    """)
    execute_values(
        cursor,
        """insert into ops.month_certificate (client_id, platform, account_id, month, first_day, last_day, metric,
            warehouse_total, platform_total, difference, tolerance, verdict, reason, missing_days, request_ids, read_at,
            checked_at) values %s""",
        list(_certificates(months, now)),
        template=f"({', '.join(['%s'] * 13)}, %s::date[], %s, %s, %s)",
        page_size=1000,
    )
    return len(months)


def _forget_unregistered(cursor: Cursor) -> None:
    """Client files that changed gave a month another first day; an archived client keeps what was certified."""
    cursor.execute("""
        delete from ops.month_certificate as old
        using raw_registry.client
        where client.client_id = old.client_id and client.status = 'active' and not exists (
            select 1 from raw_registry.account
            where account.client_id = old.client_id and account.platform = old.platform
                and account.account_id = old.account_id and greatest(old.month, account.active_from) = old.first_day
        )
    """)


def _facts_of(found: Mapping[str, Any]) -> MonthFacts:
    offered = tuple(found["month_metrics"])
    # Where no total is offered, the certificate still names each metric that has none.
    metrics = offered or tuple(found["certified_metrics"])
    return MonthFacts(
        metrics=metrics, offered=bool(offered), whole_only=found["month_whole_only"],
        warehouse_totals={metric: found[metric] for metric in metrics if metric in found},
        **{
            name: found[name]
            for name in (
                "client_id", "platform", "account_id", "currency", "month", "first_day", "last_day", "rows",
                "missing_days", "outdated_days", "platform_totals", "total_last_day", "request_ids", "read_at",
                "changed_at", "problem", "next_step",
            )
        },
    )  # fmt: skip


def _certificates(months: Sequence[MonthFacts], now: datetime) -> Iterator[tuple[object, ...]]:
    for facts in months:
        for judged in judge(facts):
            yield (
                facts.client_id, facts.platform, facts.account_id, facts.month, facts.first_day, facts.last_day,
                judged.metric, judged.warehouse_total, judged.platform_total, judged.difference, judged.tolerance,
                judged.verdict, judged.reason, [*facts.missing_days, *facts.outdated_days], list(facts.request_ids),
                facts.read_at, now,
            )  # fmt: skip


def _standing(cursor: Cursor) -> dict[str, int]:
    """Months by the verdict of their worst metric, worst first."""
    cursor.execute(
        """select verdict, count(*) from (
            select %(order)s::text[] as listed, min(array_position(%(order)s::text[], verdict)) as place
            from ops.month_certificate group by client_id, platform, account_id, month, first_day
        ) as month cross join lateral (select listed[place] as verdict) as named
        group by verdict, place order by place""",
        {"order": list(WORST_FIRST)},
    )
    return {verdict: int(count) for verdict, count in cursor.fetchall()}


def differing_months(cursor: Cursor, *, limit: int) -> list[dict[str, Any]]:
    """Metrics of settled months that differ from the platform's own total, newest month first."""
    cursor.execute(
        """select client_id as client, platform, account_id as account, to_char(month, 'YYYY-MM') as month, metric,
            warehouse_total as warehouse, platform_total as platform_says, difference, verdict, reason
        from ops.month_certificate
        where verdict in ('differs', 'warned')
        order by month_certificate.month desc, client_id, platform, account_id, metric limit %s""",
        (limit,),
    )
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
