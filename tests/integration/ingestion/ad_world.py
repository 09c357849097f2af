"""A small advertising world served by the sandbox, and a warehouse that ingests it. Figures to compare come from
the world's own truth, never from what was served."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from foundation.clock import Clock
from foundation.database import connect, transaction
from foundation.registry import read_clients
from foundation.settings import Settings
from ingestion.due import AccountTask, due_tasks, requested_tasks
from ingestion.registry_load import load_registry
from ingestion.sync import SyncReport, sync_platform
from sandbox.client_files import write_client_files
from sandbox.clock import WorldClock
from sandbox.process import SandboxHandle, start
from sandbox.world.world import load_world

# A Monday noon, far enough back that the clock may advance two months without passing the machine's.
START = datetime(2026, 9, 7, 12, tzinfo=UTC)
DAYS = 20
FIRST_DAY = START.date() - timedelta(days=DAYS)
YESTERDAY = START.date() - timedelta(days=1)

Day = tuple[str, date]
Figures = tuple[Decimal, int, int]
_run_numbers = count(1)

# Spend in account currency, impressions, clicks; written here by hand, not taken from the report definitions.
_SUMS = {
    "meta_ads": "sum(spend), sum(impressions), sum(clicks)",
    "google_ads": "sum(cost_micros) / 1000000::numeric, sum(impressions), sum(clicks)",
    "tiktok_ads": "sum(spend), sum(impressions), sum(clicks)",
    "linkedin_ads": "round(sum(cost_in_local_currency), 4), sum(impressions), sum(clicks)",
    "instagram": "0::numeric, sum(views), sum(total_interactions)",
}
# The table whose sums must be the account's: campaigns, or the account's own rows where nothing stands below.
PROVED_TABLES = {
    "meta_ads": "campaign_daily",
    "google_ads": "campaign_daily",
    "tiktok_ads": "campaign_daily",
    "linkedin_ads": "campaign_group_daily",
    "instagram": "account_daily",
}


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands at one instant."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


def settings_at(sandbox_url: str, *, data_dir: Path, clients_dir: Path, warehouse_url: str) -> Settings:
    """The product's settings with every platform at this sandbox, or at a wire in front of one."""
    return Settings(
        data_dir=data_dir,
        clients_dir=clients_dir,
        warehouse_url=warehouse_url,
        meta_ads_base_url=f"{sandbox_url}/meta",
        google_ads_base_url=f"{sandbox_url}/google",
        google_oauth_token_url=f"{sandbox_url}/google/oauth2/token",
        tiktok_ads_base_url=f"{sandbox_url}/tiktok",
        tiktok_ads_calls_per_minute=1_000_000,
        linkedin_ads_base_url=f"{sandbox_url}/linkedin",
        linkedin_oauth_token_url=f"{sandbox_url}/linkedin/oauth/v2/accessToken",
        instagram_base_url=f"{sandbox_url}/instagram",
        fx_base_url=f"{sandbox_url}/fx",
    )


@dataclass
class AdWorld:
    """A running sandbox with four clients and nine accounts; one Meta login of it is revoked."""

    directory: Path
    handle: SandboxHandle
    clock: WorldClock
    http: httpx.Client
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def started(
        cls, directory: Path, *, clients: int = 4, days: int = DAYS, ads: int = 6, start_at: datetime = START
    ) -> "AdWorld":
        handle = start(
            directory / "state", directory / "clock", clients=clients, ads=ads, days=days,
            start_at=start_at.isoformat(),
        )  # fmt: skip
        source = load_world(directory / "state")
        write_client_files(source, directory / "clients")
        world = cls(directory, handle, WorldClock(directory / "clock"), httpx.Client(base_url=handle.url, timeout=30))
        for client in source.clients:
            for account in client.accounts:
                world.accounts.setdefault((account.platform, client.client_id), account.account_id)
        return world

    def stop(self) -> None:
        self.http.close()
        self.handle.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def now(self) -> datetime:
        return self.clock.now()

    def advance(self, days: float) -> None:
        answer = self.http.post("/_sandbox/clock", json={"advance_days": days})
        assert answer.status_code == 200, answer.text

    def fault(self, platform: str, account_id: str, kind: str, **more: Any) -> None:
        body = {"platform": platform, "account_id": account_id, "kind": kind, **more}
        answer = self.http.post("/_sandbox/faults", json=body)
        assert answer.status_code == 200, answer.text

    def clear_faults(self) -> None:
        self.http.delete("/_sandbox/faults")

    def served(self) -> list[dict[str, Any]]:
        """The serve log, oldest first."""
        entries: list[dict[str, Any]] = self.http.get("/_sandbox/serve-log").json()
        return entries

    def truth(self, level: str = "account", *, as_of: datetime | None = None, until: date | None = None) -> list[Any]:
        """The world's rows up to the day before the instant."""
        instant = as_of or self.now()
        last = until or instant.date() - timedelta(days=1)
        query = {"level": level, "as_of": instant.isoformat(), "until": last.isoformat()}
        rows: list[Any] = self.http.get("/_sandbox/truth", params=query).json()
        return rows

    def account_days(
        self, platform: str, accounts: Iterable[str] | None = None, *, as_of: datetime | None = None
    ) -> dict[Day, Figures]:
        """Truth by account and day; days without spend, impressions and clicks are absent."""
        wanted = None if accounts is None else set(accounts)
        level = "instagram_account" if platform == "instagram" else "account"
        return {
            (row["account_id"], date.fromisoformat(row["date_day"])): figures_of(row)
            for row in self.truth(level, as_of=as_of)
            if row["platform"] == platform and (wanted is None or row["account_id"] in wanted) and any(figures_of(row))
        }


def figures_of(row: Any) -> Figures:
    """Spend, impressions and clicks; for Instagram no spend, views and interactions."""
    if row["platform"] == "instagram":
        return Decimal(0), row["views"], row["total_interactions"]
    return Decimal(row["spend"]), row["impressions"], row["clicks"]


@dataclass
class Ingestion:
    """The platform's ingestion over one warehouse, pointed at a world."""

    url: str
    world: AdWorld
    settings: Settings

    def load_clients(self) -> None:
        with connect(self.url) as connection:
            load_registry(connection, read_clients(self.settings.clients_dir), self.world.now())

    def due(self, platform: str, now: datetime | None = None) -> list[AccountTask]:
        with connect(self.url) as connection:
            return due_tasks(connection, platform, now or self.world.now())

    def requested(self, platform: str, since: date, until: date, *accounts: str) -> list[AccountTask]:
        """What a person asks for with dates of their own."""
        with connect(self.url) as connection:
            return requested_tasks(connection, platform, since, until, self.world.now(), accounts=accounts)

    def sync(
        self,
        platform: str,
        *,
        at: datetime | None = None,
        tasks: list[AccountTask] | None = None,
        run_id: str | None = None,
        http: httpx.Client | None = None,
        progress: Callable[[str], None] = lambda message: None,
    ) -> SyncReport:
        """One run over the due accounts, without any waiting between retries."""
        clock: Clock = FixedClock(at or self.world.now())
        return sync_platform(
            self.settings,
            self.url,
            platform,
            self.due(platform, at) if tasks is None else tasks,
            run_id=run_id or f"run{next(_run_numbers):09d}",
            clock=clock,
            sleeper=lambda seconds: None,
            http=http,
            progress=progress,
        )

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall()

    def run(self, statement: str, *parameters: Any) -> None:
        """Change the warehouse behind the product's back."""
        with connect(self.url) as connection, transaction(connection) as cursor:
            cursor.execute(statement, parameters or None)

    def value(self, query: str, *parameters: Any) -> Any:
        ((value,),) = self.rows(query, *parameters)
        return value

    def loaded_days(self, platform: str, table: str | None = None) -> dict[Day, Figures]:
        """Raw by account and day; days without spend, impressions and clicks are absent."""
        found = self.rows(
            f"select account_id, date_day, {_SUMS[platform]} from raw_{platform}.{table or PROVED_TABLES[platform]} "
            "group by account_id, date_day"
        )
        return {
            (account, day): (spend, int(impressions), int(clicks))
            for account, day, spend, impressions, clicks in found
            if any((spend, impressions, clicks))
        }

    def held(self, account_id: str) -> dict[date, tuple[str, str]]:
        """Day -> (reason code, reason) of what is in quarantine."""
        found = self.rows(
            "select date_day, reason_code, reason from ops.quarantine where account_id = %s order by date_day",
            account_id,
        )
        return {day: (code, reason) for day, code, reason in found}

    def health(self, account_id: str) -> dict[str, Any]:
        with connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("select * from ops.account_health where account_id = %s", (account_id,))
            row = cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            return dict(zip([column.name for column in cursor.description], row, strict=True))

    def fingerprint(self) -> dict[str, tuple[int, str]]:
        """Rows and content of every raw table and history: equal fingerprints mean that not a byte changed."""
        tables = self.rows(
            """select table_schema || '.' || table_name from information_schema.tables
            where table_schema like 'raw\\_%%' and table_schema not in ('raw_registry', 'raw_fx') order by 1"""
        )
        return {
            name: self.rows(
                f"select count(*), coalesce(md5(string_agg(t::text, '' order by t::text)), '') from {name} t"
            )[0]
            for (name,) in tables
        }
