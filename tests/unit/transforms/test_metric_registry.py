"""Every metric says what it is, and none adds up what cannot be added."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from transforms.metric_queries import MetricsUnavailable, published_semantics

_MODELS = Path(__file__).parents[3] / "dbt_project" / "models"
_FILES = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((_MODELS / "semantic").glob("*.yml"))]
_SEMANTIC_MODELS: list[dict[str, Any]] = [model for file in _FILES for model in file.get("semantic_models", [])]
_METRICS: dict[str, dict[str, Any]] = {metric["name"]: metric for file in _FILES for metric in file.get("metrics", [])}
_MEASURES = {
    measure["name"]: (measure, re.findall(r"ref\('(\w+)'\)", model["model"])[0])
    for model in _SEMANTIC_MODELS
    for measure in model.get("measures", [])
}
_CONTRACTS: dict[str, dict[str, str]] = {
    model["name"]: {column["name"]: column.get("description", "") for column in model.get("columns", [])}
    for path in (_MODELS / "marts").glob("*.yml")
    for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
}
# People are counted once per row, rates and averages once per unit: a sum of them means nothing.
_NEVER_SUMMED = re.compile(r"reach|frequency|accounts_engaged|fx_rate|rate$|average|avg|unique", re.IGNORECASE)


def _columns_of(measure: dict[str, Any], table: str) -> set[str]:
    words = set(re.findall(r"[a-z_][a-z0-9_]*", measure.get("expr", measure["name"])))
    return words & _CONTRACTS[table].keys()


@pytest.mark.parametrize("name", _METRICS)
def test_a_metric_says_its_unit_its_additivity_and_which_day_it_stands_on(name: str) -> None:
    metric = _METRICS[name]
    meta = metric["config"]["meta"]
    assert metric["description"].strip()
    assert meta["unit"]
    assert meta["date_basis"]
    assert meta["additivity"] in ("sum", "ratio_of_sums", "none")
    assert (meta["additivity"] == "ratio_of_sums") == (metric["type"] == "ratio")


@pytest.mark.parametrize("name", _METRICS)
def test_a_figure_that_platforms_define_says_for_each_of_them_what_it_is(name: str) -> None:
    if definition := _METRICS[name]["config"]["meta"].get("definition"):
        assert set(definition) in ({"meta_ads", "google_ads", "tiktok_ads", "linkedin_ads"}, {"instagram"})
    for figure in ("impressions", "clicks", "link_clicks", "conversions", "spend", "conversions_value"):
        assert "definition" in _METRICS[figure]["config"]["meta"]


@pytest.mark.parametrize("name", [name for name in _METRICS if "conversion" in name or name in ("cpa", "roas")])
def test_a_metric_of_conversions_says_whose_attribution_it_is(name: str) -> None:
    assert _METRICS[name]["config"]["meta"]["attribution_basis"]


@pytest.mark.parametrize("name", _MEASURES)
def test_no_measure_sums_a_column_that_cannot_be_added(name: str) -> None:
    measure, table = _MEASURES[name]
    columns = _columns_of(measure, table)
    assert columns, f"{name} reads no column of {table}"
    if measure["agg"] != "sum":
        return
    for column in columns:
        assert not _NEVER_SUMMED.search(column), f"{name} sums {column}"
        assert "not additive" not in _CONTRACTS[table][column].lower(), f"{name} sums {column}"


def test_the_columns_that_are_never_summed_are_found() -> None:
    """The guard above would pass on anything if it recognised no column."""
    assert _NEVER_SUMMED.search("reach")
    assert "not additive" in _CONTRACTS["fct_instagram_account_daily"]["reach"].lower()
    assert _columns_of({"name": "x", "expr": "coalesce(reach, 0)"}, "fct_instagram_account_daily") == {"reach"}


@pytest.mark.parametrize("name", [name for name, metric in _METRICS.items() if metric["type"] == "ratio"])
def test_a_ratio_divides_sums_and_never_a_ratio(name: str) -> None:
    for part in ("numerator", "denominator"):
        assert _METRICS[_METRICS[name]["type_params"][part]]["config"]["meta"]["additivity"] == "sum"


@pytest.mark.parametrize("name", [name for name, metric in _METRICS.items() if metric["type"] == "simple"])
def test_money_is_never_asked_for_without_its_guard(name: str) -> None:
    """A plain sum of money may mix currencies: it is the input of a guarded metric and says so."""
    meta = _METRICS[name]["config"]["meta"]
    if meta["unit"] in ("account_currency", "reporting_currency"):
        assert meta["input_only"]
        guarded = [metric for metric in _METRICS.values() if name in metric["type_params"].get("metrics", [])]
        assert guarded
        for metric in guarded:
            assert f"{meta['unit']}_count = 1" in metric["type_params"]["expr"]


def _semantics(schema: str) -> dict[str, Any]:
    relation = {"alias": "fct_x", "schema_name": schema, "database": "w", "relation_name": f'"w"."{schema}"."fct_x"'}
    return {
        "semantic_models": [{"node_relation": dict(relation)}],
        "metrics": [{"name": "spend"}],
        "project_configuration": {"time_spines": [{"node_relation": dict(relation, schema_name="analytics")}]},
    }


def test_metrics_over_the_build_schema_are_refused() -> None:
    with pytest.raises(MetricsUnavailable, match="analytics_build"):
        published_semantics(_semantics("analytics_build"), "warehouse")


def test_metrics_are_asked_in_the_database_of_the_installation() -> None:
    found = published_semantics(_semantics("analytics"), "agency")
    assert found["semantic_models"][0]["node_relation"]["relation_name"] == '"agency"."analytics"."fct_x"'
