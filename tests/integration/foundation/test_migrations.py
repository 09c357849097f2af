"""The schema appears by numbered migrations, once, whoever starts first."""

from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate

pytestmark = pytest.mark.integration


def test_four_processes_that_start_at_once_migrate_a_new_warehouse_exactly_once(postgres: EmbeddedPostgres) -> None:
    admin = postgres.url("postgres")
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("create database migration_race")
    url = with_database(admin, "migration_race")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [url] * 4))
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("select version_num from public.schema_version")
        assert len(cursor.fetchall()) == 1
        cursor.execute("select count(*) from ops.load_ledger")
        assert cursor.fetchone() == (0,)


def test_the_reader_role_reads_the_published_schemas_and_nothing_else(warehouse_url: str) -> None:
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "create table analytics.published_later (x int); insert into analytics.published_later values (7)"
        )
        cursor.execute("create table raw_meta_ads.something (x int)")
        connection.commit()
        cursor.execute("set role mdp_reader")
        connection.commit()
        cursor.execute("select x from analytics.published_later")
        assert cursor.fetchone() == (7,)
        cursor.execute("select count(*) from analytics.account_day_state")
        assert cursor.fetchone() == (0,)
        connection.commit()
        for forbidden in (
            "select * from ops.certificate",
            "select * from ops.clock",
            "select * from raw_registry.client",
            "select * from raw_meta_ads.something",
            "insert into analytics.published_later values (1)",
            "create table analytics.mine (x int)",
            "create table public.mine (x int)",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(forbidden)
            connection.rollback()
            cursor.execute("set role mdp_reader")
