"""Proves a backup by restoring it, and restores one into a new database for people."""

import json
import re
import secrets
import time
from datetime import datetime
from pathlib import Path

from backups import records
from backups.location import BackupLocation
from backups.records import BackupRecord
from backups.restoring import (
    RestoreError,
    RestoreReport,
    TamperedArchiveError,
    check_archive,
    compare,
    contents_of,
    create_database,
    create_roles,
    drop_database,
    restore_archive,
)
from backups.scratch import scratch_directory
from backups.storage import storage_at
from foundation.database import connect, session_lock, transaction, with_database
from foundation.settings import Settings

SCRATCH_PREFIX = "mdp_verify_"
# PostgreSQL's own limit; the pattern keeps names that need no quoting in psql.
_DATABASE_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


def _fetch(settings: Settings, record: BackupRecord, target: Path) -> None:
    """Copy the recorded archive out of its store and check that it is the recorded one."""
    location = BackupLocation.parse(record.location)
    storage_at(location.root, settings).get(location.archive, target)
    assert record.sha256 is not None
    check_archive(target, sha256=record.sha256, size=record.bytes)


def _restore_into(settings: Settings, url: str, record: BackupRecord, database: str, archive: Path) -> RestoreReport:
    started = time.monotonic()
    manifest = record.manifest or {}
    create_roles(url, manifest["roles"])
    create_database(url, database)
    restore_archive(archive, url, database)
    tables = compare(manifest["tables"], contents_of(url, database))
    return RestoreReport(record.backup_id, database, tables, time.monotonic() - started)


def _drop_orphans(url: str) -> None:
    """Scratch databases of verifications that were killed; the caller holds the lock, so none is in use."""
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("select datname from pg_database where starts_with(datname, %s)", (SCRATCH_PREFIX,))
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        drop_database(url, name)


def verify_backup(
    settings: Settings, warehouse_url: str, *, now: datetime, backup_id: str | None = None
) -> RestoreReport:
    """Restore a backup (the newest one by default) into a scratch database and compare every table with its manifest.

    Records verified or failed in ops.backup (a store that cannot be reached proves nothing and changes nothing) and
    always drops the scratch database. A difference is reported, not raised: see ``RestoreReport.agrees``.
    Raises UnknownBackupError, StorageError, TamperedArchiveError or RestoreError.
    """
    with session_lock(warehouse_url, "backup verification"), connect(warehouse_url) as connection:
        record = records.find_backup(connection, backup_id)
        connection.rollback()
        _drop_orphans(warehouse_url)
        scratch = f"{SCRATCH_PREFIX}{secrets.token_hex(6)}"
        try:
            with scratch_directory(settings, "backup-verify") as directory:
                archive = directory / "archive"
                _fetch(settings, record, archive)
                report = _restore_into(settings, warehouse_url, record, scratch, archive)
        except (TamperedArchiveError, RestoreError) as error:
            records.mark_failed(connection, record.backup_id, at=now, error=f"verification: {error}")
            raise
        finally:
            drop_database(warehouse_url, scratch)
        if report.agrees:
            records.mark_verified(connection, record.backup_id, at=now)
        else:
            names = ", ".join(table.table for table in report.differing)
            records.mark_failed(
                connection, record.backup_id, at=now, error=f"verification: restored differently: {names}"
            )
        return report


def restore(settings: Settings, warehouse_url: str, *, database: str, backup_id: str | None = None) -> RestoreReport:
    """Restore a backup recorded in this warehouse into a new database of the same server; nothing existing is touched.

    The report compares every table with the manifest. On failure the new database is dropped again.
    Raises UnknownBackupError, StorageError, TamperedArchiveError or RestoreError.
    """
    with connect(warehouse_url) as connection:
        record = records.find_backup(connection, backup_id)
    return _restore_checked(settings, warehouse_url, record, database)


def restore_from(settings: Settings, server_url: str, *, database: str, location: str, sha256: str) -> RestoreReport:
    """The same where the warehouse is lost: the operator gives the location and the SHA-256 noted at backup time.

    Roles and the figures to compare with come from the manifest beside the archive.
    """
    place = BackupLocation.parse(location)
    with scratch_directory(settings, "backup-restore", alone=False) as directory:
        storage_at(place.root, settings).get(place.manifest, directory / "manifest")
        manifest = json.loads((directory / "manifest").read_text(encoding="utf-8"))
    record = BackupRecord(
        backup_id=place.backup_id, started_at=place.started_at, finished_at=None, location=location, bytes=None,
        sha256=sha256, manifest=manifest, publication_id=manifest["publication_id"], status="stored", verified_at=None,
        error=None,
    )  # fmt: skip
    return _restore_checked(settings, server_url, record, database)


def _restore_checked(settings: Settings, url: str, record: BackupRecord, database: str) -> RestoreReport:
    if not _DATABASE_NAME.match(database):
        raise RestoreError(f"{database!r} is no name for a new database: small letters, digits and _, at most 63")
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", (database,))
        if cursor.fetchone():
            raise RestoreError(f"database {database} exists already; restore into a new name and rename afterwards")
    with scratch_directory(settings, "backup-restore", alone=False) as directory:
        archive = directory / "archive"
        _fetch(settings, record, archive)
        try:
            report = _restore_into(settings, url, record, database, archive)
            _tell_restored_books(url, record, database)
            return report
        except BaseException:
            drop_database(url, database)
            raise


def _tell_restored_books(url: str, record: BackupRecord, database: str) -> None:
    """In the restored books the backup is still being made; without this the next one would mark it failed."""
    with connect(with_database(url, database)) as connection, transaction(connection) as cursor:
        cursor.execute(
            "update ops.backup set status = 'stored', sha256 = %s, bytes = %s "
            "where backup_id = %s and status = 'running'",
            (record.sha256, record.bytes, record.backup_id),
        )
