"""A day without Dagster: load, build, publish, look, back up and restore, each as it is typed."""

from collections import defaultdict
from decimal import Decimal

import pytest
from command_line import DAYS

from foundation.database import connect, with_database

pytestmark = pytest.mark.integration

AD_PLATFORMS = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads")


@pytest.fixture(scope="module")
def loaded(command_line):
    """Every platform and the rates were read once."""
    for platform in (*AD_PLATFORMS, "instagram"):
        assert command_line.mdp("sync", platform).exit_code == 0
    assert command_line.mdp("rates").exit_code == 0
    return command_line


@pytest.fixture(scope="module")
def published(loaded):
    """Built, checked, certified and published; what the command printed."""
    built = loaded.mdp("build", "--json")
    assert built.exit_code == 0, built.stderr
    assert built.json["account_days_built"] == 130
    assert loaded.rows("select count(*) from ops.publication") == [(0,)]
    answer = loaded.mdp("publish", "--json")
    assert answer.exit_code == 0, answer.stderr
    return answer.json


def test_what_is_published_equals_the_world_to_the_cent(loaded, published) -> None:
    assert (published["gate"]["publish"], published["gate"]["held"]) == (130, 0)
    spend = defaultdict(Decimal)
    for row in loaded.truth():
        spend[row["client_id"], row["platform"]] += Decimal(row["spend"])
    stands = loaded.rows(
        "select client_id, platform, sum(spend) from analytics.fct_campaign_performance_daily group by 1, 2"
    )
    assert {(client, platform): total for client, platform, total in stands} == {
        unit: total for unit, total in spend.items() if unit[1] in AD_PLATFORMS
    }


def test_status_and_months_show_what_was_published(loaded, published) -> None:
    status = loaded.mdp("status", "--json").json
    assert status["newest"]["publication"]["what"] == "130 account-days"
    aurora = [row for row in status["clients"] if row["client_id"] == "aurora-moda"]
    assert {int(row["certified_days"]) for row in aurora} == {DAYS}
    assert "last publication  " in loaded.mdp("status").stdout
    assert "no month has settled yet" in loaded.mdp("months").stdout
    assert loaded.mdp("months", "--json").json == []
    page = loaded.mdp("data-docs", "--json").json["page"]
    assert page.startswith(str(loaded.world.path))


def test_metrics_are_asked_of_published_figures(loaded, published, capfd) -> None:
    asked = loaded.mdp("metrics", "query", "--metrics", "impressions", "--group-by", "client", "--quiet")
    assert asked.exit_code == 0
    shown = asked.stdout + capfd.readouterr().out
    impressions = sum(row["impressions"] for row in loaded.truth() if row["client_id"] == "aurora-moda")
    assert "aurora-moda" in shown
    assert str(impressions) in shown.replace(",", "")


def test_the_prompt_and_the_address_are_those_of_the_warehouse(loaded, published, capfd) -> None:
    assert loaded.mdp("db", "url").stdout.strip() == loaded.warehouse_url
    asked = loaded.mdp("db", "psql", "--", "-At", "-c", "select count(*) from analytics.dim_client")
    assert asked.exit_code == 0
    assert "3" in capfd.readouterr().out.split()
    assert loaded.mdp("db", "psql", "--", "-c", "select nonsense").exit_code != 0


def test_a_backup_is_made_verified_listed_and_restored_into_a_new_database(loaded, published) -> None:
    made = loaded.mdp("backup", "--json").json
    verified = loaded.mdp("backup", "verify")
    assert verified.exit_code == 0, verified.stderr
    assert "restored with equal rows and checksums" in verified.stdout
    (listed,) = loaded.mdp("backup", "list", "--json").json
    assert (listed["backup"], listed["status"]) == (made["backup"], "verified")
    assert made["backup"] in loaded.mdp("backup", "list").stdout

    restored = loaded.mdp("backup", "restore", "command_line_restored", "--json")
    copy = with_database(loaded.warehouse_url, "command_line_restored")
    query = "select sum(spend), count(*) from analytics.fct_campaign_performance_daily"
    try:
        assert restored.json["agrees"]
        with connect(copy) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            assert cursor.fetchall() == loaded.rows(query)
        lost = ("--location", made["location"], "--sha256", "0" * 64)
        tampered = loaded.mdp("backup", "restore", "command_line_tampered", *lost)
        assert tampered.exit_code == 1
        assert "command_line_tampered" not in str(loaded.rows("select datname from pg_database"))
        again = loaded.mdp("backup", "restore", "command_line_restored")
        assert again.exit_code == 1
        assert "command_line_restored" in again.stderr
    finally:
        with connect(loaded.warehouse_url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("drop database if exists command_line_restored with (force)")


def test_a_prepared_project_is_not_parsed_again(loaded) -> None:
    assert "nothing changed" in loaded.mdp("prepare").stdout
