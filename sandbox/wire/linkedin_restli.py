"""Rest.li query strings. Protocol 2.0.0 writes List(a,b) and (key:value); 1.0.0 writes name[0]=a and key.part=value."""

import re
from typing import Union
from urllib.parse import unquote

Value = Union[str, list["Value"], dict[str, "Value"]]  # noqa: UP007 - a name that refers to itself

_LEGACY_NAME = re.compile(r"[A-Za-z][\w.]*(?:\[\d+\][\w.]*)*")
_LEGACY_STEP = re.compile(r"\w+")
_LIST = "List("


class RestliSyntaxError(ValueError):
    """The query is not written as the protocol asks."""


def parse_query(query: str, *, legacy: bool, lenient: bool = False) -> dict[str, Value]:
    """Parameters by name. legacy: protocol 1.0.0; lenient: either notation, whatever the protocol says.

    Raises RestliSyntaxError.
    """
    parameters: dict[str, Value] = {}
    for part in filter(None, query.split("&")):
        raw_name, _, raw = part.partition("=")
        name = unquote(raw_name)
        if (legacy or lenient) and ("." in name or "[" in name):
            _put(parameters, name, unquote(raw))
        elif legacy and not lenient:
            parameters[name] = unquote(raw)
        else:
            parameters[name] = _complex(unquote(raw) if lenient and "%28" in raw else raw, lenient=lenient)
    return {name: _listed(value) for name, value in parameters.items()}


def _put(parameters: dict[str, Value], name: str, value: str) -> None:
    """Place a value of protocol 1.0.0 by its dotted and numbered name."""
    if not _LEGACY_NAME.fullmatch(name):
        raise RestliSyntaxError(f"parameter name {name!r}")
    steps = _LEGACY_STEP.findall(name)
    place: dict[str, Value] = parameters
    for step in steps[:-1]:
        below = place.setdefault(step, {})
        if not isinstance(below, dict):
            raise RestliSyntaxError(f"parameter {name!r} stands beside a plain {step!r}")
        place = below
    place[steps[-1]] = value


def _listed(value: Value) -> Value:
    """Maps whose keys are all numbers are the lists of protocol 1.0.0."""
    if isinstance(value, list):
        return [_listed(item) for item in value]
    if not isinstance(value, dict):
        return value
    below = {name: _listed(item) for name, item in value.items()}
    if below and all(name.isdigit() for name in below):
        return [below[name] for name in sorted(below, key=int)]
    return below


def _complex(raw: str, *, lenient: bool) -> Value:
    if not raw.startswith((_LIST, "(")):
        return unquote(raw)
    value, end = _value(raw, 0, lenient)
    if end != len(raw):
        raise RestliSyntaxError(f"unexpected {raw[end:]!r}")
    return value


def _value(raw: str, start: int, lenient: bool) -> tuple[Value, int]:
    if raw.startswith(_LIST, start):
        return _list(raw, start + len(_LIST), lenient)
    if raw.startswith("(", start):
        return _map(raw, start + 1, lenient)
    end = start
    while end < len(raw) and raw[end] not in ("(),:" if not lenient else "(),"):
        end += 1
    return unquote(raw[start:end]), end


def _list(raw: str, start: int, lenient: bool) -> tuple[Value, int]:
    items: list[Value] = []
    if raw.startswith(")", start):
        return items, start + 1
    while True:
        item, end = _value(raw, start, lenient)
        items.append(item)
        if raw.startswith(")", end):
            return items, end + 1
        if not raw.startswith(",", end):
            raise RestliSyntaxError(f"expected , or ) before {raw[end:]!r}")
        start = end + 1


def _map(raw: str, start: int, lenient: bool) -> tuple[Value, int]:
    entries: dict[str, Value] = {}
    if raw.startswith(")", start):
        return entries, start + 1
    while True:
        colon = raw.find(":", start)
        if colon < 0:
            raise RestliSyntaxError(f"expected key:value in {raw[start:]!r}")
        value, end = _value(raw, colon + 1, lenient)
        entries[unquote(raw[start:colon])] = value
        if raw.startswith(")", end):
            return entries, end + 1
        if not raw.startswith(",", end):
            raise RestliSyntaxError(f"expected , or ) before {raw[end:]!r}")
        start = end + 1


def word(value: Value) -> str:
    """A plain value; enumerations also arrive as (value:DAILY). Raises RestliSyntaxError for anything else."""
    if isinstance(value, dict) and set(value) == {"value"}:
        value = value["value"]
    if not isinstance(value, str):
        raise RestliSyntaxError(f"expected a plain value, got {value!r}")
    return value


def words(value: Value) -> list[str]:
    """A list of plain values. Raises RestliSyntaxError for anything else."""
    if not isinstance(value, list):
        raise RestliSyntaxError(f"expected a list, got {value!r}")
    return [word(item) for item in value]
