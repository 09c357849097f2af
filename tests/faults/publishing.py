"""Build, checks, certificates, gate and publication in a forked process of a parent that has imported all of it."""

import gc
import multiprocessing
import os
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from cli.publishing import run_publish
from cli.session import PlatformSession
from foundation.clock import Clock
from foundation.settings import Settings
from tests.faults.child import attempt
from tests.integration.ingestion.ad_world import FixedClock
from transforms import building

# Before any script begins, also one whose clock is behind.
_BEFORE_ALL = datetime(2025, 1, 1, 12, tzinfo=UTC)
_FIRST_SECONDS = 120.0
_MODULES = ("dbt.cli.main", "dbt.adapters.postgres", "dbt.task.build", "dbt.task.run", "great_expectations")


def preload() -> None:
    """Import and warm up what a publication needs. Starts no thread and opens no connection: forking stays safe."""
    for module in _MODULES:
        import_module(module)
    _spare_dbt_its_overhead()
    building.prepare(building.DBT_PROJECT_DIR)
    _parse_for_nobody()
    gc.collect()
    gc.freeze()


def publish_once(settings: Settings, warehouse_url: str, clock: Clock) -> dict[str, Any]:
    """What ``mdp publish`` does: build what is pending, check, certify, decide and publish. Returns its counts."""
    # A process that lives for seconds: collecting what it leaves would take a fifth of them.
    gc.disable()
    os.environ |= {"DBT_LOG_LEVEL": "none", "DBT_LOG_LEVEL_FILE": "none"}
    return run_publish(PlatformSession(settings, warehouse_url, clock))


def publish_nothing(warehouse_url: str) -> None:
    """The first publication of an installation without clients, in a process of its own: it defines all the views."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "clients").mkdir()
        settings = Settings(data_dir=directory, clients_dir=directory / "clients", warehouse_url=warehouse_url)
        first = attempt(
            lambda: publish_once(settings, warehouse_url, FixedClock(_BEFORE_ALL)), directory, seconds=_FIRST_SECONDS
        )
    if first.state != "finished":
        raise RuntimeError(f"the first publication {first.state}: {first.error}")


def one_node_at_a_time() -> None:
    """dbt's nodes one after the other: what happens at the n-th point of a build is then the same each time."""
    arguments = building.build_arguments
    building.build_arguments = lambda **chosen: (*arguments(**chosen), "--threads", "1")


def _parse_for_nobody() -> None:
    """A dbt run without a database: it generates the code that reads and checks a project, once for all children."""
    address = building.connection_environment("postgresql://nobody@localhost/nowhere")
    with tempfile.TemporaryDirectory() as directory, building.process_environment(address):
        for target in building.PREPARED_DIRECTORIES:
            manifest = building.parsed_project(building.DBT_PROJECT_DIR, target, "nowhere")
            locations = building.location_arguments(building.DBT_PROJECT_DIR, Path(directory))
            building._invoke(("parse", "--target", target, *locations, "--log-level-file", "none"), manifest)


def _spare_dbt_its_overhead() -> None:
    """What costs dbt half of its time and decides no figure: a session a node, comments on columns of the build."""
    import dbt.mp_context
    from dbt.adapters.base.connections import BaseConnectionManager
    from dbt.adapters.contracts.connection import ConnectionState

    # Locks of the context "spawn" are files which a process that ends by _exit leaves behind.
    dbt.mp_context._MP_CONTEXT = multiprocessing.get_context("fork")  # type: ignore[assignment]

    def release(self: Any) -> None:
        connection = self.get_if_exists()
        if connection is None or connection.state != ConnectionState.OPEN:
            return
        connection.transaction_open = False
        try:
            connection.handle.rollback()
        except Exception:
            self.close(connection)

    BaseConnectionManager.release = release
    parsed_project = building.parsed_project

    def without_comments(project_dir: Path, target: str, database: str) -> Any:
        manifest = parsed_project(project_dir, target, database)
        for node in manifest.nodes.values() if manifest else ():
            node.config.persist_docs = {}
        return manifest

    building.parsed_project = without_comments
