"""Which accounts are late: by the newest day that is proved, and by when the platform was last asked.

A day without spend is as fresh as any other once it was fetched.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from foundation.database import Cursor

# A due day is promised within a day; what is late by so much warns, by twice as much it is somebody's to mend now.
PROMISED_HOURS = 24
# Older days say nothing new: an account without a proved day in so long is as late as that.
_LOOKED_BACK_DAYS = 14


@dataclass(frozen=True, slots=True)
class LateAccount:
    """An account whose newest due day is missing, or that has not been asked, for more hours than were promised."""

    client_id: str
    platform: str
    account_id: str
    hours_late: float

    @property
    def tier(self) -> Literal["warn", "page"]:
        """page from twice the promise on."""
        return "page" if self.hours_late >= 2 * PROMISED_HOURS else "warn"


def late_accounts(cursor: Cursor, now: datetime, *, platform: str) -> list[LateAccount]:
    """Late accounts of active clients on a platform, the latest first. A closed account owes its last day only."""
    cursor.execute(
        """
        with reading as (
            select
                account.client_id, account.account_id, account.active_to,
                greatest(max(ledger.date_day) filter (where ledger.complete), account.active_from - 1,
                    (%(now)s::timestamptz at time zone 'UTC')::date - %(looked_back)s) as newest_day,
                max(ledger.verified_at) as asked_at,
                rule.due_after_hours,
                case rule.day_zone when 'utc' then 'UTC' when 'pacific' then 'America/Los_Angeles'
                    else account.timezone end as day_timezone
            from raw_registry.account
            inner join raw_registry.client
                on account.client_id = client.client_id and client.status = 'active'
            inner join ops.platform_rule as rule
                on account.platform = rule.platform
            left join ops.report_definition as definition
                on account.platform = definition.platform and definition.proved_by = 'control'
            left join ops.load_ledger as ledger
                on account.platform = ledger.platform and account.account_id = ledger.account_id
                    and definition.report = ledger.report
                    and ledger.date_day > (%(now)s::timestamptz at time zone 'UTC')::date - %(looked_back)s
                    and ledger.date_day >= account.active_from
            where account.platform = %(platform)s
            group by account.client_id, account.account_id, account.active_from, account.active_to, account.timezone,
                rule.due_after_hours, rule.day_zone
        ), late as (
            select
                client_id, account_id,
                extract(epoch from greatest(
                    -- The first missing day ends a day after its own midnight.
                    %(now)s::timestamptz - make_interval(hours => due_after_hours)
                        - (newest_day + 2)::timestamp at time zone day_timezone,
                    %(now)s::timestamptz - make_interval(hours => %(promised)s) - asked_at
                )) / 3600 as hours_late
            from reading
            where newest_day < coalesce(active_to, 'infinity'::date)
        )
        select client_id, account_id, hours_late from late where hours_late >= %(promised)s order by 3 desc, 1, 2
        """,
        {"now": now, "platform": platform, "looked_back": _LOOKED_BACK_DAYS, "promised": PROMISED_HOURS},
    )
    return [LateAccount(client_id, platform, account, float(hours)) for client_id, account, hours in cursor.fetchall()]
