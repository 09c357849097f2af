"""What moves to analytics, what stays, and what a reader may see meanwhile."""

from datetime import date, timedelta

import pytest

from foundation.database import connect, transaction
from transforms import analytics_tables, building, reports

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
SPEND = "select account_id, sum(spend)::float from analytics.fct_campaign_performance_daily group by 1 order by 1"
REPORT = (
    "select client_id, platform, impressions, link_clicks, spend_reporting::float, "
    "conversions_value_reporting::float, accounts_expected, accounts_current, is_final "
    "from analytics.client_performance_daily where date_day = %s order by 1, 2"
)


def restate(warehouse, account_id, spend, content):
    for table in ("ad_daily", "campaign_daily"):
        warehouse.run(f"update raw_meta_ads.{table} set spend = %s where account_id = %s", spend, account_id)
    warehouse.proved("meta_ads", account_id, DAY, content)


def test_certified_days_are_published_held_ones_keep_their_last_version_and_history_is_written(two_clients, snapshot):
    two_clients.build()
    two_clients.judge(held=("301",))
    first = two_clients.publish()

    assert (first.account_days, first.held, first.refused, first.since, first.until) == (3, 1, 0, DAY, DAY)
    assert two_clients.rows(SPEND) == [("101", 20.0), ("201", 5.000001), ("302", 900.0)]
    assert two_clients.rows("select account_id from analytics.dim_account order by 1") == [
        ("101",),
        ("201",),
        ("301",),
        ("302",),
    ]
    assert two_clients.rows("select client_id from analytics.dim_client order by 1") == [("acme",), ("globex",)]

    again = two_clients.publish()
    assert (again.account_days, again.publication_id) == (0, None)
    assert not any(again.row_counts.values())

    # The next day 101 is restated and held, 301 is released with a new figure.
    next_day = two_clients.now + timedelta(days=1)
    restate(two_clients, "101", "77.00", "restated")
    restate(two_clients, "301", "6.00", "corrected")
    two_clients.run("update raw_meta_ads.campaigns set name = 'Renamed' where account_id = '101'")
    two_clients.build(now=next_day)
    two_clients.judge(held=("101",))
    second = two_clients.publish(now=next_day)

    assert (second.account_days, second.held) == (1, 1)
    assert two_clients.rows(SPEND) == [("101", 20.0), ("201", 5.000001), ("301", 6.0), ("302", 900.0)]
    assert two_clients.rows("select campaign_name from analytics.dim_campaign where account_id = '101'") == [
        ("Spring",)
    ]

    # The day after, 101 is released: the day's history tells what stood there on any date.
    third_day = two_clients.now + timedelta(days=2)
    two_clients.judge()
    two_clients.publish(now=third_day)
    assert two_clients.rows(SPEND)[0] == ("101", 77.0)
    assert two_clients.rows("select campaign_name from analytics.dim_campaign where account_id = '101'") == [
        ("Renamed",)
    ]
    history = two_clients.rows(
        "select published_at, superseded_at from ops.published_day where account_id = '101' order by published_at"
    )
    assert history == [(two_clients.now, third_day), (third_day, None)]
    assert two_clients.rows("select account_days, held_account_days from ops.publication order by publication_id") == [
        (3, 1),
        (1, 1),
        (1, 0),
    ]

    # Nothing original lives in the build schema.
    published = snapshot()
    two_clients.run("drop schema analytics_build cascade")
    assert two_clients.build(now=third_day).account_days == 4
    two_clients.judge()
    assert two_clients.publish(now=third_day).account_days == 0
    assert snapshot() == published


def test_an_uncertified_or_outdated_version_is_refused(two_clients):
    two_clients.build()
    two_clients.judge(uncertified=("ad_clicks",))
    missing_metric = two_clients.publish()
    assert (missing_metric.account_days, missing_metric.refused) == (0, 4)

    two_clients.judge()
    restate(two_clients, "101", "99.00", "restated")
    two_clients.build()
    outdated = two_clients.publish()
    assert (outdated.account_days, outdated.refused) == (3, 1)
    assert [row[0] for row in two_clients.rows(SPEND)] == ["201", "301", "302"]

    # A fact row of another version than the built one is a half-built day.
    two_clients.judge()
    two_clients.run("update analytics_build.fct_ad_performance_daily set version = 'older' where account_id = '101'")
    assert two_clients.publish().refused == 1


def test_a_client_report_shows_zero_days_and_counts_the_accounts_that_stand_behind_it(two_clients, tmp_path):
    zero_day, unpublished = DAY + timedelta(days=1), DAY + timedelta(days=2)
    two_clients.proved("meta_ads", "301", zero_day)
    two_clients.proved("meta_ads", "302", zero_day)
    two_clients.build()
    two_clients.judge(held=("101",))
    two_clients.publish()
    defined = reports.ensure_report_views(two_clients.url, target_dir=tmp_path / "reports", now=two_clients.now)

    assert "client_performance_daily" in defined
    assert reports.ensure_report_views(two_clients.url, target_dir=tmp_path / "reports", now=two_clients.now) == ()
    # acme's Meta account is held: its day is absent. One of globex's accounts has no rate: the spend is unknown.
    assert two_clients.rows(REPORT, DAY) == [
        ("acme", "google_ads", 270, None, 24.800005, 793.6, 1, 1, False),
        ("globex", "meta_ads", 200, 2, None, 0.0, 2, 2, False),
    ]
    assert two_clients.rows(REPORT, zero_day) == [("globex", "meta_ads", 0, 0, 0.0, 0.0, 2, 2, False)]
    assert two_clients.rows(REPORT, unpublished) == []
    two_clients.run("update ops.clock set now_at = '2027-02-01'")
    assert [row[-1] for row in two_clients.rows(REPORT, zero_day)] == [True]
    two_clients.run("insert into ops.held_day select client_id, platform, account_id, date_day, version, 'x', now() "
                    "from ops.account_day where account_id = '302'")  # fmt: skip
    assert [row[-3:] for row in two_clients.rows(REPORT, zero_day)] == [(2, 1, False)]


def test_a_client_that_changed_its_currency_gets_no_sum_of_two_currencies(two_clients, tmp_path):
    two_clients.build_and_publish()
    reports.ensure_report_views(two_clients.url, target_dir=tmp_path / "reports", now=two_clients.now)
    two_clients.run("update analytics.dim_client set reporting_currency = 'USD' where client_id = 'acme'")

    figures = (
        "select platform, impressions, spend_reporting, conversions_value_reporting, reporting_currency "
        "from analytics.client_performance_daily where client_id = 'acme' order by platform"
    )
    assert two_clients.rows(figures) == [("google_ads", 270, None, None, "USD"), ("meta_ads", 1500, None, None, "USD")]


def test_a_reader_never_sees_half_of_a_publication(two_clients):
    two_clients.build_and_publish()
    both_levels = (
        "select (select sum(spend) from analytics.fct_ad_performance_daily where account_id = '301'), "
        "(select sum(spend) from analytics.fct_campaign_performance_daily where account_id = '301')"
    )
    restate(two_clients, "301", "8.00", "restated")
    two_clients.build()
    two_clients.judge()
    with connect(two_clients.url) as steady, connect(two_clients.url, autocommit=True) as fresh:
        with steady.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
            cursor.execute(both_levels)
            assert cursor.fetchone() == (5, 5)
        two_clients.publish()
        with steady.cursor() as cursor:
            cursor.execute(both_levels)
            assert cursor.fetchone() == (5, 5)
        with fresh.cursor() as cursor:
            cursor.execute(both_levels)
            assert cursor.fetchone() == (8, 8)


def test_an_added_column_is_altered_in_and_a_changed_type_or_a_removal_is_refused(warehouse):
    manifest = building.prepared_manifest(building.DBT_PROJECT_DIR)
    tables = analytics_tables.published_tables(manifest)
    created = analytics_tables.ensure_analytics_tables(warehouse.connection, tables)
    assert {table.name for table in tables} <= set(created)
    assert analytics_tables.ensure_analytics_tables(warehouse.connection, tables) == ()
    reader = "select has_table_privilege('mdp_reader', 'analytics.fct_ad_performance_daily', 'select')"
    assert warehouse.value(reader)
    comment = "select col_description('analytics.dim_client'::regclass, 1)"
    assert warehouse.value(comment) == "Client (the agency's customer), as named in clients/<client_id>.yaml."

    columns = manifest["nodes"]["model.marketing_data_platform.dim_client"]["columns"]
    columns["segment"] = {"name": "segment", "data_type": "text", "description": "Line of business."}
    wider = analytics_tables.published_tables(manifest)
    assert analytics_tables.ensure_analytics_tables(warehouse.connection, wider) == ("dim_client.segment",)

    with pytest.raises(analytics_tables.ContractChanged, match=r"analytics\.dim_client: column segment .* no longer"):
        analytics_tables.ensure_analytics_tables(warehouse.connection, tables)
    columns["segment"]["data_type"] = "numeric"
    with pytest.raises(analytics_tables.ContractChanged, match="column segment is text in analytics but numeric"):
        analytics_tables.ensure_analytics_tables(warehouse.connection, analytics_tables.published_tables(manifest))


def test_a_new_model_rebuilds_and_republishes_everything_without_changing_a_figure(two_clients, snapshot):
    two_clients.build_and_publish()
    before = two_clients.rows(SPEND)

    pending = two_clients.build(model_hash="another model")
    assert (pending.account_days, pending.full_refresh) == (4, True)
    two_clients.judge()
    assert two_clients.publish().account_days == 4
    assert two_clients.rows(SPEND) == before


def test_figures_of_an_account_that_left_the_registry_stay_published_and_are_counted(two_clients):
    two_clients.build_and_publish()
    two_clients.run("update raw_registry.account set active_to = '2026-11-05' where account_id = '301'")
    two_clients.version_days()

    with transaction(two_clients.connection) as cursor:
        cursor.execute("select count(*) from analytics_build.fct_ad_performance_daily where account_id = '301'")
        assert cursor.fetchone() == (0,)
    summary = two_clients.publish()
    assert summary.kept == 1
    assert ("301", 5.0) in two_clients.rows(SPEND)
