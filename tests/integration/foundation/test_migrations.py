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


def test_an_older_warehouse_learns_which_rows_its_published_days_consist_of(postgres: EmbeddedPostgres) -> None:
    """The 1st is published as it stands in the ledger, after the clock had jumped back; the 2nd was restated since."""
    admin = postgres.url("postgres")
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("create database before_0003")
    url = with_database(admin, "before_0003")
    migrate(url, "0002")
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """insert into ops.report_definition values
                ('p', 'ad', 'ad', true, 'own_campaign'), ('p', 'campaign', 'campaign', true, 'account_total'),
                ('p', 'hour', 'ad', false, 'completeness');
            insert into ops.load_ledger
            select 'p', '1', report, day::date, version, report || content, 1, '{}', '{}', true, now(), now(), now(),
                'r', 1
            from (values
                ('ad', '2026-11-01', 4, 'a'), ('campaign', '2026-11-01', 3, 'a'), ('hour', '2026-11-01', 9, 'a'),
                ('ad', '2026-11-02', 2, 'b'), ('campaign', '2026-11-02', 2, 'b')
            ) as entry (report, day, version, content);
            insert into ops.account_day
            select 'c', 'p', '1', day::date, 'v', md5('ad:ad' || content || '|campaign:campaign' || content), 'EUR',
                'UTC', 'EUR', 1, null, null, null, '2026-12-01', now(), now(), now()
            from (values ('2026-11-01', 'a'), ('2026-11-02', 'a')) as day (day, content);
            insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts)
            values ('r', '2026-11-03', 2, 0, '{}'), ('r', '2026-11-03', 1, 0, '{}');
            insert into ops.published_day values
                ('c', 'p', '1', '2026-11-01', 'u', '2026-11-03', '2026-11-02', 1),
                ('c', 'p', '1', '2026-11-01', 'v', '2026-11-02', null, 2),
                ('c', 'p', '1', '2026-11-02', 'v', '2026-11-03', null, 1)"""
        )
        connection.commit()
        migrate(url)
        cursor.execute(
            "select date_day::text, version, report_versions, superseded_at = published_at from ops.published_day "
            "order by 1, 2"
        )
        assert cursor.fetchall() == [
            ("2026-11-01", "u", None, True),
            ("2026-11-01", "v", {"ad": 4, "campaign": 3}, None),
            ("2026-11-02", "v", None, None),
        ]
