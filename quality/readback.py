"""What the books say of the published state, for people: the CLI's tables and Dagster's metadata."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from foundation.database import Connection, transaction


@dataclass(frozen=True, slots=True)
class HeldSpan:
    """Days of one account that are held for one reason; ``days`` may be fewer than the span from first to last."""

    reason: str
    held_since: datetime
    first_day: date
    last_day: date
    days: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """Account-days of one account by state, and why some are held. ``certified`` = provisional + final."""

    client_id: str
    platform: str
    account_id: str
    provisional: int
    final: int
    held: int
    stale: int
    pending: int
    not_due: int
    data_as_of: datetime | None
    held_spans: tuple[HeldSpan, ...] = ()

    @property
    def certified(self) -> int:
        return self.provisional + self.final


@dataclass(frozen=True, slots=True)
class RestatedDay:
    """What the platform changed of one account-day and metric: from its first value to its last in the period."""

    platform: str
    account_id: str
    date_day: date
    metric: str
    old_value: Decimal
    new_value: Decimal
    detected_at: datetime

    @property
    def difference(self) -> Decimal:
        return self.new_value - self.old_value


_STATES = """
    select
        client_id, platform, account_id,
        count(*) filter (where state = 'provisional'), count(*) filter (where state = 'final'),
        count(*) filter (where state = 'held'), count(*) filter (where state = 'stale'),
        count(*) filter (where state = 'pending'), count(*) filter (where state = 'not_due'),
        max(data_as_of)
    from analytics.account_day_state
    group by client_id, platform, account_id
    order by client_id, platform, account_id
"""
_HELD_SPANS = """
    select client_id, platform, account_id, held_reason, min(held_since), min(date_day), max(date_day), count(*)
    from analytics.account_day_state
    where state in ('held', 'stale')
    group by client_id, platform, account_id, held_reason
    order by client_id, platform, account_id, min(date_day), held_reason
"""
# A day may be restated several times in the period; the ends of the chain are what a reader wants.
_RESTATED = """
    select
        platform, account_id, date_day, metric,
        (array_agg(old_value order by detected_at, restatement_id))[1],
        (array_agg(new_value order by detected_at desc, restatement_id desc))[1],
        max(detected_at)
    from ops.restatement
    where report = %(report)s
        and (%(since)s::timestamptz is null or detected_at >= %(since)s)
        and (%(run_ids)s::text[] is null or run_id = any(%(run_ids)s))
    group by platform, account_id, date_day, metric
    having (array_agg(old_value order by detected_at, restatement_id))[1]
        <> (array_agg(new_value order by detected_at desc, restatement_id desc))[1]
    order by platform, account_id, date_day, metric
"""


def account_states(connection: Connection) -> list[AccountState]:
    """One entry per client, platform and account that the registry expects, in that order."""
    with transaction(connection) as cursor:
        # Both statements must see one state, or a day could be counted as held without its reason.
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(_HELD_SPANS)
        spans = {
            account: tuple(HeldSpan(*row[3:]) for row in rows)
            for account, rows in groupby(cursor.fetchall(), key=lambda row: tuple(row[:3]))
        }
        cursor.execute(_STATES)
        states = [AccountState(*row) for row in cursor.fetchall()]
    accounts = ((state, (state.client_id, state.platform, state.account_id)) for state in states)
    return [replace(state, held_spans=spans.get(account, ())) for state, account in accounts]


def restated_days(
    connection: Connection,
    *,
    since: datetime | None = None,
    run_ids: Iterable[str] | None = None,
    report: str = "campaign_daily",
) -> list[RestatedDay]:
    """Account-days whose figures moved since an instant, in certain ingestion runs, or at all.

    ``report``: whose restatements are told; the ad level would tell most changes a second time. Changes that were
    taken back within the period are left out.
    """
    parameters = {"report": report, "since": since, "run_ids": None if run_ids is None else list(run_ids)}
    with transaction(connection) as cursor:
        cursor.execute(_RESTATED, parameters)
        return [RestatedDay(*row) for row in cursor.fetchall()]
