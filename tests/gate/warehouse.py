"""A PostgreSQL of its own, with a fresh migrated database for each part."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate


class Server:
    """A running cluster and the directory around it."""

    def __init__(self, postgres: EmbeddedPostgres, directory: Path) -> None:
        self._admin, self.directory = postgres.url("postgres"), directory

    @contextmanager
    def warehouse(self, name: str) -> Iterator[str]:
        """URL of a migrated database that is gone afterwards."""
        self._run(f"create database {name}")
        url = with_database(self._admin, name)
        migrate(url)
        try:
            yield url
        finally:
            self._run(f"drop database {name} with (force)")

    def _run(self, statement: str) -> None:
        with connect(self._admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def server() -> Iterator[Server]:
    """A cluster that lasts as long as the block."""
    directory = Path(tempfile.mkdtemp(prefix="mdp-gate-", dir="/var/tmp"))
    directory.chmod(0o755)
    postgres = EmbeddedPostgres(directory / "postgres")
    try:
        postgres.start()
        yield Server(postgres, directory)
    finally:
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)
