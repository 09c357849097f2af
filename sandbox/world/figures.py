"""Figures of one account at one instant, as tables of account-, campaign- or ad-days."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.world import conversions, delivery, engagement, restatement
from sandbox.world.cells import Cells
from sandbox.world.model import Account, FigureRow, micros_per_minor
from sandbox.world.randomness import Counts, Ints, Keys

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


class GridTable:
    """A table over a grid of objects and days; rows are made when they are asked for."""

    def __init__(
        self, level: Level, keys: Sequence[tuple[str, str, str]], first_day: date, cells: Cells, links: bool,
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

    def __init__(self, account: Account, first_day: date, as_of: datetime, withdrawn_share: float = 0.0) -> None:
        self._account, self._first_day, self._as_of = account, first_day, as_of
        self._withdrawn_share = withdrawn_share
        self._units = delivery.Units.of(account)
        self._second_claims: dict[str, Ints] = {}

    @cached_property
    def _days(self) -> Ints:
        """Ordinals of all days of the history up to today."""
        today = local_day(self._account, self._as_of)
        return np.arange(self._first_day.toordinal(), max(today, self._first_day).toordinal() + 1, dtype=np.int64)

    @cached_property
    def _cells(self) -> Cells:
        account, units, days = self._account, self._units, self._days
        gross = delivery.deliver(account, units, days)
        hours = restatement.hours_since_day_began(days, account.day_zone, self._as_of)
        shown = restatement.reported(account, units, days, gross, hours)
        events = conversions.happen(account, units, days, gross)
        booked = conversions.book(account, units, days, gross, events, hours)
        if account.shared_conversions:
            again = conversions.claimed_again(units, gross, events)
            second = conversions.book(account, units, days, gross, again, hours)
            self._second_claims = second.by_account()
            booked = booked.plus(second)
        cells = Cells(
            shown.spend_minor * micros_per_minor(account.currency), shown.impressions, shown.clicks, shown.link_clicks,
            *booked.columns(), *engagement.engaged(account, units, days, shown.impressions),
        )  # fmt: skip
        if not self._withdrawn_share:
            return cells
        return cells.where(~restatement.withdrawn(units, days, hours, self._withdrawn_share))

    def table(self, level: Level) -> FigureTable:
        """All rows of a level. At ad level Performance Max is missing, as on the platform."""
        if not self._account.ads:
            return ListTable(level, [])
        match level:
            case "account":
                return self._account_table
            case "campaign":
                return self._campaign_table
            case "ad_group":
                return self._group_table
            case "ad":
                return self._ad_table

    def _grid(self, level: Level, keys: Sequence[tuple[str, str, str]], cells: Cells) -> GridTable:
        links = self._account.platform in ("meta_ads", "linkedin_ads")
        return GridTable(level, keys, self._first_day, cells, links)

    @cached_property
    def _account_table(self) -> GridTable:
        below, key = self._campaign_cells, np.array([[self._account.key]], dtype=np.uint64)
        sums, most = below.reach.sum(axis=0, keepdims=True), below.reach.max(axis=0, keepdims=True)
        reach = engagement.together("account", key, self._days, sums, most)
        cells = below.summed(lambda values: values.sum(axis=0, keepdims=True), reach)
        # A conversion that a second campaign claims as well is one conversion of the account.
        return self._grid("account", [("", "", "")], cells.less(self._second_claims))

    @cached_property
    def _campaign_cells(self) -> Cells:
        """Campaigns with units, in campaign order. Their reach comes from their ad groups, or from their stand-in."""
        starts = self._units.campaign_starts
        number = {self._account.ads[place].campaign.campaign_id: row for row, place in enumerate(starts)}
        keys = np.array([[self._account.ads[place].campaign.key] for place in starts], dtype=np.uint64)
        alone = np.flatnonzero([ad.ad_group is None for ad in self._account.ads])
        above = [number[group.campaign.campaign_id] for group in self._account.ad_groups]
        above += [number[self._account.ads[place].campaign.campaign_id] for place in alone]
        below = np.concatenate([self._group_reach, self._cells.reach[alone]])
        reach = _reach_above("campaign", keys, self._days, below, np.array(above))
        return self._cells.summed(self._units.by_campaign, reach)

    @cached_property
    def _campaign_table(self) -> GridTable:
        first_ads = [self._account.ads[place] for place in self._units.campaign_starts]
        return self._grid("campaign", [(ad.campaign.campaign_id, "", "") for ad in first_ads], self._campaign_cells)

    @cached_property
    def _in_groups(self) -> Ints:
        """Places of the ads that the platform shows as ads."""
        return np.flatnonzero([ad.ad_group is not None for ad in self._account.ads])

    @cached_property
    def _group_of(self) -> Ints:
        """The ad group's place of each of these ads."""
        groups = {group.ad_group_id: place for place, group in enumerate(self._account.ad_groups)}
        return np.array([groups[ad.ad_group.ad_group_id] for ad in self._account.ads if ad.ad_group is not None])

    @cached_property
    def _group_reach(self) -> Ints:
        keys = np.array([[group.key] for group in self._account.ad_groups], dtype=np.uint64)
        return _reach_above("ad_group", keys, self._days, self._cells.reach[self._in_groups], self._group_of)

    @cached_property
    def _group_table(self) -> GridTable:
        own = self._cells.rows(self._in_groups)
        cells = own.summed(lambda values: _gathered(np.add, values, self._group_of), self._group_reach)
        keys = [(group.campaign.campaign_id, group.ad_group_id, "") for group in self._account.ad_groups]
        return self._grid("ad_group", keys, cells)

    @cached_property
    def _ad_table(self) -> GridTable:
        keys = [
            (ad.campaign.campaign_id, ad.ad_group.ad_group_id, ad.ad_id)
            for ad in self._account.ads
            if ad.ad_group is not None
        ]
        return self._grid("ad", keys, self._cells.rows(self._in_groups))


def _reach_above(level: Level, keys: Keys, days: Ints, below: Counts | Ints, above: Ints) -> Ints:
    """Reach of the objects (keys (n, 1)) above rows of reach; ``above``: the place of each row's parent."""
    return engagement.together(
        level, keys, days, _gathered(np.add, below, above), _gathered(np.maximum, below, above)
    )  # fmt: skip


def _gathered(way: np.ufunc, values: Counts | Ints, place_of: Ints) -> Ints:
    """Rows combined (added, or their maximum) into the places that they belong to; every place has at least one."""
    order = np.argsort(place_of, kind="stable")
    starts = np.flatnonzero(np.diff(place_of[order], prepend=-1))
    combined: Ints = way.reduceat(values[order].astype(np.int64), starts, axis=0)
    return combined


def local_day(account: Account, as_of: datetime) -> date:
    """The platform's calendar day for the account at an instant."""
    return as_of.astimezone(ZoneInfo(account.day_zone)).date()
