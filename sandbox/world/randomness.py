"""Counter-based randomness: a number depends only on (entity, day, purpose, draw), never on what was drawn before.

Arrays broadcast: an entity column of shape (n, 1) and a day row of shape (d,) give an (n, d) matrix.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
# Below this mean a Poisson number is drawn exactly, above it from a rounded normal.
_EXACT_POISSON_BELOW = 30.0


def entity_key(*parts: object) -> int:
    """A 64-bit key of a named entity, stable between machines and versions."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _mix(values: Any) -> Keys:
    """The splitmix64 finaliser."""
    z = np.asarray(values, dtype=np.uint64) + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _MIX_A
    z = (z ^ (z >> np.uint64(27))) * _MIX_B
    mixed: Keys = z ^ (z >> np.uint64(31))
    return mixed


def bits(keys: Any, counters: Any, purpose: str) -> Keys:
    """64 random bits per (key, counter) for a purpose; counters are day ordinals or event numbers."""
    with np.errstate(over="ignore"):
        salted = np.asarray(keys, dtype=np.uint64) ^ np.uint64(entity_key("purpose", purpose))
        counted = np.asarray(counters).astype(np.int64).astype(np.uint64)
        return _mix(_mix(salted) + counted * _MIX_B)


def uniform(keys: Any, counters: Any, purpose: str) -> Floats:
    """Uniform in the open interval (0, 1)."""
    drawn: Floats = ((bits(keys, counters, purpose) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return drawn


def normal(keys: Any, counters: Any, purpose: str) -> Floats:
    """Standard normal by Box-Muller."""
    radius = np.sqrt(-2.0 * np.log(uniform(keys, counters, purpose + "/r")))
    drawn: Floats = radius * np.cos(2.0 * np.pi * uniform(keys, counters, purpose + "/a"))
    return drawn


def autoregressive(keys: Any, days: Ints, purpose: str, phi: float, sd: float, memory: int = 8) -> Floats:
    """A stationary AR(1) path with standard deviation ``sd``, cut after ``memory`` days so that it needs no past."""
    weights = np.sqrt(1.0 - phi * phi) * phi ** np.arange(memory)
    total = np.zeros(np.broadcast_shapes(np.shape(keys), np.shape(days)))
    for back, weight in enumerate(weights):
        total += weight * normal(keys, np.asarray(days) - back, purpose)
    return sd * total


def poisson(mean: Any, keys: Any, counters: Any, purpose: str) -> Ints:
    """Poisson numbers with the given means."""
    means = np.asarray(mean, dtype=np.float64)
    u = uniform(keys, counters, purpose + "/u")
    means, u = np.broadcast_arrays(means, u)
    rough = np.rint(means + np.sqrt(means) * normal(keys, counters, purpose + "/n"))
    drawn = np.maximum(rough, 0.0).astype(np.int64)
    small = means < _EXACT_POISSON_BELOW
    if small.any():
        lam, left = means[small], u[small].copy()
        term = np.exp(-lam)
        count = np.zeros(lam.shape, dtype=np.int64)
        open_ = left > term
        step = 0
        while open_.any() and step < 120:
            left = np.where(open_, left - term, left)
            step += 1
            term = term * lam / step
            count = np.where(open_, count + 1, count)
            open_ = open_ & (left > term)
        drawn[small] = count
    return drawn
