"""A backup is made, proved by restoring it, and refused when anything about it changed."""

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from backups import records
from backups.dump import BackupError, create_backup
from backups.location import BackupLocation
from backups.records import UnknownBackupError, last_stored_at, list_backups
from backups.restoring import RestoreError, TamperedArchiveError
from backups.retention import prune
from backups.storage import DirectoryStorage, StorageError
from backups.verify import restore, restore_from, verify_backup
from foundation.database import connect, with_database
from foundation.settings import Settings

pytestmark = pytest.mark.integration


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def databases(url: str) -> set[object]:
    return {name for (name,) in run(url, "select datname from pg_database")}


def files(settings: Settings) -> list[Path]:
    return sorted(path for path in (settings.data_dir / "backups").rglob("*") if path.is_file())


def test_a_backup_is_stored_described_recorded_and_readable_by_its_owner_only(
    filled_url: str, settings: Settings, now: datetime
) -> None:
    record = create_backup(settings, filled_url, now=now)
    assert record.status == "stored"
    archive, manifest = files(settings)
    assert str(archive) == record.location
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    sha256 = subprocess.run(["sha256sum", str(archive)], capture_output=True, text=True, check=True).stdout.split()[0]
    assert (record.sha256, record.bytes) == (sha256, archive.stat().st_size)
    described = json.loads(manifest.read_text(encoding="utf-8"))
    assert described == record.manifest
    assert described["tables"]["raw_meta_ads.ad_daily"]["rows"] == 5000
    assert described["publication_id"] == record.publication_id == 1
    assert described["schema_version"] == run(filled_url, "select version_num from schema_version")[0][0]
    assert not any(name.startswith("landing_") for name in described["tables"])
    assert list(settings.work_dir.iterdir()) == []


def test_verifying_restores_every_table_and_leaves_no_database_behind(
    filled_url: str, settings: Settings, now: datetime
) -> None:
    create_backup(settings, filled_url, now=now)
    before = databases(filled_url)
    report = verify_backup(settings, filled_url, now=now + timedelta(minutes=5))
    assert report.agrees
    tables = {table.table: table.restored.rows for table in report.tables if table.restored}
    assert tables["raw_meta_ads.ad_daily"] == 5000
    assert {"ops.load_ledger", "ops.certificate", "raw_registry.client", "public.schema_version"} <= set(tables)
    assert databases(filled_url) == before
    with connect(filled_url) as connection:
        (record,) = list_backups(connection)
    assert (record.status, record.verified_at) == ("verified", now + timedelta(minutes=5))


def test_rows_written_during_the_dump_are_in_neither_the_archive_nor_its_figures(
    filled_url: str, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backups import dump

    stream = dump._stream_dump

    def write_meanwhile(*arguments: object) -> tuple[int, str]:
        run(filled_url, "insert into raw_meta_ads.ad_daily (ad_id) values ('late')")
        return stream(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(dump, "_stream_dump", write_meanwhile)
    record = create_backup(settings, filled_url, now=now)
    assert record.manifest
    assert record.manifest["tables"]["raw_meta_ads.ad_daily"]["rows"] == 5000
    assert verify_backup(settings, filled_url, now=now).agrees


@pytest.mark.parametrize("damage", ["flip", "truncate", "append", "swap"])
def test_a_changed_archive_is_refused_before_anything_is_restored(
    filled_url: str, settings: Settings, now: datetime, damage: str
) -> None:
    record = create_backup(settings, filled_url, now=now)
    archive = Path(record.location)
    content = bytearray(archive.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
    elif damage == "truncate":
        del content[-100:]
    elif damage == "append":
        content += b"x"
    else:
        run(filled_url, "insert into raw_meta_ads.ad_daily (ad_id) values ('other')")
        content = bytearray(Path(create_backup(settings, filled_url, now=now).location).read_bytes())
    archive.write_bytes(content)
    before = databases(filled_url)
    with pytest.raises(TamperedArchiveError, match="not the one recorded"):
        verify_backup(settings, filled_url, now=now, backup_id=record.backup_id)
    with pytest.raises(TamperedArchiveError):
        restore(settings, filled_url, database="restored_tampered", backup_id=record.backup_id)
    assert databases(filled_url) == before
    with connect(filled_url) as connection:
        status = {item.backup_id: item.status for item in list_backups(connection)}
    assert status[record.backup_id] == "failed"


@pytest.mark.parametrize(
    "change",
    [
        "update raw_meta_ads.ad_daily set spend = spend + 0.000001 where ad_id = '77'",
        "delete from raw_meta_ads.ad_daily where ad_id = '77'",
        "update raw_meta_ads.ad_daily set actions = '[]' where ad_id = '3'",
        "insert into raw_meta_ads.ad_daily select * from raw_meta_ads.ad_daily where account_id is null; "
        "create table ops.additional as select 1 as n",
    ],
)
def test_verification_finds_one_changed_row_or_table(
    filled_url: str, settings: Settings, now: datetime, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backups import verify

    create_backup(settings, filled_url, now=now)
    restored = verify.restore_archive

    def restore_and_change(archive: Path, url: str, database: str) -> None:
        restored(archive, url, database)
        run(with_database(url, database), change)

    monkeypatch.setattr(verify, "restore_archive", restore_and_change)
    report = verify_backup(settings, filled_url, now=now)
    assert [table.table for table in report.differing] == [
        "ops.additional" if "additional" in change else "raw_meta_ads.ad_daily"
    ]
    with connect(filled_url) as connection:
        (record,) = list_backups(connection)
    assert record.status == "failed"
    assert report.differing[0].table in str(record.error)


def test_a_failed_restore_drops_the_scratch_database_and_says_what_pg_restore_said(
    filled_url: str, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backups import verify

    create_backup(settings, filled_url, now=now)
    before = databases(filled_url)
    monkeypatch.setattr(verify, "check_archive", lambda archive, **_: archive.write_bytes(_compressed(b"no archive")))
    with pytest.raises(RestoreError, match="pg_restore failed"):
        verify_backup(settings, filled_url, now=now)
    assert databases(filled_url) == before


def _compressed(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def test_only_backups_recorded_here_are_restored(filled_url: str, settings: Settings, now: datetime) -> None:
    record = create_backup(settings, filled_url, now=now)
    run(filled_url, "delete from ops.backup")
    with pytest.raises(UnknownBackupError, match="mdp backup"):
        verify_backup(settings, filled_url, now=now, backup_id=record.backup_id)
    with pytest.raises(UnknownBackupError):
        restore(settings, filled_url, database="restored_unknown", backup_id=record.backup_id)


def test_a_backup_whose_file_is_gone_says_so(filled_url: str, settings: Settings, now: datetime) -> None:
    record = create_backup(settings, filled_url, now=now)
    Path(record.location).unlink()
    with pytest.raises(StorageError, match="is missing"):
        verify_backup(settings, filled_url, now=now)


def test_restoring_makes_a_new_database_with_roles_grants_and_constraints(
    filled_url: str, settings: Settings, now: datetime
) -> None:
    run(filled_url, "create table analytics.figures as select 1 as n")
    create_backup(settings, filled_url, now=now)
    report = restore(settings, filled_url, database="restored_warehouse")
    restored = with_database(filled_url, "restored_warehouse")
    try:
        assert report.agrees
        assert run(restored, "set role mdp_reader; select n from analytics.figures") == [(1,)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(restored, "set role mdp_reader; select * from ops.backup")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            run(restored, "insert into raw_meta_ads.ad_daily select * from raw_meta_ads.ad_daily limit 1")
        with pytest.raises(RestoreError, match="exists already"):
            restore(settings, filled_url, database="restored_warehouse")
    finally:
        run(filled_url, "drop database restored_warehouse with (force)")


def test_with_the_warehouse_lost_location_and_checksum_restore_it(
    filled_url: str, settings: Settings, now: datetime
) -> None:
    record = create_backup(settings, filled_url, now=now)
    assert record.sha256
    server = with_database(filled_url, "postgres")
    with pytest.raises(TamperedArchiveError):
        restore_from(settings, server, database="restored_lost", location=record.location, sha256="0" * 64)
    report = restore_from(settings, server, database="restored_lost", location=record.location, sha256=record.sha256)
    run(server, "drop database restored_lost with (force)")
    assert report.agrees


@pytest.mark.parametrize("name", ["Bad-Name", "x; drop database postgres", "", "a" * 64])
def test_a_database_name_that_needs_quoting_is_refused(
    filled_url: str, settings: Settings, now: datetime, name: str
) -> None:
    create_backup(settings, filled_url, now=now)
    with pytest.raises(RestoreError, match="no name for a new database"):
        restore(settings, filled_url, database=name)


def _terminate_pg_dump(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if run(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pg_dump'"):
            return
        time.sleep(0.01)


def test_a_failed_dump_is_recorded_and_leaves_no_file(filled_url: str, settings: Settings, now: datetime) -> None:
    with connect(filled_url) as holder, holder.cursor() as cursor:
        # pg_dump waits for this table until its connection is cut.
        cursor.execute("lock table raw_meta_ads.ad_daily in access exclusive mode")
        cutter = threading.Thread(target=_terminate_pg_dump, args=(filled_url,))
        cutter.start()
        with pytest.raises(BackupError, match="pg_dump failed"):
            create_backup(settings, filled_url, now=now)
        cutter.join()
    with connect(filled_url) as connection:
        (record,) = list_backups(connection)
        assert (record.status, record.sha256) == ("failed", None)
        assert "pg_dump failed" in str(record.error)
        assert last_stored_at(connection) is None
    assert not (settings.data_dir / "backups").exists() or files(settings) == []


def _back_up(settings: Settings, url: str, now: datetime, killed_before: str | None = None) -> None:
    if killed_before:
        target, name = {
            "the archive is stored": (DirectoryStorage, "put"),
            "the archive has its final name": (Path, "replace"),
            "it is recorded": (records, "mark_stored"),
        }[killed_before]
        setattr(target, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    create_backup(settings, url, now=now)


def _assert_no_half_backup_and_the_next_one_is_good(url: str, settings: Settings, now: datetime) -> None:
    stored = files(settings) if (settings.data_dir / "backups").exists() else []
    assert all(_whole(path) for path in stored if path.name.endswith(".dump.zst"))
    with connect(url) as connection:
        assert {record.status for record in list_backups(connection)} <= {"running", "stored"}
    record = create_backup(settings, url, now=now + timedelta(hours=1))
    assert verify_backup(settings, url, now=now).agrees
    with connect(url) as connection:
        states = {item.backup_id: item.status for item in list_backups(connection)}
    assert states.pop(record.backup_id) == "verified"
    assert set(states.values()) <= {"failed", "stored"}
    assert list(settings.work_dir.iterdir()) == []
    assert not [path for path in files(settings) if path.name.endswith(".partial")]


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.2, 0.3])
def test_killed_at_any_moment_no_half_file_stands_under_a_final_name_and_the_next_backup_works(
    filled_url: str, settings: Settings, now: datetime, delay: float
) -> None:
    # Enough rows for the dump to be under way when the kill comes.
    run(
        filled_url,
        "create table raw_meta_ads.bulk as select n, md5(n::text) || md5((n + 1)::text) as text "
        "from generate_series(1, 200000) as n",
    )
    process = multiprocessing.get_context("fork").Process(target=_back_up, args=(settings, filled_url, now))
    process.start()
    time.sleep(delay)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    _assert_no_half_backup_and_the_next_one_is_good(filled_url, settings, now)


@pytest.mark.parametrize("killed_before", ["the archive is stored", "the archive has its final name", "it is recorded"])
def test_killed_just_before_a_step_the_backup_does_not_count_and_the_next_one_works(
    filled_url: str, settings: Settings, now: datetime, killed_before: str
) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=_back_up, args=(settings, filled_url, now, killed_before)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with connect(filled_url) as connection:
        assert [record.status for record in list_backups(connection)] == ["running"]
        assert last_stored_at(connection) is None
    _assert_no_half_backup_and_the_next_one_is_good(filled_url, settings, now)


def _whole(path: Path) -> bool:
    import zstandard

    with path.open("rb") as file:
        for _ in zstandard.ZstdDecompressor().read_to_iter(file):
            pass
    return True


def test_a_scratch_database_of_a_killed_verification_is_dropped_by_the_next(
    filled_url: str, settings: Settings, now: datetime
) -> None:
    create_backup(settings, filled_url, now=now)
    run(filled_url, "create database mdp_verify_orphan")
    assert verify_backup(settings, filled_url, now=now).agrees
    assert "mdp_verify_orphan" not in databases(filled_url)


def test_pruning_deletes_files_and_records_of_expendable_backups_only(
    filled_url: str, settings: Settings, now: datetime
) -> None:
    made = [create_backup(settings, filled_url, now=now + timedelta(hours=hour)) for hour in (0, 1, 30)]
    assert prune(settings, filled_url) == (made[0].backup_id,)
    names = {path.name.split(".")[0] for path in files(settings)}
    assert names == {made[1].backup_id, made[2].backup_id}
    with connect(filled_url) as connection:
        assert [record.backup_id for record in list_backups(connection)] == [made[2].backup_id, made[1].backup_id]


def test_a_backup_goes_to_s3_with_its_checksum_and_comes_back(
    filled_url: str, s3_settings: Settings, now: datetime, s3_endpoint: str
) -> None:
    import boto3

    record = create_backup(s3_settings, filled_url, now=now)
    location = BackupLocation.parse(record.location)
    assert location.root == "s3://agency-backups/warehouse"
    client = boto3.client("s3", endpoint_url=s3_endpoint)
    head = client.head_object(Bucket="agency-backups", Key=f"warehouse/{location.archive}", ChecksumMode="ENABLED")
    assert head["ContentLength"] == record.bytes
    assert head["ChecksumSHA256"]
    assert verify_backup(s3_settings, filled_url, now=now).agrees
    client.put_object(Bucket="agency-backups", Key=f"warehouse/{location.archive}", Body=b"something else")
    with pytest.raises(TamperedArchiveError):
        verify_backup(s3_settings, filled_url, now=now)


def test_a_bucket_that_is_not_there_fails_with_the_settings_to_check(
    filled_url: str, s3_settings: Settings, now: datetime
) -> None:
    settings = s3_settings.model_copy(update={"backup_url": "s3://no-such-bucket/x"})
    with pytest.raises(StorageError, match="MDP_BACKUP_URL"):
        create_backup(settings, filled_url, now=now)
    with connect(filled_url) as connection:
        assert [record.status for record in list_backups(connection)] == ["failed"]
