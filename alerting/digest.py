"""The morning digest: which clients are due for one, and the figures in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from psycopg2.extras import RealDictCursor

from alerting import messages
from alerting.anomalies import warning_lines
from alerting.facts import DigestFacts, HeldAccount, PlatformFigure, RestatedAccount
from alerting.outbox import OPS_CHANNEL, enqueue
from foundation.database import Connection, Cursor, transaction
from foundation.redaction import known_secrets, redact_all

DIGEST = "digest"
# Client-local hours: not before the first; from the last on also with days that are still to come.
FIRST_HOUR = 7
LAST_HOUR = 11
FIRST_DIGEST_LOOKS_BACK = timedelta(days=1)
_CURRENT = {"provisional", "final"}
_TO_COME = {"not_due", "pending"}
# Platforms without spend.
_VIEWS = {"instagram"}


@dataclass(frozen=True)
class _Client:
    client_id: str
    name: str
    channel: str
    reporting_currency: str
    timezone: str


def due_day(now: datetime, timezone: str, first_hour: int) -> date | None:
    """The day that the digest of this morning is about (yesterday, client-local); None before its hour."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.date() - timedelta(days=1) if local.hour >= first_hour else None


def waits(states: Iterable[str], local_hour: int, last_hour: int) -> bool:
    """Whether the digest had better wait: some of yesterday's account-days are still to come, and there is time."""
    return local_hour < last_hour and any(state in _TO_COME for state in states)


def dedupe_key(client_id: str, day: date) -> str:
    """One digest a client and day."""
    return f"{DIGEST}/{client_id}/{day}"


def queue_digests(
    connection: Connection, *, now: datetime, hour: int = FIRST_HOUR, last_hour: int = LAST_HOUR
) -> tuple[str, ...]:
    """Queue the digests that are due and not yet queued, once per client and client-local day; the clients' ids.

    A digest waits for account-days of yesterday that are neither published nor held, until ``last_hour``. Clients
    without channel go to the operators' channel. Does nothing before the first publication.
    """
    secrets = known_secrets()
    queued = []
    with transaction(connection) as cursor:
        cursor.execute("select to_regclass('analytics.fct_campaign_performance_daily') is not null")
        row = cursor.fetchone()
        if not row or not row[0]:
            return ()
        for client in _active_clients(cursor):
            day = due_day(now, client.timezone, hour)
            if day is None or _is_queued(cursor, client, day):
                continue
            states = _account_states(cursor, client, day)
            local = now.astimezone(ZoneInfo(client.timezone))
            # Instagram's day ends in California: what cannot be there by the last hour is not worth the wait.
            last = datetime.combine(local.date(), time(last_hour), local.tzinfo)
            if waits((item["state"] for item in states if item["due_at"] < last), local.hour, last_hour):
                continue
            facts = _digest_facts(cursor, client, day, states, now)
            safe_facts = DigestFacts.from_json(redact_all(facts.as_json(), secrets))
            if enqueue(
                cursor,
                dedupe_key=dedupe_key(client.client_id, day),
                kind=DIGEST,
                channel=client.channel,
                message=messages.digest(safe_facts),
                now=now,
            ):
                queued.append(client.client_id)
    return tuple(queued)


def _rows(cursor: Cursor, query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with cursor.connection.cursor(cursor_factory=RealDictCursor) as reader:
        reader.execute(query, values)
        return [dict(row) for row in reader.fetchall()]


def _active_clients(cursor: Cursor) -> list[_Client]:
    cursor.execute(
        "select client_id, name, coalesce(slack_channel, %s), reporting_currency, timezone from raw_registry.client "
        "where status = 'active' order by client_id",
        (OPS_CHANNEL,),
    )
    return [_Client(*row) for row in cursor.fetchall()]


def _is_queued(cursor: Cursor, client: _Client, day: date) -> bool:
    cursor.execute("select 1 from ops.outbox where dedupe_key = %s", (dedupe_key(client.client_id, day),))
    return cursor.fetchone() is not None


def _account_states(cursor: Cursor, client: _Client, day: date) -> list[dict[str, Any]]:
    """Yesterday's account-days of the client as {platform, account_id, state, due_at}."""
    return _rows(
        cursor,
        """
        select
            state.platform, state.account_id, state.state,
            ((state.date_day + 1)::timestamp at time zone
                case rule.day_zone when 'utc' then 'UTC' when 'pacific' then 'America/Los_Angeles'
                else account.timezone end
            ) + make_interval(hours => rule.due_after_hours) as due_at
        from analytics.account_day_state as state
        inner join ops.platform_rule as rule using (platform)
        inner join raw_registry.account
            on account.client_id = state.client_id and account.platform = state.platform
                and account.account_id = state.account_id
                and state.date_day between account.active_from and coalesce(account.active_to, 'infinity')
        where state.client_id = %(client)s and state.date_day = %(day)s
        """,
        {"client": client.client_id, "day": day},
    )


def _held_accounts(cursor: Cursor, client: _Client, day: date) -> list[HeldAccount]:
    rows = _rows(
        cursor,
        """
        select
            state.platform, state.account_id, max(account.name) as account_name, min(state.date_day) as first_day,
            max(state.date_day) as last_day, count(distinct state.date_day) as days,
            (array_agg(state.held_reason order by state.date_day desc))[1] as reason
        from analytics.account_day_state as state
        inner join raw_registry.account
            on account.client_id = state.client_id and account.platform = state.platform
                and account.account_id = state.account_id
        where state.client_id = %(client)s and state.state in ('held', 'stale', 'missing') and state.date_day <= %(day)s
        group by state.platform, state.account_id
        order by state.platform, state.account_id
        """,
        {"client": client.client_id, "day": day},
    )
    return [HeldAccount(**{**row, "reason": row["reason"] or "no reason recorded"}) for row in rows]


def _published(cursor: Cursor, client: _Client, days: Sequence[date]) -> dict[tuple[str, date], frozenset[str]]:
    """Accounts with a published account-day, by platform and day."""
    rows = _rows(
        cursor,
        """
        select platform, date_day, array_agg(account_id) as accounts
        from ops.published_day
        where client_id = %(client)s and date_day = any (%(days)s) and superseded_at is null
        group by platform, date_day
        """,
        {"client": client.client_id, "days": list(days)},
    )
    return {(row["platform"], row["date_day"]): frozenset(row["accounts"]) for row in rows}


def _spend(cursor: Cursor, client: _Client, days: Sequence[date]) -> dict[tuple[str, date], tuple[Decimal, int]]:
    """Published spend in reporting currency, and rows with spend but no rate, by platform and day."""
    rows = _rows(
        cursor,
        """
        select
            platform, date_day, coalesce(sum(spend_reporting), 0) as spend,
            count(*) filter (where spend_reporting is null and spend <> 0) as without_rate
        from analytics.fct_campaign_performance_daily
        where client_id = %(client)s and date_day = any (%(days)s)
        group by platform, date_day
        """,
        {"client": client.client_id, "days": list(days)},
    )
    return {(row["platform"], row["date_day"]): (row["spend"], row["without_rate"]) for row in rows}


def _views(cursor: Cursor, client: _Client, days: Sequence[date]) -> dict[tuple[str, date], tuple[Decimal, int]]:
    """Published views of Instagram accounts, in the shape of `_spend`; nothing before their first publication."""
    cursor.execute("select to_regclass('analytics.fct_instagram_account_daily') is not null")
    row = cursor.fetchone()
    if not row or not row[0]:
        return {}
    rows = _rows(
        cursor,
        """
        select platform, date_day, sum(views) as views
        from analytics.fct_instagram_account_daily
        where client_id = %(client)s and date_day = any (%(days)s)
        group by platform, date_day
        """,
        {"client": client.client_id, "days": list(days)},
    )
    return {(row["platform"], row["date_day"]): (row["views"], 0) for row in rows}


def platform_figures(
    day: date,
    states: Sequence[Mapping[str, Any]],
    published: Mapping[tuple[str, date], frozenset[str]],
    figures: Mapping[tuple[str, date], tuple[Decimal, int]],
) -> tuple[PlatformFigure, ...]:
    """The lines of a digest: a platform for each one that is expected or published on one of the three days."""
    day_before, week_before = day - timedelta(days=1), day - timedelta(days=7)
    names = {item["platform"] for item in states} | {platform for platform, _ in published}
    none: frozenset[str] = frozenset()

    def amount(platform: str, on: date) -> Decimal | None:
        return figures.get((platform, on), (Decimal(0), 0))[0] if published.get((platform, on)) else None

    lines = []
    for platform in sorted(names, key=lambda name: (name in _VIEWS, name)):
        expected = [item for item in states if item["platform"] == platform and item["state"] != "not_due"]
        accounts = {on: published.get((platform, on), none) for on in (day, day_before, week_before)}
        lines.append(
            PlatformFigure(
                platform=platform,
                measure="views" if platform in _VIEWS else "spend",
                yesterday=amount(platform, day),
                day_before=amount(platform, day_before),
                week_before=amount(platform, week_before),
                accounts_expected=len(expected),
                accounts_current=sum(item["state"] in _CURRENT for item in expected),
                day_before_comparable=accounts[day] == accounts[day_before],
                week_before_comparable=accounts[day] == accounts[week_before],
                rows_without_rate=figures.get((platform, day), (Decimal(0), 0))[1],
            )
        )
    return tuple(lines)


def _restated(cursor: Cursor, client: _Client, since: datetime) -> list[RestatedAccount]:
    """Restatements are noted for each report; the level that client figures come from tells them once."""
    rows = _rows(
        cursor,
        """
        select
            restatement.platform, restatement.account_id, max(account.name) as account_name,
            max(account.currency) as currency, count(distinct restatement.date_day) as days,
            min(restatement.date_day) as first_day, max(restatement.date_day) as last_day,
            sum(restatement.difference) as difference
        from ops.restatement
        inner join ops.report_definition as definition
            on definition.platform = restatement.platform and definition.report = restatement.report
        inner join raw_registry.account
            on account.platform = restatement.platform and account.account_id = restatement.account_id
                and restatement.date_day between account.active_from and coalesce(account.active_to, 'infinity')
        where account.client_id = %(client)s and restatement.metric = 'spend'
            and definition.proved_by = 'account_total' and definition.required
            and restatement.detected_at > %(since)s
        group by restatement.platform, restatement.account_id
        order by restatement.platform, restatement.account_id
        """,
        {"client": client.client_id, "since": since},
    )
    return [RestatedAccount(**row) for row in rows]


def _last_digest_at(cursor: Cursor, client: _Client) -> datetime | None:
    cursor.execute(
        "select max(created_at) from ops.outbox where kind = %s and starts_with(dedupe_key, %s)",
        (DIGEST, f"{DIGEST}/{client.client_id}/"),
    )
    row = cursor.fetchone()
    return row[0] if row else None


def _digest_facts(
    cursor: Cursor, client: _Client, day: date, states: Sequence[Mapping[str, Any]], now: datetime
) -> DigestFacts:
    days = (day, day - timedelta(days=1), day - timedelta(days=7))
    since = _last_digest_at(cursor, client) or now - FIRST_DIGEST_LOOKS_BACK
    return DigestFacts(
        client_id=client.client_id,
        client_name=client.name,
        day=day,
        reporting_currency=client.reporting_currency,
        platforms=platform_figures(
            day, states, _published(cursor, client, days), _spend(cursor, client, days) | _views(cursor, client, days)
        ),
        held=tuple(_held_accounts(cursor, client, day)),
        restated=tuple(_restated(cursor, client, since)),
        restated_since=since,
        warnings=warning_lines(cursor, client.client_id, since),
    )
