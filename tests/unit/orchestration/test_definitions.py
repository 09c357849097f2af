"""The code location: light to import, complete, and in step with what dagster-dbt would have made of the manifest."""

import json
import subprocess
import sys

import dagster as dg
import pytest

from orchestration.assets.dbt_specs import REPORT_TAG, check_specs_of, model_specs, node_key
from orchestration.partitions import range_tags
from transforms.building import DBT_PROJECT_DIR, prepared_manifest

MANIFEST = prepared_manifest(DBT_PROJECT_DIR)


def test_importing_the_definitions_loads_neither_dbt_nor_great_expectations() -> None:
    program = (
        "import json, sys, orchestration.definitions;"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = set(json.loads(output))
    assert "dagster" in loaded
    assert loaded.isdisjoint({"dbt", "great_expectations", "dagster_dbt", "dlt", "boto3", "pandas", "sandbox"})


def test_every_definition_loads_and_every_job_can_be_planned() -> None:
    from orchestration.definitions import defs

    dg.Definitions.validate_loadable(defs)
    names = {job.name for job in defs.resolve_all_job_defs()}
    assert {"daily", "load_rates", "load_meta_ads", "load_google_ads", "publish", "back_up"} <= names


def test_asset_and_check_keys_are_those_of_dagster_dbt() -> None:
    from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

    theirs = build_dbt_asset_specs(manifest=MANIFEST, exclude=f"tag:{REPORT_TAG}")
    ours = model_specs(MANIFEST, reports=False)
    assert {spec.key for spec in ours} == {spec.key for spec in theirs}
    dependencies = {spec.key: {dep.asset_key for dep in spec.deps} for spec in theirs}
    assert {spec.key: {dep.asset_key for dep in spec.deps} for spec in ours} == dependencies

    translator = DagsterDbtTranslator()
    checks = {
        (spec.asset_key, spec.name)
        for test_id, node in MANIFEST["nodes"].items()
        if node["resource_type"] == "test"
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("model.")
        and (
            spec := translator.get_asset_check_spec(
                translator.get_asset_spec(MANIFEST, parent, None), MANIFEST, test_id, None
            )
        )
    }
    assert {(spec.asset_key, spec.name) for spec in check_specs_of(MANIFEST)} == checks


def test_every_dbt_test_of_the_build_is_an_asset_check() -> None:
    tests = {
        node["name"]
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "test" and REPORT_TAG not in node["tags"]
    }
    assert {spec.name for spec in check_specs_of(MANIFEST)} == tests


def test_assets_have_descriptions_groups_and_kinds() -> None:
    from orchestration.definitions import defs

    graph = defs.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.description, key
        assert node.group_name != "default", key
        assert node.kinds, key


def test_raw_assets_are_the_sources_that_dbt_reads() -> None:
    sources = {node_key(node) for node in MANIFEST["sources"].values() if node["source_name"].startswith("raw_")}
    from orchestration.definitions import defs

    assert sources <= set(defs.resolve_asset_graph().materializable_asset_keys)


@pytest.mark.parametrize("position", range(3))
def test_a_run_is_tagged_with_the_whole_range_of_its_spans(position: int) -> None:
    from datetime import date

    spans = [(date(2026, 11, 1), date(2026, 11, 9)), (date(2026, 8, 3), date(2026, 8, 31))]
    rotated = (spans * 2)[position % 2 : position % 2 + 2]
    assert set(range_tags(rotated).values()) == {"2026-08-03", "2026-11-09"}


def test_ingestion_and_marts_agree_on_the_campaign_types_without_ads() -> None:
    import yaml

    from ingestion.platforms import PLATFORMS

    variables = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    declared = set(variables["google_campaign_types_without_ads"])
    assert declared == set(PLATFORMS["google_ads"].definition.childless_campaign_types)


@pytest.mark.parametrize("platform", ["meta_ads", "google_ads"])
def test_a_backfill_of_a_platforms_reports_is_planned_as_one_run(platform: str) -> None:
    from orchestration.definitions import defs

    keys = [dg.AssetKey([f"raw_{platform}", report]) for report in ("account_daily", "campaign_daily", "ad_daily")]
    assets = next(a for a in defs.assets or [] if isinstance(a, dg.AssetsDefinition) and keys[0] in a.keys)
    assert assets.subset_for(set(keys), None).keys == set(keys)
    assert assets.backfill_policy == dg.BackfillPolicy.single_run()
