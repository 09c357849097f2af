"""Runs dbt: which arguments a build gets, and one dbt run at a time in this process."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from foundation.database import connect, session_lock
from foundation.settings import REPOSITORY
from transforms.standing_views import remember_views, views_stand

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

DBT_PROJECT_DIR = REPOSITORY / "dbt_project"
# Manifests prepared without a database: what the asset specs and the publication read. Runs write elsewhere.
PREPARED_DIRECTORIES = {"build": "target", "published": "target_published"}
REPORT_TAG = "report"
BUILD_SCHEMA = "analytics_build"

_STAMP = "prepared.txt"
# dbt's own form of the parsed project, complete but for what it works out anew at each start.
_PARSED = "partial_parse.msgpack"
# All that puts macros into the parsed project, or decides its format.
_DBT_PACKAGES = ("dbt-core", "dbt-adapters", "dbt-postgres")
_PROJECT_FILES = ("models/**/*", "macros/**/*", "tests/**/*", "seeds/**/*", "dbt_project.yml", "profiles.yml")
DBT_LOCK = ("dbt run",)
_FLOW_LOCK = ("publish flow",)
# dbt's events that tell how a node ended.
_ENDS_OF_NODES = frozenset({"LogModelResult", "LogSeedResult", "LogTestResult", "LogNodeResult", "RunResultFailure"})
# dbt keeps its flags and adapters in module globals and reads the process environment.
_one_run_in_this_process = threading.Lock()


Tell = Callable[[str], None]


class BuildError(RuntimeError):
    """dbt could not make a model; the message names it and what the database said."""


@dataclass(frozen=True)
class BuildResult:
    """What one dbt run did: the content of dbt's run_results.json, and the status of each node by its unique id."""

    run_results: dict[str, Any]
    statuses: Mapping[str, str]
    seconds: float


def build_arguments(*, full_refresh: bool, leaves_views: bool = False) -> tuple[str, ...]:
    """Arguments of the build over the pending account-days: all models and data tests but the reports.

    Unit tests of models prove formulas, not figures: they run with the repository's tests. leaves_views: the views are
    there as the project defines them, and are left alone.
    """
    excluded = (f"tag:{REPORT_TAG}", *(("config.materialized:view",) if leaves_views else ()))
    arguments = ("build", "--exclude", *excluded, "--exclude-resource-type", "unit_test", "--target", "build")
    return (*arguments, "--full-refresh") if full_refresh else arguments


def report_arguments(variables: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Arguments of the run that (re)defines the report views over the published tables, with these dbt variables."""
    arguments = ("run", "--select", f"tag:{REPORT_TAG}", "--target", "published")
    return (*arguments, "--vars", json.dumps(variables, sort_keys=True)) if variables else arguments


def location_arguments(project_dir: Path, target_dir: Path) -> tuple[str, ...]:
    """Where dbt finds the project and leaves its artifacts; a Dagster resource gives its own instead."""
    return (
        "--project-dir", str(project_dir), "--profiles-dir", str(project_dir),
        "--target-path", str(target_dir), "--log-path", str(target_dir / "logs"),
    )  # fmt: skip


def connection_environment(warehouse_url: str) -> dict[str, str]:
    """The variables that profiles.yml reads, from a postgresql:// URL."""
    parts = urlsplit(warehouse_url)
    if not parts.hostname or not parts.path.strip("/"):
        raise ValueError(
            "the warehouse URL names no host or no database: postgresql://user:password@host:port/database"
        )
    return {
        "MDP_DBT_HOST": parts.hostname,
        "MDP_DBT_PORT": str(parts.port or 5432),
        "MDP_DBT_USER": unquote(parts.username or ""),
        "MDP_DBT_PASSWORD": unquote(parts.password or ""),
        "MDP_DBT_DATABASE": unquote(parts.path.strip("/")),
        "MDP_DBT_SSLMODE": parse_qs(parts.query).get("sslmode", ["prefer"])[0],
    }


@contextmanager
def flow_lock(warehouse_url: str, *, wait: bool = True) -> Iterator[bool]:
    """Held from ``open_build`` to the end of publication: two flows would share ``ops.pending_account_day``.

    Yields whether the lock was obtained (always True with ``wait``).
    """
    with session_lock(warehouse_url, *_FLOW_LOCK, wait=wait) as obtained:
        yield obtained


@contextmanager
def dbt_lock(warehouse_url: str) -> Iterator[None]:
    """Held while dbt runs and while a publication reads what dbt built."""
    with session_lock(warehouse_url, *DBT_LOCK):
        yield


def build(
    warehouse_url: str, project_dir: Path, target_dir: Path, *, full_refresh: bool, tell: Tell | None = None
) -> BuildResult:
    """Run the dbt build in this process and return its results. Raises BuildError when a model failed.

    A failed or broken test raises nothing: the gate reads it and holds. ``target_dir`` is best kept from run to run:
    where the project was not prepared, dbt keeps it there parsed. Takes the dbt lock, so that a second run waits.
    ``tell`` gets dbt's line about each node as it ends, from dbt's own threads. Views that stand as the prepared
    project defines them are not made again.
    """
    with _dbt_alone(warehouse_url) as database, connect(warehouse_url) as connection:
        manifest = parsed_project(project_dir, "build", database)
        views = _views_of(manifest) if manifest else []
        project_hash = _project_fingerprint(project_dir)
        stand = bool(views) and views_stand(connection, BUILD_SCHEMA, views, project_hash)
        arguments = build_arguments(full_refresh=full_refresh, leaves_views=stand)
        result = _run(project_dir, target_dir, arguments, manifest, tell)
        if views and not stand:
            remember_views(connection, BUILD_SCHEMA, views, project_hash)
    return result


def run_dbt(
    warehouse_url: str, project_dir: Path, target_dir: Path, arguments: Sequence[str], tell: Tell | None = None
) -> BuildResult:
    """Run dbt with these arguments against the warehouse, alone. Raises BuildError when a model failed."""
    with _dbt_alone(warehouse_url) as database:
        target = arguments[arguments.index("--target") + 1]
        return _run(project_dir, target_dir, arguments, parsed_project(project_dir, target, database), tell)


@contextmanager
def _dbt_alone(warehouse_url: str) -> Iterator[str]:
    """While no other dbt runs on the warehouse or in this process; dbt finds the connection. Yields the database."""
    environment = connection_environment(warehouse_url)
    with dbt_lock(warehouse_url), _one_run_in_this_process, process_environment(environment):
        yield environment["MDP_DBT_DATABASE"]


def _run(
    project_dir: Path, target_dir: Path, arguments: Sequence[str], manifest: "Manifest | None", tell: Tell | None
) -> BuildResult:
    started = time.monotonic()
    results_file = target_dir / "run_results.json"
    results_file.unlink(missing_ok=True)
    # Of what dbt would write only the results are read; its copy of the manifest is a megabyte at each run.
    locations = location_arguments(project_dir, target_dir)
    outcome = _invoke((*arguments, *locations, "--no-write-json"), manifest, tell)
    if outcome.result is None:
        reason = outcome.exception or f"see {target_dir}/logs/dbt.log"
        raise BuildError(f"dbt {arguments[0]} did not run: {reason}") from outcome.exception
    results: Any = outcome.result
    results.write(str(results_file))
    run_results: dict[str, Any] = json.loads(results_file.read_text(encoding="utf-8"))
    if failures := failed_models(run_results):
        raise BuildError(f"dbt {arguments[0]} failed, nothing was certified or published:\n" + "\n".join(failures))
    statuses = {result["unique_id"]: result["status"] for result in run_results["results"]}
    return BuildResult(run_results, statuses, time.monotonic() - started)


def _views_of(manifest: "Manifest") -> list[str]:
    """Names of the views that a build makes, as the parsed project has them."""
    return sorted(node.name for node in manifest.nodes.values() if node.config.materialized == "view")


def failed_models(run_results: Mapping[str, Any]) -> list[str]:
    """One line per model that errored or was skipped because of another one; tests do not count."""
    return [
        f"{result['unique_id']}: {result['status']}: {result.get('message') or ''}".rstrip(": ")
        for result in run_results["results"]
        if not result["unique_id"].startswith(("test.", "unit_test.")) and result["status"] != "success"
    ]


def prepare(project_dir: Path) -> bool:
    """Parse the project for both targets, no database needed. True if something had changed since the last time.

    Leaves manifest.json in ``target`` (marts in analytics_build) and ``target_published`` (marts in analytics), and
    beside it what runs take instead of parsing.
    """
    fingerprint = _project_fingerprint(project_dir)
    directories = {target: project_dir / name for target, name in PREPARED_DIRECTORIES.items()}
    if all(_is_stamped(directory, fingerprint) for directory in directories.values()):
        return False
    for target, directory in directories.items():
        (directory / _STAMP).unlink(missing_ok=True)
        with _one_run_in_this_process:
            exception = _invoke(("parse", "--target", target, *location_arguments(project_dir, directory))).exception
        if not (directory / "manifest.json").exists() or exception:
            raise BuildError(f"dbt cannot parse {project_dir} for target {target}: {exception}") from exception
        (directory / _STAMP).write_text(fingerprint, encoding="utf-8")
    return True


def prepared_manifest(project_dir: Path, target: str = "build") -> dict[str, Any]:
    """The manifest that ``prepare`` left. Raises BuildError when it was not run."""
    path = project_dir / PREPARED_DIRECTORIES[target] / "manifest.json"
    if not path.exists():
        raise BuildError(f"{path} is missing: run `make setup` or transforms.building.prepare first")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def parsed_project(project_dir: Path, target: str, database: str) -> "Manifest | None":
    """The project as ``prepare`` parsed it, with its relations in this database; None if it has changed since.

    Handed to dbt it takes the place of the parse, which any other connection in profiles.yml would make a whole one.
    """
    directory = project_dir / PREPARED_DIRECTORIES[target]
    if not _is_stamped(directory, _project_fingerprint(project_dir)):
        return None
    from dbt.contracts.graph.manifest import Manifest

    manifest: Any = Manifest.from_msgpack((directory / _PARSED).read_bytes())
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}".', f'"{database}".', 1)
        node.database = database
    manifest.build_parent_and_child_maps()
    manifest.build_flat_graph()
    return manifest  # type: ignore[no-any-return]


def _project_fingerprint(project_dir: Path) -> str:
    versions = " ".join(installed_version(package) for package in _DBT_PACKAGES)
    digest = hashlib.md5(versions.encode(), usedforsecurity=False)
    for path in sorted(path for pattern in _PROJECT_FILES for path in project_dir.glob(pattern) if path.is_file()):
        digest.update(path.relative_to(project_dir).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_stamped(directory: Path, fingerprint: str) -> bool:
    stamp = directory / _STAMP
    return (
        all((directory / name).exists() for name in ("manifest.json", _PARSED, _STAMP))
        and stamp.read_text(encoding="utf-8") == fingerprint
    )


def _invoke(
    arguments: Sequence[str], manifest: "Manifest | None" = None, tell: Tell | None = None
) -> "dbtRunnerResult":
    """Run dbt's own entry point. Its result has an exception where dbt could not run, none where only nodes failed."""
    from dbt.cli.main import dbtRunner  # 1.6 s: not at import

    def pass_on(event: Any) -> None:
        if tell and event.info.name in _ENDS_OF_NODES:
            tell(event.info.msg)

    return dbtRunner(manifest, callbacks=[pass_on]).invoke(["--quiet", *arguments])


@contextmanager
def process_environment(values: Mapping[str, str]) -> Iterator[None]:
    """These variables in this process, and afterwards what was there before: dbt takes its connection from them."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
