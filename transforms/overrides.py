"""Takes back what was published under an override that ended before the checks passed."""

from datetime import datetime

from psycopg2 import sql

from foundation.database import Cursor
from transforms.analytics_tables import PUBLISHED_SCHEMA, PublishedTable
from transforms.fact_rows import columns
from transforms.published_days import record_publication

# since: when the first of the overridden versions that follow the last good one was published.
_ENDED = """
create temporary table to_take_back on commit drop as
select
    standing.client_id, standing.platform, standing.account_id, standing.date_day,
    good.version, good.report_versions,
    (
        select min(overridden.published_at) from ops.published_day as overridden
        where
            overridden.client_id = standing.client_id and overridden.platform = standing.platform
            and overridden.account_id = standing.account_id and overridden.date_day = standing.date_day
            and overridden.override_id is not null
            and overridden.publication_id > coalesce(good.publication_id, 0)
    ) as since,
    greatest(%(now)s, standing.published_at) as published_at,
    null::bigint as override_id
from ops.published_day as standing
inner join ops.gate_override as override
    on override.override_id = standing.override_id
left join lateral (
    select version, report_versions, publication_id from ops.published_day as earlier
    where
        earlier.client_id = standing.client_id and earlier.platform = standing.platform
        and earlier.account_id = standing.account_id and earlier.date_day = standing.date_day
        and earlier.override_id is null
    order by earlier.publication_id desc
    limit 1
) as good on true
where
    standing.superseded_at is null
    and (override.revoked_at is not null or override.expires_at <= %(now)s)
"""
_OF_THE_DAY = """
    fact.client_id = day.client_id and fact.platform = day.platform
    and fact.account_id = day.account_id and fact.date_day = day.date_day
"""
_KEEP = """
insert into {history} ({columns}, published_at, superseded_at)
select {fact_columns}, fact.published_at, day.published_at
from to_take_back as day
inner join {published} as fact on {of_the_day}
where fact.published_at >= day.since
"""
_DELETE = """
delete from {published} as fact using to_take_back as day
where {of_the_day} and ({without_history} or day.version is null or fact.published_at >= day.since)
"""
# Rows that the override replaced come back as of now; those that it left alone only get their version back.
_RESTORE = """
insert into {published} ({columns}, published_at)
select {restored_columns}, day.published_at
from to_take_back as day
inner join {history} as fact on {of_the_day}
where day.version is not null and fact.published_at < day.since and fact.superseded_at >= day.since
"""
_STAMP = """
update {published} as fact set version = day.version
from to_take_back as day
where {of_the_day} and day.version is not null
"""


def take_back(cursor: Cursor, facts: list[PublishedTable], *, run_id: str, now: datetime, held: int) -> int:
    """Put the last good figures back, or none where there never were any; returns how many account-days.

    A fact whose superseded rows are not kept has no last good rows: the day leaves it until the checks pass.
    """
    cursor.execute(_ENDED, {"now": now})
    account_days = cursor.rowcount
    if not account_days:
        return 0
    for fact in facts:
        names = {
            "published": sql.Identifier(PUBLISHED_SCHEMA, fact.name),
            "columns": columns(fact.column_names),
            "fact_columns": columns(fact.column_names, "fact"),
            "of_the_day": sql.SQL(_OF_THE_DAY),
            "without_history": sql.Literal(fact.history is None),
        }
        if fact.history is not None:
            history = sql.Identifier(PUBLISHED_SCHEMA, fact.history.table)
            cursor.execute(sql.SQL(_KEEP).format(history=history, **names))
        cursor.execute(sql.SQL(_DELETE).format(**names))
        if fact.history is not None:
            restored = sql.SQL(", ").join(sql.Identifier("fact", name) for name in fact.column_names)
            cursor.execute(sql.SQL(_RESTORE).format(history=history, restored_columns=restored, **names))
        cursor.execute(sql.SQL(_STAMP).format(**names))
    record_publication(
        cursor, "to_take_back", run_id=run_id, now=now, account_days=account_days, held=held, row_counts={}
    )
    return account_days
