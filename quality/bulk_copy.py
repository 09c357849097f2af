"""Bulk insert over COPY: a hundred thousand account-days in seconds."""

import io
from collections.abc import Iterable, Sequence

from psycopg2 import sql

from foundation.database import Cursor

# Bytes of text held in memory before they are sent.
_BUFFER_BYTES = 4 * 1024 * 1024
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Append rows to ``table`` (schema-qualified or temporary). None becomes null; returns the rows copied."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    copied = 0
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(map(_as_text, row)) + "\n")
        copied += 1
        if buffer.tell() > _BUFFER_BYTES:
            _send(cursor, statement, buffer)
            buffer = io.StringIO()
    if buffer.tell():
        _send(cursor, statement, buffer)
    return copied


def _as_text(value: object) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)


def _send(cursor: Cursor, statement: sql.Composed, buffer: io.StringIO) -> None:
    buffer.seek(0)
    cursor.copy_expert(statement, buffer)
