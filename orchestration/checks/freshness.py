"""Per platform: which accounts are late. A warning from the promised hours on, an error from twice as many on."""

import dagster as dg

from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition
from orchestration.assets.platforms import asset_key
from orchestration.checks.evaluations import sample_metadata
from orchestration.resources import PlatformResource
from quality.freshness import PROMISED_HOURS, late_accounts


def build_freshness_check(definition: PlatformDefinition) -> dg.AssetChecksDefinition:
    """A check on the platform's campaign table with the accounts that are late and by how much."""

    @dg.asset_check(
        asset=asset_key(definition, definition.proved_level.table),
        name="data_is_fresh",
        description=f"No account's newest due day, nor its last reading, is more than {PROMISED_HOURS} hours late.",
    )
    def data_is_fresh(platform: PlatformResource) -> dg.AssetCheckResult:
        with platform.connection() as connection, connection.cursor() as cursor:
            late = late_accounts(cursor, platform.clock.now(), platform=definition.name)
        paged = [account for account in late if account.tier == "page"]
        return dg.AssetCheckResult(
            passed=not late,
            severity=dg.AssetCheckSeverity.ERROR if paged else dg.AssetCheckSeverity.WARN,
            metadata={
                "accounts late": len(late),
                "late by twice the promise": len(paged),
                **sample_metadata(
                    "late accounts",
                    [
                        {"client": each.client_id, "account": each.account_id, "hours late": round(each.hours_late)}
                        for each in late
                    ],
                ),
            },
        )

    return data_is_fresh


freshness_checks = [build_freshness_check(platform.definition) for platform in PLATFORMS.values()]
