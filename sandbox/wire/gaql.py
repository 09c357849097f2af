"""The Google Ads Query Language as reports and lists use it: SELECT, FROM, WHERE with AND, ORDER BY, LIMIT."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.wire.google_errors import GoogleError, query_error

_CLAUSES = re.compile(
    r"^\s*SELECT\s+(?P<select>.+?)(?:\s+FROM\s+(?P<from>\w+))?"
    r"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>.+?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\S+))?(?:\s+PARAMETERS\s+.+)?\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(
    r"^(?P<field>[\w.]+)\s*(?:"
    r"BETWEEN\s+(?P<low>'[^']*'|\"[^\"]*\"|\S+)\s+AND\s+(?P<high>'[^']*'|\"[^\"]*\"|\S+)"
    r"|DURING\s+(?P<during>\w+)"
    r"|IS\s+(?P<set>NOT\s+)?NULL"
    r"|(?P<list_operator>NOT\s+IN|IN|CONTAINS\s+ANY|CONTAINS\s+ALL|CONTAINS\s+NONE)\s*\((?P<list>[^)]*)\)"
    r"|(?P<operator>!=|<=|>=|=|<|>|NOT\s+LIKE|LIKE)\s*(?P<value>'[^']*'|\"[^\"]*\"|[\w.\-:]+))$",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[a-z_][a-z0-9_.]*")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_SPANS = {"LAST_7_DAYS": 7, "LAST_14_DAYS": 14, "LAST_30_DAYS": 30}
# Segments that are days or made of days.
DATE_SEGMENTS = frozenset(f"segments.{name}" for name in ("date", "week", "month", "quarter", "year"))


@dataclass(frozen=True)
class Condition:
    """``field operator values``; = is IN of one value, IS NULL has none."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, value: object) -> bool:
        """Whether a field's value fits; ids and numbers compare as numbers, booleans in either case."""
        match self.operator:
            case "IN" | "NOT IN":
                return (_said(value) in self.values) == (self.operator == "IN")
            case "CONTAINS ANY" | "CONTAINS ALL" | "CONTAINS NONE":
                return self._contains(value if isinstance(value, list) else [])
            case "LIKE" | "NOT LIKE":
                pattern = ".*".join(re.escape(part) for part in self.values[0].split("%"))
                return bool(re.fullmatch(pattern, _said(value), re.IGNORECASE)) == (self.operator == "LIKE")
            case "IS NULL" | "IS NOT NULL":
                return (value is None) == (self.operator == "IS NULL")
            case "BETWEEN":
                return value is not None and _compare(value, self.values[0]) >= 0 >= _compare(value, self.values[1])
            case "!=":
                return _said(value) != self.values[0]
        order = _compare(value, self.values[0])
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[self.operator]

    def _contains(self, found: Collection[object]) -> bool:
        wanted = [value in {_said(item) for item in found} for value in self.values]
        return {"CONTAINS ANY": any(wanted), "CONTAINS ALL": all(wanted), "CONTAINS NONE": not any(wanted)}[
            self.operator
        ]


@dataclass(frozen=True)
class Query:
    """A parsed query; since/until are the finite date range, where there is one. ``resource`` "" without FROM."""

    fields: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...]
    since: date | None
    until: date | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(field for field in self.fields if field.startswith("segments."))

    @property
    def metrics(self) -> tuple[str, ...]:
        return tuple(field for field in self.fields if field.startswith("metrics."))

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Every field of any clause."""
        conditions = (condition.field for condition in self.conditions)
        return tuple(dict.fromkeys((*self.fields, *conditions, *(name for name, _ in self.order))))


def _said(value: object) -> str:
    """A value as a query writes it."""
    return str(value).upper() if isinstance(value, bool) else str(value)


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
        code = "UNEXPECTED_INPUT" if re.match(r"\s*SELECT\b", text, re.IGNORECASE) else "EXPECTED_SELECT"
        raise query_error(code, "Error in query: unexpected input.")
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
        if found["field"] in DATE_SEGMENTS:
            since, until = _narrow_dates(found, since, until, today)
        else:
            conditions.append(_condition(found, today))
    order = tuple(
        (words[0], len(words) > 1 and words[1].upper() == "DESC")
        for words in (item.split() for item in (match["order"] or "").split(","))
        if words
    )
    return Query(fields, (match["from"] or "").lower(), tuple(conditions), since, until, order, _limit(match["limit"]))


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit():
        raise query_error("BAD_LIMIT_VALUE", f"Invalid limit value: '{text}'.")
    if int(text) == 0:
        raise query_error("LIMIT_VALUE_TOO_LOW", "The limit must be greater than zero.")
    return int(text)


def _split_and(text: str) -> Sequence[str]:
    """Conditions of a WHERE clause; the AND of a BETWEEN and one inside a string do not separate."""
    strings: list[str] = []

    def put_away(found: re.Match[str]) -> str:
        strings.append(found[0])
        return f"'{len(strings) - 1}'"

    parts: list[str] = []
    for piece in re.split(r"\s+AND\s+", _STRING.sub(put_away, text.strip()), flags=re.IGNORECASE):
        if parts and re.search(r"BETWEEN\s+\S+$", parts[-1], re.IGNORECASE):
            parts[-1] += f" AND {piece}"
        elif piece:
            parts.append(piece)
    return [re.sub(r"'(\d+)'", lambda found: strings[int(found[1])], " ".join(part.split())) for part in parts]


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text[:1] in ("'", '"') else text


def _condition(found: re.Match[str], today: date) -> Condition:
    field = found["field"]
    if found["list"] is not None:
        values = tuple(_literal(value) for value in found["list"].split(",") if value.strip())
        if not values:
            raise query_error("PROHIBITED_EMPTY_LIST_IN_CONDITION", f"The list of '{field}' is empty.")
        return Condition(field, " ".join(found["list_operator"].upper().split()), values)
    if found["low"] is not None:
        return Condition(field, "BETWEEN", (_unquoted(found["low"]), _unquoted(found["high"])))
    if found["during"] is not None:
        since, until = _named_span(found["during"], today)
        return Condition(field, "BETWEEN", (f"{since}", f"{until} 23:59:59.999999"))
    if found["operator"] is None:
        return Condition(field, "IS NOT NULL" if found["set"] else "IS NULL", ())
    operator = " ".join(found["operator"].upper().split())
    return Condition(field, "IN" if operator == "=" else operator, (_literal(found["value"]),))


def _literal(text: str) -> str:
    """A value without its quotation marks; booleans in one case."""
    value = _unquoted(text)
    return value.upper() if value.upper() in ("TRUE", "FALSE") else value


def _named_span(name: str, today: date) -> tuple[date, date]:
    yesterday = today - timedelta(days=1)
    match name.upper():
        case "TODAY":
            return today, today
        case "YESTERDAY":
            return yesterday, yesterday
        case "THIS_MONTH":
            return today.replace(day=1), today
        case "LAST_MONTH":
            last = today.replace(day=1) - timedelta(days=1)
            return last.replace(day=1), last
        case span if span in _SPANS:
            return yesterday - timedelta(days=_SPANS[span] - 1), yesterday
    raise query_error("INVALID_VALUE_WITH_DURING_OPERATOR", f"Invalid date literal '{name}'.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(_unquoted(text))
    except ValueError as error:
        raise query_error("INVALID_DATE_FORMAT", f"Invalid date '{_unquoted(text)}'; expected yyyy-MM-dd.") from error


def _narrow_dates(
    found: re.Match[str], since: date | None, until: date | None, today: date
) -> tuple[date | None, date | None]:
    if found["low"] is not None:
        low, high = _day(found["low"]), _day(found["high"])
    elif found["during"] is not None:
        low, high = _named_span(found["during"], today)
    elif found["operator"] in ("=", ">=", ">", "<=", "<"):
        day, one = _day(found["value"]), timedelta(days=1)
        bounds = {
            "=": (day, day),
            ">=": (day, until),
            ">": (day + one, until),
            "<=": (since, day),
            "<": (since, day - one),
        }
        return bounds[found["operator"]]
    else:
        raise query_error("BAD_OPERATOR", f"Operator is not applicable to '{found['field']}'.")
    if low > high:
        raise GoogleError(400, "dateRangeError", "START_DATE_AFTER_END_DATE", "The start date is after the end date.")
    return low, high
