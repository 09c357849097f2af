"""The gate over a whole build: who is held, who passes, and what the books say of it."""

from datetime import date, timedelta

import pytest
from build_world import BUILD, DAY, NOW, BuildWorld

from foundation.database import transaction
from quality.check_results import CheckOutcome, FailingAccountDay, record_outcomes
from quality.expectation_list import REQUIRED_EXPECTATIONS
from quality.gate import GateSummary, decide_built_days
from quality.reconciliation import certify

pytestmark = pytest.mark.integration
DBT_TEST = "assert_ads_sum_to_campaign"
OTHER_DAY = DAY + timedelta(days=1)


def record(world: BuildWorld, *outcomes: CheckOutcome, build_id: str = BUILD) -> None:
    with world.connection.cursor() as cursor:
        record_outcomes(cursor, outcomes, build_id=build_id, now=NOW)
    world.connection.commit()


def everything_passes(world: BuildWorld, *, build_id: str = BUILD) -> None:
    """Certificates from the build, and a pass of every other required check."""
    certify(world.connection, build_id=build_id, run_id="run", now=NOW)
    passed = [CheckOutcome(name, "expectation", "passed", "hold") for name in REQUIRED_EXPECTATIONS]
    record(world, *passed, CheckOutcome(DBT_TEST, "dbt_test", "passed", "hold"), build_id=build_id)


def decided(
    world: BuildWorld, *, hours: int = 0, build_id: str = BUILD, dbt_tests: tuple[str, ...] = (DBT_TEST,)
) -> GateSummary:
    now = NOW + timedelta(hours=hours)
    with transaction(world.connection) as cursor:
        return decide_built_days(cursor, build_id=build_id, required_dbt_tests=dbt_tests, now=now)


def held_days(world: BuildWorld) -> list[tuple[str, date]]:
    return [(a, d) for a, d in world.rows("select account_id, date_day from ops.held_day order by 1, 2")]


def test_a_day_that_every_check_vouches_for_is_published(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    assert decided(world) == GateSummary(account_days=1, publish=1, held=0, newly_held=0, released=0)
    assert world.rows("select version, verdict, reasons, build_id from ops.gate_decision") == [
        ("v1", "publish", [], BUILD)
    ]
    assert held_days(world) == []


def test_one_poisoned_account_day_of_200_leaves_the_other_199_free(world: BuildWorld) -> None:
    for account in range(20):
        world.account(str(account))
        for day in range(10):
            world.account_day(str(account), DAY - timedelta(days=day), ads=1)
    world.control_totals("7", DAY - timedelta(days=3), spend="0.50")
    everything_passes(world)
    assert decided(world) == GateSummary(account_days=200, publish=199, held=1, newly_held=1, released=0)
    assert held_days(world) == [("7", DAY - timedelta(days=3))]


def test_a_failure_without_a_day_holds_every_day_of_its_account_and_no_other(world: BuildWorld) -> None:
    for account in ("1", "2"):
        world.account(account)
        for day in (DAY, OTHER_DAY):
            world.account_day(account, day)
    everything_passes(world)
    failing = FailingAccountDay("acme", "meta_ads", "1", None, "the currency is not the account's")
    record(world, CheckOutcome(DBT_TEST, "dbt_test", "failed", "hold", None, (failing,)))
    decided(world)
    assert held_days(world) == [("1", DAY), ("1", OTHER_DAY)]
    assert world.rows("select distinct reason from ops.held_day") == [
        (f"{DBT_TEST}: the currency is not the account's",)
    ]


@pytest.mark.parametrize("check", [REQUIRED_EXPECTATIONS[0], "reconciliation", DBT_TEST])
def test_a_required_check_without_a_result_holds_everything(world: BuildWorld, check: str) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    world.run("delete from ops.check_run where check_name = %s", check)
    assert decided(world).held == 1
    [(reason,)] = world.rows("select reason from ops.held_day")
    assert reason == f"{check}: no result was recorded for this build"


def test_results_of_another_build_do_not_count(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world, build_id="build-0")
    assert decided(world).held == 1


def test_an_errored_check_holds_everything_and_says_why(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    check = REQUIRED_EXPECTATIONS[0]
    record(world, CheckOutcome(check, "expectation", "errored", "hold", "relation does not exist"))
    decided(world)
    assert world.rows("select reason from ops.held_day") == [
        (f"{check}: could not be evaluated (relation does not exist)",)
    ]


def test_a_warning_holds_nothing(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    failing = FailingAccountDay("acme", "meta_ads", "1", DAY, "no rate")
    name = "fct_ad_performance_daily.fx_rate_present"
    record(world, CheckOutcome(name, "expectation", "failed", "warn", None, (failing,)))
    assert decided(world).publish == 1


def test_held_since_survives_repeated_holds_while_the_reason_follows(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2, spend="10.50")
    world.control_totals("1", spend="20.00")
    everything_passes(world)
    assert decided(world).newly_held == 1
    world.control_totals("1", spend="19.00")
    everything_passes(world)
    assert decided(world, hours=5) == GateSummary(account_days=1, publish=0, held=1, newly_held=0, released=0)
    [(held_since, reason)] = world.rows("select held_since, reason from ops.held_day")
    assert held_since == NOW
    assert "the platform says 19.00" in reason


def test_a_day_that_passes_again_is_released(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2, spend="10.50")
    world.control_totals("1", spend="20.00")
    everything_passes(world)
    decided(world)
    world.control_totals("1", spend="21.00")
    everything_passes(world)
    assert decided(world, hours=1) == GateSummary(account_days=1, publish=1, held=0, newly_held=0, released=1)
    assert held_days(world) == []


def test_a_held_day_is_released_when_its_version_returns_to_the_published_one(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.publish("1", version="v1")
    world.run("insert into ops.held_day values ('acme', 'meta_ads', '1', %s, 'v2', 'was restated', %s)", DAY, NOW)
    everything_passes(world)
    assert decided(world).released == 1


def test_a_held_day_that_left_the_registry_is_no_longer_held(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.run("insert into ops.held_day values ('gone', 'meta_ads', '9', %s, 'v1', 'r', %s)", DAY, NOW)
    everything_passes(world)
    assert decided(world).released == 1


def test_deciding_twice_changes_nothing(world: BuildWorld) -> None:
    world.account("1")
    world.account("2")
    world.account_day("1")
    world.account_day("2")
    world.control_totals("2", clicks="0")
    everything_passes(world)
    decided(world)
    books = (
        "select * from ops.held_day",
        "select account_id, version, verdict, reasons from ops.gate_decision order by account_id",
    )
    before = [world.rows(book) for book in books]
    assert decided(world) == GateSummary(account_days=2, publish=1, held=1, newly_held=0, released=0)
    assert [world.rows(book) for book in books] == before


def test_dbt_tests_of_this_build_do_not_vouch_for_a_day_that_an_earlier_build_built(world: BuildWorld) -> None:
    world.account("1")
    world.account("2")
    world.account_day("1")
    world.account_day("2")
    world.run("delete from ops.pending_account_day where account_id = '1'")
    everything_passes(world)
    decided(world)
    assert held_days(world) == [("1", DAY)]
    assert decided(world, dbt_tests=()).held == 0


def test_a_held_day_whose_published_version_stands_in_the_build_again_needs_no_new_dbt_tests(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.publish("1", version="v1")
    world.run("insert into ops.held_day values ('acme', 'meta_ads', '1', %s, 'v2', 'was restated', %s)", DAY, NOW)
    world.run("truncate ops.pending_account_day")
    everything_passes(world)
    assert decided(world).released == 1


def test_a_day_that_a_load_overtook_is_neither_held_nor_published(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.control_totals("1", spend="99.00")
    world.run("update ops.load_ledger set read_at = read_at + interval '1 minute'")
    everything_passes(world)
    assert decided(world) == GateSummary(account_days=0, publish=0, held=0, newly_held=0, released=0)
    assert world.rows("select count(*) from ops.certificate") == [(0,)]


def test_a_day_without_all_six_certificates_is_held_although_reconciliation_found_no_fault(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    world.run("delete from ops.certificate where metric = 'ad_clicks'")
    decided(world)
    assert world.rows("select reason from ops.held_day") == [
        ("reconciliation: version v1 has no complete certificate",)
    ]


def test_an_instagram_day_needs_the_two_certificates_of_its_platform(world: BuildWorld) -> None:
    world.account("1", platform="instagram")
    world.instagram_day("1")
    everything_passes(world)
    assert decided(world).publish == 1
    world.run("delete from ops.certificate where metric = 'total_interactions'")
    assert decided(world).held == 1


def test_a_platform_whose_rule_asks_for_no_certificate_publishes_nothing(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    world.run("update ops.platform_rule set certified_metrics = '{}'")
    assert decided(world).held == 1
    world.run("delete from ops.platform_rule")
    assert decided(world).held == 1


def test_certificates_that_this_build_did_not_confirm_do_not_count(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    world.run("update ops.certificate set last_confirmed_at = last_confirmed_at - interval '1 hour'")
    assert decided(world).held == 1


def test_nothing_is_decided_before_the_first_build(world: BuildWorld) -> None:
    world.run("drop schema analytics_build cascade")
    assert decided(world) == GateSummary(0, 0, 0, 0, 0)


def test_results_of_a_build_that_a_newer_one_replaced_hold_everything(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    everything_passes(world)
    world.pending("1", build_id="build-2")
    assert decided(world, dbt_tests=()).held == 1
    [(reason,)] = world.rows("select reason from ops.held_day")
    assert "reconciliation: its result is of another build than the day's rows" in reason
