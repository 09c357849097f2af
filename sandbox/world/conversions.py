"""Conversions as events, each with its click, its lag and the instant at which the platform learns of it.

Meta books website events on the day of the conversion; Google on the day of the click and in fractions; TikTok and
LinkedIn in whole numbers on the day of the click or view that they credit.
Counts are in millionths, values in micros of the account currency.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from sandbox.world import calendar, randomness
from sandbox.world.delivery import Delivery, Units
from sandbox.world.model import MICROS, PERFORMANCE_MAX, Account, micros_per_minor
from sandbox.world.randomness import Floats, Ints
from sandbox.world.roster import PRICE_LEVEL

_EVENTS_PER_DAY_LIMIT = 1_000_003
_RATE = {"purchase": 0.028, "lead": 0.075}
_KIND_FACTOR = {
    PERFORMANCE_MAX: 0.8, "DISPLAY": 0.3, "DEMAND_GEN": 0.4, "OUTCOME_TRAFFIC": 0.3,
    "TRAFFIC": 0.3, "VIDEO_VIEWS": 0.15, "WEBSITE_VISIT": 0.4, "BRAND_AWARENESS": 0.15, "VIDEO_VIEW": 0.15,
}  # fmt: skip
_VIEW_THROUGH_PER_IMPRESSION = 4e-5
# Purchase lag: a share buys within minutes, the rest after a log-normal number of hours.
_LAG = {
    "meta_ads": (0.45, 30.0, 1.5, 7 * 24.0),
    "google_ads": (0.38, 60.0, 1.7, 30 * 24.0),
    "tiktok_ads": (0.45, 30.0, 1.5, 7 * 24.0),
    "linkedin_ads": (0.20, 200.0, 1.5, 30 * 24.0),
}
# Longest time between a view and the conversion that it is credited with.
_VIEW_HOURS = {"linkedin_ads": 7 * 24.0}
_IMMEDIATE_HOURS = 0.25
_SERVER_EVENT_SHARE = 0.06
_SERVER_DELAY_HOURS, _SERVER_DELAY_LIMIT_HOURS = 36.0, 144.0
# Taken back later: deduplicated at Meta, refunded at Google.
_TAKEN_BACK = {
    "meta_ads": (0.01, 12.0, 48.0),
    "google_ads": (0.03, 72.0, 480.0),
    "tiktok_ads": (0.01, 12.0, 72.0),
    "linkedin_ads": (0.01, 24.0, 96.0),
}
_CREDITS = np.array([MICROS, 500_000, 330_000, 670_000, 250_000], dtype=np.int64)
_CREDIT_SHARES = np.array([0.72, 0.84, 0.91, 0.97, 1.0])
_SECONDARY_SHARE = 0.35
# Conversions that a second campaign claims, where an account lets that happen.
_SHARED_SHARE = 0.25


@dataclass(frozen=True)
class Events:
    """One entry an event. ``day``: place in the day axis of click and conversion; hours since the click day began."""

    unit: Ints
    click_day: Ints
    conversion_day: Ints
    visible_hours: Floats
    gone_hours: Floats
    credit: Ints
    value: Ints
    secondary: Ints
    viewed: npt.NDArray[np.bool_]
    shared: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Conversions:
    """Booked figures of shape (units, days), with the names that they have in rows."""

    conversions: Ints
    value: Ints
    all_conversions: Ints
    conversions_by_day: Ints
    value_by_day: Ints
    view_through: Ints
    view_conversions: Ints

    def columns(self) -> tuple[Ints, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def plus(self, other: "Conversions") -> "Conversions":
        return Conversions(*(own + further for own, further in zip(self.columns(), other.columns(), strict=True)))

    def by_account(self) -> dict[str, Ints]:
        """Sums over all units by column, (1, days)."""
        return {field.name: getattr(self, field.name).sum(axis=0, keepdims=True) for field in fields(self)}


def happen(account: Account, units: Units, days: Ints, gross: Delivery) -> Events:
    """All conversions that the clicks and views of these days will ever cause."""
    unit, place, number, viewed = _cohorts(account, units, days, gross)
    keys = units.keys[unit, 0]
    counter = days[place] * _EVENTS_PER_DAY_LIMIT + number + np.where(viewed, _EVENTS_PER_DAY_LIMIT // 2, 0)
    fast, median, sigma, window = _LAG[account.platform]
    click_hour = calendar.hour_of_share(randomness.uniform(keys, counter, "click-hour"))
    lag = np.where(
        randomness.uniform(keys, counter, "lag-kind") < fast,
        -_IMMEDIATE_HOURS * np.log(randomness.uniform(keys, counter, "lag-fast")),
        median * np.exp(sigma * randomness.normal(keys, counter, "lag-slow")),
    )
    view_hours = _VIEW_HOURS.get(account.platform, 24.0)
    lag = np.where(viewed, view_hours * randomness.uniform(keys, counter, "lag-view"), np.minimum(lag, window))
    converted = click_hour + lag
    server = randomness.uniform(keys, counter, "server") < _SERVER_EVENT_SHARE
    late = np.minimum(
        -_SERVER_DELAY_HOURS * np.log(randomness.uniform(keys, counter, "delay")), _SERVER_DELAY_LIMIT_HOURS
    )
    visible = converted + np.where(server, late, 0.2 + 2.8 * randomness.uniform(keys, counter, "processing"))
    share, soonest, latest = _TAKEN_BACK[account.platform]
    back = visible + soonest + (latest - soonest) * randomness.uniform(keys, counter, "back-when")
    gone = np.where(randomness.uniform(keys, counter, "back") < share, back, np.inf)

    minor = micros_per_minor(account.currency)
    worth = account.order_value * np.exp(0.6 * randomness.normal(keys, counter, "value")) * 1e6 / minor
    value = (
        np.rint(worth).astype(np.int64) * minor if account.goal == "purchase" else np.zeros(len(unit), dtype=np.int64)
    )
    credit = np.full(len(unit), MICROS, dtype=np.int64)
    if account.platform == "google_ads":
        credit = _CREDITS[np.searchsorted(_CREDIT_SHARES, randomness.uniform(keys, counter, "credit"))]
        value = value * (credit // 10_000) // 100
    secondary = (randomness.uniform(keys, counter, "secondary") < _SECONDARY_SHARE).astype(np.int64) * MICROS
    day = place + (converted // 24.0).astype(np.int64)
    shared = np.zeros(len(unit), dtype=np.bool_)
    if account.shared_conversions:
        shared = randomness.uniform(keys, counter, "shared") < _SHARED_SHARE
    return Events(unit, place, day, visible, gone, credit, value, secondary, viewed, shared)


def claimed_again(units: Units, gross: Delivery, events: Events) -> Events:
    """The shared events once more, as another campaign's that was shown on the day of the click or view.

    They go to its ad with the most impressions; without another campaign that day nobody else claims the event.
    """
    shown = units.by_campaign(gross.impressions) > 0
    own = np.searchsorted(units.campaign_starts, np.arange(len(units.campaign_of)), side="right") - 1
    claims: list[tuple[int, int]] = []
    for number in np.flatnonzero(events.shared).tolist():
        unit, day = int(events.unit[number]), int(events.click_day[number])
        others = [place for place in np.flatnonzero(shown[:, day]).tolist() if place != own[unit]]
        if others:
            rivals = np.flatnonzero(own == others[unit % len(others)])
            claims.append((number, int(rivals[np.argmax(gross.impressions[rivals, day])])))
    chosen = np.array([number for number, _ in claims], dtype=np.int64)
    again = Events(*(getattr(events, field.name)[chosen] for field in fields(events)))
    return replace(again, unit=np.array([unit for _, unit in claims], dtype=np.int64))


def _cohorts(
    account: Account, units: Units, days: Ints, gross: Delivery
) -> tuple[Ints, Ints, Ints, npt.NDArray[np.bool_]]:
    """For every event: its unit, its click day's place, its number within the ad-day, and if it followed a view."""
    factor = np.array([_KIND_FACTOR.get(ad.campaign.kind, 1.0) for ad in account.ads]).reshape(-1, 1)
    rate = (
        _RATE[account.goal]
        * _dearness(account)
        * factor
        * np.exp(0.45 * randomness.normal(units.keys, 0, "conversion-level"))
    )
    mood = randomness.autoregressive(account.market_key, days, "conversion-mood", 0.4, 0.10)
    rate = rate * calendar.conversion_factor(days) * np.exp(mood)
    clicks = gross.link_clicks if account.platform == "meta_ads" else gross.clicks
    caused = randomness.poisson(clicks * rate, units.keys, days, "conversions")
    seen = np.zeros_like(caused)
    if account.platform != "google_ads":
        seen = randomness.poisson(gross.impressions * _VIEW_THROUGH_PER_IMPRESSION, units.keys, days, "views")
    parts = [_unfold(counts) for counts in (caused, seen)]
    viewed = np.concatenate([np.full(len(parts[0][0]), False), np.full(len(parts[1][0]), True)])
    unit, place, number = (np.concatenate([parts[0][axis], parts[1][axis]]) for axis in range(3))
    return unit, place, number, viewed


def _dearness(account: Account) -> float:
    """Dear things are bought less often: factor on the purchase rate, 1 up to an order of 100 US dollars."""
    dollars = account.order_value / PRICE_LEVEL.get(account.currency, 1.0)
    return float(min(1.0, (100.0 / max(dollars, 1.0)) ** 0.7))


def _unfold(counts: Ints) -> tuple[Ints, Ints, Ints]:
    """One entry an event from counts per (unit, day): unit, day place, number within the cell."""
    unit, place = np.nonzero(counts)
    many = counts[unit, place]
    ends = np.cumsum(many)
    number = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - many, many)
    return np.repeat(unit, many), np.repeat(place, many), number


def book(account: Account, units: Units, days: Ints, gross: Delivery, events: Events, hours: Floats) -> Conversions:
    """What the platform shows of the events ``hours`` (d,) after each click day began."""
    shape = (len(account.ads), len(days))
    age = hours[events.click_day]
    # A conversion still to come lies outside the day axis; it is not visible either.
    shown = (events.visible_hours <= age) & (events.gone_hours > age) & (events.conversion_day < len(days))
    unit, click_day, conversion_day = events.unit[shown], events.click_day[shown], events.conversion_day[shown]
    credit, value, secondary = events.credit[shown], events.value[shown], events.secondary[shown]

    def total(amounts: Ints, day: Ints) -> Ints:
        booked = np.zeros(shape, dtype=np.int64)
        np.add.at(booked, (unit, day), amounts)
        return booked

    by_day, value_by_day = total(credit, conversion_day), total(value, conversion_day)
    nothing = np.zeros(shape, dtype=np.int64)
    if account.platform != "google_ads":
        own_day = conversion_day if account.platform == "meta_ads" else click_day
        count, worth = total(credit, own_day), total(value, own_day)
        after_views = total(credit * events.viewed[shown], own_day)
        return Conversions(count, worth, count, by_day, value_by_day, nothing, after_views)
    views = randomness.poisson(gross.impressions * _VIEW_THROUGH_PER_IMPRESSION, units.keys, days, "view-through")
    views = np.where(hours >= 48.0, views, 0)
    return Conversions(
        total(credit, click_day),
        total(value, click_day),
        total(credit + secondary, click_day),
        by_day,
        value_by_day,
        views,
        nothing,
    )
