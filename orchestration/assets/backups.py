"""A dump of the warehouse, stored off the server and proved by restoring it."""

import dagster as dg
from pydantic import Field

from backups.dump import create_backup
from backups.records import last_stored_at
from backups.retention import due, prune
from backups.verify import verify_backup
from orchestration.assets.publication import REPORT_SPECS
from orchestration.resources import PlatformResource

BACKUP = dg.AssetKey(["backups", "warehouse"])


class BackupConfig(dg.Config):
    """How a backup run behaves."""

    even_if_recent: bool = Field(False, description="Back up although the last one is younger than backup_min_hours.")


@dg.asset(
    key=BACKUP,
    deps=[spec.key for spec in REPORT_SPECS],
    group_name="backups",
    kinds={"postgres", "s3"},
    pool="backup",
    description="Compressed, checksummed dump after a publication; restored into a scratch database and compared.",
)
def backup(
    context: dg.AssetExecutionContext, config: BackupConfig, platform: PlatformResource
) -> dg.MaterializeResult[None]:
    now = platform.clock.now()
    with platform.connection() as connection:
        last = last_stored_at(connection)
    if not config.even_if_recent and not due(last, now, platform.settings.backup_min_hours):
        return dg.MaterializeResult(metadata={"skipped": f"the last backup is of {last}"})
    record = create_backup(platform.settings, platform.warehouse_url, now=now)
    report = verify_backup(
        platform.settings, platform.warehouse_url, now=platform.clock.now(), backup_id=record.backup_id
    )
    if not report.agrees:
        raise dg.Failure(
            f"backup {record.backup_id} restores differently: {', '.join(table.table for table in report.differing)}; "
            "it is marked failed, run the job back_up again"
        )
    return dg.MaterializeResult(
        metadata={
            "backup": record.backup_id,
            "location": record.location,
            "bytes": record.bytes or 0,
            "sha256": record.sha256 or "",
            "tables compared": len(report.tables),
            "old backups removed": len(prune(platform.settings, platform.warehouse_url)),
        }
    )
