"""Reads what the certificate of a client and month says out of the warehouse."""

from datetime import date
from typing import Any

from psycopg2.extras import RealDictCursor

from foundation.database import Connection
from quality.certificate_document.document import MonthFacts, Row, last_of_month
from quality.reason_codes import code_of_problem

_ACCOUNTS = """
    select
        account.platform, account.account_id, min(account.name) as name, min(account.currency) as currency,
        min(account.timezone) as timezone,
        max(coalesce(account.restatement_days, rule.restatement_days, 0)) as restatement_days
    from raw_registry.account
    left join ops.platform_rule as rule using (platform)
    where account.client_id = %(client)s and account.active_from <= %(until)s
        and coalesce(account.active_to, 'infinity') >= %(since)s
    group by account.platform, account.account_id
    order by account.platform, account.account_id
"""
_DAYS = """
    select
        day.platform, day.account_id, day.date_day, day.state, day.version, day.data_as_of, day.published_at,
        day.held_since, day.held_reason, quarantine.reason_code as quarantine_code,
        case when quarantine.date_day is null and held.date_day is null then health.error_class end as error_class,
        day.override_by, day.override_reason, day.override_until,
        case when day.state = 'overridden' then 'The day is certified as soon as its checks pass.'
            when day.state = 'missing' then 'Read the day: mdp sync ' || day.platform || ' --from ' || day.date_day
                || ' --to ' || day.date_day || ' --account ' || day.account_id
            when quarantine.date_day is not null or held.date_day is not null
            then 'The day is read again by itself. If it stays held: mdp sync ' || day.platform || ' --from '
                || day.date_day || ' --to ' || day.date_day || ' --account ' || day.account_id
            when day.held_since is not null then health.next_step
        end as next_step
    from analytics.account_day_state as day
    left join ops.quarantine using (platform, account_id, date_day)
    left join ops.held_day as held
        on held.client_id = day.client_id and held.platform = day.platform and held.account_id = day.account_id
            and held.date_day = day.date_day
    left join ops.account_health as health
        on health.platform = day.platform and health.account_id = day.account_id
    where day.client_id = %(client)s and day.date_day between %(since)s and %(until)s
    order by day.platform, day.account_id, day.date_day
"""
_COMPARISONS = """
    select
        kept.platform, kept.account_id, kept.date_day, kept.metric, kept.warehouse_total, kept.platform_total,
        kept.difference, kept.tolerance, kept.verdict, kept.reason_code, kept.read_at, kept.control_request_ids,
        kept.detail_request_ids, published.date_day is not null as is_published
    from ops.certificate as kept
    left join ops.published_day as published
        on published.client_id = kept.client_id and published.platform = kept.platform
            and published.account_id = kept.account_id and published.date_day = kept.date_day
            and published.version = kept.version and published.superseded_at is null
    left join ops.account_day as newest
        on newest.client_id = kept.client_id and newest.platform = kept.platform
            and newest.account_id = kept.account_id and newest.date_day = kept.date_day
            and newest.version = kept.version
    where kept.client_id = %(client)s and kept.date_day between %(since)s and %(until)s
        and (published.date_day is not null or (newest.date_day is not null and kept.verdict = 'held'))
    order by kept.platform, kept.account_id, kept.date_day, kept.metric, kept.version
"""
_RESTATEMENTS = """
    select platform, account_id, date_day, metric, old_value, new_value, difference, detected_at, was_published
    from analytics.fct_restatement
    where client_id = %(client)s and date_day between %(since)s and %(until)s
    order by platform, account_id, date_day, detected_at, metric
"""
_MONTHS = """
    select
        platform, account_id, metric, first_day, last_day, warehouse_total, platform_total, difference, verdict,
        reason, read_at, request_ids
    from ops.month_certificate
    where client_id = %(client)s and month = %(since)s
    order by platform, account_id, first_day, metric
"""
_CONVERSIONS = """
    select
        platform, account_id, sum(spend_reporting) as spend_reporting, min(fx_rate) as lowest_rate,
        max(fx_rate) as highest_rate,
        count(distinct date_day) filter (where fx_rate is null) as days_without_rate
    from analytics.fct_campaign_performance_daily
    where client_id = %(client)s and date_day between %(since)s and %(until)s
    group by platform, account_id
    order by platform, account_id
"""


def read_month(connection: Connection, client_id: str, month: date) -> MonthFacts:
    """All facts in one snapshot. Raises ValueError where client or month have nothing to certify."""
    bounds: dict[str, Any] = {"client": client_id, "since": month, "until": last_of_month(month)}
    with connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        # One snapshot: a publication meanwhile must not show in half of the page.
        cursor.execute("set transaction isolation level repeatable read, read only")

        def rows(statement: str, *, of: str | None = None) -> list[Row]:
            if of:
                cursor.execute("select to_regclass(%s) as found", (of,))
                found = cursor.fetchone()
                if not found or found["found"] is None:
                    return []
            cursor.execute(statement, bounds)
            return [dict(row) for row in cursor.fetchall()]

        clients = rows("select client_id, name, reporting_currency from raw_registry.client order by client_id")
        client = next((row for row in clients if row["client_id"] == client_id), None)
        if client is None:
            known = ", ".join(row["client_id"] for row in clients) or "none yet: run `mdp daily` once"
            raise ValueError(f"there is no client {client_id!r} in the warehouse; known clients: {known}")
        facts = MonthFacts(
            client=client,
            month=month,
            accounts=rows(_ACCOUNTS),
            days=[_with_code(row) for row in rows(_DAYS)],
            comparisons=rows(_COMPARISONS),
            restatements=rows(_RESTATEMENTS, of="analytics.fct_restatement"),
            months=rows(_MONTHS),
            conversions=rows(_CONVERSIONS, of="analytics.fct_campaign_performance_daily"),
        )
        if facts.days:
            return facts
        cursor.execute(
            "select min(active_from) as first_day from raw_registry.account where client_id = %(client)s", bounds
        )
        first = cursor.fetchone()
        begins = f"its accounts begin on {first['first_day']}" if first and first["first_day"] else "it has no accounts"
        raise ValueError(f"no account-day of {client_id} lies in {month:%Y-%m}: {begins}")


def _with_code(row: Row) -> Row:
    """The row with the code of what holds the day, where a difference or a mismatch does."""
    problem = row.pop("quarantine_code") or row.pop("error_class", None)
    row.pop("error_class", None)
    return {**row, "reason_code": code_of_problem(problem) if row["held_since"] else None}
