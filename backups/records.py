"""The backups that this installation made: rows of ops.backup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json, RealDictCursor

from backups.location import BackupLocation
from foundation.database import Connection, transaction


class UnknownBackupError(LookupError):
    """No backup of this installation has that id; the message says what to do."""


@dataclass(frozen=True)
class BackupRecord:
    """status: running, stored, verified or failed. bytes: of the compressed archive; sha256: of the same."""

    backup_id: str
    started_at: datetime
    finished_at: datetime | None
    location: str
    bytes: int | None
    sha256: str | None
    manifest: Mapping[str, Any] | None
    publication_id: int | None
    status: str
    verified_at: datetime | None
    error: str | None


def insert_running(connection: Connection, location: BackupLocation, started_at: datetime) -> None:
    """Note that a backup begins; what an earlier process left running is marked failed (the caller holds the lock)."""
    with transaction(connection) as cursor:
        cursor.execute(
            "update ops.backup set status = 'failed', finished_at = %s, "
            "error = 'the process ended before the backup was stored' where status = 'running'",
            (started_at,),
        )
        cursor.execute(
            "insert into ops.backup (backup_id, started_at, location, status) values (%s, %s, %s, 'running')",
            (location.backup_id, started_at, str(location)),
        )


def mark_stored(
    connection: Connection, backup_id: str, *, at: datetime, size: int, sha256: str, manifest: Mapping[str, Any]
) -> None:
    """The archive and its manifest are in the store."""
    with transaction(connection) as cursor:
        cursor.execute(
            "update ops.backup set status = 'stored', finished_at = %s, bytes = %s, sha256 = %s, manifest = %s, "
            "publication_id = %s where backup_id = %s",
            (at, size, sha256, Json(dict(manifest)), manifest["publication_id"], backup_id),
        )


def mark_failed(connection: Connection, backup_id: str, *, at: datetime, error: str) -> None:
    """The backup is not to be trusted."""
    with transaction(connection) as cursor:
        cursor.execute(
            "update ops.backup set status = 'failed', finished_at = coalesce(finished_at, %s), error = %s "
            "where backup_id = %s",
            (at, error, backup_id),
        )


def mark_verified(connection: Connection, backup_id: str, *, at: datetime) -> None:
    """The archive was restored and every table agreed."""
    with transaction(connection) as cursor:
        cursor.execute(
            "update ops.backup set status = 'verified', verified_at = %s, error = null where backup_id = %s",
            (at, backup_id),
        )


def list_backups(connection: Connection) -> list[BackupRecord]:
    """All backups, newest first."""
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(
            "select backup_id, started_at, finished_at, location, bytes, sha256, manifest, publication_id, status, "
            "verified_at, error from ops.backup order by started_at desc, backup_id desc"
        )
        return [BackupRecord(**row) for row in cursor.fetchall()]


def find_backup(connection: Connection, backup_id: str | None) -> BackupRecord:
    """The backup with that id, or the newest stored one. Raises UnknownBackupError."""
    known = [record for record in list_backups(connection) if record.sha256 and record.manifest]
    for record in known:
        if backup_id == record.backup_id or (backup_id is None and record.status in ("stored", "verified")):
            return record
    raise UnknownBackupError(
        f"no stored backup {backup_id or ''} is recorded in this warehouse; `mdp backup list` shows them, "
        "`mdp backup` makes one. Only archives that this installation wrote are restored."
    )


def last_stored_at(connection: Connection) -> datetime | None:
    """When the newest good backup started."""
    with connection.cursor() as cursor:
        cursor.execute("select max(started_at) from ops.backup where status in ('stored', 'verified')")
        row = cursor.fetchone()
    return row[0] if row else None
