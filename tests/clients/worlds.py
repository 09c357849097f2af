"""The sandboxes that the clients read, and what is true in them."""

import json
import urllib.parse
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.credentials import credential_environment, tiktok_app
from sandbox.process import SandboxHandle, start
from sandbox.world.model import Account, Platform
from sandbox.world.world import World, WorldParameters, accounts_of, parameters_file

CLIENTS, ADS, DAYS = 6, 20, 45
# Clients that reckon from the machine's clock find every day of the world in the recent past.
DAYS_BEHIND_THE_MACHINE = 1


@dataclass
class Worlds:
    """One sandbox for strict clients and one for old ones, each started when first asked for; the same seed."""

    directory: Path
    _stack: ExitStack = field(default_factory=ExitStack)
    _running: dict[bool, SandboxHandle] = field(default_factory=dict)

    def __enter__(self) -> "Worlds":
        self._noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        self._noon -= timedelta(days=DAYS_BEHIND_THE_MACHINE)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def url(self, *, lenient: bool) -> str:
        """Address of the running sandbox of that kind."""
        if lenient not in self._running:
            state = self.directory / ("lenient" if lenient else "strict")
            size: dict[str, Any] = {"clients": CLIENTS, "ads": ADS, "days": DAYS}
            size |= {"lenient": True} if lenient else {}
            handle = start(state, state / "clock.txt", start_at=self._noon.isoformat(), **size)
            self._stack.callback(handle.stop)
            self._running[lenient] = handle
            _fetch(f"{handle.url}/_sandbox/mend", b"{}")
        return self._running[lenient].url

    def halve(self, platform: Platform, account_id: str, *, lenient: bool) -> None:
        """From now on one account's reports lack rows."""
        fault = {"platform": platform, "account_id": account_id, "kind": "half"}
        _fetch(f"{self.url(lenient=lenient)}/_sandbox/faults", json.dumps(fault).encode())

    @property
    def until(self) -> date:
        """The last whole day of every account's zone."""
        return (self._noon - timedelta(days=2)).date()

    def world(self, *, lenient: bool) -> World:
        """The same world as the sandbox's, in this process: entities have no truth over HTTP."""
        self.url(lenient=lenient)
        state = self.directory / ("lenient" if lenient else "strict")
        return World(WorldParameters.load(parameters_file(state)))

    def today(self, account: Account) -> date:
        """The account's local date at the world's instant."""
        return self._noon.astimezone(ZoneInfo(account.timezone)).date()

    def truth(self, platform: Platform, level: str, since: date, until: date, *, lenient: bool) -> list[dict[str, Any]]:
        """The sandbox's own figures of a platform, read over HTTP."""
        query = urllib.parse.urlencode({"level": level, "since": since, "until": until})
        rows: list[dict[str, Any]] = json.loads(_fetch(f"{self.url(lenient=lenient)}/_sandbox/truth?{query}"))
        return [row for row in rows if row["platform"] == platform and _has_insights(row)]


def _has_insights(row: dict[str, Any]) -> bool:
    """Of Instagram's media: shown, no story (those are gone after a day), and of the time as a business account."""
    product = row.get("media_product_type")
    return product is None or (product != "STORY" and row["visible"] and not row["before_business"])


def account_entries(world: World, platform: Platform) -> list[dict[str, Any]]:
    """What a runner must know of each account to read it, with the parts of its credential."""
    environment = credential_environment(world)
    app_id, app_secret = tiktok_app(world.seed)
    entries = []
    for account in accounts_of(world):
        if account.platform == platform:
            prefix = f"MDP_CREDENTIAL_{account.credential.upper()}_"
            parts = {name.removeprefix(prefix).lower(): value for name, value in environment.items()
                     if name.startswith(prefix)}  # fmt: skip
            entries.append({
                "account_id": account.account_id, "name": account.name, "currency": account.currency,
                "timezone": account.timezone, "login_customer_id": account.login_customer_id, "credential": parts,
                **({"app": {"app_id": app_id, "secret": app_secret}} if platform == "tiktok_ads" else {}),
            })  # fmt: skip
    return entries


def _fetch(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as response:
        content: bytes = response.read()
    return content
