"""Every fact table has its suite: a row that is right passes it, and each planted fault is named by its rule."""

from datetime import date
from typing import Any

import pytest
from build_world import BUILD, DAY, NOW, BuildWorld

from quality.contracts import contracts
from quality.expectations import run_expectations

pytestmark = pytest.mark.integration
# What every row of a fact has beside its ids, where the table has the column.
_RIGHT: dict[str, Any] = {
    "client_id": "acme", "platform": "google_ads", "account_id": "1", "date_day": DAY, "version": "v1",
    "account_currency": "EUR", "reporting_currency": "EUR", "fx_rate": 1, "fx_rate_date": DAY,
    "finalizes_on": date(2026, 4, 2), "spend": 10, "spend_reporting": 10, "conversions_value_reporting": 5,
    "conversions_value": 5, "impressions": 100, "clicks": 7, "conversions": 2, "reach": 60, "video_plays": 9,
}  # fmt: skip
_IDS = {
    "fct_ad_engagement_daily": ("campaign_id", "ad_group_id", "ad_id"),
    "fct_conversions_daily": (
        "campaign_id", "ad_group_id", "ad_id", "conversion_action_id", "attribution_window",
    ),
    "fct_delivery_breakdown_daily": ("campaign_id", "ad_group_id", "breakdown", "value_1", "value_2"),
    "fct_keyword_daily": ("campaign_id", "ad_group_id", "criterion_id"),
    "fct_reach": ("level", "object_id", "period"),
    "fct_search_terms_daily": ("campaign_id", "ad_group_id", "search_term", "match_type"),
}  # fmt: skip
_EVERY = tuple(_IDS)
_WITH_FX = ("fct_delivery_breakdown_daily", "fct_keyword_daily", "fct_search_terms_daily")
_HOLD, _WARN = "hold", "warn"
FAULTS = [
    *((table, "grain_unique", _HOLD, "insert into {table} select * from {table} {at}") for table in _EVERY),
    *((table, "keys_not_null", _HOLD, f"update {{table}} set {_IDS[table][-1]} = null {{at}}") for table in _EVERY),
    *((table, "version_as_built", _HOLD, "update {table} set version = 'v0' {at}") for table in _EVERY),
    *((table, "fx_rate_recent", _HOLD, "update {table} set fx_rate_date = date_day - 6 {at}") for table in _WITH_FX),
    *(
        (table, "fx_rate_present", _WARN, "update {table} set fx_rate = null, spend_reporting = null {at}")
        for table in _WITH_FX
    ),
    *((table, "spend_converted_at_rate", _HOLD, "update {table} set spend_reporting = 11 {at}") for table in _WITH_FX),
    *((table, "metrics_not_null", _HOLD, "update {table} set clicks = null {at}") for table in _WITH_FX),
    *((table, "metrics_not_negative", _WARN, "update {table} set clicks = -1 {at}") for table in _WITH_FX),
    *(
        (table, "currency_of_registry", _HOLD, "update {table} set account_currency = 'BRL' {at}")
        for table in (*_WITH_FX, "fct_ad_engagement_daily", "fct_conversions_daily")
    ),
    ("fct_ad_engagement_daily", "metrics_not_negative", _HOLD, "update {table} set video_plays = -1 {at}"),
    ("fct_conversions_daily", "metrics_not_null", _HOLD, "update {table} set conversions = null {at}"),
    ("fct_conversions_daily", "metrics_not_negative", _HOLD, "update {table} set conversions = -1 {at}"),
    (
        "fct_conversions_daily",
        "value_converted_at_rate",
        _HOLD,
        "update {table} set conversions_value_reporting = null {at}",
    ),
    ("fct_reach", "metrics_not_null", _HOLD, "update {table} set reach = null {at}"),
    ("fct_reach", "metrics_not_negative", _WARN, "update {table} set reach = -1 {at}"),
    ("fct_reach", "reach_above_impressions", _WARN, "update {table} set reach = 101 {at}"),
]


def plant(world: BuildWorld, table: str, account_id: str) -> None:
    """A right row of the account, as its contract wants it."""
    contract = next(each for each in contracts("analytics", prefix="fct_") if each.name == table)
    columns = {column.name for column in contract.table.properties}
    row = {name: value for name, value in _RIGHT.items() if name in columns}
    row |= dict.fromkeys(_IDS[table], "x") | {"account_id": account_id}
    places = ", ".join(["%s"] * len(row))
    world.run(f"insert into analytics_build.{table} ({', '.join(row)}) values ({places})", *row.values())


def test_each_fault_is_named_by_its_rule_on_its_own_account_day_and_nothing_else_is(
    world: BuildWorld, warehouse_url: str
) -> None:
    """One build: every fault has an account of its own, and every table an account without a fault."""
    planted: dict[tuple[str, str], set[str]] = {}
    faults = [*FAULTS, *((table, "", "", "") for table in _EVERY)]
    for number, (table, check, severity, fault) in enumerate(faults):
        account_id = str(number)
        world.account(account_id, platform="google_ads")
        world.account_day(account_id, platform="google_ads")
        plant(world, table, account_id)
        if fault:
            at = f"where account_id = '{account_id}'"
            world.run(fault.format(table=f"analytics_build.{table}", at=at))
            planted.setdefault((f"{table}.{check}", severity), set()).add(account_id)
    outcomes = run_expectations(warehouse_url, build_id=BUILD, now=NOW)
    assert {outcome.name: outcome.detail for outcome in outcomes if outcome.status == "errored"} == {}
    found = {
        (outcome.name, outcome.severity): {day.account_id for day in outcome.failing}
        for outcome in outcomes
        if outcome.status == "failed"
    }
    assert found == planted
    assert {day.date_day for outcome in outcomes for day in outcome.failing} == {DAY}


def test_a_medium_that_is_there_twice_holds_its_account(world: BuildWorld, warehouse_url: str) -> None:
    for account_id in ("1", "2"):
        world.account(account_id, platform="instagram")
        world.instagram_day(account_id)
        world.run(
            "insert into analytics_build.fct_instagram_media (client_id, platform, account_id, media_id, views) "
            "values ('acme', 'instagram', %s, 'm', 10)",
            account_id,
        )
    world.run("insert into analytics_build.fct_instagram_media select * from analytics_build.fct_instagram_media "
              "where account_id = '2'")  # fmt: skip
    failed = [each for each in run_expectations(warehouse_url, build_id=BUILD, now=NOW) if each.status != "passed"]
    assert [(outcome.name, outcome.severity) for outcome in failed] == [("fct_instagram_media.grain_unique", "hold")]
    assert [(day.account_id, day.date_day) for day in failed[0].failing] == [("2", None)]


def test_an_account_that_the_registry_gives_to_another_client_is_named(world: BuildWorld, warehouse_url: str) -> None:
    world.account("1", active_from=date(2026, 3, 9))
    world.account_day("1")
    world.account("1", client="other")
    failed = {
        outcome.name: {(day.client_id, day.account_id) for day in outcome.failing}
        for outcome in run_expectations(warehouse_url, build_id=BUILD, now=NOW)
        if outcome.status != "passed"
    }
    tables = ("fct_campaign_performance_daily", "fct_ad_performance_daily")
    checks = ("account_of_client", "date_in_window")
    assert failed == {f"{table}.{check}": {("acme", "1")} for table in tables for check in checks}


def test_a_final_day_that_the_platform_changed_by_more_than_two_percent_warns(
    world: BuildWorld, warehouse_url: str
) -> None:
    # The day is final from 2026-04-02 on; 1.9 % is no news, and a change while it is provisional is expected.
    changes = {"1": (100, "97.9", "2026-04-03"), "2": (100, "98.1", "2026-04-03"), "3": (100, 50, "2026-03-20")}
    for account_id, (old, new, detected) in changes.items():
        world.account(account_id)
        world.account_day(account_id)
        world.run(
            "insert into ops.restatement (platform, account_id, report, date_day, metric, old_value, new_value, "
            "old_version, new_version, detected_at, run_id) "
            "values ('meta_ads', %s, 'campaign_daily', %s, 'spend', %s, %s, 1, 2, %s, 'r')",
            account_id, DAY, old, new, f"{detected} 12:00+00",
        )  # fmt: skip
    failed = [each for each in run_expectations(warehouse_url, build_id=BUILD, now=NOW) if each.status != "passed"]
    assert [(outcome.name, outcome.severity) for outcome in failed] == [
        ("fct_campaign_performance_daily.settled_day_restated", "warn")
    ]
    assert [day.account_id for day in failed[0].failing] == ["1"]
