"""Hand-written raw rows against marts computed by hand."""

import re
from datetime import date
from decimal import Decimal

import pytest

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)


def test_marts_hold_what_was_computed_by_hand(two_clients):
    two_clients.build()

    ads = two_clients.rows(
        "select account_id, ad_id, impressions, clicks, link_clicks, spend, conversions, conversions_value, "
        "spend_reporting from analytics_build.fct_ad_performance_daily order by account_id, campaign_id, ad_id"
    )
    # BRL per USD = 6.20 / 1.25 = 4.96.
    assert ads == [
        ("101", "a1", 1000, 40, 30, Decimal("12.34"), Decimal(6), Decimal("150.10"), Decimal("12.34")),
        ("101", "a2", 500, 10, 0, Decimal("7.66"), Decimal(0), Decimal(0), Decimal("7.66")),
        ("201", "1", 200, 10, None, Decimal("3.000001"), Decimal("1.5"), Decimal(80), Decimal("14.880005")),
        ("201", "not-at-ad-level/pmax", 70, 4, None, Decimal(2), Decimal("1.5"), Decimal(80), Decimal("9.92")),
        ("301", "a", 100, 2, 1, Decimal(5), Decimal(0), Decimal(0), Decimal(5)),
        ("302", "a", 100, 2, 1, Decimal(900), Decimal(0), Decimal(0), None),
    ]


def test_a_missing_rate_leaves_converted_figures_empty_and_says_why(two_clients):
    two_clients.version_days()

    rates = two_clients.rows(
        "select account_id, fx_rate, fx_rate_date, fx_source, fx_reason from ops.account_day order by account_id"
    )
    assert rates == [
        ("101", Decimal(1), None, "identity", None),
        ("201", Decimal("4.96"), DAY, "ECB", None),
        ("301", Decimal(1), None, "identity", None),
        ("302", None, None, None, "no ECB rate for ARS within 5 days before 2026-11-10"),
    ]


def test_dimensions_have_a_member_for_every_id_in_the_facts(two_clients):
    two_clients.build()

    assert two_clients.rows(
        "select account_id, campaign_id, campaign_name, status, campaign_type, objective "
        "from analytics_build.dim_campaign order by account_id, campaign_id"
    ) == [
        ("101", "c1", "Spring", "ACTIVE", None, "OUTCOME_SALES"),
        ("201", "g1", None, "unknown", "SEARCH", None),
        ("201", "pmax", None, "unknown", "PERFORMANCE_MAX", None),
        ("301", "m", None, "unknown", None, None),
        ("302", "m", None, "unknown", None, None),
    ]
    assert two_clients.rows(
        "select ad_group_id, ad_id, ad_name, status from analytics_build.dim_ad "
        "where account_id in ('101', '201') order by ad_id"
    ) == [
        ("ag", "1", None, "unknown"),
        ("s1", "a1", "Video", "PAUSED"),
        ("s1", "a2", None, "unknown"),
        ("not-at-ad-level", "not-at-ad-level/pmax", "Not at ad level", "unknown"),
    ]
    assert two_clients.rows(
        "select iso_week, iso_weekday, weekday_name, is_weekend, quarter, week_start from analytics_build.dim_date "
        "where date_day = '2026-11-10'"
    ) == [(46, 2, "Tuesday", False, 4, date(2026, 11, 9))]


def test_a_later_build_replaces_only_the_days_that_changed_and_drops_vanished_rows(two_clients):
    two_clients.build_and_publish()
    two_clients.run("delete from raw_meta_ads.ad_daily where account_id = '101' and ad_id = 'a2'")
    two_clients.run("update raw_meta_ads.campaign_daily set spend = 12.34 where account_id = '101'")
    two_clients.proved("meta_ads", "101", DAY, "restated")
    # Account 301 came back without delivery: its rows vanish and the day stays built.
    two_clients.run("delete from raw_meta_ads.ad_daily where account_id = '301'")
    two_clients.run("delete from raw_meta_ads.campaign_daily where account_id = '301'")
    two_clients.proved("meta_ads", "301", DAY, "nothing")
    untouched = (
        "select xmin::text, ctid::text, ad_id from analytics_build.fct_ad_performance_daily "
        "where account_id = '201' order by ad_id"
    )
    before = two_clients.rows(untouched)

    pending = two_clients.build()

    assert (pending.account_days, pending.full_refresh, pending.since, pending.until) == (2, False, DAY, DAY)
    facts = "select ad_id, spend from analytics_build.fct_ad_performance_daily where account_id in ('101', '301')"
    assert two_clients.rows(facts) == [("a1", Decimal("12.34"))]
    assert two_clients.rows(untouched) == before
    assert two_clients.value("select count(*) from analytics_build.account_day_built where account_id = '301'") == 1


def test_a_build_probes_raw_rows_and_facts_by_index_however_long_the_history_is(two_clients):
    two_clients.build_and_publish()
    two_clients.run(
        "insert into raw_meta_ads.ad_daily (account_id, date_day, ad_id, impressions, clicks, spend) "
        "select account::text, date '2026-11-01' - day, ad::text, 1, 0, 1 "
        "from generate_series(900, 919) as account, generate_series(1, 400) as day, generate_series(1, 5) as ad"
    )
    two_clients.run(
        "insert into analytics_build.fct_ad_performance_daily (client_id, platform, account_id, date_day, ad_id) "
        "select 'old', 'meta_ads', account_id, date_day, ad_id from raw_meta_ads.ad_daily where account_id > '900'"
    )
    two_clients.run("analyze raw_meta_ads.ad_daily, analytics_build.fct_ad_performance_daily")
    two_clients.proved("meta_ads", "101", DAY, "restated")
    assert two_clients.build().account_days == 1

    artifacts = two_clients.target_dir
    fact = next(artifacts.glob("run/**/fct_ad_performance_daily.sql")).read_text(encoding="utf-8")
    grain = next(artifacts.glob("compiled/**/ad_day_grain_is_unique.sql")).read_text(encoding="utf-8")
    statements = {
        "raw rows": "select * from analytics_build.int_ad_days",
        "replaced rows": re.search(r"delete from .*?;", fact, re.DOTALL)[0],
        "tested rows": grain,
    }
    for name, statement in statements.items():
        plan = "\n".join(row[0] for row in two_clients.rows(f"explain {statement}"))
        assert "Index" in plan, name
        assert not re.search("Seq Scan on (ad_daily|fct_ad_performance_daily)", plan), f"{name}:\n{plan}"
