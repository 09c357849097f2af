"""The client files in the warehouse: effective-dated, never shortened by deleting, and what is due by them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.database import connect
from foundation.registry import RegistryError, read_clients
from ingestion.due import AccountTask, due_tasks, registered_accounts
from ingestion.loading.tables import ensure_raw_tables
from ingestion.registry_load import load_registry
from ingestion.windows import Span

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def account(account_id: str = "111", **more: Any) -> dict[str, Any]:
    return {
        "platform": "google_ads",
        "account_id": account_id,
        "currency": "EUR",
        "timezone": "Europe/Madrid",
        "credential": "google_agency",
        **more,
    }


def client(name: str, *accounts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "client": name,
        "name": name.title(),
        "reporting_currency": "EUR",
        "timezone": "Europe/Madrid",
        "active_from": date(2026, 8, 1),
        "accounts": list(accounts),
        **more,
    }


class Registry:
    """Client files in a folder, loaded into a warehouse."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def load(self, *clients: dict[str, Any], at: datetime = NOON) -> None:
        for path in self.folder.glob("*.yaml"):
            path.unlink()
        for content in clients:
            (self.folder / f"{content['client']}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        with connect(self.url) as connection:
            load_registry(connection, read_clients(self.folder), at)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def due(self, now: datetime = NOON) -> list[AccountTask]:
        with connect(self.url) as connection:
            ensure_raw_tables(connection)
            return due_tasks(connection, "google_ads", now)


@pytest.fixture
def registry(warehouse_url: str, tmp_path: Path) -> Registry:
    return Registry(warehouse_url, tmp_path)


def test_a_new_client_is_known_and_due_without_anything_else_being_done(registry: Registry) -> None:
    registry.load(client("olivar", account()))
    registry.load(client("olivar", account()), client("prado", account("222"), active_from=date(2026, 11, 8)))
    assert [(task.account.client_id, task.spans[-1].since) for task in registry.due()] == [
        ("olivar", date(2026, 8, 1)),
        ("prado", date(2026, 11, 8)),
    ]


def test_loading_unchanged_files_again_changes_no_client(registry: Registry) -> None:
    registry.load(client("olivar", account()))
    registry.load(client("olivar", account()), at=NOON + timedelta(days=1))
    assert registry.rows("select client_id, loaded_at from raw_registry.client") == [("olivar", NOON)]


def test_a_file_that_vanished_is_refused_and_the_registry_stays(registry: Registry) -> None:
    registry.load(client("olivar", account()), client("prado"))
    with pytest.raises(RegistryError, match=r"client file of prado is gone: put it back; .*`status: archived`"):
        registry.load(client("olivar", account()))
    assert registry.rows("select client_id from raw_registry.client order by 1") == [("olivar",), ("prado",)]


def test_an_account_that_vanished_from_its_file_is_refused(registry: Registry) -> None:
    registry.load(client("olivar", account(), account("222")))
    with pytest.raises(RegistryError, match=r"olivar.yaml: accounts: google_ads account 222 is gone: .*active_to"):
        registry.load(client("olivar", account(), reporting_currency="USD"))
    assert registry.rows("select reporting_currency from raw_registry.client") == [("EUR",)]
    assert registry.rows("select account_id from raw_registry.account order by 1") == [("111",), ("222",)]


def test_an_archived_client_is_not_loaded_any_more_and_stays_known(registry: Registry) -> None:
    registry.load(client("olivar", account()), client("prado", account("222"), status="archived"))
    assert [task.account.client_id for task in registry.due()] == ["olivar"]
    with connect(registry.url) as connection:
        assert [known.account_id for known in registered_accounts(connection, "google_ads")] == ["111"]
    assert registry.rows("select client_id, status from raw_registry.client order by 1") == [
        ("olivar", "active"),
        ("prado", "archived"),
    ]


def test_an_account_that_moved_belongs_to_each_client_on_its_own_days(registry: Registry) -> None:
    registry.load(
        client("olivar", account(active_to=date(2026, 10, 31))),
        client("prado", account(active_from=date(2026, 11, 1), credential="google_prado")),
    )
    assert registry.rows("select client_id, active_from, active_to from raw_registry.account order by 2") == [
        ("olivar", date(2026, 8, 1), date(2026, 10, 31)),
        ("prado", date(2026, 11, 1), None),
    ]
    olivar, prado = registry.due()
    assert (olivar.account.credential, prado.account.credential) == ("google_agency", "google_prado")
    assert olivar.spans[0] == Span(date(2026, 10, 10), date(2026, 10, 31))
    assert prado.spans == (Span(date(2026, 11, 1), date(2026, 11, 9)),)


def test_two_clients_with_one_account_on_the_same_day_are_refused_before_anything_is_written(
    registry: Registry,
) -> None:
    with pytest.raises(
        RegistryError, match=r"prado.yaml: accounts: google_ads account 111 also belongs to olivar.yaml"
    ):
        registry.load(
            client("olivar", account(active_to=date(2026, 11, 1))),
            client("prado", account(active_from=date(2026, 11, 1))),
        )
    assert registry.rows("select * from raw_registry.client") == []


def _hold_and_prove(registry: Registry, verified: date, held: date, next_attempt_at: datetime) -> None:
    """Every day from August on proved by every report at noon of its own last day; one day held since."""
    registry.due()
    with connect(registry.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """insert into ops.load_ledger (platform, account_id, report, date_day, version, content_hash, row_count,
                totals, control_totals, complete, read_at, fetched_at, verified_at, run_id, fence)
            select 'google_ads', '111', report, day, 1, '', 0, '{}', '{}', true, %(at)s, %(at)s, %(at)s, 'r', 1
            from (select report from ops.report_definition where platform = 'google_ads') as definition,
                generate_series('2026-08-01'::date, %(until)s::date, '1 day') as day""",
            {"at": NOON, "until": verified},
        )
        cursor.execute(
            """insert into ops.quarantine values
            ('google_ads', '111', %s, 'differs_from_total', 'r', '{}', %s, %s, 2, %s, 'r')""",
            (held, NOON, NOON, next_attempt_at),
        )
        connection.commit()


def test_a_held_day_is_read_again_when_its_wait_is_over_although_the_window_has_passed_it(registry: Registry) -> None:
    registry.load(client("olivar", account()))
    _hold_and_prove(registry, date(2026, 11, 9), date(2026, 9, 20), NOON + timedelta(hours=1))
    assert registry.due(NOON + timedelta(minutes=59)) == []
    (task,) = registry.due(NOON + timedelta(hours=1))
    assert task.spans[-1] == Span(date(2026, 9, 20), date(2026, 9, 30))


def test_a_day_proved_by_two_of_three_reports_counts_as_missing(registry: Registry) -> None:
    registry.load(client("olivar", account()))
    _hold_and_prove(registry, date(2026, 11, 9), date(2026, 7, 1), NOON)
    with connect(registry.url) as connection, connection.cursor() as cursor:
        cursor.execute("delete from ops.load_ledger where report = 'ad_daily' and date_day = '2026-08-30'")
        connection.commit()
    (task,) = registry.due()
    assert task.spans[-1] == Span(date(2026, 8, 30), date(2026, 8, 31))
