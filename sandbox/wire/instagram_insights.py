"""Insights of an Instagram account: which questions it takes, and their answers.

A total is one number for the whole range asked for; a series has one value a day, dated with the day's end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.faults import Fault
from sandbox.wire import instagram_errors as errors
from sandbox.wire.instagram_objects import View, wire_time
from sandbox.wire.meta_errors import invalid_parameter
from sandbox.world.audience import (
    FEWEST_FOLLOWERS,
    engaged_demographics,
    follower_demographics,
    online_followers,
)
from sandbox.world.instagram import PACIFIC, AccountDay, day_starts, follower_count

ONE_DAY = timedelta(days=1)
LONGEST_SPAN = timedelta(days=30)
OLDEST_DAYS = 90
OLDEST_FOLLOWER_COUNT_DAYS = 30
_PERIOD_DAYS = {"day": 1, "week": 7, "days_28": 28}
_TIMEFRAMES = ("last_14_days", "last_30_days", "last_90_days", "prev_month", "this_month", "this_week")
_DEMOGRAPHICS = {
    "follower_demographics": follower_demographics,
    "engaged_audience_demographics": engaged_demographics,
}
_DEMOGRAPHIC_BREAKDOWNS = ("age", "gender", "age,gender", "country", "city")

Parts = Mapping[str, int]


@dataclass(frozen=True)
class _Total:
    """A daily metric. ``people``: counts people, so that days do not add up. Breakdowns by name."""

    read: Callable[[AccountDay], int]
    breakdowns: Mapping[str, Callable[[AccountDay], Parts]]
    people: bool = False
    fewest_followers: int = 0


def _by_product(metric: str) -> Callable[[AccountDay], Parts]:
    return lambda day: day.by_product[metric]


def _by_follow_type(metric: str) -> Callable[[AccountDay], Parts]:
    return lambda day: day.by_follow_type[metric]


_TOTALS: dict[str, _Total] = {
    "reach": _Total(
        lambda day: day.reach,
        {"media_product_type": _by_product("reach"), "follow_type": _by_follow_type("reach")},
        people=True,
    ),
    "views": _Total(
        lambda day: day.views, {"media_product_type": _by_product("views"), "follow_type": _by_follow_type("views")}
    ),
    "accounts_engaged": _Total(lambda day: day.accounts_engaged, {}, people=True),
    "replies": _Total(lambda day: day.replies, {}),
    "reposts": _Total(lambda day: day.reposts, {}),
    "total_interactions": _Total(
        lambda day: day.total_interactions, {"media_product_type": _by_product("total_interactions")}
    ),
    "likes": _Total(lambda day: day.likes, {"media_product_type": _by_product("likes")}),
    "comments": _Total(lambda day: day.comments, {"media_product_type": _by_product("comments")}),
    "shares": _Total(lambda day: day.shares, {"media_product_type": _by_product("shares")}),
    "saves": _Total(lambda day: day.saves, {"media_product_type": _by_product("saves")}),
    "follows_and_unfollows": _Total(
        lambda day: day.follows + day.unfollows,
        {"follow_type": lambda day: {"FOLLOWER": day.follows, "NON_FOLLOWER": day.unfollows}},
        fewest_followers=FEWEST_FOLLOWERS,
    ),
    "profile_links_taps": _Total(
        lambda day: day.profile_links_taps, {"contact_button_type": lambda day: day.by_contact_button}
    ),
}
# Series by period; what is new since v20 exists as a total only.
_SERIES = {
    "day": ("reach", "follower_count"), "week": ("reach",), "days_28": ("reach",), "lifetime": ("online_followers",)
}  # fmt: skip


@dataclass(frozen=True)
class Query:
    """A question that was found good. since, until: the days that a total covers, both inclusive; ends: of a series."""

    metrics: tuple[str, ...]
    period: str
    metric_type: str
    breakdown: str
    starts_at: datetime
    ends_at: datetime

    @property
    def since(self) -> date:
        return self.starts_at.astimezone(PACIFIC).date()

    @property
    def until(self) -> date:
        """The last day of which more than its first instant is asked for."""
        last = max(self.starts_at, self.ends_at - timedelta(seconds=1))
        return last.astimezone(PACIFIC).date()

    def days(self) -> list[date]:
        return [self.since + timedelta(days=number) for number in range((self.until - self.since).days + 1)]

    def ended_days(self) -> list[date]:
        """Days whose end lies in the range asked for."""
        days = [self.since + timedelta(days=number) for number in range(-1, (self.until - self.since).days + 2)]
        return [day for day in days if self.starts_at < day_starts(day + ONE_DAY) <= self.ends_at]


def parse_query(parameters: Mapping[str, str], view: View) -> Query:
    """The question, checked as the platform checks it. Raises MetaError."""
    metrics = tuple(name for name in parameters.get("metric", "").split(",") if name)
    if not metrics:
        raise invalid_parameter("The parameter metric is required")
    period = parameters.get("period", "")
    if period not in (*_PERIOD_DAYS, "lifetime"):
        raise invalid_parameter("The parameter period is required: day, week, days_28 or lifetime")
    metric_type = parameters.get("metric_type", "time_series")
    if metric_type not in ("total_value", "time_series"):
        raise invalid_parameter("metric_type must be one of the following values: time_series, total_value")
    breakdown = parameters.get("breakdown", "").replace(" ", "")
    _check_metrics(metrics, period, metric_type)
    _check_breakdown(metrics, breakdown, metric_type)
    if (timeframe := parameters.get("timeframe")) and timeframe not in _TIMEFRAMES:
        raise invalid_parameter(f"timeframe must be one of the following values: {', '.join(_TIMEFRAMES)}")
    starts_at, ends_at = _range(parameters, view.now)
    query = Query(metrics, period, metric_type, breakdown, starts_at, ends_at)
    if period != "lifetime":
        _check_range(query, view.now)
    return query


def _check_metrics(metrics: Sequence[str], period: str, metric_type: str) -> None:
    totals = tuple(_DEMOGRAPHICS) if period == "lifetime" else tuple(_TOTALS) if period == "day" else ()
    series = _SERIES[period]
    for place, metric in enumerate(metrics):
        if metric not in (*totals, *series):
            raise errors.unknown_metric(place, {*totals, *series})
    if metric_type == "time_series" and (lacking := [metric for metric in metrics if metric not in series]):
        raise errors.needs_total_value(lacking)
    if metric_type == "total_value" and (lacking := [metric for metric in metrics if metric not in totals]):
        raise invalid_parameter(f"Metrics {', '.join(lacking)} exist as time_series only")


def _check_breakdown(metrics: Sequence[str], breakdown: str, metric_type: str) -> None:
    if breakdown and metric_type != "total_value":
        raise invalid_parameter("A breakdown needs metric_type=total_value")
    for metric in metrics:
        if metric in _DEMOGRAPHICS:
            if breakdown not in _DEMOGRAPHIC_BREAKDOWNS:
                raise invalid_parameter(f"{metric} needs a breakdown: {', '.join(_DEMOGRAPHIC_BREAKDOWNS)}")
        elif breakdown and breakdown not in _TOTALS[metric].breakdowns:
            raise errors.breakdown_unsuitable(metric, breakdown)


def _range(parameters: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """What is left out is the last 24 hours."""
    until = _instant(parameters["until"], "until") if parameters.get("until") else now
    since = _instant(parameters["since"], "since") if parameters.get("since") else until - ONE_DAY
    return since, until


def _instant(text: str, name: str) -> datetime:
    """Unix seconds, or a date as it is commonly written."""
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise invalid_parameter(f"The parameter {name} must be a Unix time") from error
    return found if found.tzinfo else found.replace(tzinfo=PACIFIC)


def _check_range(query: Query, now: datetime) -> None:
    if query.ends_at < query.starts_at:
        raise invalid_parameter("The parameter since must come before until")
    if query.ends_at - query.starts_at > LONGEST_SPAN:
        raise errors.span_too_long()
    oldest = OLDEST_FOLLOWER_COUNT_DAYS if "follower_count" in query.metrics else OLDEST_DAYS
    if query.since < now.astimezone(PACIFIC).date() - timedelta(days=oldest):
        raise errors.too_old()


def answer(query: Query, view: View, fault: Fault | None) -> list[dict[str, Any]]:
    """One entry a metric that there is anything to tell of: what is missing is absent and not zero."""
    metrics = query.metrics[::2] if fault and fault.kind == "half" else query.metrics
    entries = (_entry(query, view, metric, fault) for metric in metrics)
    return [entry for entry in entries if entry is not None]


def _entry(query: Query, view: View, metric: str, fault: Fault | None) -> dict[str, Any] | None:
    figures: dict[str, Any] | None
    if metric in _DEMOGRAPHICS:
        figures = _demographics(query, view, metric)
    elif query.metric_type == "total_value":
        figures = _total(query, view, metric, fault)
    else:
        figures = _series(query, view, metric, fault)
    if figures is None:
        return None
    title = metric.replace("_", " ").capitalize()
    return {"name": metric, "period": query.period, "title": title, "description": f"{title} of the account.",
            **figures, "id": f"{view.account.account_id}/insights/{metric}/{query.period}"}  # fmt: skip


def _demographics(query: Query, view: View, metric: str) -> dict[str, Any] | None:
    parts = _DEMOGRAPHICS[metric](view.account, view.now, query.breakdown)  # type: ignore[arg-type]
    results = [{"dimension_values": list(words), "value": people} for words, people in parts]
    if not results:
        return None
    return {"total_value": {"breakdowns": [{"dimension_keys": query.breakdown.split(","), "results": results}]}}


def _total(query: Query, view: View, metric: str, fault: Fault | None) -> dict[str, Any] | None:
    total = _TOTALS[metric]
    days = _shown(view, query.days(), fault)
    if not days or follower_count(view.account, view.now) < total.fewest_followers:
        return None
    value: dict[str, Any] = {"value": _over_days([total.read(day) for day in days], total.people)}
    if query.breakdown:
        parts = [total.breakdowns[query.breakdown](day) for day in days]
        words = dict.fromkeys(word for part in parts for word in part)
        sums = {word: _over_days([part.get(word, 0) for part in parts], total.people) for word in words}
        results = [{"dimension_values": [word], "value": amount} for word, amount in sums.items() if amount]
        value["breakdowns"] = [{"dimension_keys": [query.breakdown], "results": results}]
    return {"total_value": value}


def _series(query: Query, view: View, metric: str, fault: Fault | None) -> dict[str, Any] | None:
    if metric != "reach" and follower_count(view.account, view.now) < FEWEST_FOLLOWERS:
        return None
    values = []
    for day in query.ended_days():
        shown: int | dict[str, int]
        if metric == "online_followers":
            shown = online_followers(view.account, day)
        else:
            first = day - timedelta(days=_PERIOD_DAYS[query.period] - 1)
            span = [first + timedelta(days=number) for number in range((day - first).days + 1)]
            days = _shown(view, span, fault)
            if not days:
                continue
            read = [found.follows if metric == "follower_count" else found.reach for found in days]
            shown = _over_days(read, people=metric == "reach")
        values.append({"value": shown, "end_time": wire_time(day_starts(day + ONE_DAY))})
    return {"values": values} if values else None


def _over_days(values: Sequence[int], people: bool) -> int:
    """A sum; of people, more than on the busiest day and less than the sum."""
    if not people:
        return sum(values)
    return max(values) + (sum(values) - max(values)) * 2 // 5


def _shown(view: View, days: Sequence[date], fault: Fault | None) -> list[AccountDay]:
    found = [shown for day in days if (shown := view.day(day))]
    if fault is None:
        return found
    hit = [
        (fault.since is None or shown.day >= fault.since) and (fault.until is None or shown.day <= fault.until)
        for shown in found
    ]
    if fault.kind == "empty":
        return [shown for shown, inside in zip(found, hit, strict=True) if not inside]
    if fault.kind == "control_mismatch" or (fault.kind == "moving_totals" and fault.served % 2 == 0):
        extra = int(Decimal(fault.amount))
        return [
            replace(shown, views=shown.views + extra) if inside else shown
            for shown, inside in zip(found, hit, strict=True)
        ]
    return found
