"""A clean half year of 200 units, published month by month while a reader looks, and then one poisoned unit of 200."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cli.session import PlatformSession
from foundation.clock import show_clock_to_database
from foundation.database import Connection, connect, transaction
from foundation.registry import read_clients
from ingestion.loading.tables import ensure_raw_tables
from ingestion.registry_load import load_registry
from sandbox.client_files import write_client_files
from sandbox.world.model import Account, Client
from sandbox.world.world import World, WorldParameters
from tests.gate.clean_rows import TABLES, CleanRows
from tests.gate.flow import Flow, timed_flow
from tests.gate.reader import reading
from tests.gate.results import Result
from tests.integration.ingestion.ad_world import FixedClock, settings_at

SEED, ADS = 430, 5
# Half a year with Black Friday and Christmas before it; ends on a Sunday.
LAST_DAY = date(2026, 1, 25)
RESTATED_DAYS = 28


@dataclass(frozen=True)
class Size:
    """How large the clean world is.

    units: accounts that are open on its last day. step_days: how many days enter between two publications.
    """

    days: int = 180
    units: int = 200
    clients: int = 70
    step_days: int = 60


SAMPLE = Size(days=35, units=40, clients=16, step_days=28)


@dataclass
class Clean:
    """A warehouse that is filled and published step by step."""

    rows: CleanRows
    connection: Connection
    url: str
    directory: Path
    flows: list[Flow] = field(default_factory=list)
    restated: int = 0

    def publish(self, as_of: datetime) -> Flow:
        """The flow at an instant."""
        clock = FixedClock(as_of)
        show_clock_to_database(self.connection, clock)
        settings = settings_at(
            "http://127.0.0.1:9", data_dir=self.directory / "data", clients_dir=self.directory / "clients",
            warehouse_url=self.url,
        )  # fmt: skip
        flow = timed_flow(PlatformSession(settings, self.url, clock))
        self.flows.append(flow)
        return flow

    def value(self, query: str, *parameters: Any) -> Any:
        with transaction(self.connection) as cursor:
            cursor.execute(query, parameters or None)
            row = cursor.fetchone()
        return row[0] if row else None


def play_clean(url: str, directory: Path, size: Size) -> Result:
    """Publish the clean world, count holds and warnings, poison one unit, see the others published."""
    started = time.monotonic()
    noon = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 12, tzinfo=UTC)
    start = noon + timedelta(days=1)
    world = World(WorldParameters(start.isoformat(), SEED, size.clients, ADS, size.days))
    clients, accounts = _units(world, size.units)
    directory.mkdir(parents=True)
    (directory / "clients").mkdir()
    write_client_files(SimpleNamespace(clients=clients), directory / "clients")  # type: ignore[arg-type]
    faults: list[str] = []
    with connect(url) as connection:
        ensure_raw_tables(connection)
        load_registry(connection, read_clients(directory / "clients"), start)
        clean = Clean(CleanRows(world, accounts), connection, url, directory)
        _rates(clean, start)
        with transaction(connection) as cursor:
            clean.rows.write_objects(cursor, start)
        with reading(url) as looks:
            for until in _steps(world.first_day, LAST_DAY - timedelta(days=1), size.step_days):
                _next(clean, world.first_day, until, size.step_days)
            holds = sum(flow.gate.held for flow in clean.flows)
            faults += _reasons(clean) if holds else []
            daily = _next(clean, LAST_DAY - timedelta(days=RESTATED_DAYS), LAST_DAY, 1)
            holds += daily.gate.held
            warnings = clean.value(_WARNINGS)
            alone = _poison(clean, faults)
        if looks.unaudited:
            faults.append(f"{len(looks.unaudited)} unaudited account-days were seen: {sorted(looks.unaudited)[:3]}")
    weeks = (size.days / 7) * len(clients)
    figures = {
        "units": size.units, "days": size.days, "clients": len(clients),
        "decisions": sum(flow.gate.account_days for flow in clean.flows),
        "restated": clean.restated, "publications": len(clean.flows), "holds": holds,
        "warnings": warnings, "client_weeks": round(weeks), "looks": looks.count,
        "publications_seen": len(looks.publications), "unaudited": len(looks.unaudited), "alone": alone,
        "daily": daily.seconds, "daily_days": daily.pending, "audit": daily.audit, "whole": daily.whole,
    }  # fmt: skip
    return Result("clean", tuple(faults), time.monotonic() - started, figures)


# A warning that stands for weeks is told once a week; several days of an account in a week are one.
_WARNINGS = """
select count(*) from (
    select distinct
        failure.client_id, failure.account_id, split_part(failure.check_name, '.', 2),
        date_trunc('week', failure.date_day)
    from ops.check_failure as failure
) as told
"""
_RATES = """
insert into raw_fx.rate (rate_date, currency, units_per_eur, source, fetched_at) values (%s, %s, %s, 'ECB', %s)
"""


def _units(world: World, units: int) -> tuple[list[Client], list[Account]]:
    """So many accounts that are open on the last day, of the three platforms that are filled, with their clients;
    those that were closed before come on top. Raises where the world has too few."""
    clients: list[Client] = []
    accounts: list[Account] = []
    left = units
    for client in world.clients:
        own = []
        for account in (account for account in client.accounts if account.platform in TABLES):
            is_open = account.active_to is None or account.active_to >= LAST_DAY
            if not is_open or left:
                own.append(account)
                left -= is_open
        if own:
            clients.append(replace(client, accounts=tuple(own)))
            accounts += own
        if not left:
            return clients, accounts
    raise ValueError(f"{left} of {units} units are missing: the world needs more clients")


def _rates(clean: Clean, start: datetime) -> None:
    rates = clean.rows.world.rates
    currencies = {account.currency for account in clean.rows.accounts} | {"BRL", "USD", "GBP", "JPY"}
    with transaction(clean.connection) as cursor:
        for day in rates.published_days(start):
            if day < clean.rows.world.first_day - timedelta(days=10):
                continue
            for currency in sorted(currencies - {"EUR"}):
                if (rate := rates.rate(currency, day)) is not None:
                    cursor.execute(_RATES, (day, currency, rate, start))


def _steps(first: date, last: date, days: int) -> Sequence[date]:
    """The last day of each step, the whole span covered."""
    steps = [first + timedelta(days=end) for end in range(days - 1, (last - first).days, days)]
    return [*steps, last] if not steps or steps[-1] < last else steps


def _next(clean: Clean, first: date, until: date, days: int) -> Flow:
    """Read the days up to ``until`` as they are shown at the next noon, older ones restated, and publish."""
    as_of = datetime(until.year, until.month, until.day, 12, tzinfo=UTC) + timedelta(days=1)
    since = max(first, until - timedelta(days=days + RESTATED_DAYS - 1))
    known = len(clean.rows.known)
    with transaction(clean.connection) as cursor:
        changed, _ = clean.rows.fill(cursor, since, until, as_of)
    clean.restated += changed - (len(clean.rows.known) - known)
    with connect(clean.url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    return clean.publish(as_of)


def _reasons(clean: Clean) -> list[str]:
    with transaction(clean.connection) as cursor:
        cursor.execute("select platform, account_id, date_day, reason from ops.held_day order by 1, 2, 3 limit 5")
        return [f"a clean day is held: {platform} {account} {day}: {why}" for platform, account, day, why in cursor]


_DOUBLE = """
update raw_meta_ads.{table} set spend = spend * 2, impressions = impressions * 2, clicks = clicks * 2
where account_id = %s and date_day = %s
"""
_MOVED = "update ops.load_ledger set content_hash = content_hash || %s where date_day = %s"


def _poison(clean: Clean, faults: list[str]) -> str:
    """Every unit gets a new version of the newest day, one of them with its detail doubled behind the loader's back."""
    victim = clean.value(
        "select min(account_id) from raw_meta_ads.account_daily where date_day = %s and spend > 1",
        LAST_DAY,
    )
    as_of = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 15, tzinfo=UTC) + timedelta(days=1)
    with transaction(clean.connection) as cursor:
        for table in ("campaign_daily", "ad_daily"):
            cursor.execute(_DOUBLE.format(table=table), (victim, LAST_DAY))
        cursor.execute(_MOVED, ("/again", LAST_DAY))
    flow = clean.publish(as_of)
    held = clean.value("select string_agg(distinct account_id, ',') from ops.held_day")
    if held != victim or flow.gate.held != 1:
        faults.append(f"{victim} was poisoned, held are {held} with {flow.gate.held} account-days")
    if flow.published.account_days != flow.pending - 1:
        faults.append(f"{flow.published.account_days} of {flow.pending - 1} other units were published")
    return f"{flow.published.account_days} of {flow.pending - 1}"
