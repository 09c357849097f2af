"""Raw tables, their history and the typed reading of landed rows, all derived from the report definitions."""

from collections.abc import Iterable

from foundation.database import Connection, transaction
from ingestion.platforms import PLATFORMS
from ingestion.reports import Column, Entity, PlatformDefinition, Report

Table = Report | Entity

# Bookkeeping columns of every raw row; history adds the end of the row's validity.
_BOOKKEEPING = ("_version int not null", "_valid_from timestamptz not null", "_run_id text not null")
CONTROL_READING = Column("_reading", ("_reading",), "int")
# Markers of what arrived to its last page; a report's span, an entity's whole list.
REPORT_READS = "report_reads"
REPORT_READS_COLUMNS = ("report", "since", "until", "read_at")
ENTITY_READS = "entity_reads"
ENTITY_READS_COLUMNS = ("entity", "listed_at")
# History of reports: the version that replaced the row; null where that was before this column existed.
_REPLACED_BY = "_replaced_by int"
# Entities: since when the platform's list no longer shows the object.
_UNLISTED = "_unlisted_since timestamptz"


def column_names(table: Table) -> list[str]:
    """Columns that hold the platform's data, the account first."""
    return ["account_id", *(column.name for column in table.columns)]


def key_names(table: Table) -> list[str]:
    return ["account_id", *table.key]


def typed_columns(table: Table) -> str:
    """Select list that reads landed text as the raw table's types."""
    return ", ".join(["_account as account_id", *(_typed(column) for column in table.columns)])


def _typed(column: Column) -> str:
    value = column.name if column.sql_type == "text" else f"{column.name}::{column.sql_type}"
    return f"coalesce({value}, {column.absent}) as {column.name}" if column.absent else f"{value} as {column.name}"


def _table_statements(schema: str, table: Table) -> Iterable[str]:
    columns = ["account_id text not null"]
    columns += [f"{column.name} {column.sql_type}" for column in table.columns]
    name = f"{schema}.{table.table}"
    key = ", ".join(key_names(table))
    own = (*_BOOKKEEPING, _UNLISTED) if isinstance(table, Entity) else _BOOKKEEPING
    yield f"create table if not exists {name} ({', '.join([*columns, *own])}, unique ({key}))"
    if isinstance(table, Entity):
        yield f"alter table {name} add column if not exists {_UNLISTED}"
    yield (
        f"create table if not exists {name}_history "
        f"({', '.join([*columns, *_BOOKKEEPING])}, _valid_to timestamptz not null)"
    )
    if isinstance(table, Report):
        yield f"alter table {name}_history add column if not exists {_REPLACED_BY}"
    yield f"create index if not exists {table.table}_history_key on {name}_history ({key})"
    for column in table.columns:
        yield f"alter table {name} add column if not exists {column.name} {column.sql_type}"
        yield f"alter table {name}_history add column if not exists {column.name} {column.sql_type}"
    yield f"comment on table {name} is 'Rows as the platform gave them last, one per {key}.'"
    replaced = ", and the version that replaced them (_replaced_by)" if isinstance(table, Report) else ""
    yield f"comment on table {name}_history is 'Former rows with the time span in which they were current{replaced}.'"


def _view_statements(schema: str, view: Report) -> Iterable[str]:
    """The view, and the same over the history of the rows that it spreads out."""
    assert view.view_sql is not None
    for ending in ("", "_history"):
        source = f"{schema}.{view.derived_from}{ending}"
        yield f"create or replace view {schema}.{view.table}{ending} as {view.view_sql.format(source=source)}"
    key = ", ".join(key_names(view))
    yield f"comment on view {schema}.{view.table} is 'Rows of {view.derived_from} spread out, one per {key}.'"


def ensure_raw_tables(connection: Connection) -> None:
    """Create the raw tables of every platform, add columns that definitions gained, write the rules as data."""
    with transaction(connection) as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('ingestion.raw_tables'))")
        for platform in PLATFORMS.values():
            definition = platform.definition
            cursor.execute(f"create schema if not exists {definition.raw_schema}")
            for table in definition.tables:
                for statement in _table_statements(definition.raw_schema, table):
                    cursor.execute(statement)
            for view in definition.views:
                for statement in _view_statements(definition.raw_schema, view):
                    cursor.execute(statement)
            cursor.execute(
                """insert into ops.platform_rule (platform, restatement_days, due_after_hours, day_zone, retention_days,
                    certified_metrics)
                values (%s, %s, %s, %s, %s, %s) on conflict (platform) do update set
                restatement_days = excluded.restatement_days, due_after_hours = excluded.due_after_hours,
                day_zone = excluded.day_zone, retention_days = excluded.retention_days,
                certified_metrics = excluded.certified_metrics""",
                (
                    definition.name, definition.restatement_days, definition.due_after_hours, definition.day_zone,
                    definition.retention_days, list(definition.certified_metrics),
                ),
            )  # fmt: skip
            for report in definition.reports:
                cursor.execute(
                    """insert into ops.report_definition (platform, report, level, required, proved_by)
                    values (%s, %s, %s, %s, %s) on conflict (platform, report) do update set
                    level = excluded.level, required = excluded.required, proved_by = excluded.proved_by""",
                    (definition.name, report.name, report.level.value, report.required, report.proved_by.value),
                )
            cursor.execute(
                "delete from ops.report_definition where platform = %s and not report = any(%s)",
                (definition.name, [report.name for report in definition.reports]),
            )


def ensure_landing_tables(connection: Connection, landing: str, definition: PlatformDefinition) -> None:
    """Create the landing tables that this load had no row for, so that every proof reads the same shape."""
    with transaction(connection) as cursor:
        for table in definition.tables:
            columns = ["_account text", *(f"{column.name} text" for column in table.columns)]
            if table is definition.control:
                columns.append("_reading int")
            elif isinstance(table, Entity):
                columns.append("_listed int")
            cursor.execute(f"create table if not exists {landing}.{table.table} ({', '.join(columns)})")
        for marker, names in ((REPORT_READS, REPORT_READS_COLUMNS), (ENTITY_READS, ENTITY_READS_COLUMNS)):
            columns = ["_account text", *(f"{name} text" for name in names)]
            cursor.execute(f"create table if not exists {landing}.{marker} ({', '.join(columns)})")
        cursor.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r'", (landing,)
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"analyze {landing}.{name}")
