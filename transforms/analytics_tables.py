"""Creates and alters the published tables so that they match the contracts of the dbt marts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from psycopg2 import sql

from foundation.database import Connection, Cursor, transaction

PUBLISHED_SCHEMA = "analytics"
_INSTANT = "timestamp with time zone"
PublishedBy = Literal["account_day", "account", "always"]


class ContractChanged(RuntimeError):
    """A published column's type changed or a column went away; only a migration may do that."""


@dataclass(frozen=True)
class Column:
    """A column of a contract; ``data_type`` as PostgreSQL spells it in a table definition."""

    name: str
    data_type: str
    description: str


PUBLISHED_AT = Column(
    "published_at", _INSTANT,
    "Since when these figures of the row stand in analytics: a day that is published again moves it only for the rows "
    "that changed. Written by the publication.",
)  # fmt: skip
_SUPERSEDED_AT = Column("superseded_at", _INSTANT, "When a publication changed the row's figures or removed it.")
_VALID_FROM = Column("valid_from", _INSTANT, "Since when these figures of the row stood in analytics.")
_VALID_TO = Column("valid_to", _INSTANT, "Until when they stood there, exclusive; null: they still do.")


@dataclass(frozen=True)
class HistoryNames:
    """Where the superseded rows of a fact are kept, and how they are read together with the current ones."""

    table: str
    view: str
    function: str


@dataclass(frozen=True)
class PublishedTable:
    """A mart as its contract describes it. ``published_by``: the unit in which it moves to analytics.

    ``history``: only of facts whose superseded rows are kept.
    """

    name: str
    description: str
    published_by: PublishedBy
    primary_key: tuple[str, ...]
    columns: tuple[Column, ...]
    history: HistoryNames | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns in the order of the contract."""
        return tuple(column.name for column in self.columns)

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """The contract's columns, of facts with what the publication itself writes."""
        return (*self.columns, PUBLISHED_AT) if self.published_by == "account_day" else self.columns


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
    history = _history_names(node["name"]) if meta.get("keeps_history") else None
    if history and published_by != "account_day":
        raise ValueError(f"mart {node['name']}: keeps_history is for facts that are published by account_day")
    return PublishedTable(node["name"], description, published_by, tuple(primary_key), columns, history)


def _history_names(fact: str) -> HistoryNames:
    """fct_ad_performance_daily: fct_ad_performance_history, fct_ad_performance_as_of and ad_performance_at."""
    stem = fact.removesuffix("_daily")
    return HistoryNames(f"{stem}_history", f"{stem}_as_of", f"{stem.removeprefix('fct_')}_at")


def ensure_analytics_tables(connection: Connection, tables: Iterable[PublishedTable]) -> tuple[str, ...]:
    """Create missing tables and add missing columns; returns what was changed, such as ``fct_x.column``.

    Readers keep their grants and views. Raises ContractChanged, and then nothing is altered, when a type differs or a
    published column is no longer in the contract.
    """
    changes: list[str] = []
    with transaction(connection) as cursor:
        for table in tables:
            stored = table.stored_columns
            added = ensure_columns(cursor, table.name, table.description, stored, table.primary_key)
            if not {table.name, f"{table.name}.{PUBLISHED_AT.name}"}.isdisjoint(added) and PUBLISHED_AT in stored:
                _fill_published_at(cursor, table.name)
            changes += added
            if table.history is not None:
                changes += _ensure_history(cursor, table, table.history)
    return tuple(changes)


def ensure_columns(
    cursor: Cursor, name: str, description: str, columns: tuple[Column, ...], primary_key: tuple[str, ...] = ()
) -> list[str]:
    """Create the table or add what it lacks, and describe it; returns what was changed."""
    present = present_columns(cursor, name)
    changes = []
    if not present:
        _create(cursor, name, columns, primary_key)
        changes.append(name)
    else:
        refuse_changes(name, present, _as_postgres_names_them(cursor, columns))
        for column in columns:
            if column.name not in present:
                cursor.execute(
                    sql.SQL("alter table {} add column {} {}").format(
                        qualified(name), sql.Identifier(column.name), sql.SQL(column.data_type)
                    )
                )
                changes.append(f"{name}.{column.name}")
    comment(cursor, name, description, columns)
    return changes


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


def qualified(table: str) -> sql.Identifier:
    return sql.Identifier(PUBLISHED_SCHEMA, table)


def present_columns(cursor: Cursor, table: str) -> dict[str, str]:
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        (f"{PUBLISHED_SCHEMA}.{table}",),
    )
    return dict(cursor.fetchall())


def _as_postgres_names_them(cursor: Cursor, columns: tuple[Column, ...]) -> dict[str, str]:
    """The contract's types in the catalog's spelling: int and integer are one type."""
    types = [column.data_type for column in columns]
    cursor.execute(
        "select asked.position, to_regtype(asked.type)::text from unnest(%s) with ordinality as asked (type, position)",
        (types,),
    )
    names = dict(cursor.fetchall())
    return {column.name: names[position] or column.data_type for position, column in enumerate(columns, start=1)}


def _create(cursor: Cursor, name: str, columns: tuple[Column, ...], primary_key: tuple[str, ...]) -> None:
    parts = [sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.data_type)) for column in columns]
    if primary_key:
        parts.append(sql.SQL("primary key ({})").format(sql.SQL(", ").join(map(sql.Identifier, primary_key))))
    cursor.execute(sql.SQL("create table {} ({})").format(qualified(name), sql.SQL(", ").join(parts)))


def comment(
    cursor: Cursor, name: str, description: str, columns: Iterable[Column], *, kind: Literal["table", "view"] = "table"
) -> None:
    """Write the descriptions that differ; an unchanged comment takes no lock."""
    cursor.execute(
        "select coalesce(attname, ''), description from pg_description "
        "left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0 "
        "where objoid = to_regclass(%s) and classoid = 'pg_class'::regclass",
        (f"{PUBLISHED_SCHEMA}.{name}",),
    )
    present = dict(cursor.fetchall())
    if present.get("") != description:
        cursor.execute(sql.SQL("comment on {} {} is %s").format(sql.SQL(kind), qualified(name)), (description,))
    for column in columns:
        if present.get(column.name) != column.description:
            name_of_column = sql.Identifier(PUBLISHED_SCHEMA, name, column.name)
            cursor.execute(sql.SQL("comment on column {} is %s").format(name_of_column), (column.description,))


# What stood there before the column existed stands since its account-day was last published.
_FILL_PUBLISHED_AT = """
update {fact} as fact set published_at = coalesce(
    (
        select published.published_at from ops.published_day as published
        where
            published.client_id = fact.client_id and published.platform = fact.platform
            and published.account_id = fact.account_id and published.date_day = fact.date_day
            and published.superseded_at is null
    ),
    '-infinity'
)
"""


def _fill_published_at(cursor: Cursor, fact: str) -> None:
    cursor.execute(sql.SQL(_FILL_PUBLISHED_AT).format(fact=qualified(fact)))
    cursor.execute(sql.SQL("alter table {} alter column published_at set not null").format(qualified(fact)))


_AS_OF = """
create or replace view {view} as
select published_at as valid_from, null::timestamptz as valid_to, {columns} from {fact}
union all
select published_at, superseded_at, {columns} from {history}
"""
# A body of text and no security definer: PostgreSQL puts it into the query that calls it, filters reach the indexes.
_AT = """
create or replace function {function} (moment timestamptz) returns setof {view} language sql stable as
$$ select * from {view} where valid_from <= moment and (valid_to > moment or valid_to is null) $$
"""


def _ensure_history(cursor: Cursor, fact: PublishedTable, names: HistoryNames) -> list[str]:
    """The kept table, the view over kept and current rows and the function of an instant, all as wide as the contract.

    The view has no version: one version may be followed by another without a change of the row.
    """
    stored = (*fact.stored_columns, _SUPERSEDED_AT)
    about = f"Superseded rows of {fact.name}, each once a change: read {names.view}."
    changes = ensure_columns(cursor, names.table, about, stored)
    if names.table in changes:
        key = sql.SQL(", ").join(map(sql.Identifier, ("client_id", "platform", "account_id", "date_day")))
        cursor.execute(sql.SQL("create index on {} ({})").format(qualified(names.table), key))
    shown = {column.name: column for column in fact.columns if column.name != "version"}
    present = [name for name in present_columns(cursor, names.view) if name in shown]
    if set(present) != set(shown):
        # A view takes new columns at its end only.
        order = [*present, *(name for name in shown if name not in present)]
        relations = {"view": names.view, "fact": fact.name, "history": names.table, "function": names.function}
        parts = {part: qualified(name) for part, name in relations.items()}
        for statement in (_AS_OF, _AT):
            columns = sql.SQL(", ").join(map(sql.Identifier, order))
            cursor.execute(sql.SQL(statement).format(columns=columns, **parts))
        changes.append(names.view)
    about = (
        f"{fact.name} as it stood at any moment: its rows and those that were superseded. Of one moment: "
        f"{PUBLISHED_SCHEMA}.{names.function}(moment), rows with valid_from <= moment and no valid_to before it."
    )
    comment(cursor, names.view, about, (_VALID_FROM, _VALID_TO, *shown.values()), kind="view")
    return changes
