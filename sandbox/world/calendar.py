"""How a year moves prices, budgets and buying: factors per day, around 1."""

from datetime import date

import numpy as np

from sandbox.world.randomness import Floats, Ints

# Average price of a thousand impressions by month against the year's mean; November is the dearest.
_MONTH_PRICE = np.array([0.88, 0.89, 0.95, 0.92, 0.97, 0.96, 0.96, 1.0, 0.96, 1.07, 1.25, 1.11])
_WEEKDAY_PRICE = np.array([1.05, 1.03, 1.02, 1.01, 1.0, 0.93, 0.96])
_WEEKDAY_SPEND = np.array([1.04, 1.05, 1.04, 1.02, 1.0, 0.92, 0.93])
_WEEKDAY_SPEND_LEADS = np.array([1.12, 1.18, 1.17, 1.12, 1.0, 0.7, 0.7])
_WEEKDAY_CONVERSION = np.array([1.05, 1.04, 1.03, 1.0, 0.97, 0.92, 1.0])
# Share of a day's delivery that has happened by local hour 0, 3, 6, ..., 24.
_HOURS = np.array([0, 3, 6, 9, 12, 15, 18, 21, 24], dtype=np.float64)
_SHARE_BY_HOUR = np.array([0.0, 0.02, 0.04, 0.13, 0.32, 0.50, 0.68, 0.88, 1.0])


# The hours at which a day's hours begin, and its end.
WHOLE_HOURS = np.arange(25, dtype=np.float64)


def price_factor(days: Ints) -> Floats:
    """Of impressions, by month and weekday. ``days`` are proleptic ordinals."""
    dates = [date.fromordinal(int(day)) for day in days]
    months = np.array([day.month - 1 for day in dates], dtype=np.int64)
    weekdays = np.array([day.weekday() for day in dates], dtype=np.int64)
    factors: Floats = _MONTH_PRICE[months] * _WEEKDAY_PRICE[weekdays]
    return factors


def spend_factor(days: Ints, *, leads: bool) -> Floats:
    """Of budgets, by weekday; lead generation rests at weekends."""
    table = _WEEKDAY_SPEND_LEADS if leads else _WEEKDAY_SPEND
    factors: Floats = table[_weekdays(days)]
    return factors


def conversion_factor(days: Ints) -> Floats:
    """Of conversion rates, by weekday, with the lift of paydays in the first working week of a month."""
    payday = np.array([1.08 if 5 <= date.fromordinal(int(day)).day <= 8 else 1.0 for day in days])
    factors: Floats = _WEEKDAY_CONVERSION[_weekdays(days)] * payday
    return factors


def share_of_day(hours: Floats) -> Floats:
    """Share of a day's delivery after so many local hours (clipped to 0..24)."""
    share: Floats = np.interp(hours, _HOURS, _SHARE_BY_HOUR)
    return share


def hour_of_share(share: Floats) -> Floats:
    """Local hour at which the given share (0..1) of a day's clicks has happened."""
    hours: Floats = np.interp(share, _SHARE_BY_HOUR, _HOURS)
    return hours


def _weekdays(days: Ints) -> Ints:
    # Ordinal 1 was a Monday.
    weekdays: Ints = (np.asarray(days, dtype=np.int64) - 1) % 7
    return weekdays
