"""The dbt build over the account-days whose version is not built yet."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.assets.dbt_specs import check_specs_of, model_specs
from orchestration.assets.fx_rates import RATES
from orchestration.assets.platforms import platform_assets
from orchestration.resources import PlatformResource, PublishingResource
from quality.dbt_tests import record
from transforms.building import (
    DBT_PROJECT_DIR,
    build_arguments,
    connection_environment,
    dbt_lock,
    failed_models,
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
        pending = open_build(connection, build_id=context.run_id, now=now)
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
) -> Iterator[Any]:
    from dagster_dbt import DbtCliResource  # imports dbt's adapters: two seconds that only this step pays

    with platform.connection() as connection:
        arguments = build_arguments(full_refresh=everything_pending(connection))
    os.environ.update(connection_environment(platform.warehouse_url))
    resource = DbtCliResource(
        project_dir=str(DBT_PROJECT_DIR),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=str(Path(sys.executable).with_name("dbt")),
    )
    with dbt_lock(platform.warehouse_url):
        # A target directory that stays keeps dbt's parsed project; a new one costs a whole parse.
        invocation = resource.cli(
            arguments,
            manifest=_MANIFEST,
            raise_on_error=False,
            target_path=platform.settings.work_dir / "dbt_build",
        )
        for event in invocation.stream_raw_events():
            yield from event.to_default_asset_events(manifest=_MANIFEST, context=context)
        run_results = invocation.get_artifact("run_results.json")
    if failures := failed_models(run_results):
        raise dg.Failure("dbt could not build every model; nothing is certified or published:\n" + "\n".join(failures))
    with platform.connection() as connection:
        record(connection, build_id=context.run_id, run_results=run_results, now=platform.clock.now())
