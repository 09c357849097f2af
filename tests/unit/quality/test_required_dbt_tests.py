"""Which dbt tests a build must have answered is read from the manifest."""

import subprocess
import sys
from typing import Any

from quality.dbt_tests import required_tests


def node(resource_type: str, *, tags: tuple[str, ...] = (), parents: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"resource_type": resource_type, "tags": list(tags), "depends_on": {"nodes": list(parents)}}


def test_tests_of_reports_and_warnings_are_left_out_and_everything_else_that_is_no_test() -> None:
    manifest = {
        "nodes": {
            "model.p.fct": node("model", tags=("marts",)),
            "model.p.report": node("model", tags=("report",), parents=("model.p.fct",)),
            "test.p.fct_is_unique.1": node("test", parents=("model.p.fct",)),
            "test.p.report_is_unique.2": node("test", parents=("model.p.report",)),
            "test.p.report_equals_fct.3": node("test", parents=("model.p.report", "model.p.fct")),
            "test.p.tagged_itself.4": node("test", tags=("report",)),
            "test.p.only_warns.5": node("test", tags=("warning",), parents=("model.p.fct",)),
            "test.p.dates_of_a_source": node("test", parents=("source.p.ops.pending_account_day",)),
        }
    }
    assert required_tests(manifest) == ("dates_of_a_source", "fct_is_unique")


def test_importing_the_package_loads_neither_great_expectations_nor_dbt_nor_pandas() -> None:
    modules = "quality.expectations, quality.dbt_tests, quality.reconciliation, quality.gate"
    heavy = "{'great_expectations', 'dbt', 'pandas', 'sqlalchemy', 'dagster'}"
    code = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
