"""Collects what was recorded of one account: rows by level, names by id.

Three rules keep it honest. Rows of one object-day that differ only in segments (device, network) are summed, as the
API does when the segment is not selected. A campaign-day without a row of its own is the sum of its children, because
that is what the API's campaign row is. Account-day totals are never derived: a day has one only if one was recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal

from sandbox.world.figures import Level
from sandbox.world.model import MICROS, Account, Ad, AdGroup, Campaign, FigureRow, Lifetime, Platform

Place = tuple[date, str, str, str]
UNKNOWN_NAME = "(not recorded)"


def micros(text: str | float | int | None) -> int:
    """Millionths of a decimal figure; nothing counts as zero."""
    return int((Decimal(str(text or 0)) * MICROS).to_integral_value())


@dataclass
class Recording:
    """One recorded account. ``campaigns``: id -> (name, kind); ``groups``: id -> (name, campaign id);
    ``ads``: (group id, ad id) -> name."""

    platform: Platform
    account_id: str
    name: str
    currency: str = "USD"
    timezone: str = "America/Los_Angeles"
    campaigns: dict[str, tuple[str, str]] = field(default_factory=dict)
    groups: dict[str, tuple[str, str]] = field(default_factory=dict)
    ads: dict[tuple[str, str], str] = field(default_factory=dict)
    rows: dict[Level, dict[Place, FigureRow]] = field(default_factory=dict)

    def add(self, level: Level, row: FigureRow) -> None:
        """Count a recorded row; another one of the same object-day is added to it."""
        place = (row.day, row.campaign_id, row.ad_group_id, row.ad_id)
        known = self.rows.setdefault(level, {}).get(place)
        if known is None:
            self.rows[level][place] = row
        else:
            accumulate(known, row)

    def table(self, level: Level) -> list[FigureRow]:
        """All rows of a level, by day and object."""
        if level == "campaign":
            return _ordered(self._campaign_rows())
        return _ordered(self.rows.get(level, {}).values())

    def _campaign_rows(self) -> Iterable[FigureRow]:
        own = self.rows.get("campaign", {})
        done = {(row.day, row.campaign_id) for row in own.values()}
        yield from own.values()
        for child in ("ad_group", "ad"):
            sums: dict[tuple[date, str], FigureRow] = {}
            for row in self.rows.get(child, {}).values():
                place = (row.day, row.campaign_id)
                if place not in done:
                    accumulate(sums.setdefault(place, _empty(row)), row)
            done |= set(sums)
            yield from sums.values()

    def days(self) -> list[date]:
        """Every day with a recorded row at any level."""
        return sorted({row.day for rows in self.rows.values() for row in rows.values()})

    def account(self, credential: str) -> Account:
        """The account with the objects that its rows mention; those without a recorded name say so.

        Everything is active from the first recorded day on: the recording does not tell the history of states.
        """
        days = self.days()
        life = Lifetime(days[0])
        for row in (row for rows in self.rows.values() for row in rows.values()):
            if row.campaign_id:
                self.campaigns.setdefault(row.campaign_id, (UNKNOWN_NAME, self._unknown_kind()))
            if row.ad_group_id:
                self.groups.setdefault(row.ad_group_id, (UNKNOWN_NAME, row.campaign_id))
            if row.ad_id:
                self.ads.setdefault((row.ad_group_id, row.ad_id), UNKNOWN_NAME)
        campaigns = {
            key: Campaign(key, name, kind or self._unknown_kind(), life, 0, platform=self.platform)
            for key, (name, kind) in self.campaigns.items()
        }
        groups = {
            key: AdGroup(key, campaigns[campaign_id], name, "UNSPECIFIED", life)
            for key, (name, campaign_id) in self.groups.items()
            if campaign_id in campaigns
        }
        ads = tuple(
            Ad(ad_id, groups[group_id].campaign, groups[group_id], name, life)
            for (group_id, ad_id), name in self.ads.items()
            if group_id in groups
        )
        return Account(
            client_id=self.client_id,
            platform=self.platform,
            account_id=self.account_id,
            name=self.name,
            currency=self.currency,
            timezone=self.timezone,
            credential=credential,
            recorded=True,
            campaigns=tuple(campaigns.values()),
            ad_groups=tuple(groups.values()),
            ads=ads,
        )

    @property
    def client_id(self) -> str:
        return f"recorded-{self.platform.removesuffix('_ads')}-{self.account_id}"

    def _unknown_kind(self) -> str:
        return "UNKNOWN" if self.platform == "google_ads" else "OUTCOME_TRAFFIC"


def _empty(row: FigureRow) -> FigureRow:
    empty = FigureRow(row.day, row.campaign_id, missing=row.missing)
    empty.link_clicks = None if row.link_clicks is None else 0
    return empty


def accumulate(total: FigureRow, row: FigureRow) -> None:
    """Add a row's figures to another of the same object-day."""
    for column in fields(FigureRow)[4:]:
        mine, theirs = getattr(total, column.name), getattr(row, column.name)
        if isinstance(mine, int) and isinstance(theirs, int):
            setattr(total, column.name, mine + theirs)
        elif isinstance(mine, dict):
            for name, amount in theirs.items():
                mine[name] = mine.get(name, 0) + amount
    total.missing = total.missing | row.missing


def _ordered(rows: Iterable[FigureRow]) -> list[FigureRow]:
    return sorted(rows, key=lambda row: (row.day, row.campaign_id, row.ad_group_id, row.ad_id))
