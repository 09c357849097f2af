"""What a platform gets wrong is held with its reason; raw keeps the last good rows; everybody else goes on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ingestion.sync import SyncReport
from tests.integration.ingestion.ad_world import DAYS, FIRST_DAY, START, YESTERDAY, AdWorld, Day, Figures, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase

pytestmark = pytest.mark.integration

TOMORROW = START + timedelta(days=1)
TODAY = YESTERDAY + timedelta(days=1)
ONE_DAY = date(2026, 9, 1)
PLATFORMS = ("meta_ads", "google_ads")


def of_account(figures: dict[Day, Figures], account_id: str) -> dict[date, Figures]:
    return {day: values for (account, day), values in figures.items() if account == account_id}


@pytest.fixture(scope="module")
def broken(ad_world: AdWorld, first_sync: Ingestion, make_database: MakeDatabase) -> Ingestion:
    """The day after the first sync, read while six of the eight accounts are faulty. Not to be written to."""
    ingestion = Ingestion(make_database(first_sync.url), ad_world, first_sync.settings)
    ad_world.advance(1)
    account = ad_world.accounts
    ad_world.fault("meta_ads", account["meta_ads", "aurora-moda"], "empty", level="campaign")
    ad_world.fault("meta_ads", account["meta_ads", "clinica-vitale"], "half", level="ad")
    ad_world.fault("meta_ads", account["meta_ads", "harbor-outdoor"], "error", status=500)
    day = str(ONE_DAY)
    ad_world.fault(
        "google_ads", account["google_ads", "aurora-moda"], "control_mismatch", amount="0.50", since=day, until=day
    )
    ad_world.fault("google_ads", account["google_ads", "clinica-vitale"], "truncate")
    ad_world.fault("google_ads", account["google_ads", "harbor-outdoor"], "moving_totals", amount="3.00")
    ad_world.fault("google_ads", account["google_ads", "olivar-viajes"], "empty")
    for platform in PLATFORMS:
        ingestion.sync(platform)
    ad_world.clear_faults()
    return ingestion


def keeps_the_last_good_rows(ingestion: Ingestion, platform: str, account: str) -> bool:
    before = of_account(ingestion.world.account_days(platform, as_of=START), account)
    tables = ("campaign_daily", "account_daily")
    return all(of_account(ingestion.loaded_days(platform, table), account) == before for table in tables)


def test_an_empty_list_where_the_total_knows_rows_holds_every_day(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["meta_ads", "aurora-moda"]
    held = broken.held(account)
    delivering = set(of_account(ad_world.account_days("meta_ads", as_of=TOMORROW), account))
    assert set(held) == delivering
    assert {code for code, _ in held.values()} == {"missing_rows"}
    spend = ad_world.account_days("meta_ads", as_of=TOMORROW)[account, YESTERDAY][0].normalize()
    assert held[YESTERDAY][1] == f"spend of campaign_daily adds up to 0 in 0 rows, the account total says {spend:f}"
    assert keeps_the_last_good_rows(broken, "meta_ads", account)


def test_half_of_the_ads_is_held_and_the_reason_names_a_campaign(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["meta_ads", "clinica-vitale"]
    held = broken.held(account)
    assert len(held) >= DAYS - 2
    assert {code for code, _ in held.values()} == {"ads_differ_from_campaign"}
    campaigns = {row["campaign_id"] for row in ad_world.truth("campaign") if row["account_id"] == account}
    assert all(any(campaign in reason for campaign in campaigns) for _, reason in held.values())
    before = of_account(ad_world.account_days("meta_ads", as_of=START), account)
    now = of_account(ad_world.account_days("meta_ads", as_of=TOMORROW), account)
    loaded = of_account(broken.loaded_days("meta_ads"), account)
    assert loaded == {day: (before if day in held else now)[day] for day in loaded}
    assert set(before) - set(loaded) == set()


def test_an_account_that_answers_with_errors_is_failing_and_loses_nothing(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["meta_ads", "harbor-outdoor"]
    health = broken.health(account)
    assert (health["status"], health["error_class"], health["failing_since"]) == ("failing", "transient", TOMORROW)
    assert health["last_success_at"] == START
    assert health["next_step"]
    assert broken.held(account) == {}
    assert keeps_the_last_good_rows(broken, "meta_ads", account)


def test_a_body_that_is_cut_off_is_never_taken_for_data(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "clinica-vitale"]
    assert broken.health(account)["message"] == "transient http 200: the answer is no complete JSON document"
    assert keeps_the_last_good_rows(broken, "google_ads", account)


def test_a_total_that_differs_on_one_day_holds_that_day_alone(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "aurora-moda"]
    held = broken.held(account)
    assert {day: code for day, (code, _) in held.items()} == {ONE_DAY: "differs_from_total"}
    now = ad_world.account_days("google_ads", [account], as_of=TOMORROW)
    own = now[account, ONE_DAY][0]
    wrong = own + Decimal("0.50")
    assert f"{own.normalize():f} in " in held[ONE_DAY][1]
    assert held[ONE_DAY][1].endswith(f"the account total says {wrong.normalize():f}")
    before = ad_world.account_days("google_ads", [account], as_of=START)
    loaded = {key: values for key, values in broken.loaded_days("google_ads").items() if key[0] == account}
    assert loaded == now | {(account, ONE_DAY): before[account, ONE_DAY]}
    assert broken.health(account)["status"] == "ok"


def test_a_total_that_moves_while_we_read_proves_what_lies_between_its_readings(
    ad_world: AdWorld, broken: Ingestion
) -> None:
    account = ad_world.accounts["google_ads", "harbor-outdoor"]
    assert broken.held(account) == {}
    now = of_account(ad_world.account_days("google_ads", as_of=TOMORROW), account)
    assert of_account(broken.loaded_days("google_ads"), account) == now
    recorded = broken.rows(
        """select distinct date_day, (control_totals ->> 'spend')::numeric from ops.load_ledger
        where account_id = %s and control_totals ->> 'spend' <> '0'""",
        account,
    )
    assert dict(recorded) == {day: values[0] for day, values in now.items()}


def test_nothing_at_all_where_there_was_delivery_is_no_zero_day(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "olivar-viajes"]
    held = broken.held(account)
    assert set(held) == {FIRST_DAY + timedelta(days=number) for number in range(DAYS + 1)}
    assert {code for code, _ in held.values()} == {"unexpectedly_empty"}
    assert keeps_the_last_good_rows(broken, "google_ads", account)


def test_the_healthy_account_beside_them_is_complete(ad_world: AdWorld, broken: Ingestion) -> None:
    faulty = {ad_world.accounts["meta_ads", client] for client in ("aurora-moda", "clinica-vitale", "harbor-outdoor")}
    (healthy,) = {account for account, _ in broken.loaded_days("meta_ads")} - faulty
    now = of_account(ad_world.account_days("meta_ads", as_of=TOMORROW), healthy)
    assert of_account(broken.loaded_days("meta_ads"), healthy) == now
    assert broken.held(healthy) == {}


def test_what_was_held_is_kept_to_look_at(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["meta_ads", "clinica-vitale"]
    rows = broken.rows(
        "select distinct report, payload ->> 'account_id' from ops.quarantined_row where account_id = %s", account
    )
    assert sorted(rows) == [("account_daily", account), ("ad_daily", account), ("campaign_daily", account)]
    kept = broken.value(
        """select sum((payload ->> 'spend')::numeric) from ops.quarantined_row
        where account_id = %s and report = 'campaign_daily' and date_day = %s""",
        account,
        YESTERDAY,
    )
    assert kept == ad_world.account_days("meta_ads", as_of=TOMORROW)[account, YESTERDAY][0]


def test_a_difference_is_read_again_at_once_and_then_waits_an_hour(ad_world: AdWorld, broken: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "olivar-viajes"]
    waits = broken.rows(
        "select distinct attempts, next_attempt_at, held_since from ops.quarantine where account_id = %s", account
    )
    assert waits == [(2, TOMORROW + timedelta(hours=1), TOMORROW)]
    early = {task.account.account_id for task in broken.due("google_ads", TOMORROW + timedelta(minutes=59))}
    due = {task.account.account_id for task in broken.due("google_ads", TOMORROW + timedelta(minutes=60))}
    assert account not in early
    assert account in due


def test_the_next_run_after_the_faults_converges_to_the_truth(
    ad_world: AdWorld, broken: Ingestion, make_database: MakeDatabase
) -> None:
    mended = Ingestion(make_database(broken.url), ad_world, broken.settings)
    revoked = ad_world.accounts["meta_ads", "olivar-viajes"]
    for platform in PLATFORMS:
        mended.sync(platform, at=TOMORROW + timedelta(hours=1))
        truth = ad_world.account_days(platform, as_of=TOMORROW)
        wanted = {key: values for key, values in truth.items() if key[0] != revoked}
        assert mended.loaded_days(platform) == wanted
    assert mended.value("select count(*) from ops.quarantine") == 0
    failing = mended.rows("select account_id from ops.account_health where status = 'failing'")
    assert failing == [(revoked,)]
    assert mended.loaded_days("meta_ads", "ad_daily") == mended.loaded_days("meta_ads")


def test_errors_and_throttles_that_pass_within_the_run_leave_no_trace(
    ad_world: AdWorld, broken: Ingestion, make_database: MakeDatabase
) -> None:
    """Three errors, a throttle with its waiting time and a cut body, each on the way of one run."""
    ingestion = Ingestion(make_database(broken.url), ad_world, broken.settings)
    account = ad_world.accounts["meta_ads", "aurora-moda"]
    ad_world.fault("meta_ads", account, "error", times=3, level="campaign")
    ad_world.fault("meta_ads", account, "throttle", times=1, level="ad")
    ad_world.fault("meta_ads", account, "truncate", times=1, level="account")
    tasks = ingestion.requested("meta_ads", FIRST_DAY, TODAY, account)
    report: SyncReport = ingestion.sync("meta_ads", at=TOMORROW + timedelta(hours=1), tasks=tasks)
    ad_world.clear_faults()
    assert report.failed == []
    assert of_account(ingestion.loaded_days("meta_ads"), account) == of_account(
        ad_world.account_days("meta_ads", as_of=TOMORROW), account
    )
    assert ingestion.held(account) == {}
