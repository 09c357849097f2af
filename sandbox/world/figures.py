"""Figures of one account at one instant, as tables of account-, campaign- or ad-days."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.world import conversions, delivery, restatement
from sandbox.world.model import Account, FigureRow, micros_per_minor
from sandbox.world.randomness import Ints

Level = Literal["account", "campaign", "ad_group", "ad"]


class FigureTable(Protocol):
    """Rows with any activity, by day and then by object."""

    def __len__(self) -> int: ...

    def between(self, since: date, until: date) -> "FigureTable":
        """The rows of the days since..until, both inclusive."""
        ...

    def without(self, object_ids: Collection[str]) -> "FigureTable":
        """The rows of all other ads (or campaigns, at their level)."""
        ...

    def where(self, keep: Callable[[FigureRow], bool]) -> "FigureTable":
        """The rows that fit."""
        ...

    def page(self, start: int, stop: int) -> list[FigureRow]:
        """Rows start..stop-1."""
        ...

    def spend(self) -> int:
        """Micros of the account currency over all rows."""
        ...


class ListTable:
    """A table of rows that are there already."""

    def __init__(self, level: Level, rows: Sequence[FigureRow]) -> None:
        self._level: Level = level
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def between(self, since: date, until: date) -> "ListTable":
        return self.where(lambda row: since <= row.day <= until)

    def without(self, object_ids: Collection[str]) -> "ListTable":
        return self.where(lambda row: object_id(self._level, row) not in object_ids)

    def where(self, keep: Callable[[FigureRow], bool]) -> "ListTable":
        return ListTable(self._level, [row for row in self._rows if keep(row)])

    def page(self, start: int, stop: int) -> list[FigureRow]:
        return list(self._rows[start:stop])

    def spend(self) -> int:
        return sum(row.spend for row in self._rows)


def object_id(level: Level, row: FigureRow) -> str:
    """The id of the object that a row is about."""
    return {"account": "", "campaign": row.campaign_id, "ad_group": row.ad_group_id, "ad": row.ad_id}[level]


@dataclass(frozen=True)
class _Cells:
    """Measures of shape (objects, days); money in micros, conversion counts in millionths."""

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

    def map(self, change: Callable[[Ints], Ints]) -> "_Cells":
        return _Cells(**{field.name: change(getattr(self, field.name)) for field in fields(self)})

    def anything(self) -> np.typing.NDArray[np.bool_]:
        mask: np.typing.NDArray[np.bool_] = self.spend != 0
        for field in fields(self)[1:]:
            mask = mask | (getattr(self, field.name) != 0)
        return mask


class GridTable:
    """A table over a grid of objects and days; rows are made when they are asked for."""

    def __init__(
        self, level: Level, keys: Sequence[tuple[str, str, str]], first_day: date, cells: _Cells, links: bool,
        places: tuple[Ints, Ints] | None = None,
    ) -> None:  # fmt: skip
        self._level: Level = level
        self._keys, self._first_day, self._cells, self._links = keys, first_day, cells, links
        if places is None:
            days, objects = np.nonzero(cells.anything().T)
            places = (objects.astype(np.int64), days.astype(np.int64))
        self._objects, self._days = places

    def __len__(self) -> int:
        return len(self._objects)

    def _select(self, chosen: np.typing.NDArray[np.bool_] | slice) -> "GridTable":
        places = (self._objects[chosen], self._days[chosen])
        return GridTable(self._level, self._keys, self._first_day, self._cells, self._links, places)

    def between(self, since: date, until: date) -> "GridTable":
        low, high = ((day - self._first_day).days for day in (since, until))
        return self._select(slice(*np.searchsorted(self._days, [low, high + 1])))

    def without(self, object_ids: Collection[str]) -> "GridTable":
        place = {"account": 0, "campaign": 0, "ad_group": 1, "ad": 2}[self._level]
        kept = np.array([key[place] not in object_ids for key in self._keys], dtype=np.bool_)
        return self._select(kept[self._objects])

    def where(self, keep: Callable[[FigureRow], bool]) -> ListTable:
        return ListTable(self._level, [row for row in self.page(0, len(self)) if keep(row)])

    def page(self, start: int, stop: int) -> list[FigureRow]:
        objects, days = self._objects[start:stop], self._days[start:stop]
        columns = [getattr(self._cells, field.name)[objects, days].tolist() for field in fields(self._cells)]
        rows = []
        for place, day, *values in zip(objects.tolist(), days.tolist(), *columns, strict=True):
            row = FigureRow(self._first_day + timedelta(days=day), *self._keys[place], *values)
            if not self._links:
                row.link_clicks = None
            rows.append(row)
        return rows

    def spend(self) -> int:
        return int(self._cells.spend[self._objects, self._days].sum())


class AccountFigures:
    """Everything that the platform would show of an account at ``as_of``, for all days of its history."""

    def __init__(self, account: Account, first_day: date, as_of: datetime) -> None:
        self._account, self._first_day, self._as_of = account, first_day, as_of
        self._units = delivery.Units.of(account)

    @cached_property
    def _cells(self) -> _Cells:
        account, units = self._account, self._units
        today = local_day(account, self._as_of)
        days = np.arange(self._first_day.toordinal(), max(today, self._first_day).toordinal() + 1, dtype=np.int64)
        gross = delivery.deliver(account, units, days)
        hours = restatement.hours_since_day_began(days, account.timezone, self._as_of)
        shown = restatement.reported(account, units, days, gross, hours)
        events = conversions.happen(account, units, days, gross)
        booked = conversions.book(account, units, days, gross, events, hours)
        return _Cells(
            shown.spend_minor * micros_per_minor(account.currency), shown.impressions, shown.clicks, shown.link_clicks,
            booked.count, booked.value, booked.all_count, booked.count_by_day, booked.value_by_day, booked.view_through,
        )  # fmt: skip

    def table(self, level: Level) -> FigureTable:
        """All rows of a level. At ad level Performance Max is missing, as on the platform."""
        match level:
            case "account":
                return self._account_table
            case "campaign":
                return self._campaign_table
            case "ad_group":
                return self._group_table
            case "ad":
                return self._ad_table

    def _grid(self, level: Level, keys: Sequence[tuple[str, str, str]], cells: _Cells) -> GridTable:
        return GridTable(level, keys, self._first_day, cells, links=self._account.platform == "meta_ads")

    @cached_property
    def _account_table_cells(self) -> _Cells:
        return self._cells.map(lambda values: values.sum(axis=0, keepdims=True))

    @property
    def _account_table(self) -> GridTable:
        return self._grid("account", [("", "", "")], self._account_table_cells)

    @cached_property
    def _campaign_table(self) -> GridTable:
        first_ads = [self._account.ads[place] for place in self._units.campaign_starts]
        keys = [(ad.campaign.campaign_id, "", "") for ad in first_ads]
        return self._grid("campaign", keys, self._cells.map(self._units.by_campaign))

    @cached_property
    def _ad_table(self) -> GridTable:
        own = np.flatnonzero([ad.ad_group is not None for ad in self._account.ads])
        keys = [
            (ad.campaign.campaign_id, ad.ad_group.ad_group_id, ad.ad_id)
            for ad in self._account.ads
            if ad.ad_group is not None
        ]
        return self._grid("ad", keys, self._cells.map(lambda values: values[own]))

    @cached_property
    def _group_table(self) -> GridTable:
        groups = {group.ad_group_id: place for place, group in enumerate(self._account.ad_groups)}
        own = np.flatnonzero([ad.ad_group is not None for ad in self._account.ads])
        place_of = np.array([groups[ad.ad_group.ad_group_id] for ad in self._account.ads if ad.ad_group is not None])

        def grouped(values: Ints) -> Ints:
            sums = np.zeros((len(groups), values.shape[1]), dtype=np.int64)
            np.add.at(sums, place_of, values[own])
            return sums

        keys = [(group.campaign.campaign_id, group.ad_group_id, "") for group in self._account.ad_groups]
        return self._grid("ad_group", keys, self._cells.map(grouped))


def local_day(account: Account, as_of: datetime) -> date:
    """The account's calendar day at an instant."""
    return as_of.astimezone(ZoneInfo(account.timezone)).date()
