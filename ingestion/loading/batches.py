"""Wire rows to Arrow batches of fixed size, every value as the text that stood on the wire."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pyarrow as pa

from ingestion.reports import Column

Row = dict[str, Any]
Emit = Callable[[str, pa.Table], None]

# Rows per landed batch: large enough for COPY speed, small enough that memory does not grow with the account.
BATCH_ROWS = 20_000


def as_text(value: Any) -> str | None:
    """The value as landed text: JSON for lists and objects, the shortest exact form for numbers."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return repr(value)


def _values(rows: list[Row], path: tuple[str, ...]) -> list[Any]:
    first, *rest = path
    values = [row.get(first) for row in rows]
    for name in rest:
        values = [value.get(name) if value is not None else None for value in values]
    return values


def page_batch(rows: list[Row], columns: Iterable[Column], account_id: str) -> pa.RecordBatch:
    """One page as an Arrow batch: `_account` and one text column per definition column."""
    arrays: list[pa.Array] = [pa.repeat(pa.scalar(account_id, pa.string()), len(rows))]
    names = ["_account"]
    for column in columns:
        arrays.append(pa.array([as_text(value) for value in _values(rows, column.path)], pa.string()))
        names.append(column.name)
    return pa.RecordBatch.from_arrays(arrays, names=names)


class BatchWriter:
    """Collects the pages of one table of one account and emits them in batches of about BATCH_ROWS rows."""

    def __init__(self, table: str, columns: Iterable[Column], account_id: str, emit: Emit) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._account_id = account_id
        self._emit = emit
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0
        self.rows_written = 0

    def add(self, rows: list[Row], **constants: int) -> None:
        """Add one page; ``constants`` become integer columns of the same value in every row."""
        if not rows:
            return
        batch = page_batch(rows, self._columns, self._account_id)
        for name, value in constants.items():
            batch = batch.append_column(name, pa.repeat(pa.scalar(value, pa.int32()), len(rows)))
        self._batches.append(batch)
        self._rows += len(rows)
        self.rows_written += len(rows)
        if self._rows >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Emit what is left."""
        if self._batches:
            self._emit(self._table, pa.Table.from_batches(self._batches))
            self._batches, self._rows = [], 0
