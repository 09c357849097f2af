"""A PostgreSQL cluster of the fault driver's own, with templates from which each case gets a fresh database."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from foundation.migrations import migrate
from ingestion.loading.tables import ensure_raw_tables
from tests.scratch import server_directory

# The schema before the newest revision: loads of today write what older ones have no columns for.
REVISION_BEFORE = "0014"
_OFF = ("fsync", "synchronous_commit", "full_page_writes")
# Many short-lived databases: no autovacuum worker has to visit each of them.
_SETTINGS = {
    "autovacuum": "off", "shared_buffers": "64MB", "max_wal_size": "1GB", "checkpoint_timeout": "1h",
    "wal_init_zero": "off",
}  # fmt: skip


class Cluster:
    """One running server. Durability is off: a killed server loses nothing while the machine lives."""

    def __init__(self, directory: Path, server: EmbeddedPostgres) -> None:
        self.directory, self.server = directory, server
        self._serial = count(1)
        self._templates: set[str] = set()

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Cluster"]:
        with server_directory("faults") as directory:
            cluster = cls(directory, EmbeddedPostgres(directory / "postgres"))
            try:
                cluster.server.start()
                with connect(cluster.admin, autocommit=True) as connection, connection.cursor() as cursor:
                    for name in _OFF:
                        cursor.execute(f"alter system set {name} = off")
                    for name, value in _SETTINGS.items():
                        cursor.execute(f"alter system set {name} = '{value}'")
                cluster.server.stop()
                cluster.server.start()
                cluster._make_templates()
                yield cluster
            finally:
                cluster.server.stop()

    @property
    def admin(self) -> str:
        return self.server.url("postgres")

    def _make_templates(self) -> None:
        """``installed``: as a new installation is; ``installed_before``: as the release before left it."""
        migrate(self.fresh("template1", "installed_before"), REVISION_BEFORE)
        url = self.fresh("template1", "installed")
        migrate(url)
        with connect(url) as connection:
            ensure_raw_tables(connection)

    def fresh(self, template: str = "installed", name: str | None = None) -> str:
        """URL of a new database, a copy of the template."""
        name = name or f"case_{os.getpid()}_{next(self._serial)}"
        with connect(self.admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (template,))
            # Copied as files: through the log a copy costs its size in new log files, half a second each.
            cursor.execute(f"create database {name} template {template} strategy file_copy")
        return with_database(self.admin, name)

    def template(self, name: str, make: Callable[[str], None]) -> str:
        """The template of this name; where there is none yet, ``make`` is given the URL of a new installation."""
        if name not in self._templates:
            make(self.fresh(name=name))
            self._templates.add(name)
        return name

    def copy(self, url: str) -> str:
        """A copy of a database as it is now."""
        return self.fresh(url.rpartition("/")[2])

    def drop(self, url: str) -> None:
        with connect(self.admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {url.rpartition('/')[2]} with (force)")

    def end_sessions(self, url: str) -> None:
        """What an administrator's pg_terminate_backend does to every session of the database."""
        with connect(self.admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
                (url.rpartition("/")[2],),
            )

    def restart_at_once(self) -> None:
        """``pg_ctl restart -m immediate``: no shutdown checkpoint, recovery from the log.

        Two runs may come to the same point: a pg_ctl that meets another one waits for its whole time-out.
        """
        with (self.server.directory / "restart.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.server._run(
                "pg_ctl", "restart", "-D", str(self.server.cluster), "-m", "immediate", "-w", "-t", "60",
                "-l", str(self.server.cluster.parent / "server.log"),
            )  # fmt: skip

    def backends(self, url: str) -> list[int]:
        """Process ids of the server's sessions in the database."""
        with connect(self.admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("select pid from pg_stat_activity where datname = %s", (url.rpartition("/")[2],))
            return [pid for (pid,) in cursor.fetchall()]
