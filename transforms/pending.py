"""Whether a publish flow has anything to do, asked cheaply by schedules."""

from foundation.database import Connection

# A flow records its checks near its end, so whatever is newer than the newest check was not part of a finished flow.
_PENDING = """
with finished as (select max(ran_at) as at from ops.check_run)
select
    exists (select 1 from ops.load_ledger)
    and (
        (select at from finished) is null
        or exists (select 1 from ops.load_ledger, finished where fetched_at > finished.at)
        or exists (select 1 from raw_fx.rate, finished where fetched_at > finished.at)
        or exists (select 1 from raw_registry.client, finished where loaded_at > finished.at)
    )
"""


def anything_pending(connection: Connection) -> bool:
    """True when rows, rates or client files changed since the last finished publish flow."""
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
