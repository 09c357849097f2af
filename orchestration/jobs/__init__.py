"""Jobs: the whole day in one run, and its parts for schedules, sensors and backfills."""

import dagster as dg

from ingestion.platforms import PLATFORMS
from orchestration.assets.backups import BACKUP
from orchestration.assets.fx_rates import RATES
from orchestration.assets.marts import BUILD_SPECS, PENDING
from orchestration.assets.platforms import asset_key
from orchestration.assets.publication import ANOMALIES, CERTIFICATES, REPORT_SPECS
from orchestration.assets.settled_months import MONTH_CERTIFICATES
from orchestration.assets.slack import MESSAGES
from orchestration.checks.expectations import CHECK_RUNS
from transforms.analytics_tables import PUBLISHED_SCHEMA

_REGISTRY = dg.AssetSelection.groups("registry")
_FLOW = (
    dg.AssetSelection.assets(PENDING, *(spec.key for spec in BUILD_SPECS), CHECK_RUNS, CERTIFICATES)
    | dg.AssetSelection.key_prefixes([PUBLISHED_SCHEMA])
    | dg.AssetSelection.assets(*(spec.key for spec in REPORT_SPECS), ANOMALIES, MONTH_CERTIFICATES, MESSAGES)
)


def _tables(platform: str) -> dg.AssetSelection:
    definition = PLATFORMS[platform].definition
    names = [report.table for report in definition.reports] + [entity.table for entity in definition.entities]
    return dg.AssetSelection.assets(*(asset_key(definition, name) for name in names))


# Steps are short and share imports: one process is twice as fast as one process a step (18 s against 37 s measured).
_IN_PROCESS = dg.in_process_executor

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    executor_def=_IN_PROCESS,
    description="Everything once: registry, rates, all platforms' due days, build, gate, publication, Slack, backup.",
)
load_rates = dg.define_asset_job(
    "load_rates",
    selection=_REGISTRY | dg.AssetSelection.assets(RATES),
    executor_def=_IN_PROCESS,
    description="Client files and ECB reference rates.",
)
load_platform = {
    name: dg.define_asset_job(
        f"load_{name}",
        selection=_REGISTRY | _tables(name),
        executor_def=_IN_PROCESS,
        description=f"{platform.definition.title}: read, prove and replace account-days.",
    )
    for name, platform in PLATFORMS.items()
}
publish = dg.define_asset_job(
    "publish",
    selection=_FLOW,
    executor_def=_IN_PROCESS,
    description="Build what is pending, check it, publish the certified account-days, tell Slack.",
)
back_up = dg.define_asset_job(
    "back_up",
    selection=dg.AssetSelection.assets(BACKUP),
    executor_def=_IN_PROCESS,
    description="Dump, store and verify the warehouse.",
)

jobs = [daily, load_rates, *load_platform.values(), publish, back_up]
