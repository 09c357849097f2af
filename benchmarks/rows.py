"""Deterministic rows to be served, rendered once into files of wire bytes; campaigns and accounts are their sums."""

import mmap
import random
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

CURRENCY = "USD"
TIMEZONE = "America/New_York"
LAST_DAY = date(2026, 11, 18)
ADS_PER_AD_SET = 5
ADS_PER_CAMPAIGN = 10
# Counts: impressions, clicks, link clicks; then spend in cents; then six actions; then three values in cents.
ACTIONS, VALUES = 6, 3
FIGURES = 4 + ACTIONS + VALUES


@dataclass(frozen=True)
class RowPlan:
    """How many rows there are: each account has ``ads`` rows on each of the ``days`` up to LAST_DAY.

    version: another one has the same objects and days with other figures, as after a restatement.
    """

    accounts: int
    ads: int
    days: int
    version: int = 0

    @property
    def account_ids(self) -> list[str]:
        return [str(798_085_168_510_000 + number) for number in range(self.accounts)]

    @property
    def first_day(self) -> date:
        return LAST_DAY - timedelta(days=self.days - 1)

    @property
    def rows(self) -> int:
        """Ad-level rows over all accounts and days."""
        return self.accounts * self.ads * self.days

    def campaign_of(self, ad: int) -> int:
        return 23_850_000_000_000 + ad // ADS_PER_CAMPAIGN

    def ad_set_of(self, ad: int) -> int:
        return 23_860_000_000_000 + ad // ADS_PER_AD_SET

    def ad_id(self, ad: int) -> int:
        return 23_870_000_000_000 + ad

    @property
    def campaigns(self) -> int:
        return -(-self.ads // ADS_PER_CAMPAIGN)


@dataclass(frozen=True)
class ServedRow:
    """What one row is about and its FIGURES. ``ad``: the ad's number at ad level, that of a campaign's first ad at
    campaign level."""

    level: str
    account_id: str
    ad: int
    figures: list[int]
    day: str


Wording = Callable[[RowPlan, ServedRow], bytes]


@dataclass
class RowFile:
    """The rows of one report of one account in a file, as many for each day, oldest day first, commas between."""

    path: Path
    rows_per_day: int
    first_day: date
    _ends: "array[int]" = field(default_factory=lambda: array("Q", [0]))
    _bytes: mmap.mmap | None = None

    def write(self, rows: Iterator[bytes]) -> None:
        """Write all rows and map the file."""
        position = 0
        with self.path.open("wb") as file:
            for row in rows:
                file.write(row + b",")
                position += len(row) + 1
                self._ends.append(position)
        with self.path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def bounds(self, since: date, until: date) -> tuple[int, int]:
        """Numbers of the first row and of the row after the last one of the days since..until."""
        rows = len(self._ends) - 1
        start = (since - self.first_day).days * self.rows_per_day
        stop = ((until - self.first_day).days + 1) * self.rows_per_day
        return min(max(start, 0), rows), min(max(stop, 0), rows)

    def slice(self, start: int, stop: int) -> bytes:
        """The rows start..stop-1 with commas between."""
        if start >= stop or self._bytes is None:
            return b""
        return self._bytes[self._ends[start] : self._ends[stop] - 1]


Files = Mapping[tuple[str, str], RowFile]


def _ad_figures(bits: int) -> list[int]:
    impressions = 400 + (bits & 0x3FFF)
    clicks = 5 + (bits >> 14 & 0xFF)
    link_clicks = clicks * 3 // 4
    purchases = 1 + (bits >> 22 & 0x1F)
    value = purchases * (1_999 + (bits >> 27 & 0xFFF))
    actions = [purchases, purchases, purchases, link_clicks, link_clicks * 4 // 5, clicks + (bits >> 39 & 0x3F)]
    return [impressions, clicks, link_clicks, 100 + (bits >> 45 & 0xFFFF), *actions, value, value, value]


def _added(sums: list[int], figures: list[int]) -> list[int]:
    return [total + figure for total, figure in zip(sums, figures, strict=True)]


def render(plan: RowPlan, directory: Path, wording: Wording) -> Files:
    """Write every row of the plan below ``directory``. Returns (account_id, level) -> file of rows."""
    files: dict[tuple[str, str], RowFile] = {}
    per_day = {"account": 1, "campaign": plan.campaigns, "ad": plan.ads}
    for number, account_id in enumerate(plan.account_ids):
        upper: dict[str, list[bytes]] = {"account": [], "campaign": []}
        for level, count in per_day.items():
            files[account_id, level] = RowFile(directory / f"{account_id}.{level}.json", count, plan.first_day)
        files[account_id, "ad"].write(
            _ad_rows(plan, account_id, random.Random(number + 1_000 * plan.version), wording, upper)
        )
        for level, rows in upper.items():
            files[account_id, level].write(iter(rows))
    return files


def _ad_rows(
    plan: RowPlan, account_id: str, source: random.Random, wording: Wording, upper: dict[str, list[bytes]]
) -> Iterator[bytes]:
    for offset in range(plan.days):
        day = (plan.first_day + timedelta(days=offset)).isoformat()
        of_account = [0] * FIGURES
        for first_ad in range(0, plan.ads, ADS_PER_CAMPAIGN):
            of_campaign = [0] * FIGURES
            for ad in range(first_ad, min(first_ad + ADS_PER_CAMPAIGN, plan.ads)):
                figures = _ad_figures(source.getrandbits(64))
                of_campaign = _added(of_campaign, figures)
                yield wording(plan, ServedRow("ad", account_id, ad, figures, day))
            of_account = _added(of_account, of_campaign)
            upper["campaign"].append(wording(plan, ServedRow("campaign", account_id, first_ad, of_campaign, day)))
        upper["account"].append(wording(plan, ServedRow("account", account_id, 0, of_account, day)))
