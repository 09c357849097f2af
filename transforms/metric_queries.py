"""Asks MetricFlow for metrics of the published tables, and of nothing else."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from transforms.analytics_tables import PUBLISHED_SCHEMA
from transforms.building import PREPARED_DIRECTORIES, connection_environment, prepare, process_environment

if TYPE_CHECKING:
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

_TARGET = "published"
_SEMANTIC_MANIFEST = "semantic_manifest.json"


class MetricsUnavailable(RuntimeError):
    """The metrics cannot be asked; the message says why."""


def published_semantics(manifest: dict[str, Any], database: str) -> dict[str, Any]:
    """The semantic manifest with its relations in this database. Raises where one is not a published table."""
    spines = manifest["project_configuration"]["time_spines"]
    for model in (*manifest["semantic_models"], *spines):
        relation = model["node_relation"]
        if relation["schema_name"] != PUBLISHED_SCHEMA:
            raise MetricsUnavailable(f"metrics read {PUBLISHED_SCHEMA} alone, not {relation['relation_name']}")
        relation["database"] = database
        relation["relation_name"] = f'"{database}"."{PUBLISHED_SCHEMA}"."{relation["alias"]}"'
    if not manifest["metrics"]:
        raise MetricsUnavailable(f"the project has no metrics under the dbt target {_TARGET}")
    return manifest


def write_metrics_project(project_dir: Path, directory: Path, database: str) -> None:
    """What MetricFlow needs of a dbt project, with one target only: it always takes the default one."""
    prepare(project_dir)
    prepared = project_dir / PREPARED_DIRECTORIES[_TARGET] / _SEMANTIC_MANIFEST
    semantics = published_semantics(json.loads(prepared.read_text(encoding="utf-8")), database)
    profiles = yaml.safe_load((project_dir / "profiles.yml").read_text(encoding="utf-8"))
    (profile,) = profiles.values()
    profile["target"], profile["outputs"] = _TARGET, {_TARGET: profile["outputs"][_TARGET]}
    (directory / "target").mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("dbt_project.yml", (project_dir / "dbt_project.yml").read_text(encoding="utf-8")),
        ("profiles.yml", yaml.safe_dump(profiles)),
        (f"target/{_SEMANTIC_MANIFEST}", json.dumps(semantics)),
    ):
        (directory / name).write_text(content, encoding="utf-8")


@contextmanager
def open_metrics(warehouse_url: str, project_dir: Path, directory: Path) -> "Iterator[CLIConfiguration]":
    """MetricFlow's own configuration on this warehouse; ``directory`` is written to.

    PostgreSQL refuses every statement that would change something.
    """
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

    environment = connection_environment(warehouse_url)
    write_metrics_project(project_dir, directory, environment["MDP_DBT_DATABASE"])
    with process_environment({**environment, "PGOPTIONS": "-c default_transaction_read_only=on"}):
        configuration = CLIConfiguration()
        configuration.setup(directory, directory, configure_file_logging=False)
        yield configuration


def run_metricflow(configuration: "CLIConfiguration", arguments: Sequence[str]) -> None:
    """Run one command of `mf`, such as ``query --metrics spend --group-by client``; it ends with SystemExit.

    Not through its entry point, which asks a package registry for a newer version each time.
    """
    from dbt_metricflow.cli.main import cli

    name, *rest = arguments
    if name not in cli.commands:
        raise MetricsUnavailable(f"mf has no command {name}; it has {', '.join(sorted(cli.commands))}")
    cli.commands[name].main(rest, prog_name=f"mdp metrics {name}", obj=configuration)
