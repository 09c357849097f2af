"""Figures of Instagram accounts by day, at an instant. Days end at midnight Pacific, whatever the account's place.

A day's figures are final 48 hours after it ended. They count everything, also advertising and boosted posts, so that
they are no sums of media insights (media_insights.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, exp
from random import Random
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.world import calendar
from sandbox.world.breakdowns import apportion
from sandbox.world.model import DAY_ZONES, Account
from sandbox.world.randomness import entity_key

PACIFIC = ZoneInfo(DAY_ZONES["instagram"])
FINAL_AFTER = timedelta(hours=48)
# Follows and taps on profile links stay 0 for so long after their day ended.
_LATE_METRICS_AFTER = timedelta(hours=36)
_REFERENCE_DAY = date(2026, 11, 1)
PRODUCTS = ("POST", "REEL", "STORY", "AD")
_PRODUCT_OF = {"FEED": "POST", "REELS": "REEL", "STORY": "STORY"}
# Views a follower and day: without anything new, and for each piece published that day (halved every day after).
_VIEWS = {"POST": (0.03, 0.16), "REEL": (0.05, 0.30), "STORY": (0.0, 0.05), "AD": (0.06, 0.0)}
_VIEWS_A_PERSON = {"POST": 1.35, "REEL": 1.6, "STORY": 1.25, "AD": 1.5}
_FOLLOWER_SHARE = {"POST": 62, "REEL": 34, "STORY": 93, "AD": 12}
# Interactions a view.
_RATES: dict[str, dict[str, float]] = {
    "POST": {"likes": 0.045, "comments": 0.0025, "shares": 0.004, "saves": 0.005, "reposts": 0.0006},
    "REEL": {"likes": 0.035, "comments": 0.0012, "shares": 0.006, "saves": 0.003, "reposts": 0.0010},
    "STORY": {"likes": 0.008, "shares": 0.002, "replies": 0.0016},
    "AD": {"likes": 0.006, "comments": 0.0002, "shares": 0.0003, "saves": 0.0002},
}
_INTERACTIONS = ("likes", "comments", "shares", "saves", "replies")
_CONTACT_BUTTONS = {"UNDEFINED": 55, "TEXT": 20, "CALL": 12, "EMAIL": 8, "DIRECTION": 5}
_PEOPLE_OF_INTERACTIONS = 1.25

Parts = Mapping[str, int]


@dataclass(frozen=True)
class AccountDay:
    """An account's day. total_interactions = likes + comments + shares + saves + replies.

    by_product: POST, REEL, STORY, AD; adds up for all metrics but reach. by_follow_type: FOLLOWER, NON_FOLLOWER,
    UNKNOWN; adds up for views and reach. by_contact_button: of profile_links_taps. followers: at the day's end or now.
    """

    day: date
    views: int
    reach: int
    accounts_engaged: int
    total_interactions: int
    likes: int
    comments: int
    shares: int
    saves: int
    replies: int
    reposts: int
    follows: int
    unfollows: int
    profile_links_taps: int
    followers: int
    by_product: Mapping[str, Parts]
    by_follow_type: Mapping[str, Parts]
    by_contact_button: Parts


def day_starts(day: date) -> datetime:
    """Midnight Pacific at which the day begins, UTC. The day ends where the next one begins."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def account_day(account: Account, day: date, as_of: datetime) -> AccountDay | None:
    """The day as the platform shows it at the instant; None before it began and after the account's last day."""
    if as_of < day_starts(day) or not account.followers or (account.active_to and day > account.active_to):
        return None
    ended = day_starts(day + timedelta(days=1))
    shown = _share_shown(account, day, as_of)
    views = {product: int(_final_views(account, day, product) * shown) for product in PRODUCTS}
    people = {product: ceil(views[product] / _VIEWS_A_PERSON[product]) for product in PRODUCTS}
    metrics = _interactions(account, day, views)
    overlap = 0.66 + 0.2 * _chance(account, day, "overlap")
    reach = max(int(sum(people.values()) * overlap), *people.values())
    total = sum(metrics["total_interactions"].values())
    late = as_of >= ended + _LATE_METRICS_AFTER
    follows, unfollows = _follows(account, day) if late else (0, 0)
    taps = int(_followers_at_end(account, day) * 0.002 * (0.5 + _chance(account, day, "taps"))) if late else 0
    sums = {name: sum(parts.values()) for name, parts in metrics.items()}
    return AccountDay(
        day=day,
        views=sum(views.values()),
        reach=reach,
        accounts_engaged=min(reach, ceil(total / _PEOPLE_OF_INTERACTIONS)),
        follows=follows,
        unfollows=unfollows,
        profile_links_taps=taps,
        followers=follower_count(account, min(as_of, ended)),
        by_product={"views": views, "reach": people, **metrics},
        by_follow_type={"views": _by_follow_type(views, sum(views.values())), "reach": _by_follow_type(people, reach)},
        by_contact_button=_named(taps, _CONTACT_BUTTONS),
        **sums,
    )


def follower_count(account: Account, instant: datetime) -> int:
    """Followers at an instant: what the account node says."""
    if not account.followers:
        return 0
    day = instant.astimezone(PACIFIC).date()
    hours = (instant - day_starts(day)) / timedelta(hours=1)
    before, after = (_followers_at_end(account, known) for known in (day - timedelta(days=1), day))
    return before + int((after - before) * min(hours / 24.0, 1.0))


def _chance(account: Account, day: date, purpose: str) -> float:
    return Random(entity_key(account.key, day.toordinal(), purpose)).random()


def _followers_at_end(account: Account, day: date) -> int:
    """Followers at the end of a day: slow growth with small waves, the same whatever history the world has."""
    growth = 0.03 * Random(entity_key(account.key, "growth")).random() - 0.004
    months = (day - _REFERENCE_DAY).days / 30.0
    wave = 0.0008 * (_chance(account, day, "wave") - 0.5)
    return round(account.followers * exp(growth * months) * (1.0 + wave))


def _follows(account: Account, day: date) -> tuple[int, int]:
    """People who began and who ceased to follow on a day; their difference is the change of the count."""
    change = _followers_at_end(account, day) - _followers_at_end(account, day - timedelta(days=1))
    lost = int(account.followers * 0.0003 * (0.5 + _chance(account, day, "unfollows")) + 0.5)
    return (change + lost, lost) if change + lost >= 0 else (0, -change)


def _share_shown(account: Account, day: date, as_of: datetime) -> float:
    """Share of a day's final figures that is out: by hour of the day, then the rest within 48 hours of its end."""
    starts, ends = day_starts(day), day_starts(day + timedelta(days=1))
    if as_of >= ends + FINAL_AFTER:
        return 1.0
    hours = 24.0 * min((as_of - starts) / (ends - starts), 1.0)
    passed = float(calendar.share_of_day(np.array([hours]))[0])
    late = 0.02 + 0.06 * _chance(account, day, "late")
    return passed * (1.0 - late * (1.0 - max((as_of - ends) / FINAL_AFTER, 0.0)))


def _final_views(account: Account, day: date, product: str) -> int:
    base, each = _VIEWS[product]
    if product == "AD" and Random(entity_key(account.key, day.toordinal() // 7, "boosted")).random() < 0.55:
        base = 0.0
    fresh = sum(0.5**age * len(_published(account, day - timedelta(days=age), product)) for age in range(4))
    if product == "STORY":
        fresh = len(_published(account, day, product)) + 0.4 * len(
            _published(account, day - timedelta(days=1), product)
        )
    noise = exp(Random(entity_key(account.key, day.toordinal(), product, "views")).gauss(0.0, 0.25))
    return int(_followers_at_end(account, day) * (base + each * fresh) * noise)


def _published(account: Account, day: date, product: str) -> list[int]:
    return [media.key for media in account.media_by_day.get(day, ()) if _PRODUCT_OF[media.product_type] == product]


def _interactions(account: Account, day: date, views: Parts) -> dict[str, dict[str, int]]:
    """likes, comments, shares, saves, replies, reposts and total_interactions by product."""
    found: dict[str, dict[str, int]] = {name: {} for name in (*_INTERACTIONS, "reposts")}
    for product in PRODUCTS:
        for name in found:
            mood = 0.7 + 0.6 * _chance(account, day, f"{product}/{name}")
            found[name][product] = int(views[product] * _RATES[product].get(name, 0.0) * mood + 0.5)
    totals = {product: sum(found[name][product] for name in _INTERACTIONS) for product in PRODUCTS}
    return {**found, "total_interactions": totals}


def _by_follow_type(parts: Parts, total: int) -> dict[str, int]:
    """``total`` among followers, others and people unknown, weighted by what the products reach."""
    followers = sum(amount * _FOLLOWER_SHARE[product] for product, amount in parts.items())
    others = sum(amount * (98 - _FOLLOWER_SHARE[product]) for product, amount in parts.items())
    return dict(zip(("FOLLOWER", "NON_FOLLOWER", "UNKNOWN"), apportion(
        total, (followers, others, 2 * sum(parts.values()))
    ), strict=True))  # fmt: skip


def _named(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    return dict(zip(weights, apportion(total, tuple(weights.values())), strict=True))
