"""What people did with the ads they saw: video plays, reactions, and how many different people there were.

All of it is a share of the impressions shown, so that it grows and is restated with them.
"""

from collections.abc import Sequence

import numpy as np

from sandbox.world import randomness
from sandbox.world.delivery import Units
from sandbox.world.model import Account, Platform
from sandbox.world.randomness import Counts, Floats, Ints

# Share of ads that are videos, and of a video's impressions that play.
_VIDEO_ADS: dict[Platform, float] = {"meta_ads": 0.5, "google_ads": 0.25, "tiktok_ads": 1.0, "linkedin_ads": 0.35}
_PLAYS: dict[Platform, float] = {"meta_ads": 0.7, "google_ads": 0.35, "tiktok_ads": 0.93, "linkedin_ads": 0.45}
# Each as a share of the one before it in its row: so every column is at most the one that it hangs on.
_WATCHED = (0.45, 0.55, 0.6, 0.5)
_QUARTILES = (0.42, 0.6, 0.65, 0.7, 0.75)
_SECONDS_A_PLAY = 4.6
# Per impression: likes, comments, shares, saves, follows, profile visits.
_REACTIONS = (0.0042, 0.0003, 0.0005, 0.0004, 0.0002, 0.0006)
_FREQUENCY_ABOVE_ONE = 0.22
# Overlap of the audiences below one object: it reaches this share of what they reach together.
_OVERLAP = {"ad_group": (0.84, 0.95), "campaign": (0.80, 0.93), "account": (0.68, 0.85)}


def engaged(account: Account, units: Units, days: Ints, impressions: Ints) -> tuple[Counts, ...]:
    """Video and reaction columns and reach of every unit, in the order of Cells."""
    keys = units.keys
    mood = np.exp(0.12 * randomness.normal(keys, days, "engagement"))
    level = np.exp(0.5 * randomness.normal(keys, 0, "engagement-level"))
    video = randomness.uniform(keys, 0, "video-ad") < _VIDEO_ADS[account.platform]
    held = np.minimum(np.exp(0.15 * randomness.normal(keys, 0, "video-hold")), 1.3) * np.minimum(mood, 1.06)
    plays = _part(impressions, np.where(video, _PLAYS[account.platform], 0.0) * np.minimum(mood, 1.06))
    watched = _chain(plays, _WATCHED, held)
    quartiles = _chain(plays, _QUARTILES, held)
    seconds = _part(plays, _SECONDS_A_PLAY * held)
    reactions = [_part(impressions, np.minimum(rate * level * mood, 0.2)) for rate in _REACTIONS]
    frequency = 1.0 + _FREQUENCY_ABOVE_ONE * np.exp(0.5 * randomness.normal(keys, days, "frequency"))
    reach = np.minimum(np.ceil(impressions / frequency).astype(np.int64), impressions)
    # They stay far below two thousand millions, and there are many of them.
    return tuple(column.astype(np.int32) for column in (plays, *watched, *quartiles, seconds, *reactions, reach))


def _part(whole: Ints, share: Floats) -> Ints:
    part: Ints = np.floor(whole * share).astype(np.int64)
    return part


def _chain(start: Ints, shares: Sequence[float], held: Floats) -> list[Ints]:
    """Columns that each keep a share of the one before."""
    columns, left = [], start
    for share in shares:
        left = _part(left, np.minimum(share * held, 1.0))
        columns.append(left)
    return columns


def together(level: str, keys: Ints | randomness.Keys, days: Ints, summed: Ints, greatest: Ints) -> Ints:
    """Reach of the objects above (keys (n, 1)) from the sum and the maximum of what is below each of them.

    At least the greatest part, less than the sum as soon as two parts reach somebody.
    """
    least, most = _OVERLAP[level]
    share = least + (most - least) * randomness.uniform(keys, days, "overlap")
    reach: Ints = np.maximum(np.floor(summed * share).astype(np.int64), greatest)
    return reach
