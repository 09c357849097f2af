"""A warehouse with some rows, settings with a data directory of their own, and an S3 service over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.database import connect
from foundation.settings import Settings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def filled_url(warehouse_url: str) -> str:
    """5,000 fact rows with jsonb, nulls and a landing schema that a backup leaves out."""
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            create table raw_meta_ads.ad_daily (
                account_id text, date_day date, ad_id text, spend numeric(20, 6), actions jsonb, read_at timestamptz,
                unique (account_id, date_day, ad_id)
            );
            insert into raw_meta_ads.ad_daily
            select (n %% 7)::text, date '2026-01-01' + (n %% 90), n::text, n / 100.0,
                case when n %% 3 > 0 then jsonb_build_array(jsonb_build_object('value', n::text)) end, now()
            from generate_series(1, 5000) as n;
            create schema landing_meta_ads_run1;
            create table landing_meta_ads_run1.scratch as select 1 as n;
            insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts)
            values ('r', now(), 1, 0, '{}');
            """.replace("%%", "%")
        )
        connection.commit()
    return warehouse_url


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("MDP_BACKUP_URL", raising=False)
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_settings(s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    import boto3

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3", endpoint_url=s3_endpoint).create_bucket(Bucket="agency-backups")
    return Settings(
        data_dir=tmp_path / "data", backup_url="s3://agency-backups/warehouse", backup_s3_endpoint_url=s3_endpoint
    )
