"""Metrics and segments: figures of a row in wire form (int64 as text, doubles as numbers, money in micros)."""

from collections.abc import Callable
from datetime import date, timedelta

from sandbox.wire.google_fields import Field, Fields, Line
from sandbox.world.creatives import ConversionAction, conversion_actions_of
from sandbox.world.model import MICROS, PERFORMANCE_MAX, FigureRow
from sandbox.world.randomness import entity_key

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER",
    "DECEMBER",
)  # fmt: skip
_MATCH_TYPES = ("EXACT", "PHRASE", "BROAD", "NEAR_EXACT", "NEAR_PHRASE")
# Below a tenth the platform says so and no more.
_LEAST_IMPRESSION_SHARE = 0.0999

Figure = Callable[[FigureRow], float]


def _count(millionths: int) -> float:
    return millionths / MICROS


def _per(top: float, bottom: float) -> float:
    return top / bottom if bottom else 0.0


def _by_row(data_type: str, make: Callable[[FigureRow], object]) -> Field:
    return Field(data_type, lambda line: make(line.row) if line.row else None)


def _integers(figures: dict[str, Callable[[FigureRow], int]]) -> Fields:
    def text(figure: Callable[[FigureRow], int]) -> Callable[[FigureRow], object]:
        return lambda row: str(figure(row))

    return {f"metrics.{name}": _by_row("INT64", text(figure)) for name, figure in figures.items()}


def _doubles(figures: dict[str, Figure]) -> Fields:
    def number(figure: Figure) -> Callable[[FigureRow], object]:
        return lambda row: float(figure(row))

    return {f"metrics.{name}": _by_row("DOUBLE", number(figure)) for name, figure in figures.items()}


def _all_by_day(row: FigureRow) -> float:
    """By the day of the conversion; the events of other actions are booked without their lag here."""
    return _count(row.conversions_by_day + max(0, row.all_conversions - row.conversions))


def _all_value(row: FigureRow) -> float:
    """Other actions have no value of their own here."""
    return _count(row.value)


def _impression_share(least: float) -> Field:
    """Of search campaigns only; on other channels the metric is absent."""

    def make(line: Line) -> float | None:
        if line.row is None or line.campaign is None or line.campaign.kind != "SEARCH" or not line.row.impressions:
            return None
        draw = entity_key(line.campaign.key, line.row.day.toordinal(), "share") % 8000 / 10000
        return float(max(_LEAST_IMPRESSION_SHARE, round(least + draw * (1 - least), 4)))

    return Field("DOUBLE", make)


METRICS: Fields = {
    **_integers({
        "impressions": lambda r: r.impressions,
        "clicks": lambda r: r.clicks,
        "interactions": lambda r: r.clicks,
        "engagements": lambda r: r.likes + r.comments + r.shares,
        "video_trueview_views": lambda r: r.video_plays,
        "cost_micros": lambda r: r.spend,
        "view_through_conversions": lambda r: r.view_through,
        "unique_users": lambda r: r.reach,
        "active_view_impressions": lambda r: 0,
        "active_view_measurable_impressions": lambda r: 0,
        "active_view_measurable_cost_micros": lambda r: 0,
    }),
    **_doubles({
        "conversions": lambda r: _count(r.conversions),
        "conversions_value": lambda r: _count(r.value),
        "conversions_by_conversion_date": lambda r: _count(r.conversions_by_day),
        "conversions_value_by_conversion_date": lambda r: _count(r.value_by_day),
        "all_conversions": lambda r: _count(r.all_conversions),
        "all_conversions_value": _all_value,
        "all_conversions_by_conversion_date": _all_by_day,
        "all_conversions_value_by_conversion_date": lambda r: _count(r.value_by_day),
        "all_conversions_from_interactions_rate": lambda r: _per(_count(r.all_conversions), r.clicks),
        "conversions_from_interactions_rate": lambda r: _per(_count(r.conversions), r.clicks),
        "cross_device_conversions": lambda r: 0.0,
        "ctr": lambda r: _per(r.clicks, r.impressions),
        "interaction_rate": lambda r: _per(r.clicks, r.impressions),
        "engagement_rate": lambda r: _per(r.likes + r.comments + r.shares, r.impressions),
        "average_cost": lambda r: _per(r.spend, r.clicks),
        "average_cpc": lambda r: _per(r.spend, r.clicks),
        "average_cpm": lambda r: _per(1000 * r.spend, r.impressions),
        "average_cpe": lambda r: _per(r.spend, r.likes + r.comments + r.shares),
        "trueview_average_cpv": lambda r: _per(r.spend, r.video_plays),
        "cost_per_conversion": lambda r: _per(r.spend * MICROS, r.conversions),
        "cost_per_all_conversions": lambda r: _per(r.spend * MICROS, r.all_conversions),
        "value_per_conversion": lambda r: _per(r.value, r.conversions),
        "value_per_all_conversions": lambda r: _per(r.value, r.all_conversions),
        "video_trueview_view_rate": lambda r: _per(r.video_plays, r.impressions),
        "video_quartile_p25_rate": lambda r: _per(r.video_p25, r.video_plays),
        "video_quartile_p50_rate": lambda r: _per(r.video_p50, r.video_plays),
        "video_quartile_p75_rate": lambda r: _per(r.video_p75, r.video_plays),
        "video_quartile_p100_rate": lambda r: _per(r.video_p100, r.video_plays),
        "average_impression_frequency_per_user": lambda r: _per(r.impressions, r.reach),
        "active_view_cpm": lambda r: 0.0,
        "active_view_ctr": lambda r: 0.0,
        "active_view_measurability": lambda r: 0.0,
        "active_view_viewability": lambda r: 0.0,
    }),
    "metrics.search_impression_share": _impression_share(0.1),
    "metrics.search_top_impression_share": _impression_share(0.05),
    "metrics.search_absolute_top_impression_share": _impression_share(0.0),
    "metrics.search_budget_lost_impression_share": _impression_share(0.0),
    "metrics.search_rank_lost_impression_share": _impression_share(0.0),
    "metrics.interaction_event_types": Field(
        "ENUM", lambda line: ["CLICK"] if line.row and line.row.clicks else None, repeated=True
    ),
    "metrics.historical_quality_score": Field(
        "INT64", lambda line: str(entity_key(line.thing.criterion_id) % 10 + 1) if line.row and line.thing else None
    ),
}  # fmt: skip


def _on_day(data_type: str, make: Callable[[date], object]) -> Field:
    return Field(data_type, lambda line: make(line.row.day) if line.row else None)


def _quarter(day: date) -> str:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1).isoformat()


def _split(data_type: str, dimension: str, make: Callable[[str], object] = str) -> Field:
    return Field(data_type, lambda line: make(line.splits[dimension]) if dimension in line.splits else None)


def _by_action(data_type: str, make: Callable[[ConversionAction, Line], object]) -> Field:
    def value(line: Line) -> object:
        name = line.splits.get("conversion")
        action = next((a for a in conversion_actions_of(line.account) if a.name == name), None)
        return make(action, line) if action else None

    return Field(data_type, value)


def _match_type(line: Line) -> str | None:
    """How the keyword met what was typed."""
    term = line.splits.get("search_term")
    if term is None:
        return None
    if line.campaign is not None and line.campaign.kind == PERFORMANCE_MAX:
        return "PERFORMANCE_MAX"
    return _MATCH_TYPES[entity_key(term) % len(_MATCH_TYPES)]


def _campaign_name(line: Line) -> str | None:
    return f"{line.customer}/campaigns/{line.campaign.campaign_id}" if line.campaign else None


SEGMENTS: Fields = {
    "segments.date": _on_day("DATE", date.isoformat),
    "segments.week": _on_day("DATE", lambda day: (day - timedelta(days=day.weekday())).isoformat()),
    "segments.month": _on_day("DATE", lambda day: day.replace(day=1).isoformat()),
    "segments.quarter": _on_day("DATE", _quarter),
    "segments.year": _on_day("INT32", lambda day: day.year),
    "segments.day_of_week": _on_day("ENUM", lambda day: _DAYS[day.weekday()]),
    "segments.month_of_year": _on_day("ENUM", lambda day: _MONTHS[day.month - 1]),
    "segments.hour": _split("INT32", "hour", int),
    "segments.device": _split("ENUM", "device"),
    "segments.ad_network_type": _split("ENUM", "network"),
    "segments.conversion_action": _by_action(
        "RESOURCE_NAME", lambda action, line: f"{line.customer}/conversionActions/{action.action_id}"
    ),
    "segments.conversion_action_name": _by_action("STRING", lambda action, line: action.name),
    "segments.conversion_action_category": _by_action("ENUM", lambda action, line: action.category),
    "segments.search_term_match_type": Field("ENUM", _match_type),
    "segments.budget_campaign_association_status.campaign": Field("RESOURCE_NAME", _campaign_name),
    "segments.budget_campaign_association_status.status": Field("ENUM", lambda line: "ENABLED"),
}
# The world's dimension that a segment divides a day by.
DIMENSIONS = {
    "segments.hour": "hour",
    "segments.device": "device",
    "segments.ad_network_type": "network",
    "segments.conversion_action": "conversion",
    "segments.conversion_action_name": "conversion",
    "segments.conversion_action_category": "conversion",
}


def counts_conversions_only(metric: str) -> bool:
    """Whether a metric may stand beside a conversion action: nothing that an ad costs or that its viewers did."""
    name = metric.removeprefix("metrics.")
    return "conversion" in name and not name.startswith(("cost_per", "conversions_from", "all_conversions_from"))
