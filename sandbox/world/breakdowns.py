"""Splits a row of figures by country, device, age and so on, into rows that add up to it.

Each level is split by itself, as the platforms do: the parts of an account's row are not the sums of its ads' parts.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sandbox.world import calendar
from sandbox.world.creatives import conversion_actions_of, keywords_of
from sandbox.world.figures import local_day
from sandbox.world.model import MICROS, Account, FigureRow, micros_per_minor
from sandbox.world.randomness import entity_key
from sandbox.world.segments import Shares, shares_of

Dimension = Literal[
    "country", "region", "device", "placement", "age_gender", "hour", "network", "keyword", "search_term", "conversion",
    "language", "job_function", "seniority", "industry", "company_size",
]  # fmt: skip
# People are in one part only; elsewhere one person may be met in several, so that reach does not add up.
_DISJOINT = frozenset({"country", "region", "age_gender", "language", "seniority", "industry", "company_size"})
# Column -> the column whose parts it follows, so that it exceeds them nowhere; in an order that works.
_FOLLOWS = {
    "spend": "impressions",
    "clicks": "impressions",
    "link_clicks": "clicks",
    "conversions": "clicks",
    "view_conversions": "conversions",
    "value": "conversions",
    "conversions_by_day": "clicks",
    "value_by_day": "conversions_by_day",
    "view_through": "impressions",
    "video_plays": "impressions",
    "video_2s": "video_plays",
    "video_6s": "video_2s",
    "video_15s": "video_6s",
    "video_30s": "video_15s",
    "video_p25": "video_plays",
    "video_p50": "video_p25",
    "video_p75": "video_p50",
    "video_p95": "video_p75",
    "video_p100": "video_p95",
    "video_seconds": "video_plays",
    "likes": "impressions",
    "comments": "impressions",
    "shares": "impressions",
    "saves": "impressions",
    "follows": "impressions",
    "profile_visits": "impressions",
}
_WHOLE_EVENTS = frozenset({"conversions", "view_conversions", "conversions_by_day"})
_MONEY = frozenset({"spend", "value", "value_by_day"})
CONVERSION_COLUMNS = (
    "conversions", "value", "all_conversions", "conversions_by_day", "value_by_day", "view_conversions",
)  # fmt: skip
_IDS = 4
_COUNTS = tuple(
    field.name for field in fields(FigureRow)[_IDS:] if field.name not in ("actions", "action_values", "missing")
)


def split(
    account: Account, row: FigureRow, dimension: Dimension, as_of: datetime | None = None
) -> list[tuple[str, FigureRow]]:
    """Parts (value of the dimension, figures) of a row of any level; parts without any activity are left out.

    Every column adds up to the row's but for reach where parts share people. Money stays in smallest units, conversions
    in whole events where the row's are. "conversion" divides the conversion columns only; "keyword" (by criterion id)
    and "search_term" have a part with the value "" for what they do not explain. ``as_of`` keeps today's hours from
    lying in the future. Values: country ISO alpha-2, age_gender "25-34|female", hour "00".."23", the rest in the
    platform's words (segments.py).
    """
    # What was recorded without a breakdown stays without one.
    shares = [] if account.recorded else _shares(account, row, dimension, as_of)
    if not shares:
        return []
    if dimension == "conversion":
        return _by_conversion(account, row, shares)
    names, weights = [name for name, _ in shares], [weight for _, weight in shares]
    parts = _divided(row, weights, micros_per_minor(account.currency))
    _spread_reach(row, parts, disjoint=dimension in _DISJOINT)
    return [(name, part) for name, part in zip(names, parts, strict=True) if _shows(part)]


def apportion(total: int, weights: Sequence[int], quantum: int = 1) -> list[int]:
    """``total`` in parts by weight (largest remainder), in multiples of ``quantum``; what is no multiple goes to the
    heaviest. No part exceeds its weight where the total does not exceed the weights' sum."""
    sign, (units, rest) = (-1 if total < 0 else 1), divmod(abs(total), quantum)
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    parts = [units * weight // whole for weight in weights]
    left = units - sum(parts)
    if left:
        by_remainder = sorted(range(len(weights)), key=lambda place: -(units * weights[place] % whole))
        for place in by_remainder[:left]:
            parts[place] += 1
    parts = [part * quantum for part in parts]
    if rest:
        parts[weights.index(max(weights))] += rest
    return [sign * part for part in parts]


def _divided(row: FigureRow, weights: Sequence[int], minor: int) -> list[FigureRow]:
    columns: dict[str, list[int]] = {"impressions": apportion(row.impressions, weights)}
    for column, leader in _FOLLOWS.items():
        total = getattr(row, column)
        if not total:
            continue
        quantum = minor if column in _MONEY else MICROS if column in _WHOLE_EVENTS else 1
        columns[column] = apportion(total, _following(columns, leader, weights), quantum)
    further = apportion(row.all_conversions - row.conversions, _following(columns, "clicks", weights), MICROS)
    own = columns.get("conversions", [0] * len(weights))
    columns["all_conversions"] = [mine + other for mine, other in zip(own, further, strict=True)]
    nothing = [0] * len(weights)
    table: list[Sequence[Any]] = [columns.get(name, nothing) for name in _COUNTS]
    if row.link_clicks is None:
        table[_COUNTS.index("link_clicks")] = [None] * len(weights)
    ids = (row.day, row.campaign_id, row.ad_group_id, row.ad_id)
    parts = [FigureRow(*ids, *values) for values in zip(*table, strict=True)]
    for part in parts:
        part.missing = row.missing
    for name in ("actions", "action_values"):
        for action, amount in getattr(row, name).items():
            for part, share in zip(parts, apportion(amount, weights, MICROS), strict=True):
                if share:
                    getattr(part, name)[action] = share
    return parts


def _following(columns: dict[str, list[int]], leader: str, weights: Sequence[int]) -> Sequence[int]:
    """The parts of the nearest column above that has any, else the shares themselves."""
    while True:
        parts = columns.get(leader)
        if parts is not None and any(parts):
            return parts
        if leader == "impressions":
            return weights
        leader = _FOLLOWS[leader]


def _spread_reach(row: FigureRow, parts: Sequence[FigureRow], *, disjoint: bool) -> None:
    shown = [part.impressions for part in parts]
    if not row.reach or not any(shown):
        return
    for part, people in zip(parts, apportion(row.reach, shown), strict=True):
        part.reach = people if disjoint else min(part.impressions, people + people // 8 + 1)


def _shows(part: FigureRow) -> bool:
    return any(getattr(part, column) for column in _COUNTS) or bool(part.actions)


def _by_conversion(account: Account, row: FigureRow, shares: Shares) -> list[tuple[str, FigureRow]]:
    """Only the conversion columns; what is counted in ``conversions`` falls to primary actions, the rest to others."""
    primary = {action.name for action in conversion_actions_of(account) if action.primary}
    own = [weight if name in primary else 0 for name, weight in shares]
    others = [0 if name in primary else weight for name, weight in shares]
    minor = micros_per_minor(account.currency)
    counted = FigureRow(
        row.day, row.campaign_id, row.ad_group_id, row.ad_id, conversions=row.conversions, value=row.value,
        all_conversions=row.conversions, conversions_by_day=row.conversions_by_day, value_by_day=row.value_by_day,
        view_conversions=row.view_conversions,
    )  # fmt: skip
    parts = _divided(counted, own, minor)
    extra = apportion(row.all_conversions - row.conversions, others, MICROS)
    return [
        (name, replace(part, all_conversions=part.all_conversions + more))
        for (name, _), part, more in zip(shares, parts, extra, strict=True)
        if _shows(part) or more
    ]


def _shares(account: Account, row: FigureRow, dimension: Dimension, as_of: datetime | None) -> Shares:
    """Weights by value for this object and day, moved a little from the account's usual ones."""
    thing = entity_key(account.key or account.account_id, row.campaign_id, row.ad_group_id, row.ad_id)
    match dimension:
        case "hour":
            return _hours(account.day_zone, row.day, as_of if as_of and local_day(account, as_of) <= row.day else None)
        case "keyword" | "search_term":
            usual = _keyword_shares(account, row, dimension)
        case "conversion":
            usual = [(action.name, round(action.share * 1000)) for action in conversion_actions_of(account)]
        case _:
            campaign = account.campaign_by_id.get(row.campaign_id)
            usual = shares_of(account, campaign, dimension)
    return [(value, _moved(weight, thing, row.day, dimension, value)) for value, weight in usual]


def _moved(weight: int, thing: int, day: date, dimension: str, value: str) -> int:
    draw = entity_key(thing, dimension, value)
    daily = entity_key(draw, day.toordinal())
    return weight * (600 + draw % 800) * (800 + daily % 400) // 1000


def _keyword_shares(account: Account, row: FigureRow, dimension: str) -> Shares:
    group = account.ad_group_by_id.get(row.ad_group_id)
    keywords = keywords_of(group) if group is not None else ()
    shares: Shares = [("", 60)]
    for number, keyword in enumerate(keywords):
        weight = 600 // (number + 1)
        if dimension == "keyword":
            shares.append((keyword.criterion_id, weight))
        else:
            shares += [(term, weight // (place + 2)) for place, term in enumerate(keyword.search_terms)]
    return shares


@lru_cache(maxsize=1024)
def _hours(day_zone: str, day: date, as_of: datetime | None) -> Shares:
    """Local hours of a day with their share of its delivery; an hour that the clocks skip has none."""
    zone = ZoneInfo(day_zone)
    share = calendar.share_of_day(calendar.WHOLE_HOURS)
    shares: Shares = []
    for hour in range(24):
        begins = datetime.combine(day, time(hour), zone)
        skipped = begins.astimezone(UTC).astimezone(zone).hour != hour
        if not skipped and (as_of is None or begins <= as_of):
            shares.append((f"{hour:02d}", int((share[hour + 1] - share[hour]) * 1_000_000)))
    return shares
