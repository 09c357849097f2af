"""The roles of the compose file's PostgreSQL suffice for the platform, and go no further."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from backups.dump import create_backup
from backups.verify import verify_backup
from foundation.database import connect
from foundation.embedded_postgres import EmbeddedPostgres, binaries_directory
from foundation.migrations import migrate
from foundation.settings import REPOSITORY, Settings

pytestmark = pytest.mark.integration

# One with every character that a shell, SQL or a URL gives a meaning to.
PASSWORDS = {"warehouse_password": 'it\'s $HOME \\ "x"', "dagster_password": "d", "bi_password": "b"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A cluster of its own, set up by the very script that the compose file mounts."""
    directory = Path(tempfile.mkdtemp(prefix="mdp-roles-", dir="/var/tmp"))
    directory.chmod(0o755)
    cluster = EmbeddedPostgres(directory)
    cluster.start()
    admin = cluster.url("postgres")
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        # The embedded server brings these two; the image does not. Its superuser is not called mdp either.
        cursor.execute("drop database warehouse")
        cursor.execute("drop database dagster")
        cursor.execute("create role postgres superuser login password 'postgres'")
    with connect(_as(admin, "postgres", "postgres", "postgres"), autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute("alter role mdp rename to embedded_superuser")
    secrets: Path = tmp_path_factory.mktemp("secrets")
    for name, password in PASSWORDS.items():
        (secrets / name).write_text(f"{password}\n", encoding="utf-8")
    parts = urlsplit(admin)
    subprocess.run(
        [REPOSITORY / "docker" / "postgres" / "10-roles.sh"],
        check=True,
        env={
            "PATH": f"{binaries_directory()}:{os.environ['PATH']}",
            "PGHOST": str(parts.hostname),
            "PGPORT": str(parts.port),
            "PGUSER": "postgres",
            "PGPASSWORD": "postgres",
            "MDP_SECRETS_DIR": str(secrets),
        },
    )
    yield cluster
    cluster.stop()
    shutil.rmtree(directory, ignore_errors=True)


def _as(url: str, user: str, password: str, database: str) -> str:
    from urllib.parse import quote

    parts = urlsplit(url)
    return f"postgresql://{user}:{quote(password, safe='')}@{parts.hostname}:{parts.port}/{database}"


@pytest.fixture(scope="module")
def warehouse(server: EmbeddedPostgres) -> str:
    """The warehouse, migrated by its owner without any superuser right."""
    url = _as(server.url("postgres"), "mdp", PASSWORDS["warehouse_password"], "warehouse")
    migrate(url)
    return url


def test_the_owner_migrates_backs_up_and_verifies_without_superuser_rights(warehouse: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, backup_url=None)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    create_backup(settings, warehouse, now=now)
    assert verify_backup(settings, warehouse, now=now).agrees


def test_analysts_read_published_schemas_and_nothing_else(server: EmbeddedPostgres, warehouse: str) -> None:
    with connect(warehouse, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("create table analytics.published as select 1 as n")
    analyst = _as(server.url("postgres"), "mdp_bi", PASSWORDS["bi_password"], "warehouse")
    with connect(analyst, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("select n from analytics.published")
        assert cursor.fetchall() == [(1,)]
        for statement in (
            "select * from ops.certificate",
            "select * from raw_registry.client",
            "create table public.mine (n int)",
            "create temporary table mine (n int)",
        ):
            with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ReadOnlySqlTransaction)):
                cursor.execute(statement)


@pytest.mark.parametrize(
    ("user", "secret", "database"),
    [("dagster", "dagster_password", "warehouse"), ("mdp_bi", "bi_password", "dagster"),
     ("mdp", "warehouse_password", "dagster")],
)  # fmt: skip
def test_each_role_stays_in_its_own_database(server: EmbeddedPostgres, user: str, secret: str, database: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        psycopg2.connect(_as(server.url("postgres"), user, PASSWORDS[secret], database))
