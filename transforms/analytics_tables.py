"""Creates and alters the published tables so that they match the contracts of the dbt marts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from psycopg2 import sql

from foundation.database import Connection, Cursor, transaction

PUBLISHED_SCHEMA = "analytics"
PublishedBy = Literal["account_day", "account", "always"]


class ContractChanged(RuntimeError):
    """A published column's type changed or a column went away; only a migration may do that."""


@dataclass(frozen=True)
class Column:
    """A column of a contract; ``data_type`` as PostgreSQL spells it in a table definition."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class PublishedTable:
    """A mart as its contract describes it. ``published_by``: the unit in which it moves to analytics."""

    name: str
    description: str
    published_by: PublishedBy
    primary_key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns in the order of the contract."""
        return tuple(column.name for column in self.columns)


def published_tables(manifest: Mapping[str, Any]) -> tuple[PublishedTable, ...]:
    """The marts of a dbt manifest that are published, dimensions first so that facts find their members.

    Raises ValueError for a mart whose meta does not say how it is published.
    """
    nodes = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    tables = [_table(node) for node in nodes if node["config"].get("group") == "marts"]
    return tuple(sorted(tables, key=lambda table: (table.published_by == "account_day", table.name)))


def _table(node: Mapping[str, Any]) -> PublishedTable:
    meta = node["config"].get("meta") or {}
    published_by, primary_key = meta.get("published_by"), meta.get("primary_key")
    if published_by not in ("account_day", "account", "always") or not primary_key:
        raise ValueError(
            f"mart {node['name']}: config.meta needs published_by (account_day, account, always) and primary_key"
        )
    columns = tuple(
        Column(column["name"], column["data_type"], " ".join(column["description"].split()))
        for column in node["columns"].values()
    )
    description = " ".join(node["description"].split())
    return PublishedTable(node["name"], description, published_by, tuple(primary_key), columns)


def ensure_analytics_tables(connection: Connection, tables: Iterable[PublishedTable]) -> tuple[str, ...]:
    """Create missing tables and add missing columns; returns what was changed, such as ``fct_x.column``.

    Readers keep their grants and views. Raises ContractChanged, and then nothing is altered, when a type differs or a
    published column is no longer in the contract.
    """
    changes: list[str] = []
    with transaction(connection) as cursor:
        for table in tables:
            present = _present_columns(cursor, table.name)
            if not present:
                _create(cursor, table)
                changes.append(table.name)
                continue
            wanted = _as_postgres_names_them(cursor, table)
            refuse_changes(table.name, present, wanted)
            for column in table.columns:
                if column.name not in present:
                    cursor.execute(
                        sql.SQL("alter table {} add column {} {}").format(
                            _qualified(table.name), sql.Identifier(column.name), sql.SQL(column.data_type)
                        )
                    )
                    changes.append(f"{table.name}.{column.name}")
            _comment(cursor, table)
    return tuple(changes)


def refuse_changes(table: str, present: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Raise ContractChanged unless the contract only adds columns. Both maps: column name -> type."""
    problems = [
        f"column {name} is {present[name]} in {PUBLISHED_SCHEMA} but "
        + (f"{wanted[name]} in the contract" if name in wanted else "no longer in the contract")
        for name in present
        if wanted.get(name) != present[name]
    ]
    if problems:
        raise ContractChanged(
            f"{PUBLISHED_SCHEMA}.{table}: {'; '.join(problems)}. Nothing was published. Readers depend on these "
            "columns: restore the contract in dbt_project/models/marts, or migrate the table first (numbered migration)"
        )


def _qualified(table: str) -> sql.Identifier:
    return sql.Identifier(PUBLISHED_SCHEMA, table)


def _present_columns(cursor: Cursor, table: str) -> dict[str, str]:
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        (f"{PUBLISHED_SCHEMA}.{table}",),
    )
    return dict(cursor.fetchall())


def _as_postgres_names_them(cursor: Cursor, table: PublishedTable) -> dict[str, str]:
    """The contract's types in the catalog's spelling: int and integer are one type."""
    types = [column.data_type for column in table.columns]
    cursor.execute(
        "select asked.position, to_regtype(asked.type)::text from unnest(%s) with ordinality as asked (type, position)",
        (types,),
    )
    names = dict(cursor.fetchall())
    return {column.name: names[position] or column.data_type for position, column in enumerate(table.columns, start=1)}


def _create(cursor: Cursor, table: PublishedTable) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.data_type)) for column in table.columns
    )
    key = sql.SQL(", ").join(map(sql.Identifier, table.primary_key))
    cursor.execute(sql.SQL("create table {} ({}, primary key ({}))").format(_qualified(table.name), columns, key))
    _comment(cursor, table)


def _comment(cursor: Cursor, table: PublishedTable) -> None:
    """Write the descriptions that differ; an unchanged comment takes no lock."""
    cursor.execute(
        "select coalesce(attname, ''), description from pg_description "
        "left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0 "
        "where objoid = to_regclass(%s) and classoid = 'pg_class'::regclass",
        (f"{PUBLISHED_SCHEMA}.{table.name}",),
    )
    present = dict(cursor.fetchall())
    if present.get("") != table.description:
        cursor.execute(sql.SQL("comment on table {} is %s").format(_qualified(table.name)), (table.description,))
    for column in table.columns:
        if present.get(column.name) != column.description:
            name = sql.Identifier(PUBLISHED_SCHEMA, table.name, column.name)
            cursor.execute(sql.SQL("comment on column {} is %s").format(name), (column.description,))
