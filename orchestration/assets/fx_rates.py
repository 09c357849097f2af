"""ECB reference rates. Without them figures in account currency are published all the same."""

from collections.abc import Iterator

import dagster as dg

from ingestion.fx_rates import RatesUnavailable, sync_rates
from orchestration.assets.registry import ACCOUNTS
from orchestration.resources import PlatformResource

RATES = dg.AssetKey(["raw_fx", "rate"])


@dg.asset(
    key=RATES,
    deps=[ACCOUNTS],
    group_name="ingestion",
    kinds={"dlt", "postgres"},
    description="Units of each needed currency that one euro buys, per ECB day, as published.",
    check_specs=[
        dg.AssetCheckSpec(
            "rates_available",
            asset=RATES,
            description="The rate service answered and has every currency that an account or a client needs.",
        )
    ],
)
def fx_rates(context: dg.AssetExecutionContext, platform: PlatformResource) -> Iterator[dg.MaterializeResult[None]]:
    metadata: dict[str, int | str]
    try:
        report = sync_rates(platform.settings, platform.warehouse_url, run_id=context.run.run_id, clock=platform.clock)
    except RatesUnavailable as error:
        problem, metadata = str(error), {"rates changed": 0, "newest rate": "not fetched"}
    else:
        problem = f"no ECB rate for {', '.join(report.without_rate)}" if report.without_rate else ""
        metadata = {
            "rates changed": report.rates,
            "newest rate": report.newest.isoformat() if report.newest else "none",
        }
    yield dg.MaterializeResult(
        metadata=metadata,
        check_results=[
            dg.AssetCheckResult(
                check_name="rates_available",
                passed=not problem,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"problem": problem or "none"},
            )
        ],
    )
