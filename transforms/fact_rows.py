"""Moves the fact rows of the account-days in ``to_publish``: rows that changed or vanished go to the kept table."""

from psycopg2 import sql

from foundation.database import Cursor
from transforms.analytics_tables import PUBLISHED_SCHEMA, PublishedTable
from transforms.versions import BUILD_SCHEMA

# Lateral with offset 0 probes the key per account-day; a plan over the whole history would grow with it.
_OF_THE_DAYS = """
select fact.*, unit.version as new_version, unit.published_at as new_published_at
from to_publish as unit
cross join lateral (
    select candidate.ctid as row_address, {columns}
    from {relation} as candidate
    where
        candidate.client_id = unit.client_id and candidate.platform = unit.platform
        and candidate.account_id = unit.account_id and candidate.date_day = unit.date_day
    offset 0
) as fact
"""

# The version alone is no change: a day that is built anew with the same figures has another one.
_COMPARE = """
create temporary table row_move on commit drop as
with standing as materialized ({standing}),
built as materialized ({built})
select
    standing.row_address as standing_row,
    built.row_address as built_row,
    coalesce(built.new_version, standing.new_version) as version,
    coalesce(built.new_published_at, standing.new_published_at) as published_at,
    ({standing_columns}) is not distinct from ({built_columns}) as is_unchanged
from standing
full join built on {same_key}
"""

# Else the planner hashes the whole table by address, however few of its rows move.
_BY_ADDRESS = "set local enable_hashjoin = off; set local enable_mergejoin = off"
_BY_COST = "set local enable_hashjoin to default; set local enable_mergejoin to default"

_KEEP = """
insert into {history} ({columns}, published_at, superseded_at)
select {fact_columns}, fact.published_at, row_move.published_at
from row_move
inner join {published} as fact on fact.ctid = row_move.standing_row
where not row_move.is_unchanged
"""
_DELETE = """
delete from {published}
where ctid = any (array(select standing_row from row_move where standing_row is not null and not is_unchanged))
"""
_STAMP = """
update {published} as fact set version = row_move.version
from row_move
where row_move.is_unchanged and fact.ctid = row_move.standing_row
"""
_INSERT = """
insert into {published} ({columns}, published_at)
select {fact_columns}, row_move.published_at
from row_move
inner join {build} as fact on fact.ctid = row_move.built_row
where not row_move.is_unchanged
"""


def move_days(cursor: Cursor, table: PublishedTable) -> int:
    """Make the published rows of these account-days equal to the build's; returns how many rows the days have.

    A row whose figures did not change keeps its ``published_at`` and costs no storage.
    """
    compared = tuple(name for name in table.column_names if name != "version")
    published = sql.Identifier(PUBLISHED_SCHEMA, table.name)
    build = sql.Identifier(BUILD_SCHEMA, table.name)
    sides = {
        side: sql.SQL(_OF_THE_DAYS).format(relation=relation, columns=columns(compared, "candidate"))
        for side, relation in (("standing", published), ("built", build))
    }
    same_key = sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier("standing", key), sql.Identifier("built", key))
        for key in table.primary_key
    )
    cursor.execute("drop table if exists row_move")
    cursor.execute(
        sql.SQL(_COMPARE).format(
            **sides, standing_columns=columns(compared, "standing"), built_columns=columns(compared, "built"),
            same_key=same_key,
        )
    )  # fmt: skip
    cursor.execute("analyze row_move")
    names = {
        "published": published,
        "build": build,
        "columns": columns(table.column_names),
        "fact_columns": columns(table.column_names, "fact"),
    }
    cursor.execute(_BY_ADDRESS)
    if table.history is not None:
        cursor.execute(sql.SQL(_KEEP).format(history=sql.Identifier(PUBLISHED_SCHEMA, table.history.table), **names))
    cursor.execute(sql.SQL(_DELETE).format(**names))
    cursor.execute(sql.SQL(_STAMP).format(**names))
    cursor.execute(sql.SQL(_INSERT).format(**names))
    cursor.execute(_BY_COST)
    cursor.execute("select count(built_row) from row_move")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def columns(names: tuple[str, ...], alias: str | None = None) -> sql.Composed:
    """The names as a list of columns, each of the alias."""
    return sql.SQL(", ").join(sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)
