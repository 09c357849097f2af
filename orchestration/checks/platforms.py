"""Per platform: were all accounts read? Red only when none was; a failed account never holds up the others."""

import dagster as dg

from foundation.redaction import known_secrets
from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition
from orchestration.assets.platforms import asset_key
from orchestration.checks.evaluations import sample_metadata
from orchestration.resources import PlatformResource


def build_accounts_check(definition: PlatformDefinition) -> dg.AssetChecksDefinition:
    """A check on the platform's campaign table with the accounts that cannot be read and why."""

    @dg.asset_check(
        asset=asset_key(definition, definition.proved_level.table),
        name="all_accounts_read",
        description="Every account of an active client could be read at its last attempt.",
    )
    def all_accounts_read(platform: PlatformResource) -> dg.AssetCheckResult:
        with platform.connection() as connection, connection.cursor() as cursor:
            cursor.execute(
                """select registered.client_id, health.account_id, health.message, health.next_step, health.status
                from ops.account_health as health
                inner join raw_registry.account as registered using (platform, account_id)
                inner join raw_registry.client using (client_id)
                where health.platform = %s and client.status = 'active' order by 1, 2""",
                (definition.name,),
            )
            rows = cursor.fetchall()
        failing = [row for row in rows if row[4] == "failing"]
        result = dg.AssetCheckResult(
            passed=not failing,
            severity=dg.AssetCheckSeverity.ERROR
            if failing and len(failing) == len(rows)
            else dg.AssetCheckSeverity.WARN,
            metadata={
                "accounts": len(rows),
                "failing": len(failing),
                **sample_metadata(
                    "accounts that cannot be read",
                    [
                        {"client": client, "account": account, "why": why, "next step": step}
                        for client, account, why, step, _ in failing
                    ],
                    known_secrets(),
                ),
            },
        )
        if failing and len(failing) == len(rows):
            raise dg.Failure(f"no {definition.title} account could be read: {failing[0][2]}", metadata=result.metadata)
        return result

    return all_accounts_read


accounts_checks = [build_accounts_check(platform.definition) for platform in PLATFORMS.values()]
