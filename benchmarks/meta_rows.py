"""Deterministic Meta insights rows, rendered once into files of wire bytes; campaigns and accounts are their sums."""

import mmap
import random
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

CURRENCY = "USD"
TIMEZONE = "America/New_York"
LAST_DAY = date(2026, 11, 18)
ADS_PER_AD_SET = 5
ADS_PER_CAMPAIGN = 10

_ACTIONS = (
    "omni_purchase",
    "purchase",
    "offsite_conversion.fb_pixel_purchase",
    "link_click",
    "landing_page_view",
    "post_engagement",
)
_ACTION_VALUES = _ACTIONS[:3]
_FIGURES = (
    '"account_currency":"' + CURRENCY + '","impressions":"%d","clicks":"%d","inline_link_clicks":"%d",'
    '"spend":"%d.%02d","actions":['
    + ",".join('{"action_type":"' + name + '","value":"%d"}' for name in _ACTIONS)
    + '],"action_values":['
    + ",".join('{"action_type":"' + name + '","value":"%d.%02d"}' for name in _ACTION_VALUES)
    + '],"date_start":"%s","date_stop":"%s"}'
)
_ACCOUNT_ROW = '{"account_id":"%s",' + _FIGURES
_CAMPAIGN_ROW = '{"account_id":"%s","campaign_id":"%d",' + _FIGURES
_AD_ROW = (
    '{"account_id":"%s","campaign_id":"%d","adset_id":"%d","ad_id":"%d","attribution_setting":"7d_click_1d_view",'
    + _FIGURES
)
AD_FIELDS = frozenset(
    {"account_id", "campaign_id", "adset_id", "ad_id", "attribution_setting", "account_currency", "impressions",
     "clicks", "inline_link_clicks", "spend", "actions", "action_values", "date_start", "date_stop"}
)  # fmt: skip
# Metrics without a value on these rows: left out, as Meta leaves them out.
ABSENT_FIELDS = frozenset(
    {"reach", "frequency", "outbound_clicks", "instagram_profile_visits", "video_play_actions",
     "video_thruplay_watched_actions", "video_30_sec_watched_actions", "video_p25_watched_actions",
     "video_p50_watched_actions", "video_p75_watched_actions", "video_p95_watched_actions",
     "video_p100_watched_actions", "video_avg_time_watched_actions"}
)  # fmt: skip


@dataclass(frozen=True)
class RowPlan:
    """How many rows there are: each account has ``ads`` rows on each of the ``days`` up to LAST_DAY."""

    accounts: int
    ads: int
    days: int

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


@dataclass
class _Sums:
    """Counts and cents that are added up: impressions, clicks, link clicks, spend, actions, action values."""

    values: list[int] = field(default_factory=lambda: [0] * (4 + len(_ACTIONS) + len(_ACTION_VALUES)))

    def add(self, figures: list[int]) -> None:
        self.values = [total + figure for total, figure in zip(self.values, figures, strict=True)]


def _ad_figures(bits: int) -> list[int]:
    impressions = 400 + (bits & 0x3FFF)
    clicks = 5 + (bits >> 14 & 0xFF)
    link_clicks = clicks * 3 // 4
    purchases = 1 + (bits >> 22 & 0x1F)
    value = purchases * (1_999 + (bits >> 27 & 0xFFF))
    counts = [purchases, purchases, purchases, link_clicks, link_clicks * 4 // 5, clicks + (bits >> 39 & 0x3F)]
    return [impressions, clicks, link_clicks, 100 + (bits >> 45 & 0xFFFF), *counts, value, value, value]


def _wire(figures: list[int], day: str) -> tuple[int | str, ...]:
    impressions, clicks, link_clicks, cents, *rest = figures
    counts, values = rest[: len(_ACTIONS)], rest[len(_ACTIONS) :]
    money = [part for value in values for part in divmod(value, 100)]
    return (impressions, clicks, link_clicks, *divmod(cents, 100), *counts, *money, day, day)


def render(plan: RowPlan, directory: Path) -> Mapping[tuple[str, str], RowFile]:
    """Write every row of the plan below ``directory``. Returns (account_id, level) -> file of rows."""
    files: dict[tuple[str, str], RowFile] = {}
    per_day = {"account": 1, "campaign": plan.campaigns, "ad": plan.ads}
    for number, account_id in enumerate(plan.account_ids):
        upper: dict[str, list[bytes]] = {"account": [], "campaign": []}
        for level, count in per_day.items():
            files[account_id, level] = RowFile(directory / f"{account_id}.{level}.json", count, plan.first_day)
        files[account_id, "ad"].write(_ad_rows(plan, account_id, random.Random(number), upper))
        for level, rows in upper.items():
            files[account_id, level].write(iter(rows))
    return files


def _ad_rows(plan: RowPlan, account_id: str, source: random.Random, upper: dict[str, list[bytes]]) -> Iterator[bytes]:
    for offset in range(plan.days):
        day = (plan.first_day + timedelta(days=offset)).isoformat()
        account = _Sums()
        for first_ad in range(0, plan.ads, ADS_PER_CAMPAIGN):
            campaign = _Sums()
            for ad in range(first_ad, min(first_ad + ADS_PER_CAMPAIGN, plan.ads)):
                figures = _ad_figures(source.getrandbits(64))
                campaign.add(figures)
                ids = (account_id, plan.campaign_of(ad), plan.ad_set_of(ad), plan.ad_id(ad))
                yield (_AD_ROW % (*ids, *_wire(figures, day))).encode()
            account.add(campaign.values)
            row = _CAMPAIGN_ROW % (account_id, plan.campaign_of(first_ad), *_wire(campaign.values, day))
            upper["campaign"].append(row.encode())
        upper["account"].append((_ACCOUNT_ROW % (account_id, *_wire(account.values, day))).encode())
