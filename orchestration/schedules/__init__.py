"""When: every hour each platform loads the accounts that have due days, and what is pending is published."""

from datetime import timedelta

import dagster as dg

from ingestion.due import due_tasks
from ingestion.months import due_months
from ingestion.platforms import PLATFORMS
from orchestration.jobs import load_platform, load_rates, publish
from orchestration.partitions import range_tags
from orchestration.resources import PlatformResource
from transforms.pending import anything_pending

Request = dg.RunRequest | dg.SkipReason


def due_run_config(platform: str) -> dict[str, object]:
    """Run config that makes a platform's load read what the ledger says is due."""
    return {"ops": {platform: {"config": {"only_due": True}}}}


def _build_load_schedule(platform: str, minute: int) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"load_{platform}_hourly",
        job=load_platform[platform],
        cron_schedule=f"{minute} * * * *",
        description=f"Loads the {PLATFORMS[platform].definition.title} accounts that have due days, if any.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def hourly(context: dg.ScheduleEvaluationContext, platform_resource: dg.ResourceParam[PlatformResource]) -> Request:
        with platform_resource.connection() as connection:
            now = platform_resource.clock.now()
            tasks = due_tasks(connection, platform, now)
            settled = due_months(connection, platform, now)
        if not tasks and not settled:
            return dg.SkipReason("no account has a due day")
        days = sorted({day for task in tasks for day in task.days}) or [now.date() - timedelta(days=1)]
        return dg.RunRequest(run_config=due_run_config(platform), tags=range_tags([(days[0], days[-1])]))

    return hourly


@dg.schedule(
    job=publish,
    cron_schedule="20,50 * * * *",
    description="Publishes what is pending, if anything is.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def publish_pending(
    context: dg.ScheduleEvaluationContext, platform_resource: dg.ResourceParam[PlatformResource]
) -> Request:
    with platform_resource.connection() as connection:
        if not anything_pending(connection):
            return dg.SkipReason("every proved account-day is published or held")
    return dg.RunRequest()


rates_hourly = dg.ScheduleDefinition(
    name="load_rates_hourly",
    job=load_rates,
    cron_schedule="0 * * * *",
    description="Client files and ECB rates.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

schedules = [
    rates_hourly,
    *(_build_load_schedule(platform, 5 + 2 * position) for position, platform in enumerate(PLATFORMS)),
    publish_pending,
]
