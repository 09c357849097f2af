"""Answers a GAQL query about one account: objects without metrics, or figures summed and divided as it asks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import groupby, islice
from typing import Any, cast

from sandbox.faults import Fault
from sandbox.state import Reading, Sandbox
from sandbox.wire.gaql import Query
from sandbox.wire.google_changes import CHANGE_RULES, changes
from sandbox.wire.google_fields import Field, Line, camel
from sandbox.wire.google_metrics import DIMENSIONS
from sandbox.wire.google_resources import FIELDS, RESOURCES
from sandbox.wire.google_views import AGE_RANGES, Child, demographic
from sandbox.world.breakdowns import Dimension, apportion, split
from sandbox.world.creatives import conversion_actions_of, keywords_of
from sandbox.world.figures import FigureTable, Level, local_day
from sandbox.world.model import MICROS, Account, FigureRow, micros_per_minor

_ROWS_AT_A_TIME = 10_000
# Rarer search terms are left out for the sake of those who typed them.
_LEAST_IMPRESSIONS_OF_A_TERM = 2
_MONEY = frozenset({"spend", "value", "value_by_day"})
_EVENTS = frozenset({"conversions", "all_conversions", "conversions_by_day"})
_NUMBERS = tuple(column.name for column in fields(FigureRow) if column.type in (int, "int"))


@dataclass(frozen=True)
class Answer:
    """Result rows of a query, made while they are taken; ``reading`` is None where there are no figures."""

    results: Iterator[dict[str, Any]]
    reading: Reading | None


def level_of(query: Query) -> Level | None:
    """At which level the figures behind a query are read; None where it asks for none."""
    resource = RESOURCES[query.resource]
    views = resource.dimensions and resource.level is not None and query.resource not in _LISTED_VIEWS
    if resource.level is None or not (query.metrics or query.segments or views):
        return None
    if "ad_group" in resource.segmenting and any(name.startswith("ad_group.") for name in query.fields):
        return "ad_group"
    return resource.level


# Views that list their objects where no metric is asked for.
_LISTED_VIEWS = frozenset({"keyword_view", "conversion_action"})


class AccountQuery:
    """One checked query about one account. ``children``: the account tree below it, itself included."""

    def __init__(self, sandbox: Sandbox, account: Account, query: Query, children: Iterable[Child]) -> None:
        self._sandbox, self._account, self._query, self._children = sandbox, account, query, children
        self._as_of = sandbox.clock.now()
        self._today = local_day(account, self._as_of)
        self._resource = RESOURCES[query.resource]
        self._level = level_of(query)
        self._paths: list[tuple[tuple[str, ...], Field]] = [
            (tuple(camel(name).split(".")), FIELDS[name]) for name in query.fields
        ]
        tops = dict.fromkeys((query.resource, *(name.partition(".")[0] for name in query.fields)))
        named = [(camel(top), FIELDS.get(f"{top}.resource_name")) for top in tops]
        self._names: list[tuple[str, Field]] = [(top, field) for top, field in named if field is not None]
        self._dimensions = tuple(
            dict.fromkeys((*self._resource.dimensions, *(DIMENSIONS[s] for s in query.segments if s in DIMENSIONS)))
        )

    def run(self, fault: Fault | None) -> Answer:
        """All rows, in day order."""
        if self._level is None:
            return Answer(self._finish(self._objects()), None)
        reading = self._read(self._level, fault)
        lines = self._grouped(reading) if self._query.segments else self._summed(reading)
        return Answer(self._finish(lines), reading)

    def _read(self, level: Level, fault: Fault | None) -> Reading:
        since = self._query.since or date.min
        until = min(self._query.until or self._today, self._today)
        reading = self._sandbox.read(self._account, level, since, until, self._narrow, self._as_of, fault)
        return replace(reading, level="/".join((level, *self._dimensions))) if self._dimensions else reading

    def _narrow(self, table: FigureTable) -> FigureTable:
        campaigns = self._account.campaign_by_id
        left_out = {key for key, campaign in campaigns.items() if not self._resource.keeps(campaign)}
        if not left_out and self._resource.keeps(None):
            return table
        if self._level == "campaign":
            return table.without(left_out)
        return table.where(lambda row: row.campaign_id in campaigns and row.campaign_id not in left_out)

    def _objects(self) -> Iterator[Line]:
        account, today = self._account, self._today
        if self._query.resource == "customer_client":
            return (Line(account, today, thing=child) for child in self._children)
        if self._query.resource in CHANGE_RULES:
            found = changes(account, self._as_of, each=self._query.resource == "change_event")
            return (Line(account, today, thing=change) for change in found)
        if self._query.resource == "customer":
            return (Line(account, today, thing="manager" if self._is_manager() else None) for _ in range(1))
        return self._resource.objects(account, today)

    def _is_manager(self) -> bool:
        return self._account.account_id == self._sandbox.source.manager_id

    def _lines(self, reading: Reading) -> Iterator[Line]:
        """The rows as they are read, each divided by what the query divides by."""
        for start in range(0, len(reading.table), _ROWS_AT_A_TIME):
            for row in reading.table.page(start, start + _ROWS_AT_A_TIME):
                parts: list[tuple[dict[str, str], FigureRow]] = [({}, row)]
                for dimension in self._dimensions:
                    parts = [
                        (known | {dimension: value}, part)
                        for known, whole in parts
                        for value, part in self._parts(whole, dimension)
                    ]
                for known, part in parts:
                    yield self._line(part, known)

    def _parts(self, row: FigureRow, dimension: str) -> Iterable[tuple[str, FigureRow]]:
        if dimension == "location":
            return _by_location(row, micros_per_minor(self._account.currency))
        if dimension == "click":
            return ((str(number), _one_click(row)) for number in range(row.clicks))
        if dimension in ("age", "gender"):
            return _by_people(split(self._account, row, "age_gender"), 0 if dimension == "age" else 1)
        if dimension == "search_term" and not row.ad_group_id:
            return self._terms(row)
        parts = split(self._account, row, cast(Dimension, dimension), self._as_of)
        if dimension in ("keyword", "search_term"):
            least = _LEAST_IMPRESSIONS_OF_A_TERM if dimension == "search_term" else 0
            return [(value, part) for value, part in parts if value and part.impressions >= least]
        return parts

    def _terms(self, row: FigureRow) -> Iterator[tuple[str, FigureRow]]:
        """Search terms of a campaign: what is typed is what the account's search ad groups are about."""
        groups = [group for group in self._account.ad_groups if keywords_of(group)]
        own = [group for group in groups if group.campaign.campaign_id == row.campaign_id]
        for group in (own or groups)[:1]:
            for value, part in self._parts(replace(row, ad_group_id=group.ad_group_id), "search_term"):
                yield value, replace(part, ad_group_id="")

    def _line(self, row: FigureRow, splits: Mapping[str, str]) -> Line:
        account = self._account
        group = account.ad_group_by_id.get(row.ad_group_id)
        thing: Any = None
        if "keyword" in splits and group is not None:
            thing = next(k for k in keywords_of(group) if k.criterion_id == splits["keyword"])
        elif "age" in splits:
            thing = demographic("AGE_RANGE", splits["age"])
        elif "gender" in splits:
            thing = demographic("GENDER", splits["gender"])
        elif self._query.resource == "conversion_action":
            thing = next(a for a in conversion_actions_of(account) if a.name == splits["conversion"])
        ad = account.ad_by_place.get((row.ad_group_id, row.ad_id))
        return Line(account, self._today, account.campaign_by_id.get(row.campaign_id), group, ad, row, thing, splits)

    def _place(self, line: Line) -> tuple[Any, ...]:
        """What a result row is about, the selected segments included."""
        query, place = self._query, []
        tops = {name.partition(".")[0] for name in query.fields}
        for part in (*self._resource.rows_by, *(top for top in self._resource.segmenting if top in tops)):
            if part == "campaign":
                place.append(line.campaign_id)
            elif part in ("group", "ad_group"):
                place.append(line.group_id)
            elif part == "ad":
                place.append(line.ad.ad_id if line.ad else "")
            else:
                place.append(line.splits.get(part) or getattr(line.thing, "criterion_id", "") or _name(line.thing))
        return (*place, *(FIELDS[name].make(line) for name in query.segments))

    def _grouped(self, reading: Reading) -> Iterator[Line]:
        """With a segment a row disappears when every metric that was asked for is zero."""
        metrics = [FIELDS[name] for name in self._query.metrics]
        lines = self._lines(reading)
        if "segments.date" not in self._query.fields:
            lines = self._added_up(lines)
        elif self._dimensions or self._resource.segmenting:
            days = groupby(lines, key=lambda line: line.day)
            lines = (line for _, day in days for line in self._added_up(day))
        for line in lines:
            if not metrics or any(metric.make(line) not in ("0", 0.0, None) for metric in metrics):
                yield line

    def _added_up(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Lines about the same thing as one line, in the order of their first."""
        sums: dict[tuple[Any, ...], Line] = {}
        for line in lines:
            place = self._place(line)
            known = sums.get(place)
            if known is not None and known.row is not None and line.row is not None:
                line = replace(known, row=_added(known.row, line.row))
            sums[place] = line
        return iter(sums.values())

    def _summed(self, reading: Reading) -> Iterator[Line]:
        """Without a segment every object has one row, also one with nothing but zeros."""
        sums = {self._place(line): line for line in self._added_up(self._lines(reading))}
        for line in self._objects():
            place = self._place(line)
            found = sums.pop(place, None)
            yield replace(line, row=found.row if found else FigureRow(self._today))
        if self._resource.dimensions:
            yield from sums.values()

    def _finish(self, lines: Iterator[Line]) -> Iterator[dict[str, Any]]:
        """Filters, order and limit, then the wire form."""
        tests = [(FIELDS[condition.field].make, condition.holds) for condition in self._query.conditions]
        kept: Iterator[Line] = (line for line in lines if all(holds(make(line)) for make, holds in tests))
        for name, descending in reversed(self._query.order):
            kept = iter(sorted(kept, key=_by(FIELDS[name]), reverse=descending))
        return map(self._render, islice(kept, self._query.limit))

    def _render(self, line: Line) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for top, field in self._names:
            if (name := field.make(line)) is not None:
                result[top] = {"resourceName": name}
        if "adGroupAd" in result and line.ad is not None:
            result["adGroupAd"]["ad"] = {"resourceName": FIELDS["ad_group_ad.ad.resource_name"].make(line)}
        for path, field in self._paths:
            value = field.make(line)
            if value is None or (line.row and path[-1] in line.row.missing):
                continue
            place = result
            for part in path[:-1]:
                place = place.setdefault(part, {})
            place[path[-1]] = value
        return result


def _name(thing: Any) -> str:
    return str(getattr(thing, "name", ""))


def _added(one: FigureRow, other: FigureRow) -> FigureRow:
    """The figures of both; people reached are counted twice, as nothing here can tell them apart."""
    total = replace(one, missing=one.missing | other.missing)
    for name in _NUMBERS:
        setattr(total, name, getattr(one, name) + getattr(other, name))
    return total


def _by_location(row: FigureRow, minor: int) -> list[tuple[str, FigureRow]]:
    """Most people were where the ad was meant to be seen, some were only interested in the place."""
    present, interested = replace(row), replace(row)
    for name in _NUMBERS:
        quantum = minor if name in _MONEY else MICROS if name in _EVENTS else 1
        for part, share in zip((present, interested), apportion(getattr(row, name), (11, 1), quantum), strict=True):
            setattr(part, name, share)
    shown = [("LOCATION_OF_PRESENCE", present), ("AREA_OF_INTEREST", interested)]
    return [(name, part) for name, part in shown if any(getattr(part, number) for number in _NUMBERS)]


def _by_people(parts: Iterable[tuple[str, FigureRow]], place: int) -> list[tuple[str, FigureRow]]:
    """Ages (or genders) out of ages by gender: the API has no query that crosses them."""
    sums: dict[str, FigureRow] = {}
    for people, row in parts:
        name = people.split("|")[place]
        sums[name] = _added(sums[name], row) if name in sums else row
    order = list(AGE_RANGES)
    return sorted(sums.items(), key=lambda item: order.index(item[0]) if item[0] in order else 0)


def _one_click(row: FigureRow) -> FigureRow:
    return FigureRow(row.day, row.campaign_id, row.ad_group_id, row.ad_id, clicks=1)


def _by(field: Field) -> Callable[[Line], tuple[int, float, str]]:
    """Sort key of a field: numbers before text, each in its own order."""

    def key(line: Line) -> tuple[int, float, str]:
        value = field.make(line)
        try:
            return (0, float(value), "")
        except (TypeError, ValueError):
            return (1, 0.0, str(value))

    return key
