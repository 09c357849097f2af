"""What the platforms' lists say of campaigns: on or off by day, and the daily budgets that spend follows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from psycopg2 import sql

from foundation.database import Cursor
from quality.anomalies.panel import Floats, Key

DAILY_KIND = sql.SQL("case when budget_kind = 'daily' then budget end")
DAILY = sql.SQL("daily_budget")


@dataclass(frozen=True)
class Listing:
    """A list of raw with its history: which columns are the campaign's id, the object's own, and the word for on."""

    table: str
    campaign: str
    identity: str
    status: str
    on: str
    budget: sql.SQL


@dataclass(frozen=True)
class Spell:
    """What one listing of an object said from ``since`` to before ``until`` (None: still)."""

    since: date
    until: date | None
    is_on: bool
    budget: float | None


CAMPAIGNS: Mapping[str, Listing] = {
    "google_ads": Listing("campaigns", "campaign_id", "campaign_id", "status", "ENABLED", DAILY_KIND),
    "meta_ads": Listing("campaigns", "campaign_id", "campaign_id", "effective_status", "ACTIVE", DAILY),
    "tiktok_ads": Listing("campaigns", "campaign_id", "campaign_id", "operation_status", "ENABLE", DAILY_KIND),
    "linkedin_ads": Listing(
        "campaign_groups", "campaign_group_id", "campaign_group_id", "status", "ACTIVE", DAILY
    ),
}  # fmt: skip
# Where the campaign has no budget of its own, the money of its parts that are on is what it may spend.
PARTS: Mapping[str, Listing] = {
    "meta_ads": Listing("ad_sets", "campaign_id", "adset_id", "effective_status", "ACTIVE", DAILY),
    "tiktok_ads": Listing("ad_groups", "campaign_id", "adgroup_id", "operation_status", "ENABLE", DAILY_KIND),
    "linkedin_ads": Listing("campaigns", "campaign_group_id", "campaign_id", "status", "ACTIVE", DAILY),
}
_SPELLS = """
select account_id, {campaign}, {identity}, coalesce({status} = {on}, false), {budget}, _valid_from, null::timestamptz
from {schema}.{table}
union all
select
    account_id, {campaign}, {identity}, coalesce({status} = {on}, false), {budget}, _valid_from, _valid_to
from {schema}.{history}
where _valid_to >= %(now)s::timestamptz - interval '100 days'
order by 6
"""
Objects = dict[tuple[str, str], dict[str, list[Spell]]]


def read_listings(
    cursor: Cursor, place: Mapping[Key, int], last: date, width: int, now: datetime
) -> tuple[Floats, Floats]:
    """(on or off, daily budget) by campaign and day; nan where no list tells."""
    active, budget = np.full((len(place), width), np.nan), np.full((len(place), width), np.nan)
    for platform, listing in CAMPAIGNS.items():
        campaigns = _read(cursor, platform, listing, now)
        parts = _read(cursor, platform, PARTS[platform], now) if platform in PARTS else {}
        for key, row in place.items():
            if key.platform != platform:
                continue
            name = key.account_id, key.campaign_id
            for spells in campaigns.get(name, {}).values():
                active[row], budget[row] = by_day(spells, last, width)
            below = parts_budget(parts.get(name, {}).values(), last, width)
            budget[row] = np.where(np.isnan(budget[row]), below, budget[row])
    return active, budget


def by_day(spells: Iterable[Spell], last: date, width: int) -> tuple[Floats, Floats]:
    """(1 on or 0 off, budget) of one object, the last column being ``last``; nan before its first listing."""
    active, budget = np.full(width, np.nan), np.full(width, np.nan)
    for spell in spells:
        # What a list shows as off in the morning may have been switched off on the day before.
        first = _column(spell.since - timedelta(days=0 if spell.is_on else 1), last, width)
        end = width if spell.until is None else _column(spell.until, last, width)
        active[first:end] = 1.0 if spell.is_on else 0.0
        budget[first:end] = spell.budget if spell.budget else np.nan
    return active, budget


def parts_budget(parts: Iterable[Iterable[Spell]], last: date, width: int) -> Floats:
    """The sum over the parts that are on, nan on days without any."""
    total = np.zeros(width)
    for spells in parts:
        active, budget = by_day(spells, last, width)
        total += np.where(active > 0, np.nan_to_num(budget), 0.0)
    found: Floats = np.where(total > 0, total, np.nan)
    return found


def _column(day: date, last: date, width: int) -> int:
    return min(max(0, width - 1 - (last - day).days), width)


def _read(cursor: Cursor, platform: str, listing: Listing, now: datetime) -> Objects:
    objects: Objects = defaultdict(lambda: defaultdict(list))
    cursor.execute("select to_regclass(%s) is not null", (f"raw_{platform}.{listing.table}_history",))
    if not (cursor.fetchone() or (False,))[0]:
        return objects
    query = sql.SQL(_SPELLS).format(
        campaign=sql.Identifier(listing.campaign), identity=sql.Identifier(listing.identity),
        status=sql.Identifier(listing.status), on=sql.Literal(listing.on), budget=listing.budget,
        schema=sql.Identifier(f"raw_{platform}"), table=sql.Identifier(listing.table),
        history=sql.Identifier(f"{listing.table}_history"),
    )  # fmt: skip
    cursor.execute(query, {"now": now})
    for account_id, campaign_id, identity, is_on, amount, since, until in cursor.fetchall():
        ended = None if until is None else until.date()
        spell = Spell(since.date(), ended, is_on, None if amount is None else float(amount))
        objects[account_id, campaign_id][identity].append(spell)
    return objects
