"""The dbt build over the account-days whose version is not built yet."""

import sys
from collections.abc import Iterator

import dagster as dg

from foundation.redaction import known_secrets
from orchestration.assets.dbt_results import materializations
from orchestration.assets.dbt_specs import check_specs_of, model_specs
from orchestration.assets.fx_rates import RATES
from orchestration.assets.platforms import platform_assets
from orchestration.resources import PlatformResource, PublishingResource
from quality.check_figures import recorded_figures
from quality.dbt_tests import record
from transforms.building import (
    DBT_PROJECT_DIR,
    build,
    prepared_manifest,
)
from transforms.pending import everything_pending
from transforms.versions import model_hash, open_build, refresh_account_days

_MANIFEST = prepared_manifest(DBT_PROJECT_DIR)
BUILD_SPECS = model_specs(_MANIFEST, reports=False)
FACTS = [spec.key for spec in BUILD_SPECS if spec.key.path[-1].startswith("fct_")]
BUILT_DAYS = next(spec.key for spec in BUILD_SPECS if spec.key.path[-1] == "account_day_built")

PENDING = dg.AssetKey(["ops", "pending_account_day"])


@dg.asset(
    key=PENDING,
    deps=[RATES, *(key for assets in platform_assets for key in assets.keys)],
    group_name="intermediate",
    kinds={"postgres"},
    description="The account-days whose current version is not published: new, restated, or touched by a rate, the "
    "registry or a model change.",
)
def pending_account_days(
    context: dg.AssetExecutionContext, platform: PlatformResource, publishing: PublishingResource
) -> dg.MaterializeResult[None]:
    now = platform.clock.now()
    with platform.connection() as connection:
        moved = refresh_account_days(connection, model_hash=model_hash(DBT_PROJECT_DIR), now=now)
        pending = open_build(connection, build_id=context.run.run_id, now=now)
    return dg.MaterializeResult(
        metadata={
            "account-days re-versioned": moved,
            "account-days pending": pending.account_days,
            "first day": str(pending.since or "none"),
            "last day": str(pending.until or "none"),
        }
    )


@dg.multi_asset(
    name="dbt_build",
    specs=BUILD_SPECS,
    check_specs=check_specs_of(_MANIFEST),
    pool="dbt",
)
def dbt_build(
    context: dg.AssetExecutionContext, platform: PlatformResource, publishing: PublishingResource
) -> Iterator[dg.MaterializeResult[None]]:
    with platform.connection() as connection:
        full_refresh = everything_pending(connection)
    # A target directory that stays keeps dbt's parsed project; a new one costs a whole parse.
    built = build(
        platform.warehouse_url,
        DBT_PROJECT_DIR,
        platform.settings.work_dir / "dbt_build",
        full_refresh=full_refresh,
        tell=_say,
    )
    with platform.connection() as connection:
        record(connection, build_id=context.run.run_id, run_results=built.run_results, now=platform.clock.now())
        with connection.cursor() as cursor:
            figures = recorded_figures(cursor, context.run.run_id)
    yield from materializations(
        _MANIFEST, built.run_results, build_id=context.run.run_id, figures=figures, known=known_secrets()
    )


def _say(line: str) -> None:
    """Into the step's standard output, which the UI shows while dbt runs."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
