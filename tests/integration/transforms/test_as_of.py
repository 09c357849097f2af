"""What stood in analytics at any moment, and what readers learn of changes and of days that are not final."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest

from foundation.database import connect
from transforms import analytics_tables, building, reports
from transforms.versions import ACCOUNT_DAY_TABLES

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
AT = "select ad_id, spend::float from analytics.ad_performance_at(%s) where account_id = '101' order by 1"
STANDING = (
    "select ad_id, spend::float, published_at from analytics.fct_ad_performance_daily "
    "where account_id = '101' order by 1"
)
KEPT = "select count(*) from analytics.fct_ad_performance_history"


def publish_anew(warehouse, version, at, *changes):
    """Account 101 as if it had been built anew: with these changes in the build, under another version."""
    for change in changes:
        warehouse.run(change)
    for table in ACCOUNT_DAY_TABLES:
        warehouse.run(f"update analytics_build.{table} set version = %s where account_id = '101'", version)
    warehouse.run("update ops.account_day set version = %s where account_id = '101'", version)
    warehouse.judge(now=at)
    assert warehouse.publish(now=at).account_days == 1


def spends(ad, campaign):
    return (
        f"update analytics_build.fct_ad_performance_daily set spend = {ad} where ad_id = 'a1'",
        f"update analytics_build.fct_campaign_performance_daily set spend = {campaign} where campaign_id = 'c1'",
    )


def test_every_moment_is_answered_through_restatements_returns_and_a_clock_that_jumps_back(two_clients, tmp_path):
    """a1 costs 12.34, 13, 12.34 again, 14 and 15; a2 costs 7.66, vanishes and comes back."""
    first = two_clients.now
    two_clients.build_and_publish()
    assert two_clients.rows(STANDING) == [("a1", 12.34, first), ("a2", 7.66, first)]

    unchanged = first + timedelta(hours=1)
    publish_anew(two_clients, "v2", unchanged)
    assert two_clients.rows(STANDING) == [("a1", 12.34, first), ("a2", 7.66, first)]
    assert two_clients.value(KEPT) == 0
    versions = "select distinct version from analytics.fct_ad_performance_daily where account_id = '101'"
    assert two_clients.rows(versions) == [("v2",)]

    restated = first + timedelta(days=1)
    two_clients.run("create table a2 as select * from analytics_build.fct_ad_performance_daily where ad_id = 'a2'")
    vanish = "delete from analytics_build.fct_ad_performance_daily where ad_id = 'a2'"
    publish_anew(two_clients, "v3", restated, *spends("13", "13"), vanish)
    back = restated + timedelta(seconds=30)
    publish_anew(two_clients, "v4", back, *spends("12.34", "12.34"))
    returned = first + timedelta(days=2)
    come = "insert into analytics_build.fct_ad_performance_daily select * from a2"
    publish_anew(two_clients, "v5", returned, *spends("12.34", "20"), come)
    # The clock jumps back by a day, twice: what it publishes stands from the last publication on.
    publish_anew(two_clients, "v6", restated, *spends("14", "21.66"))
    publish_anew(two_clients, "v7", restated, *spends("15", "22.66"))

    instant = timedelta(microseconds=1)
    for moment, expected in (
        (first - instant, []),
        (first, [("a1", 12.34), ("a2", 7.66)]),
        (unchanged, [("a1", 12.34), ("a2", 7.66)]),
        (restated - instant, [("a1", 12.34), ("a2", 7.66)]),
        (restated, [("a1", 13)]),
        (back - instant, [("a1", 13)]),
        (back, [("a1", 12.34)]),
        (returned - instant, [("a1", 12.34)]),
        (returned, [("a1", 15), ("a2", 7.66)]),
        (returned + timedelta(days=365), [("a1", 15), ("a2", 7.66)]),
    ):
        assert two_clients.rows(AT, moment) == expected, moment
    # 12.34 until it was restated, a2 until it vanished, 13, 12.34 again, and 14, which stood for no time at all.
    assert two_clients.value(KEPT) == 5
    day_spans = two_clients.rows(
        "select published_at, superseded_at from ops.published_day where account_id = '101' order by publication_id"
    )
    assert day_spans[-3:] == [(returned, returned), (returned, returned), (returned, None)]

    reports.ensure_report_views(two_clients.url, target_dir=tmp_path / "reports", now=two_clients.now)
    assert two_clients.rows(
        "select campaign_id, old_value::float, new_value::float, difference::float, share::float, published_at, "
        "age_days, after_window from analytics.fct_campaign_restatement where metric = 'spend' order by published_at"
    ) == [
        ("c1", 20, 13, -7, -0.35, restated, 11, False),
        ("c1", 13, 12.34, -0.66, -0.050769, back, 11, False),
        ("c1", 12.34, 22.66, 10.32, 0.836305, returned, 12, False),
    ]


def test_rows_that_stood_there_before_have_the_moment_of_their_days_publication(two_clients):
    two_clients.build_and_publish()
    later = two_clients.now + timedelta(days=1)
    publish_anew(two_clients, "v2", later)
    two_clients.run("drop view analytics.fct_ad_performance_as_of cascade")
    two_clients.run("drop table analytics.fct_ad_performance_history")
    two_clients.run("alter table analytics.fct_ad_performance_daily drop column published_at")

    publish_anew(two_clients, "v3", later + timedelta(days=1), *spends("13", "20.66"))
    assert two_clients.rows(STANDING) == [("a1", 13, later + timedelta(days=1)), ("a2", 7.66, later)]
    assert two_clients.rows(AT, later) == [("a1", 12.34), ("a2", 7.66)]


def test_a_column_that_comes_later_is_null_in_older_rows_and_readers_read_all_of_it(two_clients):
    two_clients.build_and_publish()
    restated = two_clients.now + timedelta(days=1)
    publish_anew(two_clients, "v2", restated, *spends("13", "20.66"))
    manifest = building.prepared_manifest(building.DBT_PROJECT_DIR)
    columns = manifest["nodes"]["model.marketing_data_platform.fct_ad_performance_daily"]["columns"]
    columns["video_plays"] = {"name": "video_plays", "data_type": "bigint", "description": "Plays."}
    tables = analytics_tables.published_tables(manifest)

    assert analytics_tables.ensure_analytics_tables(two_clients.connection, tables) == (
        "fct_ad_performance_daily.video_plays", "fct_ad_performance_history.video_plays", "fct_ad_performance_as_of",
    )  # fmt: skip
    assert analytics_tables.ensure_analytics_tables(two_clients.connection, tables) == ()
    with connect(two_clients.url) as connection, connection.cursor() as cursor:
        cursor.execute("set role mdp_reader")
        cursor.execute("select spend::float, video_plays from analytics.ad_performance_at(%s) where ad_id = 'a1'",
                       (two_clients.now,))  # fmt: skip
        assert cursor.fetchall() == [(12.34, None)]
        cursor.execute("select count(*) from analytics.campaign_performance_at(%s)", (restated,))
        assert cursor.fetchone() == (5,)


def test_a_reader_sees_a_past_moment_alike_before_and_after_a_publication(two_clients):
    two_clients.build_and_publish()
    restated = two_clients.now + timedelta(days=1)
    past = "select ad_id, spend::float from analytics.ad_performance_at(%s) where account_id = '101' order by 1"
    with connect(two_clients.url) as steady, steady.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(past, (restated,))
        before = cursor.fetchall()
        publish_anew(two_clients, "v2", restated, *spends("13", "20.66"))
        cursor.execute(past, (restated,))
        assert cursor.fetchall() == before == [("a1", 12.34), ("a2", 7.66)]
    assert two_clients.rows(past, two_clients.now) == before
    assert two_clients.rows(past, restated) == [("a1", 13), ("a2", 7.66)]


def test_a_day_is_final_when_its_date_begins_in_the_accounts_own_zone(warehouse):
    """Midnight in São Paulo is 03:00 UTC."""
    is_final = "select analytics.is_final('2026-11-10', 'America/Sao_Paulo', %s)"
    assert warehouse.value(is_final, datetime(2026, 11, 10, 2, 59, tzinfo=UTC)) is False
    assert warehouse.value(is_final, datetime(2026, 11, 10, 3, 0, tzinfo=UTC)) is True
    warehouse.run("update ops.clock set now_at = '2026-11-10 02:59+00'")
    assert warehouse.value("select analytics.is_final('2026-11-10', 'America/Sao_Paulo')") is False
    assert warehouse.value("select analytics.is_final('2026-11-10', 'UTC')") is True


# 25 days that showed 80 of 100 a day later, and one that is a day old and shows 40. Spend is complete at once.
FINAL_DAYS = """
insert into analytics.fct_campaign_performance_history (client_id, platform, account_id, campaign_id, date_day,
    account_timezone, finalizes_on, spend, conversions, conversions_value, published_at, superseded_at)
select 'acme', 'meta_ads', '101', 'c1', day::date, 'UTC', day::date + 28, 10, 80, 800,
    day + interval '36 hours', day + interval '60 hours'
from generate_series(timestamp '2026-09-01', '2026-09-25', '1 day') as day;
insert into analytics.fct_campaign_performance_daily (client_id, platform, account_id, campaign_id, date_day,
    account_timezone, finalizes_on, reporting_currency, fx_rate, spend, conversions, conversions_value, published_at)
select 'acme', 'meta_ads', '101', 'c1', day::date, 'UTC', day::date + 28, 'EUR', 0.5, 10, 100, 1000,
    day + interval '60 hours'
from generate_series(timestamp '2026-09-01', '2026-09-25', '1 day') as day
union all select 'acme', 'meta_ads', '101', 'c1', '2026-11-19', 'UTC', '2026-12-17', 'EUR', 0.5, 10, 40, 400,
    '2026-11-20 12:00+00';
insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts)
values ('run', now(), 0, 0, '{}');
insert into ops.published_day (client_id, platform, account_id, date_day, version, published_at, publication_id)
select 'acme', 'meta_ads', '101', date_day, 'v', date_day + interval '36 hours', publication_id
from analytics.fct_campaign_performance_daily, ops.publication;
insert into ops.account_day (client_id, platform, account_id, date_day, version, content_hash, account_currency,
    account_timezone, reporting_currency, finalizes_on, read_at, verified_at, versioned_at)
select 'acme', 'meta_ads', '101', date_day, 'v', 'c', 'BRL', 'UTC', 'EUR', finalizes_on,
    least(finalizes_on, '2026-11-20 12:00+00'), least(finalizes_on, '2026-11-20 12:00+00'), now()
from analytics.fct_campaign_performance_daily
"""


def test_readers_learn_what_is_not_final_yet_what_it_will_come_to_and_what_platforms_changed(warehouse, tmp_path):
    tables = analytics_tables.published_tables(building.prepared_manifest(building.DBT_PROJECT_DIR))
    analytics_tables.ensure_analytics_tables(warehouse.connection, tables)
    reports.ensure_report_views(warehouse.url, target_dir=tmp_path / "reports", now=warehouse.now)
    warehouse.client("acme", "EUR")
    warehouse.account("acme", "meta_ads", "101", "BRL")
    warehouse.run(FINAL_DAYS)
    for report in ("account_daily", "campaign_daily", "ad_daily"):
        warehouse.insert(
            "ops.restatement", platform="meta_ads", account_id="101", report=report, date_day=DAY, metric="spend",
            old_value=8, new_value=10, old_version=1, new_version=2, detected_at=warehouse.now, run_id="run",
        )  # fmt: skip

    with connect(warehouse.url) as connection, connection.cursor() as cursor:
        cursor.execute("set role mdp_reader")
        cursor.execute(
            "select metric, age_days, median_share::float, final_days from analytics.conversion_maturation "
            "where basis = 'client' and age_days in (0, 1, 2, 27) order by 1, 2"
        )
        assert cursor.fetchall() == [
            ("conversions", 1, 0.8, 25), ("conversions", 2, 1, 25), ("conversions", 27, 1, 25),
            ("conversions_value", 1, 0.8, 25), ("conversions_value", 2, 1, 25), ("conversions_value", 27, 1, 25),
            ("spend", 1, 1, 25), ("spend", 2, 1, 25), ("spend", 27, 1, 25),
        ]  # fmt: skip
        cursor.execute(
            "select date_day, metric, currency, provisional::float, expected_final::float, low::float, high::float, "
            "age_days, basis, reason from analytics.expected_final_daily order by metric"
        )
        day = date(2026, 11, 19)
        untold = "an account has no FX rate or does not tell this figure on this day"
        assert cursor.fetchall() == [
            (day, "conversions", None, 40, 50, 50, 50, 1, "client", None),
            (day, "conversions_value", "EUR", 200, 250, 250, 250, 1, "client", None),
            (day, "leads", None, None, None, None, None, 1, None, untold),
            (day, "purchases", None, None, None, None, None, 1, None, untold),
            (day, "purchases_value", "EUR", None, None, None, None, 1, None, untold),
            (day, "spend", "EUR", 5, 5, 5, 5, 1, "client", None),
        ]
        cursor.execute("select * from analytics.fct_restatement")
        assert cursor.fetchall() == [
            ("acme", "meta_ads", "101", DAY, "spend", 8, 10, 2, Decimal("0.25"), warehouse.now, 10, False, False, None)
        ]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("select 1 from ops.restatement")
