"""Moves certified account-days from the build schema to ``analytics``, each as a whole, all in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from psycopg2 import sql

from foundation.database import Connection, Cursor, lock_key, transaction
from transforms.analytics_tables import PUBLISHED_SCHEMA, PublishedTable, ensure_analytics_tables, published_tables
from transforms.building import DBT_LOCK, DBT_PROJECT_DIR, prepared_manifest
from transforms.fact_rows import columns, move_days
from transforms.overrides import take_back
from transforms.published_days import record_publication
from transforms.versions import ACCOUNT_DAY_TABLES, BUILD_SCHEMA, existing_build_tables

# quality.gate.Gate; a type of its own, since transforms never imports quality.
Gate = Callable[[Cursor], object]


@dataclass(frozen=True)
class PublicationSummary:
    """What one publication did.

    ``publication_id`` is None when no account-day moved. ``refused``: account-days that the gate lets pass but whose
    built version is not the certified one. ``kept``: published days that the registry no longer claims; they stay.
    ``row_counts``: per fact the rows of these account-days, changed or not; per dimension the rows written.
    ``taken_back``: days whose override ended before the checks passed.
    """

    publication_id: int | None
    account_days: int
    held: int
    refused: int
    kept: int
    since: date | None
    until: date | None
    row_counts: Mapping[str, int] = field(default_factory=dict)
    altered: tuple[str, ...] = ()
    taken_back: int = 0


# One version from gate to fact rows: decided, built of raw rows that no load has replaced since, certified in all
# metrics that the platform's rule asks for, carried by every row that would move.
_CANDIDATES = """
create temporary table decided_to_publish on commit drop as
select
    decision.client_id, decision.platform, decision.account_id, decision.date_day, decision.version,
    day.report_versions, decision.override_id,
    built.version is not distinct from decision.version
    and day.report_versions = reading.report_versions
    and (
        decision.override_id is not null
        or cardinality(rule.certified_metrics) > 0 and cardinality(rule.certified_metrics) = (
            select count(*) from ops.certificate
            where
                certificate.client_id = decision.client_id and certificate.platform = decision.platform
                and certificate.account_id = decision.account_id and certificate.date_day = decision.date_day
                and certificate.version = decision.version and certificate.verdict = 'certified'
                and certificate.metric = any(rule.certified_metrics)
        )
    ) as is_certified
from ops.gate_decision as decision
left join {built} as built
    on built.client_id = decision.client_id and built.platform = decision.platform
    and built.account_id = decision.account_id and built.date_day = decision.date_day
left join ops.account_day as day
    on day.client_id = decision.client_id and day.platform = decision.platform
    and day.account_id = decision.account_id and day.date_day = decision.date_day
    and day.version = decision.version
left join lateral (
    select jsonb_object_agg(ledger.report, ledger.version) as report_versions
    from ops.load_ledger as ledger
    inner join ops.report_definition as definition
        on definition.platform = ledger.platform and definition.report = ledger.report
    where
        ledger.platform = decision.platform and ledger.account_id = decision.account_id
        and ledger.date_day = decision.date_day and ledger.complete
) as reading on true
left join ops.platform_rule as rule on rule.platform = decision.platform
where
    decision.verdict = 'publish'
    and decision.decided_in = pg_current_xact_id()
    and decision.build_id = %(run_id)s
    and not exists (
        select 1 from ops.published_day as published
        where
            published.client_id = decision.client_id and published.platform = decision.platform
            and published.account_id = decision.account_id and published.date_day = decision.date_day
            and published.superseded_at is null and published.version = decision.version
            and published.override_id is not distinct from decision.override_id
    )
"""

# Spans follow one another also where the clock jumped back: none ends before it begins, no two overlap.
_TO_PUBLISH = """
create temporary table to_publish on commit drop as
select
    unit.client_id, unit.platform, unit.account_id, unit.date_day, unit.version, unit.report_versions, unit.override_id,
    greatest(%(now)s, max(old.published_at), max(old.superseded_at)) as published_at
from decided_to_publish as unit
left join ops.published_day as old
    on old.client_id = unit.client_id and old.platform = unit.platform
    and old.account_id = unit.account_id and old.date_day = unit.date_day
where unit.is_certified
group by unit.client_id, unit.platform, unit.account_id, unit.date_day, unit.version, unit.report_versions,
    unit.override_id
"""

_DROP_HALF_BUILT = """
delete from to_publish as unit
where exists (
    select 1 from {build} as fact
    where
        fact.client_id = unit.client_id and fact.platform = unit.platform
        and fact.account_id = unit.account_id and fact.date_day = unit.date_day
        and fact.version <> unit.version
)
"""

# A held account keeps the dimensions of its last good figures; one that was never published gets its names at least.
_ACCOUNTS = """
create temporary table account_to_publish on commit drop as
select account.client_id, account.platform, account.account_id
from {account_build} as account
where
    exists (
        select 1 from to_publish as unit
        where
            unit.client_id = account.client_id and unit.platform = account.platform
            and unit.account_id = account.account_id
    )
    or not exists (
        select 1 from ops.held_day as held
        where
            held.client_id = account.client_id and held.platform = account.platform
            and held.account_id = account.account_id
    )
    or not exists (
        select 1 from {account_published} as published
        where
            published.client_id = account.client_id and published.platform = account.platform
            and published.account_id = account.account_id
    )
"""

_DELETE_MEMBERS = """
delete from {published} as old
where {in_scope} not exists (
    select 1 from {build} as new where {same_key} and ({old_columns}) is not distinct from ({new_columns})
)
"""
_INSERT_MEMBERS = """
insert into {published} ({columns})
select {new_columns}
from {build} as new
where {in_scope} not exists (select 1 from {published} as old where {same_key})
"""


def publish(
    connection: Connection, *, build_id: str, gate: Gate, now: datetime, dbt_project_dir: Path = DBT_PROJECT_DIR
) -> PublicationSummary:
    """Publish every account-day whose certified version differs from the published one, however old.

    ``gate`` is called inside the transaction and only what it decides there, of this build, is published: a gate that
    raises or decides nothing publishes nothing, and a decision of any earlier transaction counts for nothing. One
    transaction over one snapshot; waits for a dbt run in progress. Raises ContractChanged, with nothing published,
    when the marts' contract asks for more than added columns.
    """
    tables = published_tables(prepared_manifest(dbt_project_dir))
    with transaction(connection) as cursor:
        cursor.execute("select pg_advisory_lock(%s)", (lock_key(*DBT_LOCK),))
    try:
        altered = ensure_analytics_tables(connection, tables)
        with transaction(connection) as cursor:
            # The lock comes before the first query, so that the snapshot sees the publication we waited for.
            cursor.execute("set transaction isolation level repeatable read")
            cursor.execute("lock table ops.publication in share row exclusive mode")
            gate(cursor)
            summary = _publish(cursor, tables, build_id, now, altered)
        if summary.publication_id is not None:
            _refresh_statistics(connection, tables, summary)
        return summary
    finally:
        connection.rollback()
        with transaction(connection) as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", (lock_key(*DBT_LOCK),))


def _publish(
    cursor: Cursor, tables: tuple[PublishedTable, ...], build_id: str, now: datetime, altered: tuple[str, ...]
) -> PublicationSummary:
    held, kept = _count(cursor, "select count(*) from ops.held_day"), _count(cursor, _KEPT)
    if existing_build_tables(cursor) != ACCOUNT_DAY_TABLES:
        return PublicationSummary(None, 0, held, 0, kept, None, None, altered=altered)
    facts = [table for table in tables if table.published_by == "account_day"]
    decided = _select_units(cursor, facts, build_id, now)
    cursor.execute("select count(*), min(date_day), max(date_day) from to_publish")
    account_days, since, until = cursor.fetchone() or (0, None, None)
    row_counts = {table.name: _move_members(cursor, table) for table in tables if table.published_by != "account_day"}
    row_counts |= {table.name: move_days(cursor, table) for table in facts}
    publication_id = None
    if account_days:
        publication_id = record_publication(
            cursor, "to_publish", run_id=build_id, now=now, account_days=account_days, held=held, row_counts=row_counts
        )
    taken_back = take_back(cursor, facts, run_id=build_id, now=now, held=held)
    return PublicationSummary(
        publication_id, account_days, held, decided - account_days, kept, since, until, row_counts, altered, taken_back
    )


# The share at which autovacuum would, which comes only after the first readers.
_STALE = """
select relation.oid::regclass::text
from unnest(%s, %s) as moved (name, rows)
inner join pg_class as relation on relation.oid = moved.name::regclass
where moved.rows > 0 and (relation.reltuples < 0 or moved.rows > 0.1 * relation.reltuples)
"""


def _refresh_statistics(
    connection: Connection, tables: tuple[PublishedTable, ...], publication: PublicationSummary
) -> None:
    """Without statistics a client report took 4 s instead of 0.2 s; a long history is not sampled for a few rows."""
    moved = {"ops.published_day": publication.account_days}
    for table in tables:
        if table.published_by == "account_day":
            rows = publication.row_counts[table.name]
            moved[f"{PUBLISHED_SCHEMA}.{table.name}"] = rows
            if table.history:
                moved[f"{PUBLISHED_SCHEMA}.{table.history.table}"] = rows
    with transaction(connection) as cursor:
        cursor.execute(_STALE, (list(moved), list(moved.values())))
        if stale := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"analyze {', '.join(stale)}")


_KEPT = """
select count(*) from ops.published_day as published
where published.superseded_at is null and not exists (
    select 1 from raw_registry.account
    where
        account.client_id = published.client_id and account.platform = published.platform
        and account.account_id = published.account_id
        and published.date_day between account.active_from and coalesce(account.active_to, 'infinity'::date)
)
"""


def _count(cursor: Cursor, query: str) -> int:
    cursor.execute(query)
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _select_units(cursor: Cursor, facts: list[PublishedTable], build_id: str, now: datetime) -> int:
    """Fill ``to_publish`` and ``account_to_publish``; returns how many units the gate wanted to see published."""
    built = sql.Identifier(BUILD_SCHEMA, ACCOUNT_DAY_TABLES[-1])
    cursor.execute(sql.SQL(_CANDIDATES).format(built=built), {"run_id": build_id})
    decided = cursor.rowcount
    cursor.execute(_TO_PUBLISH, {"now": now})
    cursor.execute("analyze to_publish")
    for table in facts:
        cursor.execute(sql.SQL(_DROP_HALF_BUILT).format(build=sql.Identifier(BUILD_SCHEMA, table.name)))
    account = {"account_build": (BUILD_SCHEMA, "dim_account"), "account_published": (PUBLISHED_SCHEMA, "dim_account")}
    cursor.execute(sql.SQL(_ACCOUNTS).format(**{name: sql.Identifier(*parts) for name, parts in account.items()}))
    return decided


def _move_members(cursor: Cursor, table: PublishedTable) -> int:
    """Make the dimension's members equal to the build's, for the accounts in scope or for all; returns rows written."""

    def in_scope(alias: str) -> sql.Composable:
        if table.published_by == "always":
            return sql.SQL("")
        account = ("client_id", "platform", "account_id")
        return sql.SQL("({}) in (select {} from account_to_publish) and ").format(
            columns(account, alias), columns(account)
        )

    pairs = [
        sql.SQL("{} = {}").format(sql.Identifier("old", key), sql.Identifier("new", key)) for key in table.primary_key
    ]
    names = {
        "published": sql.Identifier(PUBLISHED_SCHEMA, table.name),
        "build": sql.Identifier(BUILD_SCHEMA, table.name),
        "same_key": sql.SQL(" and ").join(pairs),
        "columns": columns(table.column_names),
        "old_columns": columns(table.column_names, "old"),
        "new_columns": columns(table.column_names, "new"),
    }
    cursor.execute(sql.SQL(_DELETE_MEMBERS).format(in_scope=in_scope("old"), **names))
    cursor.execute(sql.SQL(_INSERT_MEMBERS).format(in_scope=in_scope("new"), **names))
    return cursor.rowcount
