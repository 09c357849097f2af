"""Every expectation finds the fault planted for it, names exactly the planted account-day, and nothing else fires."""

from datetime import date, timedelta

import pytest
from build_world import BUILD, DAY, NOW, BuildWorld

from quality.check_results import CheckOutcome
from quality.expectation_list import EXPECTATIONS, FACT_TABLES, Expectation
from quality.expectations import run_expectations

pytestmark = pytest.mark.integration
OTHER_DAY = DAY + timedelta(days=1)
CAMPAIGN, AD = "fct_campaign_performance_daily", "fct_ad_performance_daily"
INSTAGRAM = "fct_instagram_account_daily"
PLANTED = ("acme", "meta_ads", "1", DAY)
_AT = "where account_id = '1' and date_day = '2026-03-05'"


def checked(world: BuildWorld, warehouse_url: str) -> dict[str, CheckOutcome]:
    """Outcomes of all expectations that did not pass, by name."""
    outcomes = run_expectations(warehouse_url, build_id=BUILD, now=NOW)
    assert [outcome.name for outcome in outcomes] == [expectation.name for expectation in EXPECTATIONS]
    return {outcome.name: outcome for outcome in outcomes if outcome.status != "passed"}


def named(outcome: CheckOutcome) -> list[tuple[str, str, str, date | None]]:
    return [(day.client_id, day.platform, day.account_id, day.date_day) for day in outcome.failing]


@pytest.fixture
def two_accounts(world: BuildWorld) -> BuildWorld:
    """Two accounts of two days each, all of them right; faults go to account 1 on DAY."""
    for account in ("1", "2"):
        world.account(account)
        for day in (DAY, OTHER_DAY):
            world.account_day(account, day)
    return world


def test_a_right_build_passes_every_expectation(two_accounts: BuildWorld, warehouse_url: str) -> None:
    assert checked(two_accounts, warehouse_url) == {}
    assert two_accounts.rows("select distinct status, failing_account_days, kind from ops.check_run") == [
        ("passed", 0, "expectation")
    ]


# Check name, statement that plants the fault in one row, and the other checks that see the same fault.
FAULTS = [
    ("grain_unique", "insert into {table} select * from {table} {at} limit 1", ()),
    ("metrics_not_null", "update {table} set impressions = null {at}", ()),
    ("metrics_not_null", "update {table} set clicks = null {at}", ()),
    ("metrics_not_negative", "update {table} set spend = -1, spend_reporting = -1 {at}", ()),
    ("metrics_not_negative", "update {table} set impressions = -1, clicks = -2 {at}", ()),
    ("clicks_above_impressions", "update {table} set clicks = impressions + 1 {at}", ()),
    ("currency_of_registry", "update {table} set account_currency = 'BRL' {at}", ()),
    ("currency_of_registry", "update {table} set account_currency = null {at}", ()),
    ("version_as_built", "update {table} set version = 'v0' {at}", ()),
    ("fx_rate_present", "update {table} set fx_rate = null, fx_rate_date = null, spend_reporting = null {at}", ()),
    ("fx_rate_recent", "update {table} set fx_rate_date = date_day - 6 {at}", ()),
    ("fx_rate_recent", "update {table} set fx_rate_date = date_day + 1 {at}", ()),
    ("spend_converted_at_rate", "update {table} set spend_reporting = spend_reporting + 0.01 {at}", ()),
    ("spend_converted_at_rate", "update {table} set spend_reporting = null {at}", ()),
    ("keys_not_null", "update {table} set campaign_id = null {at}", ("campaign_present",)),
]


@pytest.mark.parametrize("table", [CAMPAIGN, AD])
@pytest.mark.parametrize(("check", "fault", "companions"), FAULTS, ids=[f"{f[0]}-{i}" for i, f in enumerate(FAULTS)])
def test_an_expectation_names_exactly_the_planted_account_day(
    two_accounts: BuildWorld, warehouse_url: str, table: str, check: str, fault: str, companions: tuple[str, ...]
) -> None:
    two_accounts.run(fault.format(table=f"analytics_build.{table}", at=_AT))
    found = checked(two_accounts, warehouse_url)
    expected = {f"{table}.{check}", *(f"{AD}.{companion}" for companion in companions)}
    assert set(found) == expected
    for outcome in found.values():
        assert outcome.status == "failed"
        assert named(outcome) == [PLANTED]
    assert two_accounts.rows(
        "select client_id, platform, account_id, date_day from ops.check_failure where check_name = %s",
        f"{table}.{check}",
    ) == [PLANTED]


def test_an_ad_that_delivered_without_its_campaign_row_is_named(two_accounts: BuildWorld, warehouse_url: str) -> None:
    two_accounts.run(f"delete from analytics_build.{CAMPAIGN} {_AT}")
    found = checked(two_accounts, warehouse_url)
    assert set(found) == {f"{AD}.campaign_present"}
    [failing] = found[f"{AD}.campaign_present"].failing
    assert failing.detail == "2 rows of ads without their campaign's row of the same day, such as C1/G1/A0"


def test_an_all_zero_ad_row_needs_no_campaign_row(two_accounts: BuildWorld, warehouse_url: str) -> None:
    two_accounts.run(f"delete from analytics_build.{CAMPAIGN} {_AT}")
    two_accounts.run(
        f"update analytics_build.{AD} set spend = 0, spend_reporting = 0, impressions = 0, clicks = 0 {_AT}"
    )
    assert checked(two_accounts, warehouse_url) == {}


def test_clicks_above_impressions_hold_only_where_the_platform_cannot_report_them(
    world: BuildWorld, warehouse_url: str
) -> None:
    world.account("1")
    world.account("5", platform="newcomer_ads")
    world.account_day("1")
    world.account_day("5", platform="newcomer_ads")
    world.run(f"update analytics_build.{AD} set clicks = impressions + 1 where ad_id = 'A0'")
    found = checked(world, warehouse_url)
    assert {name: (outcome.severity, named(outcome)) for name, outcome in found.items()} == {
        f"{AD}.clicks_above_impressions": ("warn", [PLANTED]),
        f"{AD}.clicks_within_impressions": ("hold", [("acme", "newcomer_ads", "5", DAY)]),
    }


def test_today_is_the_accounts_today_and_tomorrow_is_a_fault(world: BuildWorld, warehouse_url: str) -> None:
    # NOW is noon of the 10th in UTC: already the 11th in Kiritimati, still the 10th in Sao Paulo.
    for account, timezone in (("1", "Pacific/Kiritimati"), ("2", "America/Sao_Paulo")):
        world.account(account, timezone=timezone)
        world.account_day(account, date(2026, 3, 11), timezone=timezone)
    found = checked(world, warehouse_url)
    assert set(found) == {f"{CAMPAIGN}.date_in_window", f"{AD}.date_in_window"}
    for outcome in found.values():
        assert named(outcome) == [("acme", "meta_ads", "2", date(2026, 3, 11))]


def test_today_is_that_of_the_zone_in_which_the_platform_counts(world: BuildWorld, warehouse_url: str) -> None:
    # Noon of the 10th in UTC: the 11th has begun in Kiritimati, where the account is, but not for LinkedIn.
    world.account("1", platform="linkedin_ads", timezone="Pacific/Kiritimati")
    world.account_day("1", date(2026, 3, 10), platform="linkedin_ads", timezone="Pacific/Kiritimati")
    world.account_day("1", date(2026, 3, 11), platform="linkedin_ads", timezone="Pacific/Kiritimati")
    found = checked(world, warehouse_url)
    assert set(found) == {f"{CAMPAIGN}.date_in_window", f"{AD}.date_in_window"}
    for outcome in found.values():
        assert named(outcome) == [("acme", "linkedin_ads", "1", date(2026, 3, 11))]


INSTAGRAM_FAULTS = [
    ("keys_not_null", "update {table} set date_day = null {at}", None),
    ("grain_unique", "insert into {table} select * from {table} {at}", DAY),
    ("metrics_not_null", "update {table} set views = null, reach = null {at}", DAY),
    ("metrics_not_null", "update {table} set total_interactions = null {at}", DAY),
    ("metrics_not_negative", "update {table} set accounts_engaged = -1 {at}", DAY),
    ("metrics_not_negative", "update {table} set reach = -1 {at}", DAY),
    ("version_as_built", "update {table} set version = 'v0' {at}", DAY),
    ("reach_above_views", "update {table} set reach = views + 1 {at}", DAY),
]


@pytest.mark.parametrize(
    ("check", "fault", "day"), INSTAGRAM_FAULTS, ids=[f"{f[0]}-{i}" for i, f in enumerate(INSTAGRAM_FAULTS)]
)
def test_a_fault_in_an_instagram_day_names_exactly_that_day(
    world: BuildWorld, warehouse_url: str, check: str, fault: str, day: date | None
) -> None:
    for account in ("1", "2"):
        world.account(account, platform="instagram")
        for date_day in (DAY, OTHER_DAY):
            world.instagram_day(account, date_day)
    world.run(fault.format(table=f"analytics_build.{INSTAGRAM}", at=_AT))
    found = checked(world, warehouse_url)
    assert set(found) == {f"{INSTAGRAM}.{check}"}
    assert named(found[f"{INSTAGRAM}.{check}"]) == [("acme", "instagram", "1", day)]


def test_interactions_that_were_taken_back_may_leave_a_day_below_zero(world: BuildWorld, warehouse_url: str) -> None:
    world.account("1", platform="instagram")
    world.instagram_day("1", interactions=-2)
    assert checked(world, warehouse_url) == {}


def test_a_day_before_the_clients_active_from_is_a_fault(world: BuildWorld, warehouse_url: str) -> None:
    world.account("1", active_from=DAY)
    world.account_day("1", DAY)
    world.account_day("1", DAY - timedelta(days=1))
    found = checked(world, warehouse_url)
    assert {name.partition(".")[2] for name in found} == {"date_in_window"}
    for outcome in found.values():
        assert named(outcome) == [("acme", "meta_ads", "1", DAY - timedelta(days=1))]


def test_a_row_without_a_date_holds_its_account(two_accounts: BuildWorld, warehouse_url: str) -> None:
    two_accounts.run(
        f"insert into analytics_build.{AD} (client_id, platform, account_id, campaign_id, ad_group_id, ad_id) "
        "values ('acme', 'meta_ads', '1', 'C1', 'G1', 'A9')"
    )
    found = checked(two_accounts, warehouse_url)
    assert set(found) == {f"{AD}.keys_not_null"}
    assert named(found[f"{AD}.keys_not_null"]) == [("acme", "meta_ads", "1", None)]


def test_a_row_without_an_account_holds_every_account_that_it_may_belong_to(
    two_accounts: BuildWorld, warehouse_url: str
) -> None:
    two_accounts.account("7", client="other")
    two_accounts.account_day("7", client="other")
    two_accounts.run(
        f"insert into analytics_build.{AD} (client_id, platform, date_day, campaign_id, ad_group_id, ad_id) "
        "values ('acme', 'meta_ads', '2026-03-05', 'C1', 'G1', 'A9')"
    )
    found = checked(two_accounts, warehouse_url)
    assert named(found[f"{AD}.keys_not_null"]) == [("acme", "meta_ads", "1", None), ("acme", "meta_ads", "2", None)]


def test_faults_outside_the_scope_are_not_looked_at(two_accounts: BuildWorld, warehouse_url: str) -> None:
    two_accounts.publish("1")
    two_accounts.run("truncate ops.pending_account_day")
    two_accounts.run(f"update analytics_build.{AD} set spend = -1 {_AT}")
    assert checked(two_accounts, warehouse_url) == {}


def test_a_check_that_cannot_be_evaluated_is_errored_and_the_others_still_answer(
    two_accounts: BuildWorld, warehouse_url: str
) -> None:
    query = "select nonsense from {batch} as batch"
    table = next(table for table in FACT_TABLES if table.name == CAMPAIGN)
    broken = Expectation("broken", table, "hold", "that cannot be asked", query, query)
    outcomes = run_expectations(warehouse_url, build_id=BUILD, now=NOW, expectations=[broken, *EXPECTATIONS])
    assert [(outcome.name, outcome.status) for outcome in outcomes if outcome.status != "passed"] == [
        (f"{CAMPAIGN}.broken", "errored")
    ]
    [(detail,)] = two_accounts.rows("select detail from ops.check_run where status = 'errored'")
    assert 'column "nonsense" does not exist' in detail


def test_a_missing_fact_table_leaves_all_of_its_checks_errored(two_accounts: BuildWorld, warehouse_url: str) -> None:
    two_accounts.run(f"drop table analytics_build.{AD}")
    found = checked(two_accounts, warehouse_url)
    assert {outcome.status for outcome in found.values()} == {"errored"}
    assert set(found) == {expectation.name for expectation in EXPECTATIONS if expectation.table.name == AD}


def test_expectations_run_without_noise(
    two_accounts: BuildWorld, warehouse_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    checked(two_accounts, warehouse_url)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
