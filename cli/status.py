"""`mdp status`: what is published, what is held, and what was done last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from alerting.delivery import OutboxState, outbox_state
from alerting.incidents import IncidentSummary, open_incidents
from cli.freshness import (
    AccountFreshness,
    CredentialState,
    accounts_table,
    credentials_table,
    read_accounts,
    read_credentials,
)
from cli.overview import ClientPlatform, as_json, held_lines, overview_table, read_overview
from cli.session import PlatformSession
from foundation.database import connect

_NEWEST = {
    "load": "select platform || ', ' || rows_landed || ' rows', coalesce(finished_at, started_at) from ops.load_run "
    "order by fence desc limit 1",
    "publication": "select account_days || ' account-days', published_at from ops.publication "
    "order by publication_id desc limit 1",
    "backup": "select backup_id || ', ' || status, coalesce(finished_at, started_at) from ops.backup "
    "order by started_at desc limit 1",
}


@dataclass(frozen=True)
class Status:
    """Everything that the status command shows."""

    now: datetime
    overview: list[ClientPlatform]
    accounts: list[AccountFreshness]
    credentials: list[CredentialState]
    incidents: list[IncidentSummary]
    outbox: OutboxState
    newest: dict[str, tuple[str, Any] | None]

    def as_json(self) -> dict[str, Any]:
        return {
            "clients": as_json(self.overview),
            "accounts": as_json(self.accounts),
            "credentials": as_json(self.credentials),
            "incidents": as_json(self.incidents),
            "unsent_messages": self.outbox.waiting,
            "newest": {
                name: None if row is None else {"what": row[0], "at": row[1]} for name, row in self.newest.items()
            },
        }


def read_status(session: PlatformSession) -> Status:
    """Read the status from the warehouse; calls no platform."""
    newest: dict[str, tuple[str, Any] | None] = {}
    with connect(session.warehouse_url) as connection:
        with connection.cursor() as cursor:
            for name, query in _NEWEST.items():
                cursor.execute(query)
                newest[name] = cursor.fetchone()
        return Status(
            session.clock.now(), read_overview(connection), read_accounts(connection), read_credentials(connection),
            open_incidents(connection), outbox_state(connection), newest,
        )  # fmt: skip


def show_status(status: Status, console: Console) -> None:
    """Print the status for a person."""
    console.print(overview_table(status.overview))
    for line in held_lines(status.overview):
        console.print(line)
    console.print(accounts_table(status.accounts, status.now))
    if status.credentials:
        console.print(credentials_table(status.credentials, status.now))
    for name, row in status.newest.items():
        console.print(f"last {name:<12} " + (f"{row[1]:%Y-%m-%d %H:%M} UTC, {row[0]}" if row else "none yet"))
    if status.outbox.waiting:
        console.print(
            f"[yellow]{status.outbox.waiting} Slack messages wait[/]: {'; '.join(status.outbox.errors.values())}"
        )
    if status.incidents:
        table = Table(box=box.SIMPLE_HEAD, title="Open incidents", title_justify="left", title_style="bold")
        for heading in ("since", "what"):
            table.add_column(heading)
        for incident in status.incidents:
            table.add_row(f"{incident.opened_at:%Y-%m-%d %H:%M}", escape(incident.title))
        console.print(table)
