"""Days on which prices and buying leave every pattern: they are judged with wider bands, in all countries alike."""

from datetime import date, timedelta

import numpy as np

from quality.anomalies.panel import Floats, Ints

_BLACK_FRIDAY, _FEAST = 2.0, 1.5


def widening(days: Ints) -> Floats:
    """Factor on the spread, by day (proleptic ordinals); 1 on usual days."""
    factors: Floats = np.array([_factor(date.fromordinal(int(day))) for day in days])
    return factors


def _factor(day: date) -> float:
    if _black_friday(day.year) - timedelta(days=5) <= day <= _black_friday(day.year) + timedelta(days=4):
        return _BLACK_FRIDAY
    if (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 3):
        return _FEAST
    easter = _easter(day.year)
    carnival = easter - timedelta(days=50) <= day <= easter - timedelta(days=45)
    mothers_day = date(day.year, 5, 8 + (6 - date(day.year, 5, 8).weekday()) % 7)
    return _FEAST if carnival or abs((day - easter).days) <= 2 or abs((day - mothers_day).days) <= 2 else 1.0


def _black_friday(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _easter(year: int) -> date:
    """Western Easter by the Gregorian computus."""
    golden, century = year % 19, year // 100
    correction = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + correction + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))
