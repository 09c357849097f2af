"""Measures of objects by day as arrays: one column each, in the order of FigureRow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from sandbox.world.randomness import Counts, Ints


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
    video_plays: Counts | Ints
    video_2s: Counts | Ints
    video_6s: Counts | Ints
    video_15s: Counts | Ints
    video_30s: Counts | Ints
    video_p25: Counts | Ints
    video_p50: Counts | Ints
    video_p75: Counts | Ints
    video_p95: Counts | Ints
    video_p100: Counts | Ints
    video_seconds: Counts | Ints
    likes: Counts | Ints
    comments: Counts | Ints
    shares: Counts | Ints
    saves: Counts | Ints
    follows: Counts | Ints
    profile_visits: Counts | Ints
    reach: Counts | Ints

    def rows(self, places: Ints) -> "Cells":
        """Some of the objects, in the order of their places."""
        if len(places) == len(self.spend):
            return self
        return Cells(**{name: getattr(self, name)[places] for name in COLUMNS})

    def where(self, kept: npt.NDArray[np.bool_]) -> "Cells":
        """The cells that are kept; nothing happened in the others."""
        return Cells(**{name: np.where(kept, getattr(self, name), 0) for name in COLUMNS})

    def summed(self, add_up: Callable[[Ints], Ints], reach: Ints) -> "Cells":
        """The columns of the objects above: sums, but for reach, which does not add up."""
        sums = {name: add_up(getattr(self, name)) for name in COLUMNS if name != "reach"}
        return Cells(**sums, reach=reach)

    def less(self, amounts: Mapping[str, Ints]) -> "Cells":
        """With amounts taken off some columns."""
        return replace(self, **{name: getattr(self, name) - amount for name, amount in amounts.items()})

    def anything(self) -> npt.NDArray[np.bool_]:
        """Where an object has any activity on a day."""
        mask: npt.NDArray[np.bool_] = self.spend != 0
        for name in COLUMNS[1:]:
            mask = mask | (getattr(self, name) != 0)
        return mask


COLUMNS = tuple(field.name for field in fields(Cells))
