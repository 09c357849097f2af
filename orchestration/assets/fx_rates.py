"""ECB reference rates."""

import dagster as dg

from ingestion.fx_rates import sync_rates
from orchestration.assets.registry import ACCOUNTS
from orchestration.resources import PlatformResource

RATES = dg.AssetKey(["raw_fx", "rate"])


@dg.asset(
    key=RATES,
    deps=[ACCOUNTS],
    group_name="ingestion",
    kinds={"dlt", "postgres"},
    description="Units of each needed currency that one euro buys, per ECB day, as published.",
)
def fx_rates(context: dg.AssetExecutionContext, platform: PlatformResource) -> dg.MaterializeResult[None]:
    report = sync_rates(platform.settings, platform.warehouse_url, run_id=context.run_id, clock=platform.clock)
    if report.without_rate:
        context.log.warning("no ECB rate for %s: their figures stay unconverted", ", ".join(report.without_rate))
    return dg.MaterializeResult(
        metadata={
            "rates changed": report.rates,
            "newest rate": report.newest.isoformat() if report.newest else "none",
            "currencies without rate": ", ".join(report.without_rate) or "none",
        }
    )
