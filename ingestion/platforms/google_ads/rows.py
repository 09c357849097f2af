"""Batches of searchStream as rows, with the values that no field holds as it is: major units, ids, budgets."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import orjson

from ingestion.http.answers import json_body
from ingestion.platforms.google_ads.requests import ID_OF, MAJOR_UNITS
from ingestion.reports import Column

Row = dict[str, Any]

# Bodies up to this size are parsed once and kept; larger ones would fill the memory as objects.
LARGE_BODY_BYTES = 8_000_000
_MICROS_EXPONENT = -6
# Between two batches; inside a string the quotation mark would be escaped, and no row begins with one of these keys.
_NEXT_BATCH = re.compile(
    rb'\}\s*,\s*(?=\{\s*"(?:results|error|fieldMask|requestId|queryResourceConsumption|summaryRow)")'
)


def answer_parts(response: httpx.Response) -> Iterator[Any]:
    """The batches of a streamed answer, or the one document that any other answer is.

    A large body is parsed batch by batch: 10,000 rows take about 30 MB as objects. Raises orjson.JSONDecodeError
    where the body ends too early.
    """
    if _is_small(response):
        yield from _document(response)
        return
    body, start = memoryview(response.content), 0
    for found in _NEXT_BATCH.finditer(response.content):
        yield from orjson.loads((b"[" if start else b"") + body[start : found.start() + 1] + b"]")
        start = found.end()
    yield from orjson.loads((b"[" if start else b"") + body[start:])


def closing_parts(response: httpx.Response) -> list[Any]:
    """What an answer ends with: a stream that fails or is cut does so there. Raises orjson.JSONDecodeError."""
    if _is_small(response):
        return _document(response)
    start = 0
    for found in _NEXT_BATCH.finditer(response.content):
        start = found.end()
    parts: list[Any] = orjson.loads((b"[" if start else b"") + memoryview(response.content)[start:])
    return parts


def _is_small(response: httpx.Response) -> bool:
    return len(response.content) <= LARGE_BODY_BYTES or not response.content.lstrip().startswith(b"[")


def _document(response: httpx.Response) -> list[Any]:
    document = json_body(response)
    return document if isinstance(document, list) else [document]


def shaped(rows: list[Row], columns: Iterable[Column]) -> list[Row]:
    """The rows, in which every column's path now leads to its value."""
    computed = [column.path for column in columns if column.path[0] in _COMPUTATIONS]
    budgets = any(column.path[0] == "budget" for column in columns)
    for row in rows:
        for first, *place in computed:
            _put(row, first, place, _COMPUTATIONS[first](_value(row, place)))
        if budgets:
            row |= _budget(row.get("campaignBudget", {}))
    return rows


def major_units(micros: Any) -> str | None:
    """Micros as exact text in whole units of the currency: "36150000" -> "36.15"."""
    if micros is None:
        return None
    return f"{Decimal(micros).scaleb(_MICROS_EXPONENT).normalize():f}"


def _id_of(name: Any) -> str | None:
    """The object's own id in a resource name: customers/1/campaignBudgets/7 -> 7."""
    return str(name).rpartition("/")[2] if name else None


def _budget(budget: Row) -> Row:
    """A budget is an amount a day, or one for the campaign's whole time."""
    total = budget.get("totalAmountMicros")
    micros, kind = (total, "total") if total not in (None, "0") else (budget.get("amountMicros"), "daily")
    return {"budget": major_units(micros), "budgetKind": kind if micros is not None else None}


def _value(row: Row, place: list[str]) -> Any:
    value: Any = row
    for name in place:
        value = value.get(name) if value is not None else None
    return value


def _put(row: Row, first: str, place: list[str], value: Any) -> None:
    target = row.setdefault(first, {})
    for name in place[:-1]:
        target = target.setdefault(name, {})
    target[place[-1]] = value


_COMPUTATIONS = {MAJOR_UNITS: major_units, ID_OF: _id_of}
