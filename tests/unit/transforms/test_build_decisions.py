"""Arguments, environment and hashes of a build, without dbt and without a database."""

import subprocess
import sys
from pathlib import Path

import pytest

from transforms import building, reports, versions


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in {
        "dbt_project.yml": "name: demo",
        "profiles.yml": "demo: {}",
        "models/marts/fct.sql": "select 1",
        "models/marts/fct.yml": "models: []",
        "models/reports/client.sql": "select 2",
        "macros/money.sql": "{# #}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["models/marts/fct.sql", "macros/money.sql", "dbt_project.yml"])
def test_the_model_hash_moves_with_everything_that_decides_a_figure(project, name):
    before = versions.model_hash(project)
    (project / name).write_text("changed", encoding="utf-8")
    assert versions.model_hash(project) != before


@pytest.mark.parametrize("name", ["models/marts/fct.yml", "models/reports/client.sql", "profiles.yml"])
def test_the_model_hash_stays_with_descriptions_reports_and_connections(project, name):
    before = versions.model_hash(project)
    (project / name).write_text("changed", encoding="utf-8")
    assert versions.model_hash(project) == before


def test_the_model_hash_moves_when_a_model_is_renamed_or_added(project):
    before = versions.model_hash(project)
    (project / "models/marts/fct.sql").rename(project / "models/marts/fact.sql")
    renamed = versions.model_hash(project)
    (project / "models/marts/more.sql").write_text("", encoding="utf-8")
    assert len({before, renamed, versions.model_hash(project)}) == 3


def test_reports_are_defined_anew_with_their_own_files_only(project):
    before = reports.definition_hash(project)
    (project / "models/marts/fct.sql").write_text("changed", encoding="utf-8")
    assert reports.definition_hash(project) == before
    (project / "models/reports/client.sql").write_text("changed", encoding="utf-8")
    assert reports.definition_hash(project) != before


def test_the_build_leaves_reports_out_and_refreshes_fully_only_when_asked():
    plain = building.build_arguments(full_refresh=False)
    assert plain == (
        "build", "--exclude", "tag:report", "--exclude-resource-type", "unit_test", "--target", "build",
    )  # fmt: skip
    assert building.build_arguments(full_refresh=True) == (*plain, "--full-refresh")


def test_views_that_stand_are_left_out_of_the_build():
    assert building.build_arguments(full_refresh=False, leaves_views=True) == (
        "build", "--exclude", "tag:report", "config.materialized:view", "--exclude-resource-type", "unit_test",
        "--target", "build",
    )  # fmt: skip


def parents(kind: str) -> set[tuple[str, str]]:
    """Pairs of a node of this kind (test, view, ...) and the kind of something of the project that it reads."""
    nodes = building.prepared_manifest(building.DBT_PROJECT_DIR)["nodes"]
    children = [node for node in nodes.values() if node["config"]["materialized"] == kind]
    assert children
    return {
        (child["name"], nodes[parent]["config"]["materialized"])
        for child in children
        for parent in child["depends_on"]["nodes"]
        if parent in nodes
    }


def test_no_data_test_reads_a_view_for_dbt_would_leave_it_out_with_the_view():
    assert {kind for _, kind in parents("test")} == {"incremental", "table"}


def test_no_view_of_the_build_reads_a_table_that_a_full_refresh_drops_with_all_that_reads_it():
    assert {kind for _, kind in parents("view")} <= {"view", "ephemeral"}


def test_the_report_run_selects_nothing_but_reports_on_the_published_target():
    plain = ("run", "--select", "tag:report", "--target", "published")
    assert building.report_arguments() == building.report_arguments({}) == plain
    assert building.report_arguments({"b": False, "a": [1]}) == (*plain, "--vars", '{"a": [1], "b": false}')


def test_the_connection_is_read_from_the_url_with_its_escapes_and_tls_mode():
    environment = building.connection_environment(
        "postgresql://ana%40agency:p%2Fw@db.example:6543/ware?sslmode=require"
    )
    assert environment == {
        "MDP_DBT_HOST": "db.example",
        "MDP_DBT_PORT": "6543",
        "MDP_DBT_USER": "ana@agency",
        "MDP_DBT_PASSWORD": "p/w",
        "MDP_DBT_DATABASE": "ware",
        "MDP_DBT_SSLMODE": "require",
    }
    assert building.connection_environment("postgresql://u@h/d")["MDP_DBT_PORT"] == "5432"


def test_a_url_without_database_is_refused_without_showing_the_password():
    with pytest.raises(ValueError, match="no host or no database") as refusal:
        building.connection_environment("postgresql://u:hush@h")
    assert "hush" not in str(refusal.value)


def test_failed_and_skipped_models_stop_a_build_but_failed_tests_do_not():
    results = [
        {"unique_id": "model.p.fct", "status": "error", "message": "division by zero"},
        {"unique_id": "model.p.built", "status": "skipped", "message": None},
        {"unique_id": "model.p.fine", "status": "success", "message": "SELECT 3"},
        {"unique_id": "test.p.grain", "status": "warn", "message": "2 rows"},
        {"unique_id": "test.p.broken", "status": "error", "message": "no such column"},
    ]
    assert building.failed_models({"results": results}) == [
        "model.p.fct: error: division by zero",
        "model.p.built: skipped",
    ]


def test_a_manifest_that_was_never_prepared_names_the_next_step(tmp_path):
    with pytest.raises(building.BuildError, match="make setup"):
        building.prepared_manifest(tmp_path)


def test_importing_the_package_loads_neither_dbt_nor_dagster():
    code = (
        "import sys, transforms.building, transforms.publication, transforms.reports, transforms.versions; "
        "print([name for name in ('dbt', 'dagster', 'pandas', 'great_expectations') if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"
