"""Certificate, gate and publication: what analysts may read, and why the rest is held."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from foundation.redaction import known_secrets
from orchestration.assets.dbt_specs import model_specs
from orchestration.assets.marts import BUILD_SPECS, BUILT_DAYS, FACTS
from orchestration.assets.publication_page import certificate_summary
from orchestration.checks.evaluations import figures_metadata, severity_of
from orchestration.checks.expectations import CHECK_RUNS
from orchestration.resources import PlatformResource, PublishingResource
from quality.anomalies.warehouse import warn_of_anomalies
from quality.check_figures import recorded_figures
from quality.dbt_tests import required_tests
from quality.gate import Gate
from quality.publication_figures import read_published_units
from quality.reconciliation import RECONCILIATION_CHECK, certify
from transforms.analytics_tables import PUBLISHED_SCHEMA, published_tables
from transforms.building import DBT_PROJECT_DIR, prepared_manifest
from transforms.publication import publish
from transforms.reports import ensure_report_views

CERTIFICATES = dg.AssetKey(["ops", "certificate"])
ANOMALIES = dg.AssetKey(["ops", "anomaly"])
_MANIFEST = prepared_manifest(DBT_PROJECT_DIR)
_PUBLISHED = published_tables(_MANIFEST)
_BUILT_BY_NAME = {spec.key.path[-1]: spec.key for spec in BUILD_SPECS}
# Defined in every installation; what follows a publication waits for it.
CLIENT_REPORT = dg.AssetKey([PUBLISHED_SCHEMA, "client_performance_daily"])
REPORT_SPECS = model_specs(prepared_manifest(DBT_PROJECT_DIR, "published"), reports=True)


@dg.asset(
    key=CERTIFICATES,
    deps=[*FACTS, BUILT_DAYS, CHECK_RUNS],
    group_name="certification",
    kinds={"postgres"},
    description="Per account-day and metric: the build's total against the total that the platform itself reported.",
    check_specs=[
        dg.AssetCheckSpec(
            "equal_to_the_platform",
            asset=CERTIFICATES,
            description="Every built account-day equals the platform's own total.",
        )
    ],
)
def certificates(
    context: dg.AssetExecutionContext, platform: PlatformResource, publishing: PublishingResource
) -> Iterator[dg.MaterializeResult[None]]:
    with platform.connection() as connection:
        summary = certify(connection, build_id=context.run.run_id, run_id=context.run.run_id, now=platform.clock.now())
        with connection.cursor() as cursor:
            figures = recorded_figures(cursor, context.run.run_id).get(RECONCILIATION_CHECK)
    metadata: dict[str, Any] = {
        "account-days certified": summary.certified_days,
        "account-days held": summary.held_days,
        "status": summary.status,
    }
    yield dg.MaterializeResult(
        metadata=metadata,
        check_results=[
            dg.AssetCheckResult(
                check_name="equal_to_the_platform",
                passed=summary.status == "passed",
                severity=severity_of(blocks=True),
                metadata={
                    **metadata,
                    **figures_metadata(figures, build_id=context.run.run_id, blocks=True, known=known_secrets()),
                },
            )
        ],
    )


@dg.multi_asset(
    name="publication",
    specs=[
        dg.AssetSpec(
            [PUBLISHED_SCHEMA, table.name],
            deps=[CERTIFICATES, _BUILT_BY_NAME[table.name]],
            description=f"Published: {table.description}",
            kinds={"postgres"},
        )
        for table in _PUBLISHED
    ],
    group_name="analytics",
    pool="publication",
)
def publication(
    context: dg.AssetExecutionContext, platform: PlatformResource, publishing: PublishingResource
) -> Iterator[dg.MaterializeResult[None]]:
    now = platform.clock.now()
    with platform.connection() as connection:
        gate = Gate(context.run.run_id, required_tests(_MANIFEST), now)
        summary = publish(connection, build_id=context.run.run_id, gate=gate, now=now)
        with connection.cursor() as cursor:
            units = read_published_units(cursor, summary.publication_id)
    context.log.info("gate: %s", gate.summary)
    certificate = dg.MetadataValue.md(certificate_summary(units, known_secrets()))
    for table in _PUBLISHED:
        yield dg.MaterializeResult(
            [PUBLISHED_SCHEMA, table.name],
            metadata={
                "certificate": certificate,
                "rows": summary.row_counts.get(table.name, 0),
                "account-days published": summary.account_days,
                "account-days held": summary.held,
                "account-days refused": summary.refused,
                "first day": str(summary.since or "none"),
                "last day": str(summary.until or "none"),
            },
        )


@dg.multi_asset(name="reports", specs=REPORT_SPECS)
def reports(platform: PlatformResource, publishing: PublishingResource) -> Iterator[dg.MaterializeResult[None]]:
    defined = ensure_report_views(
        platform.warehouse_url,
        target_dir=platform.settings.work_dir / "dbt_reports",
        now=platform.clock.now(),
        settings=platform.settings.ad_reporting_variables,
    )
    for spec in REPORT_SPECS:
        yield dg.MaterializeResult(spec.key, metadata={"view defined anew": spec.key.path[-1] in defined})


@dg.asset(
    key=ANOMALIES,
    deps=[spec.key for spec in REPORT_SPECS],
    group_name="certification",
    kinds={"postgres"},
    description="Drifts of published figures: warnings, which hold nothing.",
    check_specs=[dg.AssetCheckSpec("look_for_drifts_ended_well", asset=ANOMALIES, blocking=False)],
)
def anomalies(platform: PlatformResource, publishing: PublishingResource) -> Iterator[dg.MaterializeResult[None]]:
    with platform.connection() as connection:
        summary = warn_of_anomalies(connection, now=platform.clock.now())
    metadata: dict[str, Any] = {
        "series": summary.series,
        "drifts": summary.drifts,
        "told": summary.told,
        "seconds": summary.seconds,
        "error": summary.error or "none",
    }
    result = dg.AssetCheckResult(
        check_name="look_for_drifts_ended_well",
        passed=summary.error is None,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
    yield dg.MaterializeResult(metadata=metadata, check_results=[result])
