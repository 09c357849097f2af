"""PostgreSQL's client programs: which installation can serve a server, and how it is told the password."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import make_dsn, parse_dsn

from foundation.embedded_postgres import binaries_directory

_TLS_REQUIRED = {"require", "verify-ca", "verify-full"}
# pg_isready's exit code for parameters that its libpq does not support, such as TLS in a build without OpenSSL.
_NO_ATTEMPT = 3


class ClientProgramError(RuntimeError):
    """No installed pg_dump or pg_restore fits the server; the message says which to install."""


@dataclass(frozen=True)
class ClientPrograms:
    """A directory with pg_dump and pg_restore, and their major version."""

    directory: Path
    major: int

    def path(self, program: str) -> str:
        return str(self.directory / program)


def _candidates() -> Iterator[Path]:
    yield binaries_directory()
    if found := shutil.which("pg_dump"):
        yield Path(found).parent
        yield Path(found).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _major(directory: Path) -> int | None:
    program = directory / "pg_dump"
    if not program.exists() or not (directory / "pg_restore").exists():
        return None
    result = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\(PostgreSQL\) (\d+)", result.stdout)
    return int(match[1]) if match else None


def _speaks_tls(directory: Path) -> bool:
    probe = [str(directory / "pg_isready"), "--dbname", "host=127.0.0.1 port=1 sslmode=require"]
    return subprocess.run(probe, capture_output=True, check=False).returncode != _NO_ATTEMPT


def choose(url: str, server_major: int, candidates: Sequence[Path] | None = None) -> ClientPrograms:
    """The first installation at least as new as the server and able to connect to it. Raises ClientProgramError."""
    needs_tls = parse_dsn(url).get("sslmode") in _TLS_REQUIRED
    rejected = []
    for directory in candidates if candidates is not None else list(_candidates()):
        major = _major(directory)
        if major is None:
            continue
        if major < server_major:
            rejected.append(f"{directory}: version {major}")
        elif needs_tls and not _speaks_tls(directory):
            rejected.append(f"{directory}: built without TLS")
        else:
            return ClientPrograms(directory, major)
    raise ClientProgramError(
        f"the server is PostgreSQL {server_major}{', reached over TLS' if needs_tls else ''}, and no installed pg_dump "
        f"fits ({'; '.join(rejected) or 'none found'}). Install the PostgreSQL {server_major} client programs "
        "(postgresql-client) and put them on the PATH"
    )


def connection_arguments(url: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment that connect a client program; the password stands in the environment only."""
    parts = parse_dsn(url)
    password = parts.pop("password", None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if password:
        environment["PGPASSWORD"] = str(password)
    return ["--no-password", f"--dbname={make_dsn(**parts)}"], environment
