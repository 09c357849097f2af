"""The part of the Google Ads Query Language that reports use: SELECT, FROM, WHERE with AND, ORDER BY, LIMIT."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.wire.google_errors import query_error

_CLAUSES = re.compile(
    r"^\s*SELECT\s+(?P<select>.+?)\s+FROM\s+(?P<from>\w+)"
    r"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>.+?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?(?:\s+PARAMETERS\s+.+)?\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(
    r"^(?P<field>[\w.]+)\s*(?:"
    r"BETWEEN\s+'(?P<low>[^']*)'\s+AND\s+'(?P<high>[^']*)'"
    r"|DURING\s+(?P<during>\w+)"
    r"|(?P<negated>NOT\s+)?IN\s*\((?P<list>[^)]*)\)"
    r"|(?P<operator>!=|<=|>=|=|<|>)\s*(?P<value>'[^']*'|\"[^\"]*\"|[\w.\-]+))$",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[a-z_][a-z0-9_.]*")
_SPANS = {"LAST_7_DAYS": 7, "LAST_14_DAYS": 14, "LAST_30_DAYS": 30}


@dataclass(frozen=True)
class Condition:
    """``field operator values``; operators: IN, NOT IN, !=, <, <=, >, >= (= is IN of one)."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, value: object) -> bool:
        """Whether a field's value fits; ids and numbers compare as numbers."""
        if self.operator in ("IN", "NOT IN"):
            return (str(value) in self.values) == (self.operator == "IN")
        if self.operator == "!=":
            return str(value) != self.values[0]
        order = _compare(value, self.values[0])
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[self.operator]


@dataclass(frozen=True)
class Query:
    """A parsed query; since/until are the finite date range, where there is one."""

    fields: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...]
    since: date | None
    until: date | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    @property
    def segmented(self) -> bool:
        return any(field.startswith("segments.") for field in self.fields)

    @property
    def metrics(self) -> tuple[str, ...]:
        return tuple(field for field in self.fields if field.startswith("metrics."))


def _compare(value: object, text: str) -> int:
    """-1, 0 or 1; as numbers where both sides are."""
    try:
        left, right = float(str(value)), float(text)
    except ValueError:
        return (str(value) > text) - (str(value) < text)
    return (left > right) - (left < right)


def parse(text: str, today: date) -> Query:
    """Raises GoogleError as the API answers a malformed query."""
    match = _CLAUSES.match(text)
    if match is None:
        raise query_error("UNEXPECTED_INPUT", "Error in query: unexpected input.")
    fields = tuple(name.strip() for name in match["select"].split(","))
    for name in fields:
        if not _FIELD.fullmatch(name):
            raise query_error("BAD_FIELD_NAME", f"Error in SELECT clause: invalid field name '{name}'.")
    conditions: list[Condition] = []
    since: date | None = None
    until: date | None = None
    for part in _split_and(match["where"] or ""):
        found = _CONDITION.match(part)
        if found is None:
            raise query_error("BAD_OPERATOR", f"Error in WHERE clause: cannot read '{part}'.")
        if found["field"] == "segments.date":
            since, until = _narrow_dates(found, since, until, today)
        else:
            conditions.append(_condition(found))
    order = tuple(
        (words[0], len(words) > 1 and words[1].upper() == "DESC")
        for words in (item.split() for item in (match["order"] or "").split(","))
        if words
    )
    limit = int(match["limit"]) if match["limit"] else None
    return Query(fields, match["from"].lower(), tuple(conditions), since, until, order, limit)


def _split_and(text: str) -> Sequence[str]:
    """Conditions of a WHERE clause; the AND of a BETWEEN does not separate."""
    parts: list[str] = []
    for piece in re.split(r"\s+AND\s+", text.strip(), flags=re.IGNORECASE):
        if parts and re.search(r"BETWEEN\s+'[^']*'$", parts[-1], re.IGNORECASE):
            parts[-1] += f" AND {piece}"
        elif piece:
            parts.append(piece)
    return [" ".join(part.split()) for part in parts]


def _unquoted(text: str) -> str:
    return text.strip().strip("'\"")


def _condition(found: re.Match[str]) -> Condition:
    if found["list"] is not None:
        values = tuple(_unquoted(value) for value in found["list"].split(","))
        return Condition(found["field"], "NOT IN" if found["negated"] else "IN", values)
    if found["operator"] is None:
        raise query_error("BAD_OPERATOR", f"Operator is not applicable to '{found['field']}'.")
    operator = "IN" if found["operator"] == "=" else found["operator"]
    return Condition(found["field"], operator, (_unquoted(found["value"]),))


def _narrow_dates(
    found: re.Match[str], since: date | None, until: date | None, today: date
) -> tuple[date | None, date | None]:
    yesterday = today - timedelta(days=1)
    try:
        if found["low"] is not None:
            return date.fromisoformat(found["low"]), date.fromisoformat(found["high"])
        if found["during"] is not None:
            name = found["during"].upper()
            if name in ("TODAY", "YESTERDAY"):
                day = today if name == "TODAY" else yesterday
                return day, day
            return yesterday - timedelta(days=_SPANS[name] - 1), yesterday
        day = date.fromisoformat(_unquoted(found["value"] or ""))
    except (ValueError, KeyError) as error:
        raise query_error("INVALID_VALUE_WITH_BETWEEN_OPERATOR", "The date range is not valid.") from error
    one = timedelta(days=1)
    bounds = {"=": (day, day), ">=": (day, until), ">": (day + one, until), "<=": (since, day), "<": (since, day - one)}
    if found["operator"] not in bounds:
        raise query_error("BAD_OPERATOR", "Operator is not applicable to 'segments.date'.")
    return bounds[found["operator"]]
