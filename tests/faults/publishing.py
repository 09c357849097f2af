"""Build, checks, certificates, gate and publication in a forked process of a parent that has imported all of it."""

from importlib import import_module
from typing import Any

from cli.publishing import run_publish
from cli.session import PlatformSession
from foundation.clock import Clock
from foundation.settings import Settings
from transforms.building import DBT_PROJECT_DIR, prepare

_MODULES = ("dbt.cli.main", "dbt.adapters.postgres", "great_expectations")


def preload() -> None:
    """Import what a publication imports. Starts no thread and opens no connection, so that forking stays safe."""
    for module in _MODULES:
        import_module(module)
    prepare(DBT_PROJECT_DIR)


def publish_once(settings: Settings, warehouse_url: str, clock: Clock) -> dict[str, Any]:
    """What ``mdp publish`` does: build what is pending, check, certify, decide and publish. Returns its counts."""
    return run_publish(PlatformSession(settings, warehouse_url, clock))
