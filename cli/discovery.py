"""`mdp accounts`: what a credential can see on its platform, as lines for a client file."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import yaml
from rich import box
from rich.markup import escape
from rich.table import Table

from foundation.registry import read_clients
from foundation.settings import Settings
from ingestion.accounts import VisibleAccount
from ingestion.http import Connections
from ingestion.platforms import PLATFORMS


def visible_accounts(settings: Settings, platform: str, credential: str) -> list[VisibleAccount]:
    """Ask the platform. Raises ValueError for an unknown platform, AccountReadError with the platform's own words."""
    if platform not in PLATFORMS:
        raise ValueError(f"no platform {platform!r}; known: {', '.join(PLATFORMS)}")
    connections = Connections()
    try:
        client = PLATFORMS[platform].build_client(settings, connections, lambda: datetime.now(UTC))
        return sorted(client.visible_accounts(credential), key=lambda account: (account.name, account.account_id))
    finally:
        connections.close()


def owners(settings: Settings, platform: str) -> dict[str, str]:
    """Account id -> client whose file names it."""
    return {
        account.account_id: client.client
        for client in read_clients(settings.clients_dir)
        for account in client.accounts
        if account.platform == platform
    }


def accounts_table(accounts: list[VisibleAccount], owned_by: dict[str, str], credential: str) -> Table:
    """The accounts as a person reads them; those that no client file names stand out."""
    title = f"{len(accounts)} accounts that {credential} can see"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for heading in ("account", "name", "currency", "time zone", "status", "client"):
        table.add_column(heading)
    for account in accounts:
        owner = owned_by.get(account.account_id)
        table.add_row(
            account.account_id, escape(account.name), account.currency or "-", account.timezone or "-",
            escape(account.status), escape(owner) if owner else "[yellow]in no client file[/]",
        )  # fmt: skip
    return table


def client_file_lines(accounts: list[VisibleAccount], owned_by: dict[str, str], platform: str, credential: str) -> str:
    """YAML entries for the accounts that no client file names yet, ready to be pasted under `accounts:`."""
    entries: list[dict[str, Any]] = []
    for account in accounts:
        if account.account_id in owned_by:
            continue
        known = {name: value for name, value in asdict(account).items() if value is not None and name != "status"}
        if PLATFORMS[platform].definition.day_zone == "utc":
            known.setdefault("timezone", "UTC")
        entries.append({"platform": platform, **known, "credential": credential})
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True) if entries else ""
