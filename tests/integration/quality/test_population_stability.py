"""A mix that has shifted warns of the account's newest day; the index is worked out by hand here."""

from datetime import date, timedelta

import pytest
from build_world import BUILD, DAY, NOW, BuildWorld

from quality.check_results import CheckOutcome
from quality.expectations import run_expectations

pytestmark = pytest.mark.integration
_BREAKDOWN, _ADS = "fct_delivery_breakdown_daily", "fct_ad_performance_daily"
LAST_WEEK = (DAY - timedelta(days=6), DAY)
MONTH_BEFORE = (DAY - timedelta(days=34), DAY - timedelta(days=7))


def split(world: BuildWorld, account_id: str, span: tuple[date, date], mobile: int, desktop: int) -> None:
    """Impressions of each day of the span by device."""
    for device, impressions in (("mobile", mobile), ("desktop", desktop)):
        world.run(
            f"insert into analytics_build.{_BREAKDOWN} "
            "(client_id, platform, account_id, campaign_id, ad_group_id, date_day, breakdown, value_1, value_2, "
            "impressions, clicks, spend, account_currency, fx_rate, fx_rate_date, spend_reporting, version) "
            "select 'acme', 'meta_ads', %s, 'C1', 'all', day::date, 'device', %s, 'all', %s, 1, 1, 'EUR', 1, "
            "day::date, 1, 'v1' "
            "from generate_series(%s::date, %s::date, '1 day') as day",
            account_id, device, impressions, *span,
        )  # fmt: skip


def ads(
    world: BuildWorld,
    account_id: str,
    ad_id: str,
    span: tuple[date, date],
    *,
    rows: int = 1,
    link_clicks: int | None = 1,
) -> None:
    """Delivery of an ad on each day of the span, in ``rows`` ad groups."""
    world.run(
        f"insert into analytics_build.{_ADS} "
        "(client_id, platform, account_id, campaign_id, ad_group_id, ad_id, date_day, impressions, clicks, "
        "link_clicks, spend, account_currency, fx_rate, fx_rate_date, spend_reporting, version) "
        "select 'acme', 'meta_ads', %s, 'C1', 'G' || number, %s, day::date, 1000, 1, %s, 1, 'EUR', 1, day::date, 1, "
        "'v1' from generate_series(%s::date, %s::date, '1 day') as day cross join generate_series(1, %s) as number",
        account_id, ad_id, link_clicks, *span, rows,
    )  # fmt: skip


def warnings(warehouse_url: str) -> dict[str, CheckOutcome]:
    outcomes = run_expectations(warehouse_url, build_id=BUILD, now=NOW)
    assert {outcome.name: outcome.detail for outcome in outcomes if outcome.status == "errored"} == {}
    return {each.name: each for each in outcomes if each.status == "failed" and each.severity == "warn"}


def test_only_a_mix_that_moved_far_enough_on_enough_impressions_warns(world: BuildWorld, warehouse_url: str) -> None:
    # 1: half and half becomes 3 to 1: 0.25 ln(0.75 / 0.5) - 0.25 ln(0.25 / 0.5) = 0.27. 2: 7 to 3 makes 0.17.
    # 3: as 1, but 7 * 2,000 impressions are too few for a judgement.
    for account_id, mobile, desktop in (("1", 7500, 2500), ("2", 7000, 3000), ("3", 1500, 500)):
        world.account(account_id)
        world.account_day(account_id)
        split(world, account_id, MONTH_BEFORE, 5000, 5000)
        split(world, account_id, LAST_WEEK, mobile, desktop)
    found = warnings(warehouse_url)
    assert set(found) == {f"{_BREAKDOWN}.category_mix_stable"}
    [failing] = found[f"{_BREAKDOWN}.category_mix_stable"].failing
    assert (failing.account_id, failing.date_day) == ("1", DAY)
    assert failing.detail.endswith("such as campaign C1 by device index 0.27")


def test_a_column_that_is_empty_where_it_was_filled_warns(world: BuildWorld, warehouse_url: str) -> None:
    # From none to all: 0.999 ln(1 / 0.001) + (0.001 - 1) ln(0.001 / 1) = 2 * 0.999 * 6.9078 = 13.80.
    for account_id, now in (("1", None), ("2", 1)):
        world.account(account_id)
        world.account_day(account_id, ads=0)
        ads(world, account_id, "A", MONTH_BEFORE, rows=10)
        ads(world, account_id, "A", LAST_WEEK, rows=10, link_clicks=now)
    found = warnings(warehouse_url)
    [failing] = found[f"{_ADS}.null_rates_stable"].failing
    assert (failing.account_id, failing.date_day) == ("1", DAY)
    assert failing.detail.endswith("index 13.80")


def test_new_ads_without_parameters_warn_of_the_campaigns_coverage(world: BuildWorld, warehouse_url: str) -> None:
    # 3 of 4 impressions of the last week carry no parameters, none of the month before:
    # -0.75 ln(0.25 / 1) + 0.749 ln(0.75 / 0.001) = 1.0397 + 4.9583 = 6.00.
    world.account("1")
    world.account_day("1", ads=0)
    for ad_id, tags in (("old", "utm_source=meta"), ("new1", None), ("new2", None), ("new3", "")):
        world.run(
            "insert into analytics_build.dim_ad (client_id, platform, account_id, campaign_id, ad_group_id, ad_id, "
            "destination_url, url_tags) values ('acme', 'meta_ads', '1', 'C1', 'G1', %s, 'https://example.com/', %s)",
            ad_id, tags,
        )  # fmt: skip
        ads(world, "1", ad_id, LAST_WEEK)
    ads(world, "1", "old", MONTH_BEFORE)
    found = warnings(warehouse_url)
    [failing] = found[f"{_ADS}.tracking_coverage_stable"].failing
    assert failing.detail.endswith("such as campaign C1 index 6.00")


def test_a_shift_of_months_ago_is_no_news(world: BuildWorld, warehouse_url: str) -> None:
    world.account("1")
    world.account_day("1")
    split(world, "1", MONTH_BEFORE, 5000, 5000)
    split(world, "1", LAST_WEEK, 9000, 1000)
    world.run(
        "insert into analytics_build.account_day_built (client_id, platform, account_id, date_day, version) "
        "values ('acme', 'meta_ads', '1', %s, 'v9')",
        DAY + timedelta(days=1),
    )
    assert f"{_BREAKDOWN}.category_mix_stable" not in warnings(warehouse_url)
