"""Whether a publish flow has anything to do, asked cheaply by schedules."""

from foundation.database import Connection

# Loaded since the last versions were drawn up, or versioned but neither published nor held at that version.
_PENDING = """
with versioned as (select max(versioned_at) as at from ops.account_day)
select
    exists (select 1 from ops.load_ledger where complete)
    and (
        (select at from versioned) is null
        or exists (
            select 1 from ops.load_ledger inner join ops.report_definition using (platform, report), versioned
            where complete and required and fetched_at > versioned.at
        )
        or exists (
            select 1 from ops.account_day as day
            inner join ops.load_ledger as ledger
                on ledger.platform = day.platform and ledger.account_id = day.account_id
                and ledger.date_day = day.date_day and ledger.complete
            inner join ops.report_definition as definition
                on definition.platform = ledger.platform and definition.report = ledger.report
            where (day.report_versions ->> ledger.report)::int is distinct from ledger.version
        )
        or exists (select 1 from raw_fx.rate, versioned where fetched_at > versioned.at)
        or exists (select 1 from raw_registry.client, versioned where loaded_at > versioned.at)
        or exists (
            select 1 from ops.account_day as day
            where
                not exists (
                    select 1 from ops.published_day as published
                    where
                        published.client_id = day.client_id and published.platform = day.platform
                        and published.account_id = day.account_id and published.date_day = day.date_day
                        and published.version = day.version and published.superseded_at is null
                )
                and not exists (
                    select 1 from ops.held_day as held
                    where
                        held.client_id = day.client_id and held.platform = day.platform
                        and held.account_id = day.account_id and held.date_day = day.date_day
                        and held.version = day.version
                )
        )
    )
"""


def anything_pending(connection: Connection) -> bool:
    """True when rows, rates or client files changed since versions were drawn up, or a version is not published yet."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING)
        row = cursor.fetchone()
    return bool(row and row[0])


def everything_pending(connection: Connection) -> bool:
    """True when the open build works on every known account-day, so that dbt may make the tables anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from ops.pending_account_day) = (select count(*) from ops.account_day), "
            "exists (select 1 from ops.pending_account_day)"
        )
        row = cursor.fetchone()
    return bool(row and row[0] and row[1])
