"""The whole platform on one page: clients and rates -> platforms -> marts -> certificate -> publication -> people."""

import dagster as dg

from orchestration.assets.backups import backup
from orchestration.assets.fx_rates import fx_rates
from orchestration.assets.marts import dbt_build, pending_account_days
from orchestration.assets.platforms import platform_assets
from orchestration.assets.publication import anomalies, certificates, publication, reports
from orchestration.assets.registry import registry
from orchestration.assets.settled_months import month_certificates
from orchestration.assets.slack import slack_messages
from orchestration.checks.expectations import expectations
from orchestration.checks.freshness import freshness_checks
from orchestration.checks.new_fields import new_fields_checks
from orchestration.checks.platforms import accounts_checks
from orchestration.jobs import jobs
from orchestration.resources import PlatformResource, PublishingResource
from orchestration.schedules import schedules
from orchestration.sensors import sensors

platform = PlatformResource()

defs = dg.Definitions(
    assets=[
        registry,
        fx_rates,
        *platform_assets,
        pending_account_days,
        dbt_build,
        expectations,
        certificates,
        publication,
        reports,
        anomalies,
        month_certificates,
        slack_messages,
        backup,
    ],
    asset_checks=[*accounts_checks, *new_fields_checks, *freshness_checks],
    jobs=jobs,
    schedules=schedules,
    sensors=sensors,
    resources={"platform": platform, "platform_resource": platform, "publishing": PublishingResource()},
)
