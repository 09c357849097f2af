"""Compares a published table with an expected frame: keys that are missing or too many, and values that differ."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

_SHOWN = 5
# Quotients have as many digits as an engine cares to give; so many of them must agree.
_DIGITS = 12


@dataclass(frozen=True)
class Expected:
    """What a table must hold.

    quotients: columns that are divided; tolerances: column -> what it may differ by; shapes: column -> how the
    published value is read before it is compared; left_out: column -> why it is not compared.
    """

    keys: tuple[str, ...]
    frame: pd.DataFrame
    quotients: frozenset[str] = frozenset()
    tolerances: Mapping[str, Decimal] = field(default_factory=dict)
    shapes: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def plain(value: Any) -> Any:
    """A value as both sides write it: numbers as Decimal, instants in UTC, lists and objects as JSON, else None."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Decimal):
        return None if value.is_nan() else value.normalize() + 0
    if isinstance(value, int | np.integer):
        return Decimal(int(value)).normalize() + 0
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else Decimal(repr(float(value))).normalize() + 0
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return json.dumps({key: str(plain(part)) for key, part in value.items()}, sort_keys=True, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return value


def _rounded(value: Any) -> Any:
    if not isinstance(value, Decimal) or not value:
        return value
    return round(value, _DIGITS - 1 - value.adjusted()).normalize() + 0


def differences(table: str, expected: Expected, published: pd.DataFrame) -> list[str]:
    """One line for each kind of difference, with the first examples; empty where the table is right."""
    found: list[str] = []
    told, known = set(expected.frame.columns), set(published.columns)
    if gone := told - known:
        found.append(f"{table}: columns that are not published: {sorted(gone)}")
    if unchecked := known - told - set(expected.left_out):
        found.append(f"{table}: published columns that nobody expects: {sorted(unchecked)}")
    columns = [name for name in expected.frame.columns if name in known]
    right = _rows(expected.frame, expected.keys, columns)
    shown = _rows(published.assign(**_shaped(expected, published)), expected.keys, columns)
    for side, name, frame in ((right, "expected", expected.frame), (shown, "published", published)):
        if len(side) != len(frame):
            found.append(f"{table}: {len(frame) - len(side)} {name} rows share their key {expected.keys}")
    missing, surplus = [key for key in right if key not in shown], [key for key in shown if key not in right]
    for keys, word in ((missing, "missing"), (surplus, "surplus")):
        if keys:
            found.append(f"{table}: {len(keys)} rows {word} of {len(right)}, first {_first(sorted(keys, key=str))}")
    for place, column in enumerate(columns):
        wrong = [
            (key, row[place], shown[key][place])
            for key, row in right.items()
            if key in shown
            and row[place] != shown[key][place]
            and not _close(expected, column, row[place], shown[key][place])
        ]
        if wrong:
            examples = "; ".join(
                f"{_named(expected.keys, key)} expected {own!s} published {other!s}"
                for key, own, other in wrong[:_SHOWN]
            )
            found.append(f"{table}.{column}: {len(wrong)} of {len(right)} differ: {examples}")
    return found


def _shaped(expected: Expected, published: pd.DataFrame) -> dict[str, list[Any]]:
    shapes = {name: shape for name, shape in expected.shapes.items() if name in published}
    return {
        name: [None if value is None else shape(value) for value in published[name]] for name, shape in shapes.items()
    }


def _close(expected: Expected, column: str, own: Any, other: Any) -> bool:
    if not (isinstance(own, Decimal) and isinstance(other, Decimal)):
        return False
    if column in expected.quotients and _rounded(own) == _rounded(other):
        return True
    return abs(own - other) <= expected.tolerances.get(column, Decimal(0))


def _rows(frame: pd.DataFrame, keys: Iterable[str], columns: list[str]) -> dict[tuple[Any, ...], list[Any]]:
    values = {name: [plain(value) for value in frame[name]] for name in columns}
    names = zip(*(values[key] for key in keys), strict=True)
    rows = zip(*(values[name] for name in columns), strict=True)
    return dict(zip(names, (list(row) for row in rows), strict=True))


def _first(keys: list[Any]) -> str:
    return "; ".join(str(tuple(str(part) for part in key)) for key in keys[:_SHOWN])


def _named(names: Iterable[str], key: tuple[Any, ...]) -> str:
    return "(" + ", ".join(f"{name}={part}" for name, part in zip(names, key, strict=True)) + ")"
