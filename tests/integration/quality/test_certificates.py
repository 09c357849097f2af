"""Certificates: the build's totals against the platform's, on a real database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from build_world import AD_PLATFORM_METRICS, BUILD, DAY, NOW, BuildWorld

from quality.reconciliation import CertificationSummary, certify

pytestmark = pytest.mark.integration


def certified(world: BuildWorld, *, minutes: int = 0, run_id: str = "run-1") -> CertificationSummary:
    return certify(world.connection, build_id=BUILD, run_id=run_id, now=NOW + timedelta(minutes=minutes))


def verdicts(world: BuildWorld, account_id: str) -> dict[str, str]:
    return dict(world.rows("select metric, verdict from ops.certificate where account_id = %s", account_id))


def test_an_account_day_that_adds_up_gets_six_certificates(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2, spend="10.50")
    assert certified(world) == CertificationSummary(
        "passed",
        1,
        certified_days=1,
        held_days=0,
        deferred_days=0,
        detail="1 of 1 account-days equal the platform's totals",
    )
    rows = world.rows("select metric, warehouse_total, platform_total, difference, tolerance from ops.certificate")
    assert sorted(rows) == [
        ("ad_clicks", 14, 14, 0, 0),
        ("ad_impressions", 200, 200, 0, 0),
        ("ad_spend", 21, 21, 0, Decimal("0.01")),
        ("clicks", 14, 14, 0, 0),
        ("impressions", 200, 200, 0, 0),
        ("spend", 21, 21, 0, Decimal("0.01")),
    ]


def test_a_day_without_rows_is_certified_as_zero_equals_zero(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=0)
    assert certified(world).certified_days == 1
    assert set(verdicts(world, "1")) == set(AD_PLATFORM_METRICS)


def test_a_day_without_rows_is_held_when_the_platform_reports_delivery(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=0)
    world.control_totals("1", spend="5.00", impressions="10")
    assert certified(world).held_days == 1
    assert {metric for metric, verdict in verdicts(world, "1").items() if verdict == "held"} == {
        "spend", "impressions", "ad_spend", "ad_impressions",
    }  # fmt: skip


def test_ads_that_miss_part_of_the_campaign_hold_only_the_ad_level_metrics(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2)
    world.run("delete from analytics_build.fct_ad_performance_daily where ad_id = 'A1'")
    certified(world)
    held = {metric for metric, verdict in verdicts(world, "1").items() if verdict == "held"}
    assert held == {"ad_spend", "ad_impressions", "ad_clicks"}


@pytest.mark.parametrize("metric", ["spend", "impressions", "clicks"])
def test_a_control_total_that_is_missing_or_no_number_holds_that_metric(world: BuildWorld, metric: str) -> None:
    world.account("1")
    world.account("2")
    world.account_day("1")
    world.account_day("2")
    world.run("update ops.load_ledger set control_totals = control_totals - %s where account_id = '1'", metric)
    world.control_totals("2", DAY, **{metric: "n/a"})
    assert certified(world).held_days == 2
    for account in ("1", "2"):
        held = {name for name, verdict in verdicts(world, account).items() if verdict == "held"}
        assert held == {metric, f"ad_{metric}"}


def test_an_incomplete_ledger_entry_proves_nothing(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.run("update ops.load_ledger set complete = false where report = 'campaign_daily'")
    certified(world)
    assert {metric for metric, verdict in verdicts(world, "1").items() if verdict == "held"} == {
        "spend", "impressions", "clicks",
    }  # fmt: skip


def test_an_unchanged_certificate_only_moves_its_last_confirmation(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    certified(world)
    before = world.rows("select metric, run_id, checked_at, read_at, xmin::text from ops.certificate order by metric")
    certified(world, minutes=60, run_id="run-2")
    after = world.rows("select metric, run_id, checked_at, read_at, xmin::text from ops.certificate order by metric")
    assert [row[:4] for row in after] == [row[:4] for row in before]
    assert world.rows("select distinct last_confirmed_at from ops.certificate") == [(NOW + timedelta(minutes=60),)]


def test_a_moved_platform_total_rewrites_the_certificate_of_that_metric_alone(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2, spend="10.50")
    certified(world)
    world.control_totals("1", clicks="15")
    certified(world, minutes=60, run_id="run-2")
    rewritten = world.rows("select metric, verdict, difference, checked_at from ops.certificate where run_id = 'run-2'")
    assert sorted(rewritten) == [
        ("ad_clicks", "held", -1, NOW + timedelta(minutes=60)),
        ("clicks", "held", -1, NOW + timedelta(minutes=60)),
    ]


def test_a_new_version_gets_certificates_of_its_own(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    certified(world)
    for table in ("fct_campaign_performance_daily", "fct_ad_performance_daily", "account_day_built"):
        world.run(f"update analytics_build.{table} set version = 'v2'")
    world.run("update ops.account_day set version = 'v2'")
    certified(world, minutes=5)
    assert world.rows("select version, count(*) from ops.certificate group by version order by version") == [
        ("v1", 6),
        ("v2", 6),
    ]


def test_rows_of_another_version_hold_the_day_although_the_totals_agree(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.run("update analytics_build.fct_ad_performance_daily set version = 'v0' where ad_id = 'A0'")
    certified(world)
    held = {metric for metric, verdict in verdicts(world, "1").items() if verdict == "held"}
    assert held == {"ad_spend", "ad_impressions", "ad_clicks"}


def test_published_days_that_nothing_changed_are_left_alone(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.publish("1")
    world.run("truncate ops.pending_account_day")
    assert certified(world).account_days == 0


def test_a_built_version_that_the_books_no_longer_name_is_left_to_the_next_build(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.run("update ops.account_day set version = 'v2'")
    assert certified(world).account_days == 0


def test_a_held_day_names_the_figures_and_the_command_that_reads_them_again(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2, spend="10.50")
    world.control_totals("1", spend="20.00")
    certified(world)
    [(day, detail)] = world.rows("select date_day, detail from ops.check_failure")
    assert day == DAY
    assert "the build adds up to 21.00, the platform says 20.00 (difference +1.00, tolerance 0.01)" in detail
    assert "mdp sync meta_ads --from 2026-03-05 --to 2026-03-05 --account 1" in detail


def test_a_comparison_that_cannot_run_is_recorded_as_errored(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.run("drop table analytics_build.fct_ad_performance_daily")
    summary = certified(world)
    assert (summary.status, summary.certified_days) == ("errored", 0)
    [(status, detail)] = world.rows("select status, detail from ops.check_run where check_name = 'reconciliation'")
    assert status == "errored"
    assert "fct_ad_performance_daily" in detail


def test_nothing_is_certified_before_the_first_build(world: BuildWorld) -> None:
    world.run("drop schema analytics_build cascade")
    assert certified(world) == CertificationSummary("passed", 0, 0, 0, 0, "nothing is built yet")


def test_yen_are_compared_in_whole_yen(world: BuildWorld) -> None:
    world.account("1", currency="JPY")
    for day, platform_says in ((date(2026, 3, 1), "1001"), (date(2026, 3, 2), "1002")):
        world.account_day("1", day, currency="JPY", ads=1, spend="1000", fx_rate="0.006")
        world.control_totals("1", day, spend=platform_says)
    certified(world)
    held = world.rows("select distinct date_day from ops.certificate where verdict = 'held'")
    assert held == [(date(2026, 3, 2),)]


def test_each_level_is_compared_with_the_report_that_proves_it_whatever_the_platform_calls_it(
    world: BuildWorld,
) -> None:
    world.account("1", platform="linkedin_ads")
    world.account_day("1", platform="linkedin_ads", ads=2, spend="10.50")
    assert certified(world).certified_days == 1
    # LinkedIn's own "campaign_daily" is its ad group level and proves nothing here.
    world.run(
        "insert into ops.load_ledger select platform, account_id, 'campaign_daily', date_day, version, content_hash, "
        'row_count, totals, \'{"clicks": "9"}\', complete, read_at, fetched_at, verified_at, run_id, fence '
        "from ops.load_ledger where report = 'account_daily'"
    )
    world.run(
        'update ops.load_ledger set control_totals = control_totals || \'{"clicks": "13"}\' '
        "where report = 'creative_daily'"
    )
    certified(world)
    assert {metric for metric, verdict in verdicts(world, "1").items() if verdict == "held"} == {"ad_clicks"}


def test_an_instagram_day_is_certified_on_views_and_interactions_alone(world: BuildWorld) -> None:
    world.account("1", platform="instagram")
    world.instagram_day("1", views=500, interactions=40)
    assert certified(world).certified_days == 1
    rows = world.rows("select metric, warehouse_total, platform_total, tolerance, verdict from ops.certificate")
    assert sorted(rows) == [("total_interactions", 40, 40, 0, "certified"), ("views", 500, 500, 0, "certified")]


@pytest.mark.parametrize("metric", ["views", "total_interactions"])
def test_an_instagram_figure_that_differs_by_one_holds_the_day(world: BuildWorld, metric: str) -> None:
    world.account("1", platform="instagram")
    world.instagram_day("1")
    world.run(f"update analytics_build.fct_instagram_account_daily set {metric} = {metric} - 1")
    assert certified(world).held_days == 1
    assert {name for name, verdict in verdicts(world, "1").items() if verdict == "held"} == {metric}


def test_an_instagram_day_without_its_row_is_held(world: BuildWorld) -> None:
    world.account("1", platform="instagram")
    world.instagram_day("1")
    world.run("delete from analytics_build.fct_instagram_account_daily")
    assert certified(world).held_days == 1


@pytest.mark.parametrize(
    ("metrics", "says"),
    [
        ("{}", "the rule of meta_ads names no metric to certify"),
        ("{spend,impressions,clicks,purchases}", "purchases: no published table carries it"),
    ],
)
def test_a_rule_that_nothing_can_prove_holds_the_day_and_says_so(world: BuildWorld, metrics: str, says: str) -> None:
    world.account("1")
    world.account_day("1")
    world.run("update ops.platform_rule set certified_metrics = %s", metrics)
    assert certified(world).held_days == 1
    [(detail,)] = world.rows("select detail from ops.check_failure")
    assert says in detail
