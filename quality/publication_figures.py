"""What certifies a publication's figures, per client and platform: days, spend, differences, what is held and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from foundation.database import Cursor

REASONS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class HeldReason:
    """Account-days that are held for alike reasons, or missing; ``example`` is the reason of one of them."""

    account_days: int
    example: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class PublishedUnits:
    """A client on a platform: what a publication moved, and what is held now.

    spend, difference: in reporting currency, of the account-days that moved; None where the platform has no money or a
    rate is missing. difference is the warehouse's total less the platform's own. compared: totals of all metrics.
    """

    client_id: str
    platform: str
    reporting_currency: str
    account_days: int = 0
    overridden: int = 0
    since: date | None = None
    until: date | None = None
    spend: Decimal | None = None
    difference: Decimal | None = None
    compared: int = 0
    equal: int = 0
    held: int = 0
    missing: int = 0
    reasons: tuple[HeldReason, ...] = ()


_MOVED = """
with moved as materialized (
    select client_id, platform, account_id, date_day, version, override_id
    from ops.published_day where publication_id = %(publication_id)s
),
units as (
    select
        client_id, platform, count(*) filter (where override_id is null) as account_days,
        count(override_id) as overridden, min(date_day) as since, max(date_day) as until
    from moved group by client_id, platform
),
published as (
    select
        moved.client_id, moved.platform,
        case when bool_and(fact.spend_reporting is not null or fact.spend = 0)
            then sum(coalesce(fact.spend_reporting, 0)) end as spend
    from moved inner join {facts} as fact using (client_id, platform, account_id, date_day)
    group by moved.client_id, moved.platform
),
compared as (
    select
        moved.client_id, moved.platform, count(*) as compared, count(*) filter (where difference = 0) as equal,
        case when bool_and(metric <> 'spend' or difference = 0 or day.fx_rate is not null)
            then sum(difference * coalesce(day.fx_rate, 0)) filter (where metric = 'spend') end as difference
    from moved
    inner join ops.certificate using (client_id, platform, account_id, date_day, version)
    inner join ops.account_day as day using (client_id, platform, account_id, date_day)
    group by moved.client_id, moved.platform
)
select
    client_id, platform, account_days, overridden, since, until, published.spend, compared.difference,
    coalesce(compared.compared, 0), coalesce(compared.equal, 0)
from units
left join published using (client_id, platform)
left join compared using (client_id, platform)
"""
# What differs from day to day comes after the first colon: a check's name or the platform's message is before it.
_HELD = """
select client_id, platform, state = 'missing', count(*), min(held_reason)
from analytics.account_day_state
where state in ('held', 'stale', 'missing')
group by client_id, platform, state = 'missing', case when state <> 'missing' then split_part(held_reason, ':', 1) end
order by count(*) desc, min(held_reason)
"""
_FACTS = "analytics.fct_campaign_performance_daily"
_NO_FACTS = (
    "(select null as client_id, null as platform, null as account_id, null::date as date_day, "
    "0::numeric as spend, 0::numeric as spend_reporting limit 0)"
)


def read_published_units(cursor: Cursor, publication_id: int | None) -> list[PublishedUnits]:
    """Clients and platforms that the publication moved or of which something is held; nothing moved without an id."""
    cursor.execute("select to_regclass(%s) is not null", (_FACTS,))
    [has_facts] = cursor.fetchone() or (False,)
    cursor.execute(_MOVED.format(facts=_FACTS if has_facts else _NO_FACTS), {"publication_id": publication_id})
    moved = {(client, platform): figures for client, platform, *figures in cursor.fetchall()}
    cursor.execute(_HELD)
    held = _held(cursor.fetchall())
    cursor.execute("select client_id, reporting_currency from raw_registry.client")
    currencies = dict(cursor.fetchall())
    return [
        PublishedUnits(client, platform, currencies.get(client, "?"), *_figures(moved, held, (client, platform)))
        for client, platform in sorted(moved.keys() | held.keys())
    ]


def _held(rows: Iterable[tuple[str, str, bool, int, str | None]]) -> Mapping[tuple[str, str], list[HeldReason]]:
    held: defaultdict[tuple[str, str], list[HeldReason]] = defaultdict(list)
    for client, platform, missing, account_days, reason in rows:
        held[client, platform].append(HeldReason(account_days, reason or "no reason is known", missing))
    return held


def _figures(
    moved: Mapping[tuple[str, str], list[Any]],
    held: Mapping[tuple[str, str], list[HeldReason]],
    unit: tuple[str, str],
) -> tuple[Any, ...]:
    reasons = held.get(unit, [])
    figures = moved.get(unit, [0, 0, None, None, None, None, 0, 0])
    missing = sum(reason.account_days for reason in reasons if reason.missing)
    held_now = sum(reason.account_days for reason in reasons) - missing
    return *figures, held_now, missing, tuple(reasons[:REASONS_SHOWN])
