"""Seeded euro reference rates: one figure a currency and working day, as a central bank publishes them."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np

from sandbox.world import randomness
from sandbox.world.randomness import entity_key

FIRST_DAY = date(2019, 1, 2)
# 16:00 Central European winter time.
PUBLISHED_AT = time(15, 0)
LEV_LAST_DAY = date(2025, 12, 31)


@dataclass(frozen=True)
class Currency:
    """``level``: units a euro usually buys; ``sd``: daily log change; ``decimals`` published."""

    name: str
    level: float
    sd: float
    decimals: int = 4


CURRENCIES: dict[str, Currency] = {
    "AUD": Currency("Australian Dollar", 1.72, 0.005),
    "BGN": Currency("Bulgarian Lev", 1.9558, 0.0),
    "BRL": Currency("Brazilian Real", 6.15, 0.008),
    "CAD": Currency("Canadian Dollar", 1.58, 0.004),
    "CHF": Currency("Swiss Franc", 0.945, 0.003),
    "CNY": Currency("Chinese Renminbi Yuan", 8.1, 0.004),
    "CZK": Currency("Czech Koruna", 24.6, 0.003, 3),
    "DKK": Currency("Danish Krone", 7.4604, 0.00005),
    "GBP": Currency("British Pound", 0.861, 0.004, 5),
    "HKD": Currency("Hong Kong Dollar", 8.9, 0.004),
    "HUF": Currency("Hungarian Forint", 396.0, 0.005, 2),
    "IDR": Currency("Indonesian Rupiah", 18900.0, 0.005, 2),
    "ILS": Currency("Israeli New Shekel", 3.9, 0.005),
    "INR": Currency("Indian Rupee", 99.0, 0.004, 4),
    "ISK": Currency("Icelandic Krona", 142.6, 0.003, 2),
    "JPY": Currency("Japanese Yen", 171.0, 0.006, 2),
    "KRW": Currency("South Korean Won", 1620.0, 0.005, 2),
    "MXN": Currency("Mexican Peso", 21.4, 0.006),
    "MYR": Currency("Malaysian Ringgit", 4.9, 0.004),
    "NOK": Currency("Norwegian Krone", 11.7, 0.005),
    "NZD": Currency("New Zealand Dollar", 1.95, 0.005),
    "PHP": Currency("Philippine Peso", 66.0, 0.004, 3),
    "PLN": Currency("Polish Zloty", 4.25, 0.004),
    "RON": Currency("Romanian Leu", 5.07, 0.001),
    "SEK": Currency("Swedish Krona", 11.1, 0.005),
    "SGD": Currency("Singapore Dollar", 1.5, 0.003),
    "THB": Currency("Thai Baht", 37.8, 0.004, 3),
    "TRY": Currency("Turkish Lira", 47.0, 0.006),
    "USD": Currency("United States Dollar", 1.16, 0.0045),
    "ZAR": Currency("South African Rand", 20.6, 0.007),
}


def easter(year: int) -> date:
    """Easter Sunday, Gregorian, after Gauss's rule in its anonymous form."""
    golden, century = year % 19, year // 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - moon - year % 100 % 4) % 7
    shift = moon + weekday - 7 * ((golden + 11 * moon + 22 * weekday) // 451) + 114
    return date(year, shift // 31, shift % 31 + 1)


def is_working_day(day: date) -> bool:
    """Whether the euro payment system is open, and so whether there is a rate."""
    if day.weekday() >= 5 or (day.month, day.day) in ((1, 1), (5, 1), (12, 25), (12, 26)):
        return False
    return day not in (easter(day.year) - timedelta(days=2), easter(day.year) + timedelta(days=1))


class ReferenceRates:
    """Rates of a seed from ``FIRST_DAY`` on; each day is published in the afternoon and never changed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def published_days(self, now: datetime) -> list[date]:
        """All days with a rate that is out at ``now``, in order."""
        last = now.astimezone(UTC).date()
        if now.astimezone(UTC).time() < PUBLISHED_AT:
            last -= timedelta(days=1)
        days = _working_days(last.year)
        return list(days[: bisect_right(days, last)])

    def rate(self, currency: str, day: date) -> Decimal | None:
        """Units of ``currency`` for one euro on a working day; None if it has no rate then."""
        if currency == "BGN" and day > LEV_LAST_DAY:
            return None
        days = _working_days(day.year)
        place = bisect_right(days, day) - 1
        if currency not in CURRENCIES or place < 0 or days[place] != day:
            return None
        path = _path(self._seed, currency, day.year)
        return Decimal(str(round(float(path[place]), CURRENCIES[currency].decimals)))


@lru_cache(maxsize=64)
def _working_days(last_year: int) -> tuple[date, ...]:
    """Working days from the first one to the end of a year."""
    span = (date(last_year, 12, 31) - FIRST_DAY).days + 1
    return tuple(day for day in (FIRST_DAY + timedelta(days=n) for n in range(span)) if is_working_day(day))


@lru_cache(maxsize=512)
def _path(seed: int, currency: str, last_year: int) -> randomness.Floats:
    """Rates on all working days to the end of a year: a walk of daily shocks that is pulled back to its level."""
    traits = CURRENCIES[currency]
    days = np.array([day.toordinal() for day in _working_days(last_year)], dtype=np.int64)
    key = entity_key(seed, "fx", currency)
    shocks = traits.sd * randomness.normal(key, days, "shock")
    logs = np.zeros(len(days))
    level = 0.0
    for place, shock in enumerate(shocks):
        # Pulled back gently, so that a rate stays near its level for decades.
        level = 0.998 * level + float(shock)
        logs[place] = level
    rates: randomness.Floats = traits.level * np.exp(logs)
    return rates
