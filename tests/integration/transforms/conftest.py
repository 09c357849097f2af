"""A warehouse whose raw rows are written by hand, and the flow from raw rows to published figures around it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extras import Json

from foundation.database import Connection, Cursor, connect, transaction
from foundation.embedded_postgres import EmbeddedPostgres
from ingestion.loading.tables import ensure_raw_tables
from ingestion.platforms import PLATFORMS
from quality.dbt_tests import record, required_tests
from quality.expectations import run_expectations
from quality.gate import Gate, GateSummary
from quality.reconciliation import CertificationSummary, certify
from tests.scratch import MIGRATED, database_copy
from transforms import building, publication, versions

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_serial = count(1)


@dataclass(frozen=True)
class Audited:
    """What certificates, gate and publication of one flow said."""

    certificates: CertificationSummary
    gate: GateSummary
    published: publication.PublicationSummary


@dataclass
class Warehouse:
    """The database under test and short ways to write and read rows."""

    url: str
    connection: Connection
    target_dir: Path
    serial: int = 0
    now: datetime = NOW

    def run(self, statement: str, *values: object) -> None:
        with transaction(self.connection) as cursor:
            cursor.execute(statement, values or None)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with transaction(self.connection) as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall()

    def value(self, query: str, *values: object) -> Any:
        return self.rows(query, *values)[0][0]

    def insert(self, table: str, **values: object) -> None:
        adapted = [Json(value) if isinstance(value, list | dict) else value for value in values.values()]
        marks = ", ".join(["%s"] * len(adapted))
        self.run(f"insert into {table} ({', '.join(values)}) values ({marks})", *adapted)

    def client(self, client_id: str, currency: str, *, timezone: str = "UTC") -> None:
        self.insert(
            "raw_registry.client", client_id=client_id, name=client_id.title(), status="active",
            reporting_currency=currency, timezone=timezone, active_from=date(2026, 11, 1), content_hash="c",
            loaded_at=NOW,
        )  # fmt: skip

    def account(
        self, client_id: str, platform: str, account_id: str, currency: str, *, timezone: str = "UTC",
        restatement_days: int | None = None,
    ) -> None:  # fmt: skip
        self.insert(
            "raw_registry.account", client_id=client_id, platform=platform, account_id=account_id, name=None,
            currency=currency, timezone=timezone, credential="agency", active_from=date(2026, 11, 1),
            content_hash=f"{client_id}/{currency}", loaded_at=NOW, restatement_days=restatement_days,
        )  # fmt: skip

    def proved(
        self, platform: str, account_id: str, day: date, content: str = "first", *, at: datetime = NOW, **totals: str
    ) -> None:
        """The ledger's word that every required report of the day was read with this content; the platform's totals."""
        for (report,) in self.rows(
            "select report from ops.report_definition where platform = %s and required", platform
        ):
            self.run(
                "insert into ops.load_ledger values (%s, %s, %s, %s, 1, %s, 0, '{}', %s, true, %s, %s, %s, 'run', 1) "
                "on conflict (platform, account_id, report, date_day) do update set "
                "content_hash = excluded.content_hash, control_totals = excluded.control_totals, "
                "read_at = excluded.read_at, verified_at = excluded.verified_at",
                platform, account_id, report, day, f"{report}/{content}", Json(totals), at, at, at,
            )  # fmt: skip

    def version_days(self, *, model_hash: str = "model", now: datetime = NOW) -> int:
        return versions.refresh_account_days(self.connection, model_hash=model_hash, now=now)

    def build(self, *, model_hash: str = "model", now: datetime = NOW) -> versions.PendingBuild:
        """Versions, pending account-days and the dbt build; returns what was pending."""
        self.version_days(model_hash=model_hash, now=now)
        self.serial += 1
        pending = versions.open_build(self.connection, build_id=f"build-{self.serial}", now=now)
        building.build(self.url, building.DBT_PROJECT_DIR, self.target_dir, full_refresh=pending.full_refresh)
        return pending

    def judge(self, *, held: tuple[str, ...] = (), uncertified: tuple[str, ...] = (), now: datetime = NOW) -> None:
        """In place of the quality package: all built days are certified and pass, but those of the held accounts.

        uncertified: metrics that get no certificate, of those that the platforms' rules ask for.
        """
        self.run("delete from ops.held_day")
        for *unit, version in self.rows(
            "select client_id, platform, account_id, date_day, version from analytics_build.account_day_built"
        ):
            verdict = "hold" if unit[2] in held else "publish"
            self.run(
                "insert into ops.gate_decision values (%s, %s, %s, %s, %s, %s, '[]', 'build', %s) "
                "on conflict (client_id, platform, account_id, date_day) "
                "do update set version = excluded.version, verdict = excluded.verdict",
                *unit, version, verdict, now,
            )  # fmt: skip
            if verdict == "hold":
                self.run("insert into ops.held_day values (%s, %s, %s, %s, %s, 'differs', %s)", *unit, version, now)
            for (metric,) in self.rows(
                "select unnest(certified_metrics) from ops.platform_rule where platform = %s", unit[1]
            ):
                if metric in uncertified:
                    continue
                self.run(
                    "insert into ops.certificate (client_id, platform, account_id, date_day, version, metric, "
                    "warehouse_total, tolerance, verdict, checked_at, last_confirmed_at, run_id) "
                    "values (%s, %s, %s, %s, %s, %s, 0, 0, 'certified', %s, %s, 'run') on conflict do nothing",
                    *unit, version, metric, now, now,
                )  # fmt: skip

    def build_and_publish(self) -> None:
        """The whole flow with every day certified."""
        self.build()
        self.judge()
        self.publish()

    def audit_and_publish(self, *, now: datetime = NOW) -> Audited:
        """The real flow: versions, build, dbt tests, expectations, certificates, and publication with its gate."""
        self.version_days(now=now)
        self.serial += 1
        build_id = f"build-{self.serial}"
        pending = versions.open_build(self.connection, build_id=build_id, now=now)
        built = building.build(self.url, building.DBT_PROJECT_DIR, self.target_dir, full_refresh=pending.full_refresh)
        record(self.connection, build_id=build_id, run_results=built.run_results, now=now)
        run_expectations(self.url, build_id=build_id, now=now)
        certificates = certify(self.connection, build_id=build_id, run_id="run", now=now)
        gate = Gate(build_id, required_tests(building.prepared_manifest(building.DBT_PROJECT_DIR)), now)
        published = publication.publish(self.connection, build_id=build_id, gate=gate, now=now)
        assert gate.summary is not None
        return Audited(certificates, gate.summary, published)

    def publish(self, *, now: datetime = NOW) -> publication.PublicationSummary:
        """With a gate that stands by what ``judge`` wrote."""
        build_id = f"build-{self.serial}"

        def stand_by(cursor: Cursor) -> None:
            cursor.execute("update ops.gate_decision set decided_in = pg_current_xact_id(), build_id = %s", (build_id,))

        return publication.publish(self.connection, build_id=build_id, gate=stand_by, now=now)


@pytest.fixture(scope="session", autouse=True)
def prepared_project() -> None:
    building.prepare(building.DBT_PROJECT_DIR)


@pytest.fixture(scope="session")
def raw_template(postgres: EmbeddedPostgres, prepared_project: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with the raw tables as loads make them, built once while there was no client.

    Tests write no bookkeeping and leave out figures that are zero, so both have defaults; windows are fixed, so that
    days worked out by hand stay right when a platform's rule changes.
    """
    name = "raw_tables_template"
    with connect(postgres.url("postgres"), autocommit=True) as admin, admin.cursor() as cursor:
        cursor.execute(f"create database {name} template {MIGRATED}")
    with connect(postgres.url(name)) as connection:
        ensure_raw_tables(connection)
        with transaction(connection) as cursor:
            for platform in PLATFORMS.values():
                for table in platform.definition.tables:
                    defaults = {"_version": "1", "_valid_from": "now()", "_run_id": "'test'"}
                    defaults |= {column.name: "0" for column in table.columns if column.absent == "0"}
                    changes = ", ".join(
                        f"alter column {column} set default {value}" for column, value in defaults.items()
                    )
                    cursor.execute(f"alter table if exists {platform.definition.raw_schema}.{table.table} {changes}")
            cursor.execute(
                "update ops.platform_rule set restatement_days = fixed.days from (values ('meta_ads', 28), "
                "('google_ads', 30), ('tiktok_ads', 29), ('linkedin_ads', 31), ('instagram', 3)) "
                "as fixed (platform, days) where fixed.platform = platform_rule.platform"
            )
        # Eighty views need then not be made in every test.
        built = Warehouse(postgres.url(name), connection, tmp_path_factory.mktemp("template"))
        built.run("insert into ops.clock values (true, %s)", NOW)
        built.build()
        built.run("truncate ops.clock")
    return name


@pytest.fixture
def warehouse_url(postgres: EmbeddedPostgres, raw_template: str) -> Iterator[str]:
    """URL of a fresh warehouse with empty raw tables, dropped at the end of the test."""
    with database_copy(postgres.url("postgres"), f"transforms_{next(_serial)}", raw_template) as url:
        yield url


@pytest.fixture
def warehouse(warehouse_url: str, tmp_path: Path) -> Iterator[Warehouse]:
    with connect(warehouse_url) as connection:
        with transaction(connection) as cursor:
            cursor.execute("insert into ops.clock values (true, %s)", (NOW,))
        yield Warehouse(warehouse_url, connection, tmp_path / "dbt")


@pytest.fixture
def two_clients(warehouse: Warehouse) -> Warehouse:
    """acme (BRL): a Meta account in BRL and a Google account in USD. globex (EUR): Meta accounts in EUR and ARS.

    10 November is a Tuesday with rates; the Google account has a search and a Performance Max campaign.
    """
    day, meta, google = date(2026, 11, 10), "raw_meta_ads", "raw_google_ads"
    warehouse.client("acme", "BRL")
    warehouse.client("globex", "EUR")
    warehouse.account("acme", "meta_ads", "101", "BRL")
    warehouse.account("acme", "google_ads", "201", "USD")
    warehouse.account("globex", "meta_ads", "301", "EUR")
    warehouse.account("globex", "meta_ads", "302", "ARS")
    for currency, units in (("BRL", "6.20"), ("USD", "1.25")):
        warehouse.run("insert into raw_fx.rate values (%s, %s, %s, 'ECB', %s)", day, currency, units, NOW)

    purchases = [
        {"action_type": "link_click", "value": "9"},
        {"action_type": "offsite_conversion.fb_pixel_purchase", "value": "3"},
        {"action_type": "omni_purchase", "value": "4"},
        {"action_type": "purchase", "value": "3"},
        {"action_type": "onsite_conversion.lead_grouped", "value": "2"},
    ]
    values = [{"action_type": "purchase", "value": "120.55"}, {"action_type": "omni_purchase", "value": "150.10"}]
    figures = {"account_currency": "BRL", "actions": purchases, "action_values": values}
    warehouse.insert(
        f"{meta}.ad_daily", account_id="101", date_day=day, campaign_id="c1", adset_id="s1", ad_id="a1",
        impressions=1000, clicks=40, inline_link_clicks=30, spend="12.34", **figures,
    )  # fmt: skip
    warehouse.insert(
        f"{meta}.ad_daily", account_id="101", date_day=day, campaign_id="c1", adset_id="s1", ad_id="a2",
        account_currency="BRL", impressions=500, clicks=10, inline_link_clicks=0, spend="7.66",
    )  # fmt: skip
    warehouse.insert(
        f"{meta}.campaign_daily", account_id="101", date_day=day, campaign_id="c1",
        impressions=1500, clicks=50, inline_link_clicks=30, spend="20.00", **figures,
    )  # fmt: skip
    warehouse.insert(
        f"{meta}.campaigns",
        account_id="101",
        campaign_id="c1",
        name="Spring",
        objective="OUTCOME_SALES",
        effective_status="ACTIVE",
    )
    warehouse.insert(
        f"{meta}.ad_sets", account_id="101", campaign_id="c1", adset_id="s1", name="Broad", effective_status="ACTIVE"
    )
    warehouse.insert(
        f"{meta}.ads",
        account_id="101",
        campaign_id="c1",
        adset_id="s1",
        ad_id="a1",
        name="Video",
        effective_status="PAUSED",
    )
    for account_id, currency, spend in (("301", "EUR", "5.00"), ("302", "ARS", "900.00")):
        shape = {"account_id": account_id, "date_day": day, "campaign_id": "m", "account_currency": currency,
                 "impressions": 100, "clicks": 2, "inline_link_clicks": 1, "spend": spend}  # fmt: skip
        warehouse.insert(f"{meta}.ad_daily", adset_id="s", ad_id="a", **shape)
        warehouse.insert(f"{meta}.campaign_daily", **shape)

    warehouse.insert(
        f"{google}.ad_daily", account_id="201", date_day=day, campaign_id="g1", ad_group_id="ag", ad_id="1",
        impressions=200, clicks=10, cost_micros=3_000_001, conversions="1.5", conversions_value="80",
    )  # fmt: skip
    for campaign_id, channel, cost, impressions, clicks in (
        ("g1", "SEARCH", 3_000_001, 200, 10), ("pmax", "PERFORMANCE_MAX", 2_000_000, 70, 4),
    ):  # fmt: skip
        warehouse.insert(
            f"{google}.campaign_daily", account_id="201", date_day=day, campaign_id=campaign_id,
            advertising_channel_type=channel, impressions=impressions, clicks=clicks, cost_micros=cost,
            conversions="1.5", conversions_value="80",
        )  # fmt: skip
    for platform, account_id in (("meta_ads", "101"), ("google_ads", "201"), ("meta_ads", "301"), ("meta_ads", "302")):
        warehouse.proved(platform, account_id, day)
    return warehouse


@pytest.fixture
def snapshot(warehouse: Warehouse) -> Callable[[], dict[str, list[tuple[Any, ...]]]]:
    """All rows of all published tables, sorted."""

    def read() -> dict[str, list[tuple[Any, ...]]]:
        tables = warehouse.rows(
            "select relname from pg_class where relnamespace = 'analytics'::regnamespace and relkind = 'r'"
        )
        return {
            table: warehouse.rows(f"select row.*::text from analytics.{table} as row order by 1") for (table,) in tables
        }

    return read
