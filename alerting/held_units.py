"""Reads what is held now, and why: one ``HeldFacts`` for each cause on an account of a client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2.extras import RealDictCursor

from alerting.facts import HeldFacts
from alerting.messages import instant, platform_name
from foundation.database import Connection
from foundation.held_days import LONGEST_SILENCE, RETRIES_LAST, RETRY_HOURS

# The cause of days that are due, were never read and of which nothing says why.
MISSING = "missing"
# Causes by where they stand: not proved (quarantine), refused by the gate, never read, account that cannot be read.
_HELD = """
with account as (
    select account.*, client.name as client_name, client.slack_channel
    from raw_registry.account
    inner join raw_registry.client using (client_id)
    where client.status = 'active'
),
-- Accounts that lack a published day which may be missing by now: nobody looks at the days of the others.
short as (
    select account.client_id, account.platform, account.account_id
    from account
    inner join ops.platform_rule as rule using (platform)
    cross join lateral (
        select least(coalesce(account.active_to, 'infinity'), ((%(now)s - interval '6 hours') at time zone
            case rule.day_zone when 'utc' then 'UTC' when 'pacific' then 'America/Los_Angeles' else account.timezone end
        )::date - 1) as last_day
    ) as due
    cross join lateral (
        select count(*) as days
        from ops.published_day as day
        where day.client_id = account.client_id and day.platform = account.platform
            and day.account_id = account.account_id and day.superseded_at is null
            and day.date_day between account.active_from and due.last_day
    ) as published
    where published.days <= due.last_day - account.active_from
),
failing as (
    select distinct on (health.platform, health.account_id)
        account.client_id, health.platform, health.account_id,
        'account:' || coalesce(health.error_class, 'unknown') as cause,
        coalesce(health.message, health.error_code, 'the account cannot be read') as reason,
        health.message, health.next_step,
        coalesce(health.failing_since, health.last_attempt_at) as held_since
    from ops.account_health as health
    inner join account using (platform, account_id)
    where health.status = 'failing' and account.active_from <= (%(now)s at time zone account.timezone)::date
    order by health.platform, health.account_id, account.active_from desc
),
held as (
    select
        account.client_id, quarantine.platform, quarantine.account_id, 'unproved:' || quarantine.reason_code as cause,
        quarantine.date_day, quarantine.reason, quarantine.details ->> 'next_step' as next_step,
        quarantine.held_since, quarantine.next_attempt_at,
        quarantine.attempts <= %(retries)s and quarantine.held_since > %(silent_since)s as waits
    from ops.quarantine
    inner join account
        on account.platform = quarantine.platform and account.account_id = quarantine.account_id
            and quarantine.date_day between account.active_from and coalesce(account.active_to, 'infinity')
    union all
    select
        held_day.client_id, held_day.platform, held_day.account_id, 'gate', held_day.date_day, held_day.reason, null,
        held_day.held_since, null,
        held_day.read_again and held_day.held_since > %(silent_since)s
        and coalesce(day.verified_at < held_day.held_since + %(retries_last)s, true)
    from ops.held_day
    left join ops.account_day as day using (client_id, platform, account_id, date_day)
    where not exists (
        select 1 from ops.published_day as answered_for
        where answered_for.client_id = held_day.client_id and answered_for.platform = held_day.platform
            and answered_for.account_id = held_day.account_id and answered_for.date_day = held_day.date_day
            and answered_for.superseded_at is null and answered_for.override_id is not null
    )
    union all
    select
        state.client_id, state.platform, state.account_id, 'missing', state.date_day, state.held_reason, null,
        state.held_since, null, false
    from (select distinct client_id, platform, account_id from short) as account
    inner join analytics.account_day_state as state using (client_id, platform, account_id)
    where state.state = 'missing'
    union all
    select
        failing.client_id, failing.platform, failing.account_id, failing.cause, state.date_day, failing.reason,
        failing.next_step, failing.held_since, null, false
    from failing
    left join lateral (
        select day.date_day
        from analytics.account_day_state as day
        where day.client_id = failing.client_id and day.platform = failing.platform
            and day.account_id = failing.account_id and day.state in ('held', 'stale')
            and day.held_reason = failing.message
    ) as state on true
),
cause as (
    select
        client_id, platform, account_id, cause,
        (array_agg(reason order by date_day desc nulls last))[1] as reason,
        count(distinct reason) - 1 as other_reasons,
        (array_agg(next_step order by date_day desc nulls last))[1] as next_step,
        min(held_since) as held_since, bool_and(waits) as waits, min(next_attempt_at) as next_attempt_at,
        min(date_day) as first_day, max(date_day) as last_day, count(date_day) as days,
        array_agg(date_day) filter (where date_day is not null) as held_days
    from held
    group by client_id, platform, account_id, cause
)
select
    cause.client_id, named.client_name, named.slack_channel, cause.platform, cause.account_id, named.account_name,
    cause.cause, cause.waits, cause.reason, cause.other_reasons, cause.next_step, cause.held_since,
    cause.next_attempt_at,
    cause.first_day, cause.last_day, cause.days, published.days_with_last_good, published.last_good_day
from cause
inner join lateral (
    select account.client_name, account.slack_channel, account.name as account_name
    from account
    where account.client_id = cause.client_id and account.platform = cause.platform
        and account.account_id = cause.account_id
    order by account.active_from desc
    limit 1
) as named on true
cross join lateral (
    select
        count(*) filter (where published_day.date_day = any (cause.held_days)) as days_with_last_good,
        max(published_day.date_day)
            filter (where cause.held_days is null or published_day.date_day <> all (cause.held_days)) as last_good_day
    from ops.published_day
    where published_day.client_id = cause.client_id and published_day.platform = cause.platform
        and published_day.account_id = cause.account_id and published_day.superseded_at is null
) as published
order by cause.client_id, cause.platform, cause.account_id, cause.cause
"""


def next_step(
    *,
    client_id: str,
    platform: str,
    account_id: str,
    cause: str,
    first: date | None,
    last: date | None,
    retry_at: datetime | None,
) -> str:
    """What to do where the cause itself does not say it."""
    if cause.startswith("account:"):
        return "Run `mdp doctor`: it checks the credential with one call and says how to mend it."
    if cause == "gate":
        return (
            "`mdp status` lists the failing checks. The days were read again and are checked again at every build; "
            "after a mend `mdp build` and `mdp publish` release them at once. If the figures are right all the same, "
            f"a person may answer for them: `mdp override {client_id} {platform} {account_id} --from {first} "
            f"--to {last} --reason ... --by ... --expires 7d`."
        )
    if cause == MISSING:
        return (
            "`mdp doctor` says whether schedules run and the credential works; "
            f"`mdp sync {platform} --from {first} --to {last} --account {account_id}` reads the days now."
        )
    when = f" at {instant(retry_at)}" if retry_at else ""
    return (
        f"Nothing at first: the days are read again by themselves{when}. If they stay held, compare them with "
        f"{platform_name(platform)}'s own figures, then "
        f"`mdp sync {platform} --from {first} --to {last} --account {account_id}`."
    )


def _facts(row: Mapping[str, Any]) -> HeldFacts:
    fallback = next_step(
        client_id=row["client_id"],
        platform=row["platform"],
        account_id=row["account_id"],
        cause=row["cause"],
        first=row["first_day"],
        last=row["last_day"],
        retry_at=row["next_attempt_at"],
    )
    values = {name: row[name] for name in HeldFacts.model_fields if name != "next_step"}
    return HeldFacts(**values, next_step=row["next_step"] or fallback)


@dataclass(frozen=True)
class HeldUnit:
    """A cause that holds something now. ``waits``: readings that may mend it are still to come; nobody is told yet."""

    facts: HeldFacts
    channel: str | None
    waits: bool = False


def read_held_units(connection: Connection, now: datetime) -> list[HeldUnit]:
    """Every cause that holds something now, with the client's Slack channel. Archived clients are left out."""
    patience = {"retries": len(RETRY_HOURS), "retries_last": RETRIES_LAST, "silent_since": now - LONGEST_SILENCE}
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(_HELD, {"now": now, **patience})
        return [HeldUnit(_facts(row), row["slack_channel"], row["waits"]) for row in cursor.fetchall()]
