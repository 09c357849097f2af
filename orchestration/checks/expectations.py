"""Great Expectations over the build schema as asset checks of the facts."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.marts import FACTS
from orchestration.resources import PlatformResource, PublishingResource
from quality.expectation_list import EXPECTATIONS, Expectation
from quality.expectations import run_expectations

_FACT_KEYS = {key.path[-1]: key for key in FACTS}


def _spec(expectation: Expectation) -> dg.AssetCheckSpec:
    # Blocking with severity WARN stops nothing, but the gate runs only after the check was recorded.
    return dg.AssetCheckSpec(
        expectation.check,
        asset=_FACT_KEYS[expectation.table.name],
        description=f"No rows {expectation.meaning}; failing account-days are "
        + ("held." if expectation.severity == "hold" else "published with a warning."),
        blocking=True,
    )


@dg.multi_asset_check(name="expectations", specs=[_spec(expectation) for expectation in EXPECTATIONS])
def expectations(
    context: dg.AssetCheckExecutionContext, platform: PlatformResource, publishing: PublishingResource
) -> Iterator[dg.AssetCheckResult]:
    outcomes = run_expectations(platform.warehouse_url, build_id=context.run.run_id, now=platform.clock.now())
    for expectation, outcome in zip(EXPECTATIONS, outcomes, strict=True):
        yield dg.AssetCheckResult(
            asset_key=_FACT_KEYS[expectation.table.name],
            check_name=expectation.check,
            passed=outcome.status == "passed",
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "status": outcome.status,
                "failing account-days": len(outcome.failing),
                "detail": outcome.detail or "nothing found",
            },
        )
