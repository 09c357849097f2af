"""When a version moves, which rate it takes, and what a build then works on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from transforms import building
from transforms.versions import open_build

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
VERSIONS = "select account_id, version from ops.account_day order by account_id"


def moved(warehouse, before):
    return {account for account, version in warehouse.rows(VERSIONS) if dict(before)[account] != version}


def test_a_version_moves_only_with_content_rate_registry_window_or_model(two_clients):
    later = two_clients.now + timedelta(hours=1)
    assert two_clients.version_days() == 4
    before = two_clients.rows(VERSIONS)

    assert two_clients.version_days(now=later) == 0
    two_clients.proved("meta_ads", "101", DAY, at=later)
    assert two_clients.version_days(now=later) == 0
    seen = "select verified_at, versioned_at from ops.account_day where account_id = '101'"
    assert two_clients.rows(seen) == [(later, two_clients.now)]

    two_clients.proved("meta_ads", "101", DAY, "restated", at=later)
    assert two_clients.version_days(now=later) == 1
    assert moved(two_clients, before) == {"101"}
    assert two_clients.rows(seen) == [(later, later)]

    before = two_clients.rows(VERSIONS)
    two_clients.run("update raw_fx.rate set units_per_eur = 1.26 where currency = 'USD'")
    assert two_clients.version_days() == 1
    assert moved(two_clients, before) == {"201"}

    before = two_clients.rows(VERSIONS)
    two_clients.run("update raw_registry.account set content_hash = 'other' where account_id = '302'")
    two_clients.run("update ops.platform_rule set restatement_days = 31 where platform = 'google_ads'")
    assert two_clients.version_days() == 2
    assert moved(two_clients, before) == {"201", "302"}
    assert two_clients.version_days(model_hash="another model") == 4


def test_a_day_becomes_final_after_its_platforms_window_or_after_the_clients_own(warehouse):
    warehouse.client("acme", "EUR")
    warehouse.account("acme", "tiktok_ads", "1", "EUR")
    warehouse.account("acme", "tiktok_ads", "2", "EUR", restatement_days=90)
    for account_id in ("1", "2"):
        warehouse.proved("tiktok_ads", account_id, DAY)
    warehouse.version_days()

    final = "select account_id, finalizes_on from ops.account_day order by account_id"
    assert warehouse.rows(final) == [("1", date(2026, 12, 9)), ("2", date(2027, 2, 8))]


def test_the_rate_is_the_last_common_ecb_day_and_at_most_five_days_old(warehouse):
    warehouse.client("acme", "BRL")
    for account_id, currency in (("1", "USD"), ("2", "EUR"), ("3", "BRL")):
        warehouse.account("acme", "meta_ads", account_id, currency)
    # Friday has both, Monday the 9th only the dollar.
    for day, currency, units in ((6, "BRL", "6.00"), (6, "USD", "1.20"), (9, "USD", "1.30")):
        warehouse.run("insert into raw_fx.rate values (%s, %s, %s, 'ECB', now())", date(2026, 11, day), currency, units)
    for day in (5, 6, 8, 9, 11, 12):
        for account_id in ("1", "2", "3"):
            warehouse.proved("meta_ads", account_id, date(2026, 11, day))
    warehouse.version_days()

    friday = date(2026, 11, 6)
    rates = (
        "select extract(day from date_day)::int, fx_rate, fx_rate_date, fx_reason from ops.account_day "
        "where account_id = %s order by 1"
    )
    assert warehouse.rows(rates, "1") == [
        (5, None, None, "no ECB rate for BRL and USD within 5 days before 2026-11-05"),
        (6, Decimal(5), friday, None),
        (8, Decimal(5), friday, None),
        (9, Decimal(5), friday, None),
        (11, Decimal(5), friday, None),
        (12, None, None, "no ECB rate for BRL within 5 days before 2026-11-12"),
    ]
    assert [row[:2] for row in warehouse.rows(rates, "2")] == [
        (5, None), (6, Decimal(6)), (8, Decimal(6)), (9, Decimal(6)), (11, Decimal(6)), (12, None),
    ]  # fmt: skip
    assert {row[1] for row in warehouse.rows(rates, "3")} == {Decimal(1)}


def test_a_day_needs_every_required_report_and_a_client_that_owns_the_account_then(warehouse):
    warehouse.client("first", "EUR")
    warehouse.client("second", "EUR")
    warehouse.account("first", "meta_ads", "1", "EUR")
    warehouse.run("update raw_registry.account set active_to = '2026-11-10'")
    warehouse.run(
        "insert into raw_registry.account select 'second', platform, account_id, name, currency, timezone, credential, "
        "login_customer_id, '2026-11-11', null, 'second', loaded_at from raw_registry.account"
    )
    for day in (9, 10, 11, 12):
        warehouse.proved("meta_ads", "1", date(2026, 11, day))
    warehouse.run("delete from ops.load_ledger where report = 'account_daily' and date_day = '2026-11-12'")
    owners = "select client_id, extract(day from date_day)::int from ops.account_day order by 2, 1"

    warehouse.version_days()
    assert warehouse.rows(owners) == [("first", 9), ("first", 10), ("second", 11)]

    warehouse.run("update raw_registry.account set active_to = '2026-11-09' where client_id = 'first'")
    warehouse.run("update raw_registry.account set active_from = '2026-11-10' where client_id = 'second'")
    warehouse.version_days()
    assert warehouse.rows(owners) == [("first", 9), ("second", 10), ("second", 11)]


def test_a_build_that_died_leaves_its_days_pending_whatever_version_comes_next(two_clients):
    two_clients.build(model_hash="a")
    two_clients.version_days(model_hash="b")
    assert open_build(two_clients.connection, build_id="dies", now=two_clients.now).account_days == 4

    # The model is taken back before anyone built it: the tables may be half of model b all the same.
    two_clients.version_days(model_hash="a")
    pending = open_build(two_clients.connection, build_id="next", now=two_clients.now)

    assert (pending.account_days, pending.full_refresh) == (4, True)
    assert two_clients.rows("select distinct build_id from ops.pending_account_day") == [("next",)]


def test_only_what_is_neither_built_nor_published_at_its_version_is_pending(two_clients):
    two_clients.build()
    assert open_build(two_clients.connection, build_id="unpublished", now=two_clients.now).account_days == 4
    two_clients.build()
    two_clients.judge(held=("302",))
    two_clients.publish()
    assert open_build(two_clients.connection, build_id="held", now=two_clients.now).account_days == 1
    assert two_clients.rows("select account_id, build_id from ops.pending_account_day") == [("302", "held")]


def test_faults_in_raw_rows_are_stored_with_the_account_days_they_spoil(two_clients):
    two_clients.run("update raw_meta_ads.ad_daily set impressions = 90 where account_id = '301'")
    two_clients.run("update raw_meta_ads.campaign_daily set spend = -1 where account_id = '302'")
    two_clients.build()

    failures = {
        table: two_clients.rows(f"select client_id, platform, account_id, date_day from analytics_build.{table}")
        for (table,) in two_clients.rows(
            "select relname from pg_class where relnamespace = 'analytics_build'::regnamespace and relkind = 'r' "
            "and not relname ~ '^(fct_|dim_|int_|account_day_built|conversion_defaults|countries)'"
        )
    }
    nodes = building.prepared_manifest(building.DBT_PROJECT_DIR)["nodes"].values()
    informing = {node["alias"] for node in nodes if "warning" in node["tags"]}
    assert {table: rows for table, rows in failures.items() if rows and table not in informing} == {
        "ads_add_up_to_their_campaign": [("globex", "meta_ads", "301", DAY)],
        "campaign_day_figures_are_not_negative": [("globex", "meta_ads", "302", DAY)],
    }
    assert set(failures) == {node["alias"] for node in nodes if node["resource_type"] == "test"}
