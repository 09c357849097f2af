"""Raw tables, their history and the typed reading of landed rows, all derived from the report definitions."""

from collections.abc import Iterable
from hashlib import md5

from foundation.database import Connection, Cursor, transaction
from ingestion.loading.batches import UNKNOWN
from ingestion.platforms import PLATFORMS
from ingestion.reports import Column, Entity, PlatformDefinition, Report

Table = Report | Entity

# Bookkeeping columns of every raw row; history adds the end of the row's validity.
_BOOKKEEPING = ("_version int not null", "_valid_from timestamptz not null", "_run_id text not null")
CONTROL_READING = Column("_reading", ("_reading",), "int")
# Markers of what arrived to its last page; a report's span, an entity's whole list.
REPORT_READS = "report_reads"
REPORT_READS_COLUMNS = ("report", "since", "until", "read_at", "request_ids")
ENTITY_READS = "entity_reads"
ENTITY_READS_COLUMNS = ("entity", "listed_at")
# History of reports: the version that replaced the row; null where that was before this column existed.
_REPLACED_BY = "_replaced_by int"
# Entities: since when the platform's list no longer shows the object.
_UNLISTED = "_unlisted_since timestamptz"
# Reports: fields that the platform sent with the row and no definition names.
_UNKNOWN = f"{UNKNOWN} jsonb"


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
    elif table.keeps_unknown:
        yield f"alter table {name} add column if not exists {_UNKNOWN}"
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


def _schema_statements(definition: PlatformDefinition) -> Iterable[str]:
    yield f"create schema if not exists {definition.raw_schema}"
    for table in definition.tables:
        yield from _table_statements(definition.raw_schema, table)
    for view in definition.views:
        yield from _view_statements(definition.raw_schema, view)


def _stamp(cursor: Cursor, definition: PlatformDefinition) -> str | None:
    """Hash of the definition that the schema was last made from, and how many columns it had then."""
    cursor.execute(
        "select substring(obj_description(to_regnamespace(%s), 'pg_namespace') from '[0-9a-f]{32} [0-9]+$')",
        (definition.raw_schema,),
    )
    row = cursor.fetchone()
    return row[0] if row else None


def _columns_in(cursor: Cursor, definition: PlatformDefinition) -> int:
    cursor.execute(
        """select count(*) from pg_attribute inner join pg_class on pg_class.oid = attrelid
        where relnamespace = to_regnamespace(%s) and attnum > 0 and not attisdropped and relkind in ('r', 'v')""",
        (definition.raw_schema,),
    )
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def ensure_raw_tables(connection: Connection) -> None:
    """Create the raw tables of every platform, add columns that definitions gained, write the rules as data.

    A schema that stands as the definition wants it is left alone: altering takes locks that readers would wait for.
    """
    with transaction(connection) as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('ingestion.raw_tables'))")
        for platform in PLATFORMS.values():
            definition = platform.definition
            statements = list(_schema_statements(definition))
            digest = md5("\n".join(statements).encode(), usedforsecurity=False).hexdigest()
            if _stamp(cursor, definition) != f"{digest} {_columns_in(cursor, definition)}":
                for statement in statements:
                    cursor.execute(statement)
                stamp = f"{digest} {_columns_in(cursor, definition)}"
                cursor.execute(
                    f"comment on schema {definition.raw_schema} is 'Raw rows. Definition and columns: {stamp}'"
                )
            month = definition.month_total
            month_metrics = [column.name for column in month.report.metrics] if month else []
            cursor.execute(
                """insert into ops.platform_rule (platform, restatement_days, due_after_hours, day_zone, retention_days,
                    certified_metrics, month_metrics, month_whole_only)
                values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (platform) do update set
                restatement_days = excluded.restatement_days, due_after_hours = excluded.due_after_hours,
                day_zone = excluded.day_zone, retention_days = excluded.retention_days,
                certified_metrics = excluded.certified_metrics, month_metrics = excluded.month_metrics,
                month_whole_only = excluded.month_whole_only""",
                (
                    definition.name, definition.restatement_days, definition.due_after_hours, definition.day_zone,
                    definition.retention_days, list(definition.certified_metrics),
                    month_metrics, bool(month and month.whole_months_only),
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
            if isinstance(table, Report) and table.keeps_unknown:
                columns.append(f"{UNKNOWN} text")
            cursor.execute(f"create table if not exists {landing}.{table.table} ({', '.join(columns)})")
        for marker, names in ((REPORT_READS, REPORT_READS_COLUMNS), (ENTITY_READS, ENTITY_READS_COLUMNS)):
            columns = ["_account text", *(f"{name} text" for name in names)]
            cursor.execute(f"create table if not exists {landing}.{marker} ({', '.join(columns)})")
        cursor.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r'", (landing,)
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"analyze {landing}.{name}")
