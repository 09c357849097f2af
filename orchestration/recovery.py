"""Ends runs whose process died, so that no STARTED run and no pool slot stays in the way of the next one."""

import dagster as dg
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus

from foundation.database import connect, lock_key
from orchestration.resources.platform import RUN_LOCK

_UNFINISHED = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
# A run takes its lock with its first step; younger runs without one are only starting.
STARTING_SECONDS = 120.0


def _process_is_gone(warehouse_url: str, run: DagsterRun) -> bool:
    with connect(warehouse_url, autocommit=True) as connection, connection.cursor() as cursor:
        # Session lock on a connection that closes at once: taken only to learn whether somebody holds it.
        cursor.execute("select pg_try_advisory_lock(%s)", (lock_key(RUN_LOCK, run.run_id),))
        row = cursor.fetchone()
        return bool(row and row[0])


def end_dead_runs(
    instance: DagsterInstance, warehouse_url: str, now: float, *, starting_seconds: float = STARTING_SECONDS
) -> list[str]:
    """Mark unfinished runs without a process as failed and free their pool slots. Returns their ids.

    now: seconds since the epoch. starting_seconds: how old a run without a lock must be to count as dead; 0 where the
    caller knows that no run can be starting.
    """
    ended = []
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=_UNFINISHED)):
        run = record.dagster_run
        age = now - record.create_timestamp.timestamp()
        if age < starting_seconds or not _process_is_gone(warehouse_url, run):
            continue
        instance.report_run_failed(run, "The process of this run is gone (killed, or the machine stopped).")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        ended.append(run.run_id)
    return ended
