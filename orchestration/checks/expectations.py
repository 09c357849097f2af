"""Great Expectations over the build schema: the asset ops.check_run, and each expectation as a check of its fact.

One step runs them all and materializes ops.check_run, which certificates and publication wait for. So the gate decides
after the checks, and no check need be blocking, which would stop everybody for one account-day.
"""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from foundation.redaction import known_secrets
from orchestration.assets.marts import BUILT_DAYS, FACTS
from orchestration.checks.evaluations import figures_metadata, page_metadata, rows_metadata, severity_of
from orchestration.resources import PlatformResource, PublishingResource
from quality.check_figures import recorded_figures
from quality.data_docs import DataDocs, index_page
from quality.expectation_list import EXPECTATIONS, Expectation
from quality.expectations import run_expectations

CHECK_RUNS = dg.AssetKey(["ops", "check_run"])
_FACT_KEYS = {key.path[-1]: key for key in FACTS}


def _spec(expectation: Expectation) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        expectation.check,
        asset=_FACT_KEYS[expectation.table.name],
        description=f"No rows {expectation.meaning}; failing account-days are "
        + ("held." if expectation.severity == "hold" else "published with a warning."),
    )


@dg.multi_asset(
    name="expectations",
    specs=[
        dg.AssetSpec(
            CHECK_RUNS,
            deps=[*FACTS, BUILT_DAYS],
            group_name="certification",
            kinds={"great_expectations", "postgres"},
            description="Each check of a build with its verdict; ops.check_failure has the account-days that fail it.",
        )
    ],
    check_specs=[_spec(expectation) for expectation in EXPECTATIONS],
    allow_arbitrary_check_specs=True,
    can_subset=True,
)
def expectations(
    context: dg.AssetExecutionContext, platform: PlatformResource, publishing: PublishingResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    build_id, now, data_dir = context.run.run_id, platform.clock.now(), platform.settings.data_dir
    docs = DataDocs(data_dir, build_id=build_id, now=now)
    outcomes = run_expectations(platform.warehouse_url, build_id=build_id, now=now, show=docs.add)
    index = docs.build()
    with platform.connection() as connection, connection.cursor() as cursor:
        recorded = recorded_figures(cursor, build_id)
    known, site = known_secrets(), index_page(data_dir).parent
    verdicts = Counter(figures.status for figures in recorded.values())
    # All are evaluated whatever is selected, since the gate wants them all; only what is selected may be told.
    if CHECK_RUNS in context.selected_asset_keys:
        yield dg.MaterializeResult(
            CHECK_RUNS,
            metadata={
                "build": build_id,
                **{f"checks {status}": count for status, count in sorted(verdicts.items())},
                **page_metadata(platform.settings, index, site),
            },
        )
    for expectation, outcome in zip(EXPECTATIONS, outcomes, strict=True):
        key = dg.AssetCheckKey(_FACT_KEYS[expectation.table.name], expectation.check)
        if key not in context.selected_asset_check_keys:
            continue
        blocks = expectation.severity == "hold"
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=outcome.status == "passed",
            severity=severity_of(blocks=blocks),
            metadata={
                **figures_metadata(recorded.get(expectation.name), build_id=build_id, blocks=blocks, known=known),
                **rows_metadata(outcome, known),
                **page_metadata(platform.settings, docs.page(expectation.table.name), site),
            },
        )
