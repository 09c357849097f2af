"""The database tells the same time as the platform: a sandbox's while there is one, else its own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg2.errors import DivisionByZero

from foundation.clock import FileClock, SystemClock, show_clock_to_database
from foundation.database import connect, session_lock, transaction

pytestmark = pytest.mark.integration


def platform_now(url: str) -> datetime:
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("select ops.platform_now()")
        ((now,),) = cursor.fetchall()
        assert isinstance(now, datetime)
        return now


def test_views_follow_the_sandboxs_clock_and_the_machines_once_it_is_gone(warehouse_url: str, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    with connect(warehouse_url) as connection:
        for text in ("2026-11-01T12:00:00+00:00", "2026-11-02T12:00:00+00:00"):
            file.write_text(text, encoding="utf-8")
            show_clock_to_database(connection, FileClock(file))
            assert platform_now(warehouse_url) == datetime.fromisoformat(text)
        show_clock_to_database(connection, SystemClock())
    assert abs(platform_now(warehouse_url) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_lock_excludes_a_second_holder_and_is_free_after_the_first(warehouse_url: str) -> None:
    with session_lock(warehouse_url, "unit", "1") as held:
        assert held is True
        with session_lock(warehouse_url, "unit", "1", wait=False) as second:
            assert second is False
        with session_lock(warehouse_url, "unit", "2", wait=False) as other:
            assert other is True
    with session_lock(warehouse_url, "unit", "1", wait=False) as again:
        assert again is True


def test_a_transaction_that_fails_leaves_nothing_behind(warehouse_url: str) -> None:
    with connect(warehouse_url) as connection:
        with transaction(connection) as cursor:
            cursor.execute("create table public.kept (x int)")
        with pytest.raises(DivisionByZero), transaction(connection) as cursor:
            cursor.execute("insert into public.kept values (1); select 1 / 0")
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from public.kept")
            assert cursor.fetchone() == (0,)
            cursor.execute("show timezone")
            assert cursor.fetchone() == ("UTC",)
