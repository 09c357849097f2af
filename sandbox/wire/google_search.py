"""Answers a GAQL query about one account: entities without metrics, or figures by day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sandbox.faults import Fault
from sandbox.state import Reading, Sandbox
from sandbox.wire.gaql import Query
from sandbox.wire.google_errors import GoogleError, query_error
from sandbox.wire.google_fields import RESOURCES, Field, Line, camel, resource_names
from sandbox.wire.lifecycle import exists
from sandbox.world.figures import FigureTable, Level, local_day
from sandbox.world.model import PERFORMANCE_MAX, Account, Ad, FigureRow

LEVELS: dict[str, Level] = {
    "customer": "account",
    "campaign": "campaign",
    "ad_group": "ad_group",
    "ad_group_ad": "ad",
    "asset_group": "campaign",
}
# Daily figures are kept for 37 months.
_RETENTION_YEARS = 3
_ROWS_AT_A_TIME = 10_000
_COST_LIKE = frozenset({"metrics.cost_micros", "metrics.impressions", "metrics.clicks", "metrics.interactions"})


@dataclass(frozen=True)
class Answer:
    """Result rows of a query, made while they are taken; ``reading`` is None where there are no metrics."""

    results: Iterator[dict[str, Any]]
    reading: Reading | None


def check(query: Query, today: date, *, enforces_retention: bool = True) -> None:
    """Refuse what the API refuses. Raises GoogleError."""
    if query.resource not in RESOURCES:
        raise query_error(
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"Invalid resource type in FROM clause: '{query.resource}'."
        )
    segments = [name for name in query.fields if name.startswith("segments.conversion_action")]
    if segments and (bad := sorted(_COST_LIKE & set(query.fields))):
        raise query_error(
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            "Cannot select the following segments because at least one unsupported metric is found in SELECT or WHERE "
            f"clause: '{segments[0]}' (unsupported metrics: '{bad[0].removeprefix('metrics.')}')",
        )
    known = RESOURCES[query.resource]
    for name in (
        *query.fields,
        *(condition.field for condition in query.conditions),
        *(name for name, _ in query.order),
    ):
        if name not in known:
            raise query_error("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.")
    if "segments.date" in query.fields and (query.since is None or query.until is None):
        raise query_error("EXPECTED_FILTERS_ON_DATE_RANGE", "A finite date range is required when segmenting by date.")
    if enforces_retention and query.since and query.since < date(today.year - _RETENTION_YEARS, today.month, 1):
        raise GoogleError(
            400, "dateRangeError", "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED", "Daily data are kept for 37 months only."
        )


class AccountQuery:
    """One checked query about one account."""

    def __init__(self, sandbox: Sandbox, account: Account, query: Query) -> None:
        self._sandbox, self._account, self._query = sandbox, account, query
        self._as_of = sandbox.clock.now()
        self._today = local_day(account, self._as_of)
        known = RESOURCES[query.resource]
        self._fields: list[tuple[tuple[str, ...], Field]] = [
            (tuple(camel(name).split(".")), known[name]) for name in query.fields
        ]
        self._tops = frozenset(name.partition(".")[0] for name in query.fields) | {query.resource}
        self._campaigns = {campaign.campaign_id: campaign for campaign in account.campaigns}
        self._groups = {group.ad_group_id: group for group in account.ad_groups}
        self._ads = {(ad.ad_group.ad_group_id, ad.ad_id): ad for ad in account.ads if ad.ad_group}

    def run(self, fault: Fault | None) -> Answer:
        """All rows, in day order."""
        if not self._query.metrics:
            return Answer(self._finish(self._entities()), None)
        reading = self._read(fault)
        lines = self._segmented(reading) if self._query.segmented else self._summed(reading)
        return Answer(self._finish(lines), reading)

    def _read(self, fault: Fault | None) -> Reading:
        since = self._query.since or date.min
        until = min(self._query.until or self._today, self._today)
        level = LEVELS[self._query.resource]
        return self._sandbox.read(self._account, level, since, until, self._narrow, self._as_of, fault)

    def _narrow(self, table: FigureTable) -> FigureTable:
        if self._query.resource != "asset_group":
            return table
        return table.without({key for key, campaign in self._campaigns.items() if campaign.kind != PERFORMANCE_MAX})

    def _segmented(self, reading: Reading) -> Iterator[Line]:
        """With a segment a row disappears when every metric that was asked for is zero."""
        known = RESOURCES[self._query.resource]
        metrics = [known[name] for name in self._query.metrics]
        for start in range(0, len(reading.table), _ROWS_AT_A_TIME):
            for line in map(self._line, reading.table.page(start, start + _ROWS_AT_A_TIME)):
                if any(metric(line) not in ("0", 0.0) for metric in metrics):
                    yield line

    def _line(self, row: FigureRow) -> Line:
        return Line(
            self._account, self._today, self._campaigns.get(row.campaign_id), self._groups.get(row.ad_group_id),
            self._ads.get((row.ad_group_id, row.ad_id)), row,
        )  # fmt: skip

    def _entities(self) -> Iterator[Line]:
        """Every object that has been set up, removed ones included."""
        account, today = self._account, self._today
        if self._query.resource == "customer":
            yield Line(account, today)
        elif self._query.resource in ("campaign", "asset_group"):
            for campaign in account.campaigns:
                if exists(campaign.lifetime, today) and (
                    self._query.resource == "campaign" or campaign.kind == PERFORMANCE_MAX
                ):
                    yield Line(account, today, campaign)
        elif self._query.resource == "ad_group":
            for group in account.ad_groups:
                if exists(group.lifetime, today):
                    yield Line(account, today, group.campaign, group)
        else:
            for ad in account.ads:
                if ad.ad_group and exists(ad.lifetime, today):
                    yield Line(account, today, ad.campaign, ad.ad_group, ad)

    def _summed(self, reading: Reading) -> Iterator[Line]:
        """Without a segment every object has one row, also one with nothing but zeros."""
        rows = reading.table.page(0, len(reading.table))
        sums: dict[tuple[str, str, str], FigureRow] = {}
        for row in rows:
            total = sums.setdefault((row.campaign_id, row.ad_group_id, row.ad_id), FigureRow(row.day))
            for name in ("spend", "impressions", "clicks", "conversions", "value", "all_conversions", "view_through",
                         "conversions_by_day", "value_by_day"):  # fmt: skip
                setattr(total, name, getattr(total, name) + getattr(row, name))
        for line in self._entities():
            key = (
                line.campaign.campaign_id if line.campaign else "",
                line.group.ad_group_id if line.group else "",
                line.ad.ad_id if isinstance(line.ad, Ad) else "",
            )
            total = sums.get(key, FigureRow(self._today))
            yield Line(line.account, line.today, line.campaign, line.group, line.ad, total)

    def _finish(self, lines: Iterator[Line]) -> Iterator[dict[str, Any]]:
        """Filters, order and limit, then the wire form."""
        known = RESOURCES[self._query.resource]
        tests = [(known[condition.field], condition.holds) for condition in self._query.conditions]
        kept: Iterator[Line] = (line for line in lines if all(holds(field(line)) for field, holds in tests))
        for name, descending in reversed(self._query.order):
            kept = iter(sorted(kept, key=_by(known[name]), reverse=descending))
        return map(self._render, islice(kept, self._query.limit))

    def _render(self, line: Line) -> dict[str, Any]:
        result = resource_names(line, self._tops)
        for path, field in self._fields:
            value = field(line)
            if value is None or (line.row and path[-1] in line.row.missing):
                continue
            place = result
            for part in path[:-1]:
                place = place.setdefault(part, {})
            place[path[-1]] = value
        return result


def _by(field: Field) -> Callable[[Line], tuple[int, float, str]]:
    """Sort key of a field: numbers before text, each in its own order."""

    def key(line: Line) -> tuple[int, float, str]:
        value = field(line)
        try:
            return (0, float(value), "")
        except (TypeError, ValueError):
            return (1, 0.0, str(value))

    return key
