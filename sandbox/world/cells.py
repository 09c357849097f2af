"""Measures of objects by day as arrays: one column each, in the order of FigureRow."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sandbox.world.randomness import Ints


@dataclass(frozen=True)
class Cells:
    """Measures of shape (objects, days); money in micros, conversion counts in millionths, the rest whole numbers."""

    spend: Ints
    impressions: Ints
    clicks: Ints
    link_clicks: Ints
    conversions: Ints
    value: Ints
    all_conversions: Ints
    conversions_by_day: Ints
    value_by_day: Ints
    view_through: Ints
    view_conversions: Ints
    video_plays: Ints
    video_2s: Ints
    video_6s: Ints
    video_15s: Ints
    video_30s: Ints
    video_p25: Ints
    video_p50: Ints
    video_p75: Ints
    video_p95: Ints
    video_p100: Ints
    video_seconds: Ints
    likes: Ints
    comments: Ints
    shares: Ints
    saves: Ints
    follows: Ints
    profile_visits: Ints
    reach: Ints

    def map(self, change: Callable[[Ints], Ints]) -> "Cells":
        """Every column changed alike."""
        return Cells(**{name: change(getattr(self, name)) for name in COLUMNS})

    def summed(self, add_up: Callable[[Ints], Ints], reach: Ints) -> "Cells":
        """The columns of the objects above: sums, but for reach, which does not add up."""
        sums = {name: add_up(getattr(self, name)) for name in COLUMNS if name != "reach"}
        return Cells(**sums, reach=reach)

    def anything(self) -> npt.NDArray[np.bool_]:
        """Where an object has any activity on a day."""
        mask: npt.NDArray[np.bool_] = self.spend != 0
        for name in COLUMNS[1:]:
            mask = mask | (getattr(self, name) != 0)
        return mask


COLUMNS = tuple(field.name for field in fields(Cells))
