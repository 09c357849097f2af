"""Defines the report views of ``analytics`` when their definition changed, and only then."""

import hashlib
from datetime import datetime
from pathlib import Path

from foundation.database import Connection, connect, transaction
from transforms.analytics_tables import PUBLISHED_SCHEMA
from transforms.building import DBT_PROJECT_DIR, REPORT_TAG, prepared_manifest, report_arguments, run_dbt
from transforms.versions import REPORT_DIRECTORIES

_DEFINITION_FILES = (*(f"models/{name}/**/*" for name in REPORT_DIRECTORIES), "macros/*.sql", "dbt_project.yml")


def report_names(dbt_project_dir: Path = DBT_PROJECT_DIR) -> tuple[str, ...]:
    """Names of the views tagged ``report``, from the prepared manifest."""
    nodes = prepared_manifest(dbt_project_dir, "published")["nodes"].values()
    return tuple(
        sorted(node["name"] for node in nodes if REPORT_TAG in node["tags"] and node["resource_type"] == "model")
    )


def definition_hash(dbt_project_dir: Path) -> str:
    """Hash of everything that the views' SQL and comments are made of."""
    digest = hashlib.md5(usedforsecurity=False)
    for path in sorted(
        path for pattern in _DEFINITION_FILES for path in dbt_project_dir.glob(pattern) if path.is_file()
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ensure_report_views(
    warehouse_url: str, *, target_dir: Path, now: datetime, dbt_project_dir: Path = DBT_PROJECT_DIR
) -> tuple[str, ...]:
    """Create or replace the report views if one is missing or defined otherwise; returns the names that were defined.

    Needs the published tables, so it comes after ``publish``. Views are replaced in place: grants and views of others
    that read them stay. Raises BuildError when a view would lose or retype a column.
    """
    names, wanted = report_names(dbt_project_dir), definition_hash(dbt_project_dir)
    with connect(warehouse_url) as connection:
        if _defined_as(connection, wanted) >= set(names):
            return ()
        run_dbt(warehouse_url, dbt_project_dir, target_dir, report_arguments())
        with transaction(connection) as cursor:
            for name in names:
                cursor.execute(
                    "insert into ops.report_view (name, definition_hash, defined_at) values (%s, %s, %s) "
                    "on conflict (name) do update set definition_hash = excluded.definition_hash, "
                    "defined_at = excluded.defined_at",
                    (name, wanted, now),
                )
    return names


def _defined_as(connection: Connection, wanted: str) -> set[str]:
    with transaction(connection) as cursor:
        cursor.execute(
            "select name from ops.report_view "
            "where definition_hash = %s and to_regclass(%s || '.' || name) is not null",
            (wanted, PUBLISHED_SCHEMA),
        )
        return {row[0] for row in cursor.fetchall()}
