"""Turns an archive back into a database: check its checksum first, then pg_restore, then compare by table."""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg2 import sql

from backups.contents import TableContents, read_contents, server_major
from backups.programs import choose, connection_arguments
from foundation.database import connect, with_database

_CHUNK_BYTES = 1 << 20
# What pg_dump 17 and newer write and servers before 17 do not know; it changes nothing in a restore.
_HARMLESS = "transaction_timeout"


class TamperedArchiveError(RuntimeError):
    """The archive is not the one that was recorded; it was not given to pg_restore."""


class RestoreError(RuntimeError):
    """pg_restore failed; the message holds its words."""


@dataclass(frozen=True)
class TableComparison:
    """One table as the manifest tells it and as it was restored; None where one side lacks it."""

    table: str
    expected: TableContents | None
    restored: TableContents | None

    @property
    def agrees(self) -> bool:
        return self.expected is not None and self.expected == self.restored


@dataclass(frozen=True)
class RestoreReport:
    """A restored backup, compared with its manifest."""

    backup_id: str
    database: str
    tables: tuple[TableComparison, ...]
    seconds: float

    @property
    def agrees(self) -> bool:
        return all(table.agrees for table in self.tables)

    @property
    def differing(self) -> tuple[TableComparison, ...]:
        return tuple(table for table in self.tables if not table.agrees)


def compare(expected: Mapping[str, Any], restored: Mapping[str, TableContents]) -> tuple[TableComparison, ...]:
    """The manifest's tables against the restored ones, by name."""
    recorded = {name: TableContents(**table) for name, table in expected.items()}
    return tuple(
        TableComparison(name, recorded.get(name), restored.get(name)) for name in sorted({*recorded, *restored})
    )


def check_archive(archive: Path, *, sha256: str, size: int | None) -> None:
    """Raises TamperedArchiveError unless the file is exactly the recorded one."""
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    found = archive.stat().st_size
    if digest.hexdigest() != sha256 or (size is not None and size != found):
        raise TamperedArchiveError(
            f"the archive is not the one recorded: SHA-256 {digest.hexdigest()} ({found} bytes), recorded {sha256} "
            f"({size if size is not None else 'unknown'} bytes). It was not restored; take another backup and find out "
            "who or what changed the store"
        )


def create_roles(url: str, roles: Iterable[str]) -> None:
    """Make the roles that the archive grants to, where the server lacks them, without a login."""
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for role in roles:
            cursor.execute("select 1 from pg_roles where rolname = %s", (role,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))


def create_database(url: str, database: str) -> None:
    """An empty database; PostgreSQL refuses a name that exists."""
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("create database {} template template0").format(sql.Identifier(database)))


def drop_database(url: str, database: str) -> None:
    """Drop it if it exists, whoever is connected."""
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))


def _serious(messages: str) -> bool:
    """Whether pg_restore complained of anything but the setting that old servers lack."""
    errors = [line for line in messages.splitlines() if "error:" in line]
    return not errors or any(_HARMLESS not in line for line in errors)


def restore_archive(archive: Path, url: str, database: str) -> None:
    """Decompress the archive into pg_restore, into an empty database of the server. Raises RestoreError."""
    import zstandard

    target = with_database(url, database)
    with connect(target) as connection:
        programs = choose(url, server_major(connection))
    arguments, environment = connection_arguments(target)
    command = [programs.path("pg_restore"), *arguments, "--format=custom", "--no-owner"]
    with tempfile.TemporaryFile() as errors, archive.open("rb") as file:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=errors)
        assert process.stdin is not None
        try:
            zstandard.ZstdDecompressor().copy_stream(file, process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            # pg_restore ended early; its own words below tell more than the pipe's.
            pass
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        errors.seek(0)
        messages = errors.read().decode(errors="replace").strip()
    if code and _serious(messages):
        raise RestoreError(f"pg_restore failed (exit code {code}) in database {database}: {messages[-4000:]}")


def contents_of(url: str, database: str) -> dict[str, TableContents]:
    """The tables of a database of the same server."""
    with connect(with_database(url, database), application="mdp verify") as connection:
        with connection.cursor() as cursor:
            return read_contents(cursor)
