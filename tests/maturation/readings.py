"""What daily readings of the sandbox's world leave in analytics: rows with the span in which they stood."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sandbox.world.model import MICROS, Account, FigureRow, major_units
from sandbox.world.world import World, accounts_of

# The figures that are estimated, in the order of Figures.
METRICS = ("spend", "conversions", "conversions_value")
Figures = tuple[Decimal, Decimal, Decimal]
# What the platforms' rules say; the registry of the world sets none of its own.
WINDOW_DAYS = {"meta_ads": 29, "google_ads": 31, "tiktok_ads": 29, "linkedin_ads": 31}


@dataclass(frozen=True)
class Span:
    """Figures of a campaign-day from the reading that brought them until one that brought others."""

    account: Account
    campaign_id: str
    day: date
    figures: Figures
    valid_from: datetime
    valid_to: datetime | None


def readings(since: date, until: date) -> list[datetime]:
    """One reading a day, at 15:00 UTC: the day before is over in every zone of the world's accounts."""
    return [datetime.combine(since + timedelta(days=n), time(15), UTC) for n in range((until - since).days + 1)]


def ad_accounts(world: World) -> list[Account]:
    return [account for account in accounts_of(world) if account.platform in WINDOW_DAYS]


def figures_at(
    world: World, account: Account, at: datetime, first: date, last: date
) -> dict[tuple[str, date], Figures]:
    """By campaign and day what the platform shows at the instant."""
    table = world.table(account, "campaign", at).between(first, last)
    return {(row.campaign_id, row.day): _figures(account, row) for row in table.page(0, len(table))}


def _figures(account: Account, row: FigureRow) -> Figures:
    spend = Decimal(major_units(row.spend))
    return spend, Decimal(row.conversions) / MICROS, Decimal(row.value) / MICROS


def spans(world: World, account: Account, instants: list[datetime]) -> Iterator[Span]:
    """Every reading takes the platform's window up to yesterday; a row that did not change goes on standing."""
    standing: dict[tuple[str, date], tuple[Figures, datetime]] = {}
    window = timedelta(days=WINDOW_DAYS[account.platform])
    for at in instants:
        first, last = max(at.date() - window, world.first_day), at.date() - timedelta(days=1)
        found = figures_at(world, account, at, first, last)
        asked = {key for key in standing if first <= key[1] <= last}
        for key in asked - found.keys():
            yield _span(account, key, standing.pop(key), at)
        for key, figures in found.items():
            before = standing.get(key)
            if before is not None and before[0] == figures:
                continue
            if before is not None:
                yield _span(account, key, before, at)
            standing[key] = (figures, at)
    for key, kept in standing.items():
        yield _span(account, key, kept, None)


def _span(account: Account, key: tuple[str, date], kept: tuple[Figures, datetime], valid_to: datetime | None) -> Span:
    return Span(account, *key, kept[0], kept[1], valid_to)
