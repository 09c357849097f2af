"""Build, checks, certificates, gate and publication in a forked process of a parent that has imported all of it."""

import gc
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from cli.publishing import run_publish
from cli.session import PlatformSession
from foundation.clock import Clock
from foundation.settings import Settings
from transforms import building

_MODULES = ("dbt.cli.main", "dbt.adapters.postgres", "dbt.task.build", "great_expectations")


def preload() -> None:
    """Import and warm up what a publication needs. Starts no thread and opens no connection: forking stays safe."""
    for module in _MODULES:
        import_module(module)
    building.prepare(building.DBT_PROJECT_DIR)
    _parse_for_nobody()
    gc.collect()
    gc.freeze()


def publish_once(settings: Settings, warehouse_url: str, clock: Clock) -> dict[str, Any]:
    """What ``mdp publish`` does: build what is pending, check, certify, decide and publish. Returns its counts."""
    # A process that lives for seconds: collecting what it leaves takes a fifth of them.
    gc.disable()
    os.environ |= {"DBT_LOG_LEVEL": "none", "DBT_LOG_LEVEL_FILE": "none"}
    return run_publish(PlatformSession(settings, warehouse_url, clock))


def _parse_for_nobody() -> None:
    """A dbt run without a database: it generates the code that reads and checks a project, once for all children."""
    address = building.connection_environment("postgresql://nobody@localhost/nowhere")
    with tempfile.TemporaryDirectory() as directory, building._environment(address):
        for target in building.PREPARED_DIRECTORIES:
            manifest = building.parsed_project(building.DBT_PROJECT_DIR, target, "nowhere")
            locations = building.location_arguments(building.DBT_PROJECT_DIR, Path(directory))
            building._invoke(("parse", "--target", target, *locations, "--log-level-file", "none"), manifest)
