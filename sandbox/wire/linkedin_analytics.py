"""adAnalytics: one report request, checked, and its elements. No paging; at most 15,000 elements, cut silently."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sandbox.wire.linkedin_errors import invalid_parameter, missing_parameter, unknown_parameter
from sandbox.wire.linkedin_metrics import DEFAULT_FIELDS, FORMER, METRICS, MOST_FIELDS, ROW_FIELDS, STILL
from sandbox.wire.linkedin_restli import Value, word, words
from sandbox.world.breakdowns import Dimension
from sandbox.world.figures import Level
from sandbox.world.model import FigureRow

MOST_ELEMENTS = 15_000
MOST_PIVOTS = 3
# Rows by day are kept for about six months, coarser ones for two years.
_DAILY_DAYS, _COARSE_DAYS = 184, 731
GRANULARITIES = ("ALL", "DAILY", "MONTHLY", "YEARLY")
# Pivots that are an object of the world, coarsest first.
OBJECT_LEVELS: Mapping[str, Level] = {
    "COMPANY": "account", "ACCOUNT": "account", "CAMPAIGN_GROUP": "campaign", "CAMPAIGN": "ad_group",
    "CREATIVE": "ad", "SHARE": "ad",
}  # fmt: skip
_FINENESS: tuple[Level, ...] = ("account", "campaign", "ad_group", "ad")
# Pivot -> the world's dimension that splits a row.
SPLITS: Mapping[str, Dimension] = {
    "CONVERSION": "conversion", "IMPRESSION_DEVICE_TYPE": "device", "PLACEMENT_NAME": "placement",
    "SERVING_LOCATION": "placement", "MEMBER_COUNTRY_V2": "country", "MEMBER_REGION_V2": "region",
    "MEMBER_JOB_FUNCTION": "job_function", "MEMBER_INDUSTRY": "industry", "MEMBER_SENIORITY": "seniority",
    "MEMBER_COMPANY_SIZE": "company_size",
}  # fmt: skip
# Pivots that are known and for which nothing ever happens in this world.
_EMPTY_PIVOTS = frozenset({
    "CONVERSATION_NODE", "CONVERSATION_NODE_OPTION_INDEX", "CARD_INDEX", "EVENT_STAGE", "MEMBER_JOB_TITLE",
    "MEMBER_COUNTY", "MEMBER_COMPANY",
})  # fmt: skip
_FACETS: Mapping[str, tuple[str, Level]] = {
    "accounts": ("sponsoredAccount", "account"),
    "campaignGroups": ("sponsoredCampaignGroup", "campaign"),
    "campaigns": ("sponsoredCampaign", "ad_group"),
    "creatives": ("sponsoredCreative", "ad"),
}
_FINDERS = {"analytics": "pivot", "statistics": "pivots", "attributedRevenueMetrics": "pivot"}
_KNOWN = frozenset(
    {"q", "pivot", "pivots", "timeGranularity", "dateRange", "fields", "sortBy", "campaignType", "objectiveType",
     "start", "count", "shares", "companies", *_FACETS}
)  # fmt: skip


@dataclass(frozen=True)
class AnalyticsQuery:
    """A checked request. facets: level -> ids of that level to which the rows are narrowed."""

    pivots: tuple[str, ...]
    granularity: str
    since: date
    until: date
    fields: tuple[str, ...]
    facets: Mapping[Level, frozenset[str]] = field(default_factory=dict)
    revenue: bool = False

    @property
    def level(self) -> Level:
        """The finest of the objects that the answer is about or narrowed by."""
        named = [OBJECT_LEVELS.get(pivot, "account") for pivot in self.pivots]
        return max([*named, *self.facets], key=_FINENESS.index, default="account")

    @property
    def demographic(self) -> bool:
        return any(pivot.startswith("MEMBER_") for pivot in self.pivots)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def nothing(self) -> bool:
        """Whether the answer is empty by nature."""
        return self.revenue or not _EMPTY_PIVOTS.isdisjoint(self.pivots)


def parse(parameters: Mapping[str, Value], today: date, *, lenient: bool, enforces_retention: bool) -> AnalyticsQuery:
    """Check a request. Raises LinkedInError as the API answers."""
    if unknown := sorted(set(parameters) - _KNOWN):
        raise unknown_parameter(unknown[0])
    finder = word(parameters.get("q", ""))
    if finder not in _FINDERS:
        raise missing_parameter("q") if not finder else invalid_parameter(f"adAnalytics has no finder {finder}")
    granularity = word(parameters.get("timeGranularity", ""))
    if not granularity:
        raise missing_parameter("timeGranularity")
    if granularity not in GRANULARITIES:
        raise invalid_parameter(f"Invalid value for param 'timeGranularity': {granularity}")
    since, until = _range(parameters.get("dateRange"), today)
    since, until = _kept(granularity, since, min(until, today), today) if enforces_retention else (since, until)
    return AnalyticsQuery(
        _pivots(finder, parameters), granularity, since, until, _fields(parameters, lenient), _narrowing(parameters),
        revenue=finder == "attributedRevenueMetrics",
    )  # fmt: skip


def _pivots(finder: str, parameters: Mapping[str, Value]) -> tuple[str, ...]:
    name = _FINDERS[finder]
    if name not in parameters:
        raise missing_parameter(name)
    value = parameters[name]
    pivots = tuple(words(value)) if isinstance(value, list) else (word(value),)
    if len(pivots) > (MOST_PIVOTS if finder == "statistics" else 1):
        raise invalid_parameter(f"Too many pivots; finder {finder} does not take {len(pivots)}")
    for pivot in pivots:
        if pivot not in OBJECT_LEVELS and pivot not in SPLITS and pivot not in _EMPTY_PIVOTS:
            raise invalid_parameter(f"Invalid value for param '{name}': {pivot}")
    return pivots


def _fields(parameters: Mapping[str, Value], lenient: bool) -> tuple[str, ...]:
    """Field names; impressions and clicks alone where none are asked for."""
    names = tuple(dict.fromkeys(filter(None, word(parameters.get("fields", "")).split(",")))) or DEFAULT_FIELDS
    if len(names) > MOST_FIELDS:
        raise invalid_parameter(f"At most {MOST_FIELDS} fields may be requested; {len(names)} were")
    for name in names:
        if name not in METRICS and name not in STILL and name not in ROW_FIELDS and not (lenient and name in FORMER):
            raise invalid_parameter(f"Invalid query parameters passed to request; unknown field {name}")
    return names


def _narrowing(parameters: Mapping[str, Value]) -> dict[Level, frozenset[str]]:
    """Ids by level. At least one facet has to be there."""
    facets: dict[Level, frozenset[str]] = {}
    for name, (kind, level) in _FACETS.items():
        if name not in parameters:
            continue
        names = words(parameters[name])
        if not all(urn.startswith(f"urn:li:{kind}:") for urn in names):
            raise invalid_parameter(f"Invalid param. Parameter '{name}' takes a list of urn:li:{kind}")
        facets[level] = frozenset(urn.rpartition(":")[2] for urn in names)
    if not facets and not {"shares", "companies"} & set(parameters):
        raise invalid_parameter(
            "At least one of accounts, campaignGroups, campaigns, creatives, shares, companies is required"
        )
    return facets


def _range(value: Value | None, today: date) -> tuple[date, date]:
    """Both days inclusive; without an end up to today."""
    if not isinstance(value, dict) or "start" not in value:
        raise missing_parameter("dateRange")
    since = _day(value["start"])
    until = _day(value["end"]) if "end" in value else today
    if since > until:
        raise invalid_parameter("Invalid value for param 'dateRange': start is after end")
    return since, until


def _day(value: Value) -> date:
    try:
        if not isinstance(value, dict):
            raise ValueError(value)
        return date(*(int(word(value[part])) for part in ("year", "month", "day")))
    except (ValueError, KeyError) as error:
        raise invalid_parameter("Invalid value for param 'dateRange'; wrong type or syntax") from error


def _kept(granularity: str, since: date, until: date, today: date) -> tuple[date, date]:
    """What is left of a span after retention; ALL over lost days is rounded to whole months, without a word."""
    if granularity == "DAILY":
        return max(since, today - timedelta(days=_DAILY_DAYS)), until
    if granularity != "ALL":
        return max(since, today - timedelta(days=_COARSE_DAYS)), until
    if since >= today - timedelta(days=_DAILY_DAYS):
        return since, until
    next_month = (until.replace(day=28) + timedelta(days=4)).replace(day=1)
    return since.replace(day=1), min(next_month - timedelta(days=1), today)


def period_of(query: AnalyticsQuery, day: date) -> tuple[date, date]:
    """First and last day of the period that a day is counted in."""
    match query.granularity:
        case "DAILY":
            return day, day
        case "MONTHLY":
            next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            return max(day.replace(day=1), query.since), min(next_month - timedelta(days=1), query.until)
        case "YEARLY":
            return max(date(day.year, 1, 1), query.since), min(date(day.year, 12, 31), query.until)
        case _:
            return query.since, query.until


@dataclass
class Element:
    """Figures of one combination of pivot values in one period. ``added``: rows that were added to the first one."""

    since: date
    until: date
    pivots: tuple[str, ...]
    row: FigureRow
    added: int = 0


_SUMMED = tuple(
    name for name, kind in FigureRow.__annotations__.items() if kind in (int, "int") and name not in ("reach",)
)


def elements(
    query: AnalyticsQuery,
    rows: Sequence[FigureRow],
    places: Callable[[FigureRow], Iterator[tuple[tuple[str, ...], FigureRow]]],
) -> list[Element]:
    """Rows summed by period and pivot values, in the order of their days. ``places`` splits a row by the pivots.

    Reach does not add up: together it is more than the greatest part and less than the sum.
    """
    found: dict[tuple[date, tuple[str, ...]], Element] = {}
    for row in rows:
        since, until = period_of(query, row.day)
        for pivots, part in places(row):
            known = found.get((since, pivots))
            if known is None:
                found[since, pivots] = Element(since, until, pivots, part)
            else:
                _add(known, part)
    return [found[place] for place in sorted(found)]


def _copy(row: FigureRow) -> FigureRow:
    copied = FigureRow(
        row.day, row.campaign_id, row.ad_group_id, row.ad_id, link_clicks=row.link_clicks, reach=row.reach
    )
    for name in _SUMMED:
        setattr(copied, name, getattr(row, name))
    return copied


def _add(total: Element, row: FigureRow) -> None:
    if not total.added:
        total.row = _copy(total.row)
    for name in _SUMMED:
        setattr(total.row, name, getattr(total.row, name) + getattr(row, name))
    total.row.link_clicks = (total.row.link_clicks or 0) + (row.link_clicks or 0)
    greatest, least = max(total.row.reach, row.reach), min(total.row.reach, row.reach)
    total.row.reach = greatest + least * 2 // 5
    total.added += 1
