"""What a platform shows of a finished figure at an instant: late delivery, a half-filled today, later corrections.

Everything is a function of (unit, day, hours since the day began), so two reads at one instant are equal.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.world import calendar, randomness
from sandbox.world.delivery import Delivery, Units
from sandbox.world.model import Account
from sandbox.world.randomness import Floats, Ints

# Insights refresh every quarter of an hour, and figures are final 28 days after their day ended.
REFRESH_HOURS = 0.25
FINAL_AFTER_HOURS = 28 * 24.0
_MOST_ARRIVES_WITHIN_HOURS = 60.0
# Share of a day's delivery that is reported late: (least, most) by platform.
_LATE_SHARE = {
    "meta_ads": (0.002, 0.012),
    "google_ads": (0.001, 0.004),
    "tiktok_ads": (0.0, 0.006),
    "linkedin_ads": (0.001, 0.010),
}
_INVALID_CLICK_SHARE = 0.006
# Spend corrected once after the day: least and most of it, and the share of ad-days that are.
_CORRECTION = {"tiktok_ads": (-0.005, 0.005, 0.10), "linkedin_ads": (-0.010, 0.0, 0.20)}
_CORRECTED_WITHIN_HOURS = 96.0
_INVALID_FOUND_WITHIN_HOURS = 20 * 24.0
_WITHDRAWN_WITHIN_HOURS = 72.0


def hours_since_day_began(days: Ints, timezone: str, as_of: datetime) -> Floats:
    """Real hours from each day's local midnight to ``as_of``, in steps of the platform's refresh."""
    zone = ZoneInfo(timezone)
    midnights = [datetime.combine(date.fromordinal(int(day)), time(), zone).astimezone(UTC) for day in days]
    hours = np.array([(as_of - midnight) / timedelta(hours=1) for midnight in midnights])
    stepped: Floats = np.floor(hours / REFRESH_HOURS) * REFRESH_HOURS
    return stepped


def arrived(hours: Floats) -> Floats:
    """Share of the late part that has arrived: fast at first, complete after 28 days, never falling."""
    since_end = np.clip(hours - 24.0, 0.0, FINAL_AFTER_HOURS)
    fast = (1.0 - np.exp(-since_end / _MOST_ARRIVES_WITHIN_HOURS)) / (
        1.0 - np.exp(-FINAL_AFTER_HOURS / _MOST_ARRIVES_WITHIN_HOURS)
    )
    share: Floats = 0.75 * fast + 0.25 * since_end / FINAL_AFTER_HOURS
    return share


def reported(account: Account, units: Units, days: Ints, gross: Delivery, hours: Floats) -> Delivery:
    """The delivery that the platform shows ``hours`` (d,) after each day began."""
    least, most = _LATE_SHARE[account.platform]
    late = least + (most - least) * randomness.uniform(units.keys, days, "late-share")
    share = calendar.share_of_day(hours) * (1.0 - late * (1.0 - arrived(hours)))
    spend, impressions, clicks, links = (
        np.rint(values * share).astype(np.int64)
        for values in (gross.spend_minor, gross.impressions, gross.clicks, gross.link_clicks)
    )
    if account.platform == "google_ads":
        removed = _invalid_clicks(units, days, clicks, hours)
        spend = spend - spend * removed // np.maximum(clicks, 1)
        clicks = clicks - removed
        links = np.minimum(links, clicks)
    if account.platform in _CORRECTION:
        spend = spend + _correction(account, units, days, spend, hours)
    return Delivery(spend, impressions, clicks, links)


def _correction(account: Account, units: Units, days: Ints, spend: Ints, hours: Floats) -> Ints:
    """What a later check of the bill adds to an ad-day's spend, or takes off it."""
    least, most, share = _CORRECTION[account.platform]
    found_at = 24.0 + _CORRECTED_WITHIN_HOURS * randomness.uniform(units.keys, days, "correction-when")
    hit = randomness.uniform(units.keys, days, "correction") < share
    size = least + (most - least) * randomness.uniform(units.keys, days, "correction-size")
    return np.where(hit & (hours >= found_at), np.rint(spend * size), 0.0).astype(np.int64)


def withdrawn(units: Units, days: Ints, hours: Floats, share: float) -> np.typing.NDArray[np.bool_]:
    """Ad-days that the platform has taken back by now, one to four days after they ended."""
    taken_at = 24.0 + _WITHDRAWN_WITHIN_HOURS * randomness.uniform(units.keys, days, "withdrawn-when")
    hit = randomness.uniform(units.keys, days, "withdrawn") < share
    gone: np.typing.NDArray[np.bool_] = hit & (hours >= taken_at + 24.0)
    return gone


def _invalid_clicks(units: Units, days: Ints, clicks: Ints, hours: Floats) -> Ints:
    """Clicks taken back so far; each ad-day is examined once, between one and twenty days later."""
    found_at = 24.0 + _INVALID_FOUND_WITHIN_HOURS * randomness.uniform(units.keys, days, "invalid-when")
    invalid = randomness.poisson(clicks * _INVALID_CLICK_SHARE, units.keys, days, "invalid-clicks")
    taken: Ints = np.where(hours >= found_at, np.minimum(invalid, clicks), 0)
    return taken
