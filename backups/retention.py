"""When a backup is due, and which old ones may go: pure decisions, and the pruning that acts on them."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta

from backups.dump import LOCK
from backups.location import BackupLocation
from backups.records import BackupRecord, list_backups
from backups.storage import storage_at
from foundation.database import connect, session_lock, transaction
from foundation.settings import Settings

KEEP_DAILY = 7
KEEP_WEEKLY = 5
KEEP_MONTHLY = 12
_GOOD = ("stored", "verified")


def due(last: datetime | None, now: datetime, min_hours: int) -> bool:
    """Whether a backup is due: there is none, or the last good one began at least ``min_hours`` ago."""
    return last is None or now - last >= timedelta(hours=min_hours)


def _newest_of_each(records: Sequence[BackupRecord], period: Callable[[datetime], Hashable], number: int) -> set[str]:
    """Ids of the newest record of each of the newest ``number`` periods that have one. Records come newest first."""
    kept: dict[Hashable, str] = {}
    for record in records:
        kept.setdefault(period(record.started_at), record.backup_id)
    return set(list(kept.values())[:number])


def expendable(
    records: Sequence[BackupRecord],
    *,
    daily: int = KEEP_DAILY,
    weekly: int = KEEP_WEEKLY,
    monthly: int = KEEP_MONTHLY,
) -> tuple[BackupRecord, ...]:
    """What may be deleted: good backups that are not the newest of a kept day, ISO week or month, and failed ones
    older than the oldest kept. The newest good and the newest verified backup always stay, and so do running ones."""
    ordered = sorted(records, key=lambda record: (record.started_at, record.backup_id), reverse=True)
    good = [record for record in ordered if record.status in _GOOD]
    newest = good[:1] + [record for record in good if record.status == "verified"][:1]
    kept = (
        _newest_of_each(good, lambda at: at.date(), daily)
        | _newest_of_each(good, lambda at: at.isocalendar()[:2], weekly)
        | _newest_of_each(good, lambda at: (at.year, at.month), monthly)
        | {record.backup_id for record in newest}
    )
    oldest_kept = min((record.started_at for record in good if record.backup_id in kept), default=None)
    return tuple(
        record
        for record in ordered
        if (record.status in _GOOD and record.backup_id not in kept)
        or (record.status == "failed" and oldest_kept is not None and record.started_at < oldest_kept)
    )


def prune(settings: Settings, warehouse_url: str) -> tuple[str, ...]:
    """Delete the expendable backups from store and record; their ids. Files first: a record without file is visible."""
    with session_lock(warehouse_url, LOCK), connect(warehouse_url) as connection:
        gone = []
        for record in expendable(list_backups(connection)):
            location = BackupLocation.parse(record.location)
            storage = storage_at(location.root, settings)
            storage.delete(location.archive)
            storage.delete(location.manifest)
            with transaction(connection) as cursor:
                cursor.execute("delete from ops.backup where backup_id = %s", (record.backup_id,))
            gone.append(record.backup_id)
    return tuple(gone)
