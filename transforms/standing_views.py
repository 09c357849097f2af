"""Which views of the build need not be made again: a view costs dbt as much as a table, and each build has eighty."""

from collections.abc import Sequence

from foundation.database import Connection, transaction

# The stored tree names relations by their oids: a table or view made anew below a view tells as well.
_STORED = """
select class.relname, md5(rule.ev_action::text) as stored
from pg_class as class
inner join pg_rewrite as rule on rule.ev_class = class.oid and rule.rulename = '_RETURN'
where class.relnamespace = to_regnamespace(%s) and class.relkind = 'v' and class.relname = any (%s)
"""


def views_stand(connection: Connection, schema: str, names: Sequence[str], project_hash: str) -> bool:
    """Whether the schema has every one of these views as the project of this hash made it and nobody touched it."""
    with transaction(connection) as cursor:
        cursor.execute("select name, stored_hash from ops.build_view where project_hash = %s", (project_hash,))
        remembered = dict(cursor.fetchall())
        cursor.execute(_STORED, (schema, list(names)))
        stored = dict(cursor.fetchall())
    return all(name in stored and stored[name] == remembered.get(name) for name in names)


def remember_views(connection: Connection, schema: str, names: Sequence[str], project_hash: str) -> None:
    """Enter how these views stand right after the project of this hash made them; all others are forgotten."""
    with transaction(connection) as cursor:
        cursor.execute("delete from ops.build_view")
        cursor.execute(
            "insert into ops.build_view (name, project_hash, stored_hash) "
            f"select relname, %s, stored from ({_STORED}) as made",
            (project_hash, schema, list(names)),
        )
