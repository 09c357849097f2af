"""How fresh each account is and what it cost to read, and what is left of each credential: a part of `mdp status`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from rich import box
from rich.markup import escape
from rich.table import Table

from alerting.messages import duration
from foundation.database import Connection


@dataclass(frozen=True)
class AccountFreshness:
    """One account. window: the days that its last complete reading asked for; calls: requests of that reading.

    newest_day: its newest proved day. holes: due days of required reports that the ledger does not have complete.
    """

    client_id: str
    platform: str
    account_id: str
    status: str
    last_complete_at: datetime | None
    newest_day: date | None
    window_since: date | None
    window_until: date | None
    calls: int | None
    holes: int
    optional_problems: int
    message: str | None


@dataclass(frozen=True)
class CredentialState:
    """One credential, as its last run left it. used_percent: of its limit, as the platform's own headers say."""

    platform: str
    credential: str
    calls: int
    used_percent: Decimal | None
    stopped_until: datetime | None
    expires_at: datetime | None


_ACCOUNTS = """
with registered as (
    select distinct on (platform, account_id) client_id, platform, account_id
    from raw_registry.account inner join raw_registry.client using (client_id)
    where client.status = 'active'
    order by platform, account_id, account.active_from desc
),
ledger as (
    select
        platform, account_id,
        max(date_day) filter (where required and complete) as newest_day,
        count(distinct date_day) filter (where required and not complete) as holes,
        count(distinct report) filter (where not required and problem is not null) as optional_problems
    from ops.load_ledger inner join ops.report_definition using (platform, report)
    group by platform, account_id
)
select
    registered.client_id, platform, account_id, coalesce(health.status, 'never read'), health.last_complete_at,
    ledger.newest_day, health.window_since, health.window_until, health.last_calls, coalesce(ledger.holes, 0),
    coalesce(ledger.optional_problems, 0), health.message
from registered
left join ops.account_health as health using (platform, account_id)
left join ledger using (platform, account_id)
order by registered.client_id, platform, account_id
"""
_CREDENTIALS = """
select platform, credential, calls, used_percent,
    case when stopped_until > ops.platform_now() then stopped_until end, expires_at
from ops.credential_state order by platform, credential
"""


def read_accounts(connection: Connection) -> list[AccountFreshness]:
    """Every account of an active client."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS)
        return [AccountFreshness(*row) for row in cursor.fetchall()]


def read_credentials(connection: Connection) -> list[CredentialState]:
    """Every credential that a load has used."""
    with connection.cursor() as cursor:
        cursor.execute(_CREDENTIALS)
        return [CredentialState(*row) for row in cursor.fetchall()]


def accounts_table(accounts: list[AccountFreshness], now: datetime) -> Table:
    """Freshness as a person reads it: how long ago the last complete reading was, from which day on it asked."""
    title = "Accounts: last complete reading"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", padding=(0, 1, 0, 0))
    for heading in ("client", "platform", "account", "age", "asked from", "newest day", "calls", "holes"):
        table.add_column(heading, justify="right" if heading in ("calls", "holes") else "left", no_wrap=True)
    for account in accounts:
        complete = _age(now - account.last_complete_at) if account.last_complete_at else "never"
        colour = "green" if account.status == "ok" else "red"
        window = str(account.window_since or "-")
        holes = f"[red]{account.holes} days[/]" if account.holes else "-"
        if account.optional_problems:
            holes += f" [yellow]{account.optional_problems} reports[/]"
        table.add_row(
            escape(account.client_id), account.platform, account.account_id, f"[{colour}]{complete}[/]", window,
            str(account.newest_day or "-"), "-" if account.calls is None else str(account.calls), holes,
        )  # fmt: skip
    return table


def _age(span: timedelta) -> str:
    return "now" if span < timedelta(minutes=1) else duration(span)


def credentials_table(credentials: list[CredentialState], now: datetime) -> Table:
    """What each credential has used and how long it lasts. A platform without usage headers tells nothing."""
    table = Table(box=box.SIMPLE_HEAD, title="Credentials", title_justify="left", title_style="bold")
    for heading in ("platform", "credential", "calls", "quota left", "ends"):
        table.add_column(heading, justify="right" if heading == "calls" else "left", no_wrap=True)
    for state in credentials:
        left = "not told" if state.used_percent is None else f"{max(Decimal(0), 100 - state.used_percent):.0f} %"
        if state.stopped_until:
            left = f"[red]none until {state.stopped_until:%Y-%m-%d %H:%M} UTC[/]"
        ends = "-"
        if state.expires_at:
            ends = f"{state.expires_at:%Y-%m-%d} ({duration(state.expires_at - now)} left)"
        table.add_row(state.platform, escape(state.credential), str(state.calls), left, ends)
    return table
