"""Lifetime figures of Instagram media at an instant: organic only, growing with age, never falling."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, exp2, log
from random import Random

from sandbox.world.instagram import follower_count
from sandbox.world.media import Media
from sandbox.world.model import Account

# Final reach of a piece, as a share of the followers at its time, and how much pieces differ (sigma of the log).
_REACH = {"IMAGE": (0.20, 0.5), "CAROUSEL_ALBUM": (0.25, 0.5), "VIDEO": (0.17, 0.5), "REELS": (0.42, 1.1),
          "STORY": (0.075, 0.35)}  # fmt: skip
_VIEWS_A_PERSON = {"FEED": 1.35, "REELS": 1.6, "STORY": 1.15}
# Per person reached.
_RATES = {
    "likes": 0.055, "comments": 0.004, "shares": 0.006, "saves": 0.008, "reposts": 0.001, "follows": 0.0015,
    "profile_visits": 0.009,
}  # fmt: skip
_STORY_RATES = {"likes": 0.01, "shares": 0.002, "replies": 0.003, "follows": 0.0008, "profile_visits": 0.006}
_PROFILE_ACTIONS = {"bio_link_clicked": 0.0016, "direction": 0.0001, "call": 0.0002, "email": 0.0001, "text": 0.0002}
_NAVIGATION = {"tap_forward": 0.72, "tap_back": 0.06, "tap_exit": 0.09, "swipe_forward": 0.10}
_HALF_LIFE_HOURS = 20.0
_POST_FINAL_HOURS, _REEL_FINAL_HOURS, _STORY_HOURS = 30 * 24.0, 60 * 24.0, 24.0


@dataclass(frozen=True)
class MediaFigures:
    """Lifetime figures. total_interactions = likes + comments + shares + saves + replies.

    profile_actions (by action_type) and navigation (stories, by story_navigation_action_type) add up to
    profile_activity and navigation's total. Watch times in milliseconds, reels only; skip_rate in 0..1.
    """

    views: int
    reach: int
    likes: int
    comments: int
    shares: int
    saves: int
    replies: int
    reposts: int
    follows: int
    profile_visits: int
    profile_actions: dict[str, int]
    navigation: dict[str, int]
    total_watch_ms: int
    average_watch_ms: int
    skip_rate: float

    @property
    def total_interactions(self) -> int:
        return self.likes + self.comments + self.shares + self.saves + self.replies

    @property
    def profile_activity(self) -> int:
        return sum(self.profile_actions.values())


def visible_media(account: Account, instant: datetime) -> list[Media]:
    """Posts and reels that the account shows, newest first. What was deleted has vanished."""
    return [media for media in reversed(account.media) if media.product_type != "STORY" and is_visible(media, instant)]


def live_stories(account: Account, instant: datetime) -> list[Media]:
    """Stories of the last 24 hours, newest first."""
    return [media for media in reversed(account.media) if media.product_type == "STORY" and is_visible(media, instant)]


def is_visible(media: Media, instant: datetime) -> bool:
    """Whether it can be read by its id: published, not deleted, as a story not yet expired."""
    ends = [end for end in (media.deleted_at, media.expires_at) if end is not None]
    return media.published_at <= instant and all(instant < end for end in ends)


def media_figures(account: Account, media: Media, instant: datetime) -> MediaFigures:
    """What the insights edge would say at the instant; after a story's or a post's end, what it said last."""
    ends = [end for end in (media.deleted_at, media.expires_at) if end is not None]
    grown = _growth(media, max(min(instant, *ends) if ends else instant, media.published_at) - media.published_at)
    chance = Random(media.key)
    rate, sigma = _REACH[media.media_type if media.product_type == "FEED" else media.product_type]
    reach = follower_count(account, media.published_at) * rate * exp(chance.gauss(0.0, sigma))
    views = int(int(reach * grown) * _VIEWS_A_PERSON[media.product_type])
    rates = _STORY_RATES if media.product_type == "STORY" else _RATES

    def count(share: float) -> int:
        return int(reach * share * exp(chance.gauss(0.0, 0.4)) * grown)

    counts = {name: count(rates[name]) if name in rates else 0 for name in _RATES}
    average = 3_000 + int(9_000 * chance.random()) if media.product_type == "REELS" else 0
    return MediaFigures(
        views=views,
        reach=int(reach * grown),
        replies=count(_STORY_RATES["replies"]) if media.product_type == "STORY" else 0,
        profile_actions={name: count(share) for name, share in _PROFILE_ACTIONS.items()},
        navigation={name: count(share) for name, share in _NAVIGATION.items()} if media.product_type == "STORY" else {},
        total_watch_ms=average * views,
        average_watch_ms=average,
        skip_rate=round(0.2 + 0.4 * chance.random(), 4) if media.product_type == "REELS" else 0.0,
        **counts,
    )


def _growth(media: Media, age: timedelta) -> float:
    """Share of the final figures at an age, from 0 to 1."""
    hours = age / timedelta(hours=1)
    match media.product_type:
        case "REELS":
            # A quarter on the first day, then ever slower for two months.
            return min(1.0, log(1.0 + hours / 12.0) / log(1.0 + _REEL_FINAL_HOURS / 12.0))
        case "STORY":
            return _halving(hours, 5.0, _STORY_HOURS)
        case _:
            return _halving(hours, _HALF_LIFE_HOURS, _POST_FINAL_HOURS)


def _halving(hours: float, half_life: float, final: float) -> float:
    """Share reached when half of what is missing comes in every half-life, complete after ``final`` hours."""
    return min(1.0, (1.0 - exp2(-hours / half_life)) / (1.0 - exp2(-final / half_life)))
