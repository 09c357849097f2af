"""A run whose process died is ended and its pool slot freed; a run whose process lives is left alone."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance, DagsterRunStatus

from foundation.database import connect, session_lock, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from orchestration.recovery import end_dead_runs
from orchestration.resources.platform import RUN_LOCK

pytestmark = pytest.mark.integration


@dg.op(pool="meta_ads")
def read_meta() -> None:
    """Stands for a step that holds the platform's slot."""


@dg.job
def load() -> None:
    read_meta()


@pytest.fixture
def instance(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[DagsterInstance]:
    """A Dagster instance on real PostgreSQL storage."""
    admin = postgres.url("postgres")
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("create database dagster_recovery")
    url = with_database(admin, "dagster_recovery")
    (tmp_path / "dagster.yaml").write_text(
        f"storage:\n  postgres:\n    postgres_url: '{url}'\n"
        "concurrency:\n  pools:\n    default_limit: 1\n    granularity: op\n"
        "telemetry:\n  enabled: false\n"
    )
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(tmp_path)
    try:
        with DagsterInstance.get() as instance:
            yield instance
    finally:
        os.environ.pop("DAGSTER_HOME")
        if before is not None:
            os.environ["DAGSTER_HOME"] = before
        with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("drop database dagster_recovery with (force)")


def _started_run(instance: DagsterInstance) -> str:
    """A run that is STARTED and holds the slot of pool meta_ads."""
    run = instance.create_run_for_job(load, status=DagsterRunStatus.STARTED)
    instance.event_log_storage.initialize_concurrency_limit_to_default("meta_ads")
    claim = instance.event_log_storage.claim_concurrency_slot("meta_ads", run.run_id, "read_meta")
    assert claim.is_claimed
    return run.run_id


def test_a_dead_run_is_failed_and_its_slot_is_free_for_the_next_one(
    instance: DagsterInstance, warehouse_url: str
) -> None:
    dead = _started_run(instance)
    assert end_dead_runs(instance, warehouse_url, time.time(), starting_seconds=0) == [dead]
    run = instance.get_run_by_id(dead)
    assert run is not None
    assert run.status is DagsterRunStatus.FAILURE
    following = instance.create_run_for_job(load)
    claim = instance.event_log_storage.claim_concurrency_slot("meta_ads", following.run_id, "read_meta")
    assert claim.is_claimed


def test_a_run_whose_process_holds_its_lock_is_left_alone(instance: DagsterInstance, warehouse_url: str) -> None:
    alive = _started_run(instance)
    with session_lock(warehouse_url, RUN_LOCK, alive):
        assert end_dead_runs(instance, warehouse_url, time.time(), starting_seconds=0) == []
    run = instance.get_run_by_id(alive)
    assert run is not None
    assert run.status is DagsterRunStatus.STARTED


def test_a_run_that_may_still_be_starting_is_left_alone(instance: DagsterInstance, warehouse_url: str) -> None:
    _started_run(instance)
    assert end_dead_runs(instance, warehouse_url, time.time()) == []
