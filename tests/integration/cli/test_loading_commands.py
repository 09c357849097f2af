"""`mdp sync`, `rates`, `accounts` and `status` as they are typed."""

from decimal import Decimal

import pytest
import yaml
from command_line import DAYS

pytestmark = pytest.mark.integration


def test_a_sync_reads_all_that_is_due_and_a_second_one_finds_nothing_due(command_line) -> None:
    first = command_line.mdp("sync", "google_ads", "--json")
    assert first.exit_code == 0, first.stderr
    accounts = {account["account"]: account for account in first.json["accounts"]}
    truth = [row for row in command_line.truth() if row["platform"] == "google_ads"]
    assert set(accounts) == {row["account_id"] for row in truth}
    for account_id, account in accounts.items():
        assert account["loaded"]
        assert account["held_days"] == {}
        days = {row["date_day"] for row in truth if row["account_id"] == account_id}
        assert account["proved_days"] == len(days) == DAYS
    loaded = command_line.rows("select sum(cost_micros), sum(clicks) from raw_google_ads.campaign_daily")
    spend = sum(Decimal(row["spend"]) for row in truth)
    assert loaded == [(spend * 1_000_000, sum(row["clicks"] for row in truth))]

    again = command_line.mdp("sync", "google_ads")
    assert again.exit_code == 0
    assert "google_ads: 0 accounts" in again.stdout


def test_days_of_a_persons_choice_are_read_for_the_client_that_was_named(command_line) -> None:
    first, between, last = command_line.days[2:5]
    asked = ("tiktok_ads", "--client", "aurora-moda", "--from", first, "--to", last)
    table = command_line.mdp("sync", *asked)
    assert table.exit_code == 0, table.stderr
    assert "aurora-moda" in table.stdout
    assert "harbor-outdoor" not in table.stdout
    days = command_line.rows("select distinct date_day::text from raw_tiktok_ads.campaign_daily order by 1")
    assert [day for (day,) in days] == [first, between, last]

    assert command_line.mdp("sync", *asked, "--resume", "--json").json["accounts"] == []
    (account,) = command_line.mdp("sync", *asked, "--json").json["accounts"]
    assert (account["proved_days"], account["changed_days"]) == (3, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("myspace_ads",), "no platform 'myspace_ads'; known: meta_ads"),
        (("meta_ads", "--from", "2026-10-27", "--to", "2026-10-25"), "--from 2026-10-27 lies after --to 2026-10-25"),
        (("meta_ads", "--client", "nobody"), "nobody"),
        (("meta_ads", "--account", "999"), "999"),
    ],
)
def test_what_does_not_exist_is_named_and_nothing_is_loaded(command_line, arguments, words) -> None:
    refused = command_line.mdp("sync", *arguments)
    assert refused.exit_code == 1
    assert words in " ".join(refused.stderr.split())


def test_a_login_that_nobody_stored_is_named_with_the_variable_that_stores_it(command_line) -> None:
    variable = "MDP_CREDENTIAL_TIKTOK_AGENCY_ACCESS_TOKEN"
    with command_line.configured(**{variable: ""}):
        failed = command_line.mdp("sync", "tiktok_ads", "--client", "harbor-outdoor", "--json")
    assert failed.exit_code == 1
    (account,) = failed.json["accounts"]
    assert (account["client"], account["loaded"], account["rows"]) == ("harbor-outdoor", False, 0)
    assert variable in account["error"]


def test_rates_are_fetched_once_for_the_currencies_of_the_client_files(command_line) -> None:
    fetched = command_line.mdp("rates", "--json").json
    assert fetched["changed"] > 0
    assert fetched["without_rate"] == []
    assert command_line.rows("select distinct currency from raw_fx.rate order by 1") == [("BRL",), ("USD",)]
    assert "0 rates new or changed" in command_line.mdp("rates").stdout


def test_accounts_in_no_client_file_come_as_lines_that_the_client_file_takes(command_line) -> None:
    seen = command_line.mdp("accounts", "meta_ads", "--credential", "meta_agency")
    assert "in no client file" not in seen.stdout
    with command_line.without_file_of("harbor-outdoor"):
        table = command_line.mdp("accounts", "meta_ads", "--credential", "meta_agency").stdout
        visible = command_line.mdp("accounts", "meta_ads", "--credential", "meta_agency", "--json").json
    assert "in no client file" in table
    lines = yaml.safe_load(table.partition("For a client file, under `accounts:`")[2])
    kept = yaml.safe_load((command_line.world.path / "clients" / "harbor-outdoor.yaml").read_text(encoding="utf-8"))
    wanted = [account for account in kept["accounts"] if account["platform"] == "meta_ads"]
    by_id = {line["account_id"]: line for line in lines}
    assert len(wanted) == 2
    assert by_id == {account["account_id"]: account for account in wanted}
    assert {account["account_id"] for account in visible} > set(by_id)


def test_a_platform_that_no_one_knows_and_a_refused_login_are_told_apart(command_line) -> None:
    unknown = command_line.mdp("accounts", "myspace_ads", "--credential", "meta_agency")
    assert (unknown.exit_code, "no platform 'myspace_ads'" in unknown.stderr) == (1, True)
    with command_line.configured(MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN="EAAwrong"):
        refused = command_line.mdp("accounts", "meta_ads", "--credential", "meta_agency")
    assert refused.exit_code == 1
    assert "Next: " in refused.stderr
    assert "EAAwrong" not in refused.stderr + refused.stdout


def test_status_says_of_each_account_when_it_was_read_and_what_is_missing(command_line) -> None:
    command_line.mdp("sync", "google_ads")
    status = command_line.mdp("status", "--json").json
    accounts = {(account["platform"], account["account_id"]): account for account in status["accounts"]}
    registered = command_line.rows("select platform, account_id from raw_registry.account")
    assert set(accounts) == set(registered)
    google = [account for (platform, _), account in accounts.items() if platform == "google_ads"]
    assert {(account["status"], account["holes"]) for account in google} == {("ok", 0)}
    newest = max(row["date_day"] for row in command_line.truth() if row["platform"] == "google_ads")
    assert {account["newest_day"] for account in google} == {newest}
    instagram = [account for (platform, _), account in accounts.items() if platform == "instagram"]
    assert {account["status"] for account in instagram} == {"never read"}
    table = command_line.mdp("status").stdout
    for words in ("Accounts: last complete reading", "never", "last publication  none yet", "google_agency"):
        assert words in table
