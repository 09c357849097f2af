"""TikTok's synchronous reports: a checked request, and its rows of dimensions and figures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sandbox.wire.lifecycle import exists
from sandbox.wire.tiktok_errors import invalid, invalid_metrics
from sandbox.wire.tiktok_metrics import added, unknown_metrics
from sandbox.wire.tiktok_objects import TOP_VIEW, Advertiser, Thing, campaign_of, group_of, smart_plus_id
from sandbox.wire.tiktok_parameters import decoded, flag, id_set, string_list
from sandbox.world.breakdowns import Dimension, split
from sandbox.world.figures import FigureTable, Level, object_id
from sandbox.world.model import Ad, AdGroup, Campaign, FigureRow

DATA_LEVELS: dict[str, Level] = {
    "AUCTION_ADVERTISER": "account",
    "AUCTION_CAMPAIGN": "campaign",
    "AUCTION_ADGROUP": "ad_group",
    "AUCTION_AD": "ad",
}
_ID_DIMENSIONS: dict[Level, tuple[str, ...]] = {
    "account": ("advertiser_id",), "campaign": ("campaign_id",), "ad_group": ("adgroup_id",),
    "ad": ("ad_id", "ad_id_v2"),
}  # fmt: skip
_STATUS_FILTERS: dict[str, Level] = {"campaign_status": "campaign", "adgroup_status": "ad_group", "ad_status": "ad"}
_ID_FILTERS: dict[str, Callable[[Any], str]] = {
    "campaign_ids": lambda thing: campaign_of(thing).campaign_id,
    "adgroup_ids": lambda thing: group_of(thing).ad_group_id,
    "ad_ids": lambda thing: thing.ad_id,
}
_FILTERS_OF: dict[Level, tuple[str, ...]] = {
    "account": (),
    "campaign": ("campaign_ids",),
    "ad_group": ("campaign_ids", "adgroup_ids"),
    "ad": ("campaign_ids", "adgroup_ids", "ad_ids"),
}
_LONGEST_DAYS = {"stat_time_day": 30, "stat_time_hour": 1, None: 365}
MOST_IDS = 20_000
# The world's breakdown behind each dimension; BASIC reports know countries, AUDIENCE reports one family at a time.
_SPLITS: dict[str, Dimension] = {
    "country_code": "country", "province_id": "region", "language": "language", "platform": "device",
    "placement": "placement", "age": "age_gender", "gender": "age_gender",
}  # fmt: skip
# An hourly list that is cut short under throttling ends here.
_HOURS_BEFORE_CUT = 12


@dataclass(frozen=True)
class ReportQuery:
    """A checked report request. ``time``: its time dimension, None for none; ``hidden``: ids of objects left out."""

    level: Level
    id_dimension: str
    time: str | None
    splits: tuple[str, ...]
    metrics: tuple[str, ...]
    since: date
    until: date
    hidden: frozenset[str]
    order: tuple[str, bool] | None
    totals: bool

    @property
    def label(self) -> str:
        """What the serve log calls the level: plain for objects and days, with its parts where it is divided."""
        parts = [*self.splits, *([] if self.time == "stat_time_day" else [self.time or "whole range"])]
        return ":".join([self.level, *parts])


def parse_query(parameters: Mapping[str, str], advertiser: Advertiser, *, lenient: bool) -> ReportQuery:
    """Check a request's parameters. Raises TikTokError as the API answers."""
    if parameters.get("query_mode", "REGULAR") != "REGULAR" or parameters.get("advertiser_ids"):
        raise invalid("query_mode CHUNK and advertiser_ids are not served here.")
    if not lenient and parameters.get("service_type", "AUCTION") != "AUCTION":
        raise invalid("service_type: RESERVATION is deprecated, use AUCTION.")
    report_type = parameters.get("report_type", "")
    if report_type not in ("BASIC", "AUDIENCE"):
        raise invalid("report_type: must be BASIC or AUDIENCE here.")
    level = DATA_LEVELS.get(parameters.get("data_level", ""))
    if level is None:
        raise invalid(f"data_level: must be one of {list(DATA_LEVELS)}.")
    audience = report_type == "AUDIENCE"
    id_dimension, time, splits = _dimensions(parameters, level, audience=audience)
    metrics = string_list("metrics", parameters.get("metrics")) or ["spend", "impressions"]
    if unknown := unknown_metrics(metrics, level, audience=audience):
        raise invalid_metrics(unknown)
    since, until = _range(parameters, time, advertiser.today)
    hidden = _hidden(advertiser, level, _conditions(parameters, level, lenient=lenient))
    order = parameters.get("order_field")
    if order and order not in metrics:
        raise invalid(f"order_field: {order} is not among the metrics.")
    descending = parameters.get("order_type", "DESC") == "DESC"
    return ReportQuery(
        level, id_dimension, time, splits, tuple(metrics), since, until, hidden,
        (order, descending) if order else None, flag(parameters, "enable_total_metrics"),
    )  # fmt: skip


def _dimensions(
    parameters: Mapping[str, str], level: Level, *, audience: bool
) -> tuple[str, str | None, tuple[str, ...]]:
    asked = string_list("dimensions", parameters.get("dimensions")) or []
    ids = [name for name in asked if name in _ID_DIMENSIONS[level]]
    times = [name for name in asked if name in ("stat_time_day", "stat_time_hour")]
    splits = tuple(name for name in asked if name in _SPLITS)
    if unknown := [name for name in asked if name not in (*ids, *times, *splits)]:
        raise invalid(f"dimensions: {unknown[0]} is not supported at data_level of this request.")
    if len(ids) != 1 or len(times) > 1 or len(asked) != len(set(asked)):
        raise invalid("dimensions: exactly one ID dimension and at most one time dimension are allowed.")
    families = {_SPLITS[name] for name in splits}
    if audience and (len(families) != 1 or "stat_time_hour" in times):
        raise invalid("dimensions: an AUDIENCE report needs one family of audience dimensions, by day at most.")
    if not audience and splits not in ((), ("country_code",)):
        raise invalid(f"dimensions: {splits[0]} is supported in AUDIENCE reports only.")
    return ids[0], times[0] if times else None, splits


def _range(parameters: Mapping[str, str], time: str | None, today: date) -> tuple[date, date]:
    if flag(parameters, "query_lifetime"):
        if time:
            raise invalid("query_lifetime: no time dimension is allowed in a lifetime query.")
        return date.min, today
    days = []
    for name in ("start_date", "end_date"):
        try:
            days.append(date.fromisoformat(parameters.get(name, "")))
        except ValueError as error:
            raise invalid(f"{name}: must be a date of the form YYYY-MM-DD.") from error
    since, until = days
    if since > until:
        raise invalid("start_date: must not be later than end_date.")
    if (until - since).days >= _LONGEST_DAYS[time]:
        raise invalid(
            f"The max time span is {_LONGEST_DAYS[time]} days when you request {time or 'no time dimension'}."
        )
    return since, until


@dataclass(frozen=True)
class _Conditions:
    status: str
    top_view: bool
    ids: Mapping[str, set[str]]


def _conditions(parameters: Mapping[str, str], level: Level, *, lenient: bool) -> _Conditions:
    listed = decoded("filtering", parameters["filtering"]) if parameters.get("filtering") else []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise invalid("filtering: must be an array of conditions.")
    status, top_view, ids = "STATUS_NOT_DELETE", False, {}
    for condition in listed:
        name, value = str(condition.get("field_name")), condition.get("filter_value")
        if not isinstance(value, str):
            raise invalid(f"filtering: filter_value of {name} must be a JSON string.")
        if name in _FILTERS_OF[level]:
            ids[name] = id_set(name, decoded(name, value))
        elif name == "buying_type" and level != "account":
            top_view = TOP_VIEW in decoded(name, value)
        elif _STATUS_FILTERS.get(name) == level:
            (status,) = decoded(name, value)
        elif not lenient:
            raise invalid(f"filtering: {name} is not supported at data_level of this request.")
    return _Conditions(status, top_view, ids)


def things_of(advertiser: Advertiser, level: Level) -> Sequence[Thing]:
    """The objects of a level; the account's own has none."""
    account = advertiser.account
    by_level: dict[Level, Sequence[Thing]] = {
        "account": (),
        "campaign": account.campaigns,
        "ad_group": account.ad_groups,
        "ad": account.ads,
    }
    return by_level[level]


def thing_id(thing: Thing) -> str:
    if isinstance(thing, Ad):
        return thing.ad_id
    return thing.ad_group_id if isinstance(thing, AdGroup) else thing.campaign_id


def _hidden(advertiser: Advertiser, level: Level, conditions: _Conditions) -> frozenset[str]:
    """Ids whose rows are left out: of another status, not asked for, or beyond the most ids that a query may have."""
    things = things_of(advertiser, level)
    shown = [
        thing
        for thing in things
        if advertiser.shows_status(thing, conditions.status)
        and (campaign_of(thing).campaign_id in advertiser.top_view) == conditions.top_view
        and all(_ID_FILTERS[name](thing) in wanted for name, wanted in conditions.ids.items())
    ]
    if len(shown) > MOST_IDS:
        shown = sorted(shown, key=lambda thing: (thing.lifetime.created, thing_id(thing)))[-MOST_IDS:]
    return frozenset(map(thing_id, things)) - frozenset(map(thing_id, shown))


ReportRow = tuple[dict[str, str], FigureRow]


class ReportRows(Protocol):
    """The rows of one answer, whatever page is asked for."""

    def __len__(self) -> int: ...

    def page(self, start: int, stop: int) -> list[ReportRow]:
        """Rows start..stop-1 as their dimensions and figures."""
        ...


@dataclass(frozen=True)
class _PlainRows:
    """One row for each object and day, made when it is asked for."""

    query: ReportQuery
    account_id: str
    table: FigureTable

    def __len__(self) -> int:
        return len(self.table)

    def page(self, start: int, stop: int) -> list[ReportRow]:
        return [
            (
                {
                    self.query.id_dimension: _id(self.query, self.account_id, row),
                    "stat_time_day": f"{row.day} 00:00:00",
                },
                row,
            )
            for row in self.table.page(start, stop)
        ]


@dataclass(frozen=True)
class _ListedRows:
    rows: Sequence[ReportRow]

    def __len__(self) -> int:
        return len(self.rows)

    def page(self, start: int, stop: int) -> list[ReportRow]:
        return list(self.rows[start:stop])


def _id(query: ReportQuery, account_id: str, row: FigureRow) -> str:
    return account_id if query.level == "account" else object_id(query.level, row)


def report_rows(
    query: ReportQuery, advertiser: Advertiser, table: FigureTable, as_of: datetime, *, cut_short: bool = False
) -> ReportRows:
    """All rows of a report. cut_short: hours end in the middle of the day."""
    account_id = advertiser.account.account_id
    if query.time == "stat_time_day" and not query.splits and query.id_dimension != "ad_id_v2":
        return _PlainRows(query, account_id, table)
    together: dict[tuple[str, ...], list[ReportRow]] = {}
    for row in table.page(0, len(table)):
        own = _id(query, account_id, row)
        if query.id_dimension == "ad_id_v2" and row.campaign_id in advertiser.smart_plus:
            own = smart_plus_id(advertiser.account.ad_group_by_id[row.ad_group_id])
        for values, part in _parts(query, advertiser, row, as_of, cut_short=cut_short):
            dimensions = {query.id_dimension: own, **values}
            together.setdefault(tuple(dimensions.values()), []).append((dimensions, part))
    rows = [(group[0][0], added(part for _, part in group)) for group in together.values()]
    if query.time is None and not query.splits:
        rows += _without_delivery(query, advertiser, {dimensions[query.id_dimension] for dimensions, _ in rows})
    return _ListedRows(rows)


def _parts(
    query: ReportQuery, advertiser: Advertiser, row: FigureRow, as_of: datetime, *, cut_short: bool
) -> Iterable[tuple[dict[str, str], FigureRow]]:
    """A day's row divided by the dimensions that are asked for besides object and day."""
    if query.time == "stat_time_hour":
        for hour, part in split(advertiser.account, row, "hour", as_of):
            if cut_short and int(hour) >= _HOURS_BEFORE_CUT:
                return
            yield {"stat_time_hour": f"{row.day} {hour}:00:00"}, part
        return
    times = {"stat_time_day": f"{row.day} 00:00:00"} if query.time else {}
    if not query.splits:
        yield times, row
        return
    for value, part in split(advertiser.account, row, _SPLITS[query.splits[0]], as_of):
        yield {**times, **{name: _spelled(name, value) for name in query.splits}}, part


def _spelled(name: str, value: str) -> str:
    """A breakdown's value in TikTok's words: "25-34|female" is AGE_25_34 and FEMALE."""
    age, _, gender = value.partition("|")
    if name == "age":
        return "AGE_" + age.replace("55+", "55-100").replace("-", "_")
    if name == "gender":
        return {"unknown": "NONE"}.get(gender, gender.upper())
    return value


def _without_delivery(query: ReportQuery, advertiser: Advertiser, seen: set[str]) -> list[ReportRow]:
    """Without a time dimension every object has a row, also one that never delivered."""
    if query.level == "account":
        own = advertiser.account.account_id
        return [] if seen else [({query.id_dimension: own}, FigureRow(advertiser.today))]
    rows: list[ReportRow] = []
    for thing in things_of(advertiser, query.level):
        name = thing_id(thing)
        if name in seen or name in query.hidden or not exists(thing.lifetime, advertiser.today):
            continue
        row = FigureRow(advertiser.today, campaign_of(thing).campaign_id)
        if not isinstance(thing, Campaign):
            row.ad_group_id = group_of(thing).ad_group_id
        if isinstance(thing, Ad):
            row.ad_id = thing.ad_id
        rows.append(({query.id_dimension: name}, row))
    return rows
