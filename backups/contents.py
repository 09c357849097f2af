"""What a database holds, as figures that two databases can be compared by."""

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from foundation.database import Connection, Cursor

# Scratch schemas of loads in progress: they come and go under the dump and nothing reads them later.
EXCLUDED_SCHEMAS = r"landing\_%"
EXCLUDED_SCHEMA_PATTERN = "landing_*"

# The text of a row depends on these; fixed, so that both sides of a comparison write alike.
_TEXT_FORM = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


@dataclass(frozen=True)
class TableContents:
    """Number of rows, and the sum of a 64-bit hash of each row's text: equal for equal rows in any order."""

    rows: int
    checksum: str

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "checksum": self.checksum}


def _tables(cursor: Cursor) -> list[tuple[str, str]]:
    cursor.execute(
        """
        select schema.nspname, relation.relname
        from pg_class as relation
        inner join pg_namespace as schema on schema.oid = relation.relnamespace
        where relation.relkind in ('r', 'm') and relation.relpersistence <> 't'
            and schema.nspname !~ '^pg_' and schema.nspname <> 'information_schema' and schema.nspname not like %s
        order by 1, 2
        """,
        (EXCLUDED_SCHEMAS,),
    )
    return cursor.fetchall()


def read_contents(cursor: Cursor) -> dict[str, TableContents]:
    """Every table of the database (loads' scratch schemas aside) by ``schema.table``, in the caller's transaction."""
    for name, value in _TEXT_FORM.items():
        cursor.execute(sql.SQL("set local {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    found = {}
    for schema, table in _tables(cursor):
        cursor.execute(
            sql.SQL(
                "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from {} as t"
            ).format(sql.Identifier(schema, table))
        )
        row = cursor.fetchone()
        assert row is not None
        found[f"{schema}.{table}"] = TableContents(int(row[0]), row[1])
    return found


def roles_of(cursor: Cursor) -> list[str]:
    """Roles that own something in this database or are granted something; a dump names them but does not make them."""
    cursor.execute(
        """
        select distinct role.rolname
        from pg_roles as role
        where role.rolname = current_user or exists (
            select 1 from pg_shdepend as dependency
            inner join pg_database as database on database.oid = dependency.dbid
            where database.datname = current_database() and dependency.refclassid = 'pg_authid'::regclass
                and dependency.refobjid = role.oid
        ) or exists (select 1 from pg_default_acl as defaults where defaults.defaclrole = role.oid)
        order by 1
        """
    )
    return [name for (name,) in cursor.fetchall()]


def server_major(connection: Connection) -> int:
    """PostgreSQL's major version, 18 for 18.6."""
    return connection.server_version // 10_000
