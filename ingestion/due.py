"""Which accounts have due days, asked of the registry, the ledger and the clock."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from foundation.database import Connection
from ingestion.accounts import AccountRef
from ingestion.platforms import PLATFORMS
from ingestion.windows import LedgerDays, Span, due_spans, end_of_day, last_due_day, months


@dataclass(frozen=True)
class AccountTask:
    """An account and the account-month spans to read of it, newest first."""

    account: AccountRef
    spans: tuple[Span, ...]


def registered_accounts(connection: Connection, platform: str) -> list[AccountRef]:
    """Accounts of active clients, newest range of each account last."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select client_id, platform, account_id, account.currency, account.timezone, account.credential,
                account.login_customer_id, account.active_from, account.active_to
            from raw_registry.account inner join raw_registry.client using (client_id)
            where platform = %s and client.status = 'active' order by client_id, account_id, account.active_from""",
            (platform,),
        )
        return [AccountRef(*row) for row in cursor.fetchall()]


def _ledger_days(connection: Connection, platform: str, now: datetime) -> dict[str, LedgerDays]:
    verified: dict[str, dict[date, datetime]] = defaultdict(dict)
    waiting: dict[str, list[date]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """select ledger.account_id, ledger.date_day, min(ledger.verified_at)
            from ops.load_ledger as ledger
            inner join ops.report_definition as definition using (platform, report)
            where ledger.platform = %s and definition.required and ledger.complete
            group by ledger.account_id, ledger.date_day
            having count(*) = (select count(*) from ops.report_definition where platform = %s and required)""",
            (platform, platform),
        )
        for account_id, day, verified_at in cursor.fetchall():
            verified[account_id][day] = verified_at
        cursor.execute(
            "select account_id, date_day, next_attempt_at > %s from ops.quarantine where platform = %s",
            (now, platform),
        )
        for account_id, day, waits in cursor.fetchall():
            if waits:
                waiting[account_id].append(day)
            else:
                # What was verified before it was held has to be read again, also once the window has passed it.
                verified[account_id].pop(day, None)
    return {
        account_id: LedgerDays(verified.get(account_id, {}), waiting.get(account_id, ()))
        for account_id in {*verified, *waiting}
    }


def due_tasks(connection: Connection, platform: str, now: datetime) -> list[AccountTask]:
    """The accounts of a platform that have due days, each with what to read."""
    definition = PLATFORMS[platform].definition
    ledger = _ledger_days(connection, platform, now)
    tasks = []
    for account in registered_accounts(connection, platform):
        newest = last_due_day(now, definition.due_after_hours, definition.day_zone, account.timezone)
        newest_due_at = end_of_day(newest, definition.day_zone, account.timezone) + timedelta(
            hours=definition.due_after_hours
        )
        spans = due_spans(
            Span(account.active_from, account.active_to or date.max),
            ledger.get(account.account_id, LedgerDays({})),
            restatement_days=definition.restatement_days,
            newest_due=newest,
            newest_due_at=newest_due_at,
        )
        if spans:
            tasks.append(AccountTask(account, tuple(spans)))
    return tasks


def requested_tasks(
    connection: Connection,
    platform: str,
    since: date,
    until: date,
    now: datetime,
    *,
    clients: Iterable[str] = (),
    accounts: Iterable[str] = (),
) -> list[AccountTask]:
    """What a person asked for: the days since..until of the chosen accounts (all, where none is named).

    Days outside an account's active range and days that are not due yet are left out. Raises ValueError for a client
    or account that the registry does not know on this platform.
    """
    definition = PLATFORMS[platform].definition
    registered = registered_accounts(connection, platform)
    wanted_clients, wanted_accounts = set(clients), set(accounts)
    for name, wanted, known in (
        ("client", wanted_clients, {account.client_id for account in registered}),
        ("account", wanted_accounts, {account.account_id for account in registered}),
    ):
        if unknown := wanted - known:
            raise ValueError(
                f"no active {platform} {name} {', '.join(sorted(unknown))}; known: {', '.join(sorted(known)) or 'none'}"
            )
    tasks = []
    for account in registered:
        if wanted_clients and account.client_id not in wanted_clients:
            continue
        if wanted_accounts and account.account_id not in wanted_accounts:
            continue
        newest = last_due_day(now, definition.due_after_hours, definition.day_zone, account.timezone)
        first, last = max(since, account.active_from), min(until, newest, account.active_to or date.max)
        if first <= last:
            tasks.append(AccountTask(account, tuple(months(Span(first, last)))))
    return tasks
