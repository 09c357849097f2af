"""What becomes of Meta's rows in the warehouse: conversions by window as a view, and budgets of the first version."""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import foundation.migrations
from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from ingestion.loading.tables import ensure_raw_tables
from tests.integration.ingestion.conftest import MakeDatabase

pytestmark = pytest.mark.integration

ACTIONS = [
    {"action_type": "omni_purchase", "value": "3", "1d_click": "1", "7d_click": "2", "28d_click": "2", "1d_view": "1"},
    {"action_type": "purchase", "value": "3", "7d_click": "2"},
    {"action_type": "link_click", "value": "9", "action_destination": "104"},
]
VALUES = [
    {"action_type": "omni_purchase", "value": "149.70", "7d_click": "99.80"},
    {"action_type": "offsite_conversion.custom.7", "value": "0.000001"},
]


def test_an_ad_day_has_a_row_for_each_action_and_window(make_database: MakeDatabase) -> None:
    with connect(make_database(None), autocommit=True) as connection, connection.cursor() as cursor:
        ensure_raw_tables(connection)
        for ad_id, actions, values in (("1", ACTIONS, VALUES), ("2", None, None)):
            cursor.execute(
                """insert into raw_meta_ads.ad_daily (account_id, date_day, ad_id, campaign_id, adset_id,
                    attribution_setting, account_currency, actions, action_values, _version, _valid_from, _run_id)
                values ('7', '2026-11-21', %s, '5', '6', '7d_click_1d_view', 'EUR', %s, %s, 1, now(), 'run')""",
                (ad_id, *(orjson.dumps(each).decode() if each else None for each in (actions, values))),
            )
        cursor.execute("select * from raw_meta_ads.ad_conversions_daily order by action_type, attribution_window")
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    shared = {
        "account_id": "7", "date_day": date(2026, 11, 21), "ad_id": "1", "campaign_id": "5", "adset_id": "6",
        "attribution_setting": "7d_click_1d_view", "account_currency": "EUR",
    }  # fmt: skip
    assert all(row.items() >= shared.items() for row in rows)
    assert [
        (row["action_type"], row["attribution_window"], row["conversions"], row["conversion_value"]) for row in rows
    ] == [
        ("link_click", "setting", Decimal(9), Decimal(0)),
        ("offsite_conversion.custom.7", "setting", Decimal(0), Decimal("0.000001")),
        ("omni_purchase", "1d_click", Decimal(1), Decimal(0)),
        ("omni_purchase", "1d_view", Decimal(1), Decimal(0)),
        ("omni_purchase", "28d_click", Decimal(2), Decimal(0)),
        ("omni_purchase", "7d_click", Decimal(2), Decimal("99.80")),
        ("omni_purchase", "setting", Decimal(3), Decimal("149.70")),
        ("purchase", "7d_click", Decimal(2), Decimal(0)),
        ("purchase", "setting", Decimal(3), Decimal(0)),
    ]


def _as_first_released(url: str) -> None:
    """The schema of version 0.1.0 with campaigns as it kept them."""
    config = Config()
    config.set_main_option("script_location", foundation.migrations.__path__[0])
    config.set_main_option("path_separator", "os")
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as engine_connection:
        config.attributes["connection"] = engine_connection
        command.upgrade(config, "0001")
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("create table raw_meta_ads.accounts (account_id text, currency text)")
        cursor.execute("insert into raw_meta_ads.accounts values ('1', 'EUR'), ('2', 'CLP')")
        for name in ("campaigns", "campaigns_history"):
            cursor.execute(
                f"""create table raw_meta_ads.{name} (account_id text, campaign_id text, daily_budget text,
                    lifetime_budget text, start_time text, stop_time text)"""
            )
            cursor.execute(
                f"""insert into raw_meta_ads.{name} values
                ('1', '11', '1250', '0', '2026-11-01T09:00:00-0300', null),
                ('2', '21', '1250', null, null, '2026-11-02T00:00:00-0300')"""
            )


@pytest.mark.parametrize("name", ["campaigns", "campaigns_history"])
def test_budgets_of_the_first_version_become_major_units(postgres: EmbeddedPostgres, name: str) -> None:
    admin = postgres.url("postgres")
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create database released_{name}")
    url = with_database(admin, f"released_{name}")
    _as_first_released(url)
    migrate(url)
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"""select campaign_id, daily_budget, lifetime_budget, start_time = '2026-11-01 12:00:00+00',
                stop_time = '2026-11-02 03:00:00+00'
            from raw_meta_ads.{name} order by campaign_id"""
        )
        assert cursor.fetchall() == [
            ("11", Decimal("12.5"), None, True, None),
            ("21", Decimal(1250), None, None, True),
        ]
