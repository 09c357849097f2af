"""The dbt unit tests of all models: a build leaves them out, since they prove formulas and not figures."""

import pytest

from transforms import building

pytestmark = pytest.mark.integration


def test_every_dbt_unit_test_passes(two_clients):
    two_clients.build_and_publish()
    make_reports(two_clients)
    names = {
        unique_id: test["name"]
        for unique_id, test in building.prepared_manifest(building.DBT_PROJECT_DIR)["unit_tests"].items()
    }
    outcome = building.run_dbt(
        two_clients.url, building.DBT_PROJECT_DIR, two_clients.target_dir,
        ("test", "--select", "test_type:unit", "--target", "build"),
    )  # fmt: skip
    assert set(outcome.statuses) == set(names)
    messages = {
        names[result["unique_id"]]: result["message"]
        for result in outcome.run_results["results"]
        if result["status"] != "pass"
    }
    assert messages == {}


def make_reports(warehouse):
    """dbt asks the database for the columns of what a tested model reads, and reports read reports."""
    building.run_dbt(
        warehouse.url, building.DBT_PROJECT_DIR, warehouse.target_dir / "published", building.report_arguments()
    )
