"""Settled months against the platforms' own totals of them, after the publication that the sums are made of."""

from collections.abc import Iterator

import dagster as dg

from foundation.redaction import known_secrets
from orchestration.checks.evaluations import sample_metadata
from orchestration.resources import PlatformResource
from quality.check_results import SAMPLE_ROWS
from quality.settled_months import certify_months, differing_months
from transforms.analytics_tables import PUBLISHED_SCHEMA

MONTH_CERTIFICATES = dg.AssetKey(["ops", "month_certificate"])


@dg.asset(
    key=MONTH_CERTIFICATES,
    deps=[
        dg.AssetKey([PUBLISHED_SCHEMA, table])
        for table in ("fct_campaign_performance_daily", "fct_instagram_account_daily")
    ],
    group_name="certification",
    kinds={"postgres"},
    description="Per account, settled month and metric: the published days against the platform's own total of the "
    "month, read in a call of its own.",
    check_specs=[
        dg.AssetCheckSpec(
            "months_equal_to_the_platform",
            asset=MONTH_CERTIFICATES,
            description="No settled month differs from the total that the platform itself gives of it.",
        )
    ],
)
def month_certificates(platform: PlatformResource) -> Iterator[dg.MaterializeResult[None]]:
    with platform.connection() as connection:
        summary = certify_months(connection, now=platform.clock.now())
        with connection.cursor() as cursor:
            differing = differing_months(cursor, limit=SAMPLE_ROWS)
    metadata: dict[str, int | str] = {
        "months checked": summary.checked,
        **{f"months {verdict.replace('_', ' ')}": count for verdict, count in summary.standing.items()},
        "detail": summary.detail or "none",
    }
    yield dg.MaterializeResult(
        metadata=metadata,
        check_results=[
            dg.AssetCheckResult(
                check_name="months_equal_to_the_platform",
                passed=summary.status == "passed",
                severity=dg.AssetCheckSeverity.WARN,
                metadata={**metadata, **sample_metadata("months that differ", differing, known_secrets())},
            )
        ],
    )
