"""The clients of a world as the platform's client files."""

from pathlib import Path
from typing import Any

import yaml

from sandbox.client_plans import budgets_of, naming_of
from sandbox.files import write_atomically
from sandbox.world.model import Account, Client
from sandbox.world.world import Source


class _PlainDumper(yaml.SafeDumper):
    """Writes equal values twice instead of anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write_client_files(source: Source, directory: Path) -> list[Path]:
    """One YAML file a client in ``directory``; returns the paths."""
    paths = []
    for client in source.clients:
        path = directory / f"{client.client_id}.yaml"
        text = yaml.dump(_client(client), Dumper=_PlainDumper, sort_keys=False, allow_unicode=True)
        write_atomically(path, text)
        paths.append(path)
    return paths


def _client(client: Client) -> dict[str, Any]:
    agreed = {"naming": naming_of(client), "budgets": budgets_of(client, client.active_from)}
    return {
        "client": client.client_id,
        "name": client.name,
        "status": "active",
        "active_from": client.active_from,
        **({"active_to": client.active_to} if client.active_to else {}),
        "reporting_currency": client.reporting_currency,
        "timezone": client.timezone,
        "slack_channel": client.slack_channel,
        "accounts": [_account(account) for account in client.accounts],
        **{key: plans for key, plans in agreed.items() if plans},
    }


def _account(account: Account) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "platform": account.platform,
        "account_id": account.account_id,
        "name": account.name,
        "currency": account.currency,
        "timezone": account.timezone,
        "credential": account.credential,
    }
    if account.login_customer_id:
        entry["login_customer_id"] = account.login_customer_id
    if account.active_to:
        entry["active_to"] = account.active_to
    return entry
