"""Runs a job of this code location now, in a process of its own, and tells how its steps get on."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from dagster import DagsterEvent, DagsterEventType, DagsterInstance, DagsterRunStatus, EventLogEntry, RunsFilter

from foundation.database import connect
from foundation.registry import read_clients
from foundation.settings import Settings
from ingestion.due import due_tasks
from ingestion.loading.tables import ensure_raw_tables
from ingestion.platforms import PLATFORMS
from ingestion.registry_load import load_registry
from orchestration.partitions import range_tags
from orchestration.processes import end_process, start_dagster
from orchestration.recovery import end_dead_runs
from orchestration.schedules import due_run_config

LAUNCH_TAG = "mdp/launch"
# Pseudo step under which the end of dead runs is told.
RECOVERY = "recovery"
_POLL_SECONDS = 0.4
_STOP_SECONDS = 20.0
_STEP_EVENTS = {
    DagsterEventType.STEP_START: "started",
    DagsterEventType.STEP_SUCCESS: "done",
    DagsterEventType.STEP_FAILURE: "failed",
    DagsterEventType.STEP_SKIPPED: "skipped",
}


@dataclass(frozen=True)
class Progress:
    """One thing that happened in a run: a step changed (``state``) or said something (``message``)."""

    step: str
    state: str | None
    message: str


@dataclass
class RunOutcome:
    """How a run ended. failures: step -> the error's first line."""

    run_id: str
    succeeded: bool
    failures: dict[str, str] = field(default_factory=dict)


def _due_range(settings: Settings, warehouse_url: str, now: datetime) -> dict[str, str]:
    """Range tags over what is due on any platform; yesterday alone where nothing is."""
    clients = read_clients(settings.clients_dir)
    with connect(warehouse_url) as connection:
        ensure_raw_tables(connection)
        load_registry(connection, clients, now)
        spans = [
            (span.since, span.until)
            for platform in PLATFORMS
            for task in due_tasks(connection, platform, now)
            for span in task.spans
        ]
    yesterday = now.date() - timedelta(days=1)
    return range_tags(spans or [(yesterday, yesterday)])


def run_daily(
    settings: Settings,
    warehouse_url: str,
    *,
    now: datetime,
    log_path: Path,
    no_run_is_starting: bool,
    progress: Callable[[Progress], None],
) -> RunOutcome:
    """Execute the job `daily` over everything that is due and wait for its end.

    no_run_is_starting: the caller knows that nobody else launches runs on this instance, so that every unfinished run
    without a process is dead at once and not only after some minutes. The process's output goes to ``log_path``.
    """
    with DagsterInstance.get() as instance:
        patience = {"starting_seconds": 0.0} if no_run_is_starting else {}
        for run_id in end_dead_runs(instance, warehouse_url, time.time(), **patience):
            progress(Progress(RECOVERY, None, f"run {run_id[:8]} lost its process: marked as failed, slots freed"))
        launch = str(uuid4())
        tags = {LAUNCH_TAG: launch, **_due_range(settings, warehouse_url, now)}
        config: dict[str, Any] = {"ops": {}}
        for platform in PLATFORMS:
            config["ops"] |= due_run_config(platform)["ops"]
        config_path = log_path.with_suffix(".json")
        # JSON is YAML, which is what the option reads.
        config_path.write_text(json.dumps(config), encoding="utf-8")
        with log_path.open("w", encoding="utf-8") as log:
            process = start_dagster(
                [
                    "job", "execute", "-m", "orchestration.definitions", "-j", "daily",
                    "--tags", json.dumps(tags), "--config", str(config_path),
                ],
                log,
            )  # fmt: skip
            try:
                return _follow(instance, process, launch, log_path, progress)
            finally:
                end_process(process, _STOP_SECONDS)


def _follow(
    instance: DagsterInstance,
    process: "subprocess.Popen[bytes]",
    launch: str,
    log_path: Path,
    progress: Callable[[Progress], None],
) -> RunOutcome:
    outcome = RunOutcome("", False)
    cursor: str | None = None
    while True:
        ended = process.poll() is not None
        if not outcome.run_id:
            runs = instance.get_runs(filters=RunsFilter(tags={LAUNCH_TAG: launch}), limit=1)
            outcome.run_id = runs[0].run_id if runs else ""
        if outcome.run_id:
            page = instance.get_records_for_run(outcome.run_id, cursor=cursor, limit=500)
            cursor = page.cursor
            for record in page.records:
                _report(record.event_log_entry, outcome, progress)
            if page.has_more:
                continue
        if ended:
            break
        time.sleep(_POLL_SECONDS)
    if not outcome.run_id:
        tail = log_path.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"the daily job did not start; the end of {log_path}:\n{tail}")
    run = instance.get_run_by_id(outcome.run_id)
    outcome.succeeded = run is not None and run.status is DagsterRunStatus.SUCCESS
    return outcome


def _report(entry: EventLogEntry, outcome: RunOutcome, progress: Callable[[Progress], None]) -> None:
    event = entry.dagster_event
    if event is None:
        if entry.step_key and entry.user_message:
            progress(Progress(entry.step_key, None, entry.user_message))
        return
    if event.event_type is DagsterEventType.RUN_FAILURE and not outcome.failures:
        outcome.failures["(run)"] = event.message or "failed without a message"
    state = _STEP_EVENTS.get(event.event_type)
    if state is None or event.step_key is None:
        return
    message = _failure(event) if state == "failed" else ""
    if state == "failed":
        outcome.failures[event.step_key] = message
    progress(Progress(event.step_key, state, message))


def _failure(event: DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip().splitlines()[0] if error and error.message.strip() else "failed without a message"
