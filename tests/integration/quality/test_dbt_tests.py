"""dbt's verdicts in the books: which account-days the stored failures of its tests name."""

from typing import Any

import pytest
from build_world import BUILD, DAY, NOW, BuildWorld

from quality.check_results import CheckOutcome
from quality.dbt_tests import record

pytestmark = pytest.mark.integration
FAILURES = '"warehouse"."analytics_build"."some_test"'


def result(status: str, *, relation: str | None = FAILURES, name: str = "some_test") -> dict[str, Any]:
    return {
        "unique_id": f"test.marketing_data_platform.{name}.0a1b2c3d4e",
        "status": status,
        "failures": None,
        "message": "Got 1 result",
        "relation_name": relation,
    }


def recorded(world: BuildWorld, *results: dict[str, Any]) -> list[CheckOutcome]:
    return record(world.connection, build_id=BUILD, run_results={"results": list(results)}, now=NOW)


def failures(world: BuildWorld) -> list[tuple[Any, ...]]:
    return world.rows(
        "select check_name, client_id, account_id, date_day, detail from ops.check_failure order by 1, 2, 3, 4"
    )


@pytest.fixture
def two_accounts(world: BuildWorld) -> BuildWorld:
    for account, client in (("1", "acme"), ("2", "other")):
        world.account(account, client=client)
        world.account_day(account, client=client)
    return world


def test_a_passed_test_is_recorded_without_failures(two_accounts: BuildWorld) -> None:
    recorded(two_accounts, result("pass"))
    assert two_accounts.rows("select check_name, kind, status, ran_at from ops.check_run") == [
        ("some_test", "dbt_test", "passed", NOW)
    ]


def test_models_and_unit_tests_are_no_checks(two_accounts: BuildWorld) -> None:
    model = {"unique_id": "model.p.fct", "status": "success", "message": "", "relation_name": None}
    unit_test = {"unique_id": "unit_test.p.m.t", "status": "pass", "message": "", "relation_name": None}
    assert recorded(two_accounts, model, unit_test) == []


@pytest.mark.parametrize("status", ["warn", "fail"])
def test_stored_failures_name_the_account_days(two_accounts: BuildWorld, status: str) -> None:
    two_accounts.run(
        "create table analytics_build.some_test as select 'acme' as client_id, 'meta_ads' as platform, "
        "'1' as account_id, date '2026-03-05' as date_day, '2 rows share one key' as detail"
    )
    recorded(two_accounts, result(status))
    assert failures(two_accounts) == [("some_test", "acme", "1", DAY, "2 rows share one key")]
    assert two_accounts.rows("select status, failing_account_days from ops.check_run") == [("failed", 1)]


def test_many_failing_rows_of_a_day_are_one_failure(two_accounts: BuildWorld) -> None:
    two_accounts.run(
        "create table analytics_build.some_test as select 'acme' as client_id, 'meta_ads' as platform, "
        "'1' as account_id, date '2026-03-05' as date_day, n as ad_id from generate_series(1, 3) as n"
    )
    recorded(two_accounts, result("warn"))
    assert failures(two_accounts) == [("some_test", "acme", "1", DAY, "3 failing rows")]


def test_stored_failures_without_a_day_name_the_account(two_accounts: BuildWorld) -> None:
    two_accounts.run(
        "create table analytics_build.some_test as "
        "select 'acme' as client_id, 'meta_ads' as platform, '1' as account_id"
    )
    recorded(two_accounts, result("warn"))
    assert failures(two_accounts) == [("some_test", "acme", "1", None, "1 failing row")]


def test_stored_failures_without_an_account_name_every_account_in_scope(two_accounts: BuildWorld) -> None:
    two_accounts.run("create table analytics_build.some_test as select 'x' as unique_field, 2 as n_records")
    recorded(two_accounts, result("warn"))
    assert [row[1:4] for row in failures(two_accounts)] == [("acme", "1", None), ("other", "2", None)]


@pytest.mark.parametrize("status", ["error", "skipped", "something new"])
def test_a_test_without_an_answer_is_errored(two_accounts: BuildWorld, status: str) -> None:
    [outcome] = recorded(two_accounts, result(status))
    assert (outcome.status, outcome.detail) == ("errored", f"dbt says {status}: Got 1 result")


def test_unreadable_stored_failures_make_only_their_own_test_errored(two_accounts: BuildWorld) -> None:
    outcomes = recorded(two_accounts, result("warn"), result("pass", name="another_test"))
    assert [(outcome.name, outcome.status) for outcome in outcomes] == [
        ("some_test", "errored"),
        ("another_test", "passed"),
    ]
    assert two_accounts.rows("select count(*) from ops.check_run") == [(2,)]


def test_recording_again_replaces_the_earlier_result(two_accounts: BuildWorld) -> None:
    two_accounts.run(
        "create table analytics_build.some_test as select 'acme' as client_id, 'meta_ads' as platform, "
        "'1' as account_id, date '2026-03-05' as date_day"
    )
    recorded(two_accounts, result("warn"))
    recorded(two_accounts, result("pass"))
    assert failures(two_accounts) == []
    assert two_accounts.rows("select status from ops.check_run") == [("passed",)]
