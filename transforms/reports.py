"""Defines the report views of ``analytics`` and ``ad_reporting`` when their definition changed, and only then."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from foundation.database import Connection, connect, transaction
from transforms.building import DBT_PROJECT_DIR, REPORT_TAG, prepared_manifest, report_arguments, run_dbt
from transforms.versions import REPORT_DIRECTORIES

_DEFINITION_FILES = (*(f"models/{name}/**/*" for name in REPORT_DIRECTORIES), "macros/*.sql", "dbt_project.yml")


def report_schemas(dbt_project_dir: Path = DBT_PROJECT_DIR) -> dict[str, str]:
    """Schema of each view tagged ``report`` by its name, from the prepared manifest."""
    nodes = prepared_manifest(dbt_project_dir, "published")["nodes"].values()
    return {
        node["name"]: node["schema"]
        for node in sorted(nodes, key=lambda node: str(node["name"]))
        if REPORT_TAG in node["tags"]
        and node["resource_type"] == "model"
        and node["config"]["materialized"] != "ephemeral"
    }


def definition_hash(dbt_project_dir: Path, settings: Mapping[str, Any] | None = None) -> str:
    """Hash of everything that the views' SQL and comments are made of."""
    digest = hashlib.md5(json.dumps(settings or {}, sort_keys=True).encode(), usedforsecurity=False)
    for path in sorted(
        path for pattern in _DEFINITION_FILES for path in dbt_project_dir.glob(pattern) if path.is_file()
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ensure_report_views(
    warehouse_url: str,
    *,
    target_dir: Path,
    now: datetime,
    settings: Mapping[str, Any] | None = None,
    dbt_project_dir: Path = DBT_PROJECT_DIR,
) -> tuple[str, ...]:
    """Create or replace the report views if one is missing or defined otherwise; returns the names that were defined.

    Needs the published tables, so it comes after ``publish``. Views are replaced in place: grants and views of others
    that read them stay. ``settings``: variables of ad_reporting that take the place of those in dbt_project.yml.
    Raises BuildError when a view would lose or retype a column.
    """
    settings = settings or {}
    schemas, wanted = report_schemas(dbt_project_dir), definition_hash(dbt_project_dir, settings)
    names = tuple(schemas)
    with connect(warehouse_url) as connection:
        if _defined_as(connection, wanted, schemas) >= set(names):
            return ()
        run_dbt(warehouse_url, dbt_project_dir, target_dir, report_arguments(settings))
        with transaction(connection) as cursor:
            for name in names:
                cursor.execute(
                    "insert into ops.report_view (name, definition_hash, defined_at) values (%s, %s, %s) "
                    "on conflict (name) do update set definition_hash = excluded.definition_hash, "
                    "defined_at = excluded.defined_at",
                    (name, wanted, now),
                )
    return names


def _defined_as(connection: Connection, wanted: str, schemas: Mapping[str, str]) -> set[str]:
    with transaction(connection) as cursor:
        cursor.execute("select name from ops.report_view where definition_hash = %s", (wanted,))
        recorded = {row[0] for row in cursor.fetchall() if row[0] in schemas}
        cursor.execute("select schemaname, viewname from pg_views where viewname = any (%s)", (sorted(recorded),))
        present = set(cursor.fetchall())
    return {name for name in recorded if (schemas[name], name) in present}
