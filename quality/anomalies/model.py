"""Level, weekday and spread of series: every expectation comes from the days before it."""

from dataclasses import dataclass

import numpy as np

from quality.anomalies.panel import Floats

# Levels forget with these factors a day: delivery within a week, conversions within a month.
MEMORY, COUNT_MEMORY = 0.86, 0.94
_CLIP = 0.7
_WEEKDAY_SHRINK = 6.0
_WEEKDAY_LIMIT = 1.5
_POOL_WEIGHT = 10.0
_HISTORY = 56
# A series whose spread nobody knows yet.
_UNKNOWN_SPREAD = 0.5


@dataclass(frozen=True)
class Windows:
    """By series and last day of the window: counted, expected, and the log of their ratio (nan where too few days)."""

    counted: Floats
    expected: Floats
    error: Floats


@dataclass(frozen=True)
class Fitted:
    """``level``: log of counted per exposure at the end of each day; ``exposure`` with the weekday's effect in it."""

    counted: Floats
    exposure: Floats
    level: Floats
    days_known: Floats


def fit(counted: Floats, exposure: Floats, weekdays: np.typing.NDArray[np.int64], *, count: bool) -> Fitted:
    """Robust exponential smoothing of the ratio, after the weekdays' effects. Gaps change nothing."""
    known = ~np.isnan(counted) & ~np.isnan(exposure) & (exposure > 0)
    above, below = np.where(known, counted, 0.0), np.where(known, exposure, 0.0)
    below = below * np.exp(_weekday_effects(above, below, weekdays))[:, weekdays]
    memory = COUNT_MEMORY if count else MEMORY
    total, weight = np.zeros(len(above)), np.zeros(len(above))
    seen = np.zeros(len(above))
    level, days_known = np.full(above.shape, np.nan), np.zeros(above.shape)
    for day in range(above.shape[1]):
        expected = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0) * below[:, day]
        # The first week teaches the level whatever it shows.
        room = np.where(seen < 7, 3.0, _CLIP)
        noise = 3.0 * np.sqrt(expected + 1.0) if count else np.zeros_like(expected)
        low = np.maximum(expected * np.exp(-room) - noise, 0.0)
        high = np.where(weight > 0, expected * np.exp(room) + noise, np.inf)
        taken = np.clip(above[:, day], low, high)
        fresh = known[:, day]
        total = np.where(fresh, memory * total + taken, total)
        weight = np.where(fresh, memory * weight + below[:, day], weight)
        seen = seen + fresh
        with np.errstate(divide="ignore", invalid="ignore"):
            level[:, day] = np.where((weight > 0) & (total > 0), np.log(total / weight), np.nan)
        days_known[:, day] = seen
    return Fitted(np.where(known, above, np.nan), np.where(known, below, np.nan), level, days_known)


def _weekday_effects(above: Floats, below: Floats, weekdays: np.typing.NDArray[np.int64]) -> Floats:
    """Log effects (series, 7), shrunk to nothing where few days speak; the judged week has no say."""
    past = slice(None, -7)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(above[:, past] / below[:, past])
    good = np.isfinite(ratio)
    ratio = np.where(good, ratio, 0.0)
    centre = _moving(ratio, 7) / np.maximum(_moving(good.astype(np.float64), 7), 1.0)
    rest = np.where(good, np.clip(ratio - centre, -_WEEKDAY_LIMIT, _WEEKDAY_LIMIT), 0.0)
    effects = np.zeros((len(above), 7))
    for weekday in range(7):
        at = weekdays[past] == weekday
        effects[:, weekday] = rest[:, at].sum(axis=1) / (good[:, at].sum(axis=1) + _WEEKDAY_SHRINK)
    centred: Floats = effects - effects.mean(axis=1, keepdims=True)
    return centred


def _moving(values: Floats, width: int) -> Floats:
    """Centred moving sum, shorter at the ends."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    days = np.arange(values.shape[1])
    low, high = np.maximum(days - width // 2, 0), np.minimum(days + width // 2 + 1, values.shape[1])
    moved: Floats = sums[:, high] - sums[:, low]
    return moved


def windows(fitted: Fitted, length: int, *, count: bool) -> Windows:
    """Sums of ``length`` days against what the level before them expects."""
    known = ~np.isnan(fitted.counted)
    counted = _trailing(np.where(known, fitted.counted, 0.0), length)
    exposure = _trailing(np.where(known, fitted.exposure, 0.0), length)
    before = np.full_like(fitted.level, np.nan)
    before[:, length:] = fitted.level[:, :-length]
    expected = exposure * np.exp(before)
    enough = _trailing(known.astype(np.float64), length) >= 0.6 * length
    pad = 0.5 if count else 1e-3 * np.where(expected > 0, expected, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(enough & (expected > 0), np.log((counted + pad) / (expected + pad)), np.nan)
    return Windows(counted, expected, error)


def _trailing(values: Floats, length: int) -> Floats:
    sums = np.cumsum(np.pad(values, ((0, 0), (length, 0))), axis=1)
    total: Floats = sums[:, length:] - sums[:, :-length]
    return total


def spread(found: Windows, *, last: int, count: bool, floor: float, pools: np.typing.NDArray[np.int64]) -> Floats:
    """Standard deviation of the errors up to column ``last`` (exclusive), beyond what counting alone brings.

    Robust, pooled with like series where the history is short, wide where there is hardly any.
    """
    past = slice(max(0, last - _HISTORY), max(0, last))
    error = found.error[:, past]
    good = ~np.isnan(error)
    days = good.sum(axis=1)
    # nanmedian goes row by row; a sort of all rows does not.
    ordered = np.sort(np.where(good, np.abs(error), np.inf), axis=1)
    middle = ordered[np.arange(len(error)), np.maximum(days - 1, 0) // 2] if error.shape[1] else np.zeros(len(error))
    middle = np.where(days > 0, middle, 0.0)
    limit = np.maximum(3.0 * 1.4826 * middle, 1e-6)[:, None]
    clipped = np.where(good, np.clip(error, -limit, limit), 0.0)
    variance = (clipped**2).sum(axis=1) / np.maximum(days, 1)
    if count:
        expected = np.where(good, found.expected[:, past], 0.0)
        mean = expected.sum(axis=1) / np.maximum(days, 1)
        variance = variance - 1.0 / (mean + 0.5)
    variance = np.maximum(np.nan_to_num(variance), floor**2)
    pooled = np.full(len(variance), _UNKNOWN_SPREAD**2)
    for pool in np.unique(pools):
        own = pools == pool
        if (own & (days >= 21)).any():
            pooled[own] = np.median(variance[own & (days >= 21)])
    mixed = (days * variance + _POOL_WEIGHT * np.maximum(pooled, floor**2)) / (days + _POOL_WEIGHT)
    cold = 1.0 + np.clip((_HISTORY - days) / _HISTORY, 0.0, 1.0)
    result: Floats = np.sqrt(mixed) * cold
    return result
