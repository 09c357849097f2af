"""`mdp doctor`: everything that must be right before numbers can be, checked cheaply, each with the way to mend it."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import httpx
import psycopg2
from rich import box
from rich.markup import escape
from rich.table import Table

from alerting.slack import slack_client
from backups.programs import ClientProgramError, choose
from cli.session import embedded_server, open_platform
from foundation.credentials import MissingCredential, resolve_secret, stated_end
from foundation.database import connect, without_password
from foundation.embedded_postgres import EmbeddedPostgresError
from foundation.registry import Client, RegistryError, read_clients
from foundation.settings import Settings, load_settings
from ingestion.accounts import AccountRef
from ingestion.api_versions import WARN_DAYS_BEFORE, days_until_sunset, version_in_use
from ingestion.errors import AccountReadError
from ingestion.http import Connections
from ingestion.platforms import PLATFORMS

OLDEST_POSTGRES = 15
LEAST_FREE_GIB = 5.0
CREDENTIAL_ENDS_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``mend`` says what to do where the state is not fine."""

    what: str
    state: Literal["fine", "warning", "wrong"]
    detail: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine() -> list[Finding]:
    """Look at everything; a wrong part never hides another one."""
    settings = load_settings()
    findings = [_python(), *_disk(settings), *_clients_and_credentials(settings)]
    findings += [*_api_versions(settings, datetime.now(UTC).date())]
    findings += [*_database(settings), *_rates(settings), _slack(settings)]
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", "fine", version)
    return Finding("Python", "wrong", version, "use Python 3.11, 3.12 or 3.13")


def _disk(settings: Settings) -> Iterator[Finding]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free / 2**30
    state: Literal["fine", "warning"] = "fine" if free >= LEAST_FREE_GIB else "warning"
    yield Finding("Disk", state, f"{free:.1f} GiB free in {settings.data_dir}", "free some space or set MDP_DATA_DIR")


def _clients_and_credentials(settings: Settings) -> Iterator[Finding]:
    try:
        clients = read_clients(settings.clients_dir)
    except RegistryError as error:
        yield Finding("Client files", "wrong", str(error), f"correct the file in {settings.clients_dir}")
        return
    if not clients:
        yield Finding(
            "Client files", "warning", f"none in {settings.clients_dir}", "add one: docs/how-to/add-a-client.md"
        )
        return
    accounts = sum(len(client.accounts) for client in clients)
    yield Finding("Client files", "fine", f"{len(clients)} clients, {accounts} accounts")
    yield from _credentials(settings, clients)


def _credentials(settings: Settings, clients: tuple[Client, ...]) -> Iterator[Finding]:
    """One cheap call per credential and platform: the first of its accounts, without figures."""
    seen: set[tuple[str, str]] = set()
    for client in clients:
        for account in client.accounts:
            if client.status != "active" or (account.platform, account.credential) in seen:
                continue
            seen.add((account.platform, account.credential))
            first, last = client.range_of(account)
            reference = AccountRef(
                client.client, account.platform, account.account_id, account.currency, account.timezone,
                account.credential, account.login_customer_id, first, last,
            )  # fmt: skip
            yield _credential(settings, reference)


def _credential(settings: Settings, account: AccountRef) -> Finding:
    what = f"Credential {account.credential} ({account.platform})"
    platform = PLATFORMS[account.platform]
    connections = Connections(sleeper=lambda seconds: None)
    client = platform.build_client(settings, connections, lambda: datetime.now(UTC))
    accounts = next(entity for entity in platform.definition.entities if entity.name == "accounts")
    try:
        rows = [row for page in client.entity_pages(account, accounts) for row in page]
        expires_at = client.credential_expires_at(account) or stated_end(account.credential)
    except MissingCredential as error:
        return Finding(what, "wrong", "not configured", str(error))
    except AccountReadError as error:
        return Finding(what, "wrong", str(error), error.problem.next_step)
    finally:
        connections.close()
    if not rows:
        return Finding(what, "wrong", f"account {account.account_id} is not visible", "check the account's permissions")
    detail = f"reads account {account.account_id}"
    if expires_at is None:
        return Finding(what, "fine", detail)
    soon = expires_at - datetime.now(UTC) <= CREDENTIAL_ENDS_SOON
    detail += f", ends {expires_at:%Y-%m-%d}"
    return Finding(what, "warning" if soon else "fine", detail, "log in again and store the new secret")


def _api_versions(settings: Settings, today: date) -> Iterator[Finding]:
    """How long the API version in use is still served, for every platform."""
    for name, platform in PLATFORMS.items():
        used = version_in_use(platform, settings)
        what, days = f"API version of {platform.definition.title}", days_until_sunset(used, today)
        newer = ", ".join(
            version.version
            for version in platform.definition.api_versions
            if version.ends_on is None or version.ends_on > today
        )
        mend = f"set MDP_{name.upper()}_API_VERSION to one that is served: {newer}"
        if used not in platform.definition.api_versions:
            yield Finding(what, "warning", f"{used.version} is not in the calendar: nobody can say when it ends", mend)
        elif days is None:
            yield Finding(what, "fine", f"{used.version}, no end known ({used.source})")
        elif days <= 0:
            yield Finding(what, "wrong", f"{used.version} ended on {used.ends_on}", mend)
        else:
            state: Literal["fine", "warning"] = "warning" if days <= WARN_DAYS_BEFORE else "fine"
            yield Finding(what, state, f"{used.version} ends on {used.ends_on}, in {days} days", mend)


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.warehouse_url is None and not embedded_server(settings).is_running():
        yield Finding("Warehouse", "fine", f"embedded server in {embedded_server(settings).cluster}, starts on demand")
    try:
        with open_platform() as session, connect(session.warehouse_url) as connection:
            number = connection.server_version // 10_000
            where = without_password(session.warehouse_url)
            yield (
                Finding("Warehouse", "fine", f"PostgreSQL {number}, {where}, schema up to date")
                if number >= OLDEST_POSTGRES
                else Finding("Warehouse", "wrong", f"PostgreSQL {number}", f"use PostgreSQL {OLDEST_POSTGRES} or newer")
            )
            yield _dump_tool(session.warehouse_url, number)
    except (psycopg2.OperationalError, EmbeddedPostgresError) as error:
        yield Finding(
            "Warehouse", "wrong", str(error).strip(), "check MDP_WAREHOUSE_URL, or unset it for the embedded server"
        )


def _dump_tool(url: str, server: int) -> Finding:
    try:
        programs = choose(url, server)
    except ClientProgramError as error:
        return Finding("Backup tool", "wrong", str(error), f"install the PostgreSQL {server} client programs")
    return Finding("Backup tool", "fine", f"pg_dump of PostgreSQL {programs.major}, {programs.directory}")


def _rates(settings: Settings) -> Iterator[Finding]:
    url = f"{settings.fx_base_url.rstrip('/')}/v1/currencies"
    try:
        httpx.get(url, timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        yield Finding("ECB rates", "warning", f"{url}: {error}", "figures stay unconverted until the service answers")
    else:
        yield Finding("ECB rates", "fine", settings.fx_base_url)


def _slack(settings: Settings) -> Finding:
    client = slack_client(settings)
    if client is None:
        return Finding("Slack", "warning", "no bot token", "set MDP_SLACK_BOT_TOKEN or MDP_SLACK_BOT_TOKEN_FILE")
    if settings.slack_ops_channel is None:
        return Finding("Slack", "warning", "no channel for the operators", "set MDP_SLACK_OPS_CHANNEL to a channel id")
    token = resolve_secret("MDP_SLACK_BOT_TOKEN")
    try:
        answer = httpx.post(
            f"{settings.slack_base_url}auth.test",
            headers={"Authorization": f"Bearer {token.get_secret_value() if token else ''}"},
            timeout=10,
        ).json()
    except (httpx.HTTPError, ValueError) as error:
        return Finding(
            "Slack", "wrong", f"{settings.slack_base_url}: {error}", "check the network and MDP_SLACK_BASE_URL"
        )
    if not answer.get("ok"):
        return Finding(
            "Slack", "wrong", f"auth.test: {answer.get('error')}", "store a valid token in MDP_SLACK_BOT_TOKEN"
        )
    return Finding("Slack", "fine", f"token accepted, operators in {settings.slack_ops_channel}")


def findings_table(findings: list[Finding]) -> Table:
    """The findings as a person reads them."""
    table = Table(box=box.SIMPLE_HEAD)
    colours = {"fine": "green", "warning": "yellow", "wrong": "red"}
    for heading in ("what", "state", "found", "how to mend it"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        mend = escape(finding.mend) if finding.state != "fine" else ""
        table.add_row(
            escape(finding.what), f"[{colours[finding.state]}]{finding.state}[/]", escape(finding.detail), mend
        )
    return table
