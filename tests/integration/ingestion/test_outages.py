"""Accounts that cannot be read: what the operator is told, and that every missing day comes later."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.integration.ingestion.ad_world import FIRST_DAY, START, AdWorld, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

pytestmark = pytest.mark.integration

WithClients = Callable[[Callable[[dict[str, dict]], None]], Ingestion]  # type: ignore[type-arg]


@pytest.fixture
def with_clients(ad_world: AdWorld, make_database: MakeDatabase, tmp_path: Path) -> WithClients:
    """Ingestion whose client files are the world's after ``edit`` changed them ({client id: content})."""

    def build(edit: Callable[[dict[str, dict]], None]) -> Ingestion:  # type: ignore[type-arg]
        paths = (ad_world.directory / "clients").glob("*.yaml")
        clients = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}
        edit(clients)
        for name, content in clients.items():
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        ingestion = ingestion_of(ad_world, make_database(None), clients_dir=tmp_path)
        ingestion.load_clients()
        return ingestion

    return build


def test_a_client_file_that_disagrees_with_the_platform_loads_nothing(
    ad_world: AdWorld, with_clients: WithClients
) -> None:
    def edit(clients: dict[str, dict]) -> None:  # type: ignore[type-arg]
        clients["aurora-moda"]["accounts"][0]["currency"] = "USD"
        clients["clinica-vitale"]["accounts"][0]["timezone"] = "UTC"

    ingestion = with_clients(edit)
    wrong_currency = ad_world.accounts["meta_ads", "aurora-moda"]
    wrong_zone = ad_world.accounts["meta_ads", "clinica-vitale"]
    tasks = [task for task in ingestion.due("meta_ads") if task.account.account_id in (wrong_currency, wrong_zone)]
    report = ingestion.sync("meta_ads", tasks=tasks)
    assert report.nothing_loaded
    currency, zone = ingestion.health(wrong_currency), ingestion.health(wrong_zone)
    assert (currency["status"], currency["error_class"]) == ("failing", "currency")
    assert "the platform says currency 'BRL', the client file says 'USD'" in currency["message"]
    assert currency["next_step"].startswith("correct accounts.currency in clients/aurora-moda.yaml")
    assert (zone["status"], zone["error_class"]) == ("failing", "timezone")
    assert "'America/Sao_Paulo', the client file says 'UTC'" in zone["message"]
    assert {rows for rows, _ in ingestion.fingerprint().values()} == {0}
    assert ingestion.value("select count(*) from ops.load_ledger where complete") == 0


def test_an_account_behind_a_manager_without_its_id_is_refused_with_the_key_to_set(
    ad_world: AdWorld, with_clients: WithClients
) -> None:
    ingestion = with_clients(lambda clients: clients["aurora-moda"]["accounts"][1].pop("login_customer_id"))
    account = ad_world.accounts["google_ads", "aurora-moda"]
    report = ingestion.sync("google_ads")
    assert [outcome.account.account_id for outcome in report.failed] == [account]
    health = ingestion.health(account)
    assert health["error_class"] == "permission"
    assert "login_customer_id" in health["next_step"]


def test_an_account_that_moved_between_clients_is_read_for_both_and_its_days_stand_once(
    ad_world: AdWorld, with_clients: WithClients
) -> None:
    """Until 27 August the account was Aurora's, from the 28th it is Vitale's."""
    account = ad_world.accounts["google_ads", "aurora-moda"]

    def edit(clients: dict[str, dict]) -> None:  # type: ignore[type-arg]
        moved = next(entry for entry in clients["aurora-moda"]["accounts"] if entry["account_id"] == account)
        clients["clinica-vitale"]["accounts"].append({**moved, "active_from": "2026-08-28"})
        moved["active_to"] = "2026-08-27"

    ingestion = with_clients(edit)
    tasks = [task for task in ingestion.due("google_ads") if task.account.account_id == account]
    assert [task.account.client_id for task in tasks] == ["aurora-moda", "clinica-vitale"]
    report = ingestion.sync("google_ads", tasks=tasks)
    assert [(o.account.client_id, o.proved_days, o.held_days) for o in report.outcomes] == [
        ("aurora-moda", 10, {}),
        ("clinica-vitale", 10, {}),
    ]
    assert ingestion.loaded_days("google_ads") == ad_world.account_days("google_ads", [account])
    assert ingestion.rows("select * from ops.quarantine") == []


def test_a_credential_that_is_stored_nowhere_names_the_variable_to_set(
    ad_world: AdWorld, fresh: Ingestion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variable = "MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN"
    account = ad_world.accounts["meta_ads", "aurora-moda"]
    tasks = [task for task in fresh.due("meta_ads") if task.account.account_id == account]
    with monkeypatch.context() as patch:
        patch.delenv(variable)
        assert fresh.sync("meta_ads", tasks=tasks).nothing_loaded
        patch.setenv(f"{variable}_FILE", str(tmp_path / "not-there"))
        assert fresh.sync("meta_ads", tasks=tasks).nothing_loaded
    health = fresh.health(account)
    assert (health["error_class"], health["attempts"]) == ("credential", 2)
    assert f"{variable}_FILE" in health["message"]
    assert "not-there" in health["message"]
    assert "meta_agency" in health["next_step"]


def test_a_secret_in_a_file_is_as_good_as_one_in_the_environment(
    ad_world: AdWorld, fresh: Ingestion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variable, secret = "MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN", tmp_path / "token"
    with monkeypatch.context() as patch:
        import os

        secret.write_text(os.environ[variable] + "\n", encoding="utf-8")
        patch.delenv(variable)
        patch.setenv(f"{variable}_FILE", str(secret))
        account = ad_world.accounts["meta_ads", "aurora-moda"]
        tasks = [task for task in fresh.due("meta_ads") if task.account.account_id == account]
        assert fresh.sync("meta_ads", tasks=tasks).failed == []
    assert fresh.loaded_days("meta_ads") == ad_world.account_days("meta_ads", [account])


def test_a_revoked_login_is_failing_since_its_first_refusal_and_forty_days_later_nothing_is_missing(
    ad_world: AdWorld, synced: Ingestion
) -> None:
    """Last in this module: it moves the world's clock by forty days and mends the login."""
    account = ad_world.accounts["meta_ads", "olivar-viajes"]
    ad_world.advance(1)
    synced.sync("meta_ads")
    ad_world.advance(1)
    synced.sync("meta_ads")
    health = synced.health(account)
    assert (health["status"], health["error_class"], health["error_code"]) == ("failing", "credential", "190/460")
    assert (health["failing_since"], health["last_attempt_at"]) == (START, START + timedelta(days=2))
    assert health["attempts"] == 3
    assert "meta_olivar" in health["next_step"]
    ad_world.advance(38)
    assert ad_world.http.post("/_sandbox/mend").json()["mended"] == ["meta_olivar"]
    tasks = [task for task in synced.due("meta_ads") if task.account.account_id == account]
    (outcome,) = synced.sync("meta_ads", tasks=tasks).outcomes
    assert (outcome.proved_days, outcome.held_days) == (60, {})
    loaded = {key: figures for key, figures in synced.loaded_days("meta_ads").items() if key[0] == account}
    assert loaded == ad_world.account_days("meta_ads", [account])
    assert max(day for _, day in loaded) - min(day for _, day in loaded) >= timedelta(days=55)
    health = synced.health(account)
    assert (health["status"], health["failing_since"], health["attempts"]) == ("ok", None, 0)
    # The others, too, were not read for 38 days; one ordinary run closes their holes.
    synced.sync("meta_ads")
    assert synced.loaded_days("meta_ads") == ad_world.account_days("meta_ads")


def test_a_day_that_the_gate_holds_is_read_again_by_itself(
    ad_world: AdWorld, first_sync: Ingestion, make_database: MakeDatabase
) -> None:
    ingestion = Ingestion(make_database(first_sync.url), ad_world, first_sync.settings)
    account = ad_world.accounts["google_ads", "aurora-moda"]
    held_at = START + timedelta(minutes=10)
    ingestion.run(
        "insert into ops.held_day select client_id, platform, account_id, %s, 'v', 'clicks > impressions', %s, true "
        "from raw_registry.account where account_id = %s",
        FIRST_DAY, held_at, account,
    )  # fmt: skip

    def asked(at: datetime) -> list[date]:
        return [
            day for task in ingestion.due("google_ads", at) if task.account.account_id == account for day in task.days
        ]

    # At once, then one, three and six hours after the hold; every reading that changes nothing is enough until then.
    for minutes, due in ((11, True), (12, False), (69, False), (70, True), (71, False), (190, True)):
        at = START + timedelta(minutes=minutes)
        assert (FIRST_DAY in asked(at)) is due, minutes
        if due:
            assert ingestion.sync("google_ads", at=at).failed == []
    # What a check could not judge is not mended by reading it again.
    six_hours_later = START + timedelta(minutes=370)
    assert FIRST_DAY in asked(six_hours_later)
    ingestion.run("update ops.held_day set read_again = false")
    assert FIRST_DAY not in asked(six_hours_later)
