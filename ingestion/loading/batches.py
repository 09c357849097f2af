"""Wire rows to Arrow batches of fixed size, every value as the text that stood on the wire."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pyarrow as pa

from ingestion.loading.wire_contract import WireFields
from ingestion.reports import Column

Row = dict[str, Any]
Emit = Callable[[str, pa.Table], None]

UNKNOWN = "_unknown"
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


def _looked_up(objects: list[Any] | None, name: str) -> list[Any] | None:
    """What each object has under a name; None where none of them has anything."""
    if objects is None:
        return None
    values = [each.get(name) if each is not None else None for each in objects]
    return values if any(value is not None for value in values) else None


def _text_array(values: list[Any] | None, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, pa.string())
    try:
        # Nearly all that platforms send is text already, and Arrow finds that out faster than we.
        return pa.array(values, pa.string())
    except pa.ArrowTypeError:
        return pa.array([as_text(value) for value in values], pa.string())


def page_batch(rows: list[Row], columns: Iterable[Column], account_id: str) -> pa.RecordBatch:
    """One page as an Arrow batch: `_account` and one text column per definition column."""
    # Paths that begin alike (metrics, ...) share what they lead through.
    objects: dict[tuple[str, ...], list[Any] | None] = {(): rows}
    arrays: list[pa.Array] = [pa.repeat(pa.scalar(account_id, pa.string()), len(rows))]
    names = ["_account"]
    for column in columns:
        *way, name = column.path
        for length in range(1, len(way) + 1):
            place = column.path[:length]
            if place not in objects:
                objects[place] = _looked_up(objects[place[:-1]], place[-1])
        arrays.append(_text_array(_looked_up(objects[tuple(way)], name), len(rows)))
        names.append(column.name)
    return pa.RecordBatch.from_arrays(arrays, names=names)


class BatchWriter:
    """Collects the pages of one table of one account and emits them in batches of about BATCH_ROWS rows.

    fields: what the answers may hold; all else lands as JSON in `_unknown`. filled: rows with a value, by column.
    unknown: an example of each field that nobody asked for.
    """

    def __init__(
        self, table: str, columns: Iterable[Column], account_id: str, emit: Emit, fields: WireFields | None = None
    ) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._account_id = account_id
        self._emit = emit
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0
        self._fields = fields
        self.rows_written = 0
        self.filled: Counter[str] = Counter()
        self.unknown: dict[str, Any] = {}

    def add(self, rows: list[Row], **constants: int) -> None:
        """Add one page; ``constants`` become integer columns of the same value in every row."""
        if not rows:
            return
        batch = page_batch(rows, self._columns, self._account_id)
        for column, values in zip(self._columns, batch.columns[1:], strict=True):
            self.filled[column.name] += len(rows) - values.null_count
        if self._fields:
            unknown = self._fields.unknown(rows)
            for each in filter(None, unknown or ()):
                self.unknown = {**each, **self.unknown}
            batch = batch.append_column(UNKNOWN, _text_array(unknown, len(rows)))
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
