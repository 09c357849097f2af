"""What an answer must hold and what nobody asked for: the payload contract of a report. Pure.

The same stands in quality/contracts/raw_<platform>; a test compares the two.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError, Action, Problem
from ingestion.reports import PlatformDefinition, Report

Row = dict[str, Any]
# Fields that are usually there may be missing from a few rows: without a click nobody has to send clicks.
JUDGED_FROM_ROWS = 20


class WireFields:
    """The names that a report's answers may use, whichever object they stand in."""

    def __init__(self, definition: PlatformDefinition, report: Report) -> None:
        own = definition.also_sent
        self._names = frozenset(name for column in report.columns for name in column.path) | own
        # Objects of which a column is read; what we made ourselves out of an answer has no names of the platform's.
        paths = {column.path[:length] for column in report.columns for length in range(1, len(column.path))}
        self._objects = ((), *sorted(path for path in paths if path[0] not in own))

    def unknown(self, rows: list[Row]) -> list[Row | None] | None:
        """Per row the fields that no definition names, under their whole path; None where there are none at all."""
        found: list[Row | None] | None = None
        for path in self._objects:
            objects = [_at(row, path) for row in rows] if path else rows
            new = set().union(*filter(None, objects)) - self._names
            if not new:
                continue
            found = found or [None] * len(rows)
            for place, each in enumerate(objects):
                if told := {".".join((*path, name)): each[name] for name in new if each and name in each}:
                    found[place] = {**(found[place] or {}), **told}
        return found


def missing_fields(definition: PlatformDefinition, report: Report, filled: Mapping[str, int], rows: int) -> list[str]:
    """Columns that no row of a reading has although the platform sends them: a field was renamed or taken away."""
    if not rows:
        return []
    expected = set(definition.always_sent)
    if rows >= JUDGED_FROM_ROWS:
        expected |= definition.usually_sent
    return [column.name for column in report.columns if column.name in expected and not filled.get(column.name)]


def require_sent(
    definition: PlatformDefinition, report: Report, account: AccountRef, filled: Mapping[str, int], rows: int
) -> None:
    """Raises AccountReadError where a field that is used is in no row: zero instead of it would be a lie."""
    missing = missing_fields(definition, report, filled, rows)
    if missing:
        raise AccountReadError(
            Problem(
                Action.GIVE_UP_ACCOUNT,
                "schema",
                "missing_field",
                f"{report.name} of {account}: none of {rows} rows has {', '.join(missing)}",
                f"compare {definition.title}'s changelog with ingestion/platforms/{definition.name} and "
                f"quality/contracts/{definition.raw_schema}/{report.name}.odcs.yaml",
            )
        )


def _at(row: Row, path: Iterable[str]) -> Row | None:
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None
