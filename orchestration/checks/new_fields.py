"""Per platform: does it send fields that nobody asked for? They land in `_unknown` of the raw rows and hold nothing."""

import dagster as dg

from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition
from orchestration.assets.platforms import asset_key
from orchestration.checks.evaluations import sample_metadata
from orchestration.resources import PlatformResource

# A field that has not come for so long was taken away again.
SEEN_WITHIN_DAYS = 7


def build_new_fields_check(definition: PlatformDefinition) -> dg.AssetChecksDefinition:
    """A warning on the platform's campaign table with each new field and an example."""

    @dg.asset_check(
        asset=asset_key(definition, definition.proved_level.table),
        name="no_new_fields",
        description="The platform sends no field that its definition does not name; new ones land in `_unknown`.",
    )
    def no_new_fields(platform: PlatformResource) -> dg.AssetCheckResult:
        with platform.connection() as connection, connection.cursor() as cursor:
            cursor.execute(
                """select report, field, first_seen_at::date from ops.unknown_field
                where platform = %s and last_seen_at > %s - make_interval(days => %s) order by report, field""",
                (definition.name, platform.clock.now(), SEEN_WITHIN_DAYS),
            )
            found = cursor.fetchall()
        return dg.AssetCheckResult(
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "new fields": len(found),
                **sample_metadata(
                    "fields",
                    [{"report": report, "field": field, "first seen": since} for report, field, since in found],
                ),
            },
        )

    return no_new_fields


new_fields_checks = [build_new_fields_check(platform.definition) for platform in PLATFORMS.values()]
