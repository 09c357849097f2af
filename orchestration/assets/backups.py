"""A dump of the warehouse, stored off the server and proved by restoring it."""

import dagster as dg
from pydantic import Field

from backups.dump import create_backup, last_backup_at, due
from backups.verification import verify_backup
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
) -> dg.MaterializeResult:
    now = platform.clock.now()
    with platform.connection() as connection:
        last = last_backup_at(connection)
    if not config.even_if_recent and not due(last, now, platform.settings.backup_min_hours):
        return dg.MaterializeResult(metadata={"skipped": f"the last backup is of {last}"})
    record = create_backup(platform.settings, platform.warehouse_url, now=now)
    report = verify_backup(platform.settings, platform.warehouse_url, record.backup_id, now=platform.clock.now())
    return dg.MaterializeResult(
        metadata={"backup": record.backup_id, "location": str(record.location), "bytes": record.bytes, "tables verified": len(report.tables)}
    )
