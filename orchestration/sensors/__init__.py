"""What follows from what happened: alerts, backups, and the end of runs whose process died."""

import time

import dagster as dg

from alerting.incidents import run_failed, run_recovered
from backups.records import last_stored_at
from backups.retention import due
from orchestration.assets.publication import CLIENT_REPORT
from orchestration.assets.slack import tell
from orchestration.jobs import back_up
from orchestration.recovery import end_dead_runs
from orchestration.resources import PlatformResource

SENSOR_SECONDS = 60


@dg.run_failure_sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A failed run becomes one incident per job in the operators' channel.",
)
def run_failure_alert(
    context: dg.RunFailureSensorContext, platform_resource: dg.ResourceParam[PlatformResource]
) -> None:
    ui = platform_resource.settings.ui_url
    steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
    with platform_resource.connection() as connection:
        run_failed(
            connection,
            job=context.dagster_run.job_name,
            run_id=context.dagster_run.run_id,
            step=steps[0] if steps else None,
            error=context.failure_event.message or "the run failed without a message",
            now=platform_resource.clock.now(),
            run_url=f"{ui.rstrip('/')}/runs/{context.dagster_run.run_id}" if ui else None,
        )
    tell(platform_resource)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A job that works again closes its incident.",
)
def run_success_resolves(
    context: dg.RunStatusSensorContext, platform_resource: dg.ResourceParam[PlatformResource]
) -> None:
    with platform_resource.connection() as connection:
        recovered = run_recovered(connection, job=context.dagster_run.job_name, now=platform_resource.clock.now())
    if recovered:
        tell(platform_resource)


@dg.sensor(
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells the clients of units that are held, changed or released, and of the morning's figures.",
)
def held_units_alert(
    context: dg.SensorEvaluationContext, platform_resource: dg.ResourceParam[PlatformResource]
) -> dg.SkipReason:
    counts = tell(platform_resource)
    return dg.SkipReason(", ".join(f"{name}: {count}" for name, count in counts.items()))


@dg.asset_sensor(
    asset_key=CLIENT_REPORT,
    job=back_up,
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A publication asks for a backup, at most one in backup_min_hours.",
)
def publication_backup(
    context: dg.SensorEvaluationContext,
    asset_event: dg.EventLogEntry,
    platform_resource: dg.ResourceParam[PlatformResource],
) -> dg.RunRequest | dg.SkipReason:
    with platform_resource.connection() as connection:
        last = last_stored_at(connection)
    if not due(last, platform_resource.clock.now(), platform_resource.settings.backup_min_hours):
        return dg.SkipReason(f"the last backup is of {last}")
    return dg.RunRequest()


@dg.sensor(
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks runs as failed whose process died, and frees their pool slots.",
)
def dead_runs(
    context: dg.SensorEvaluationContext, platform_resource: dg.ResourceParam[PlatformResource]
) -> dg.SkipReason:
    ended = end_dead_runs(context.instance, platform_resource.warehouse_url, time.time())
    return dg.SkipReason(f"ended: {', '.join(ended)}" if ended else "every unfinished run has its process")


sensors = [run_failure_alert, run_success_resolves, held_units_alert, publication_backup, dead_runs]
