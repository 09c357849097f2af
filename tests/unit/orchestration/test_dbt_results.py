"""What the UI shows of dbt's run: a materialization a model, a verdict a test."""

import dagster as dg

from orchestration.assets.dbt_results import materializations
from transforms.building import DBT_PROJECT_DIR, prepared_manifest

MANIFEST = prepared_manifest(DBT_PROJECT_DIR)


def unique_id(kind: str, name: str) -> str:
    (found,) = [
        key for key, node in MANIFEST["nodes"].items() if node["name"] == name and node["resource_type"] == kind
    ]
    return found


def result(kind: str, name: str, status: str, **more: object) -> dict[str, object]:
    told = {"unique_id": unique_id(kind, name), "status": status, "execution_time": 0.2512, "message": None}
    return {**told, "adapter_response": {}, "failures": None, **more}


def shown(results: list[dict[str, object]]) -> dict[str, dg.MaterializeResult[None]]:
    """What is told of each model and seed by its name."""
    told = materializations(MANIFEST, {"results": results}, build_id="b", figures={})
    return {result.asset_key.path[-1]: result for result in told if result.asset_key}


def test_a_model_is_materialized_with_its_rows_and_the_verdicts_of_its_tests() -> None:
    results = [
        result("model", "fct_ad_performance_daily", "success", adapter_response={"rows_affected": 42}),
        result("test", "ad_day_grain_is_unique", "pass", failures=0),
        result("test", "ad_day_keys_are_filled", "warn", failures=3, message="Got 3 results"),
    ]
    fact = shown(results)["fct_ad_performance_daily"]
    assert fact.asset_key == dg.AssetKey(["analytics_build", "fct_ad_performance_daily"])
    assert fact.metadata == {"status": "success", "seconds": 0.251, "rows": 42}
    verdicts = {check.check_name: check for check in fact.check_results or ()}
    assert {name: check.passed for name, check in verdicts.items()} == {
        "ad_day_grain_is_unique": True,
        "ad_day_keys_are_filled": False,
    }
    failed = verdicts["ad_day_keys_are_filled"]
    assert failed.severity == dg.AssetCheckSeverity.ERROR
    assert failed.metadata["rows failing"].value == 3
    assert failed.metadata["message"].value == "Got 3 results"


def test_a_view_whose_rows_dbt_does_not_tell_shows_none() -> None:
    made = result("model", "stg_meta_ads__campaigns", "success", adapter_response={"rows_affected": -1})
    assert shown([made])["stg_meta_ads__campaigns"].metadata == {"status": "success", "seconds": 0.251}


def test_a_view_that_the_build_left_alone_is_shown_as_standing_and_a_table_without_result_not_at_all() -> None:
    told = shown([result("model", "dim_client", "success")])
    assert told["stg_meta_ads__campaigns"].metadata == {"status": "stands as it is defined"}
    assert "dim_client" in told
    assert "fct_ad_performance_daily" not in told
