"""Every raw table that a model reads has a rule of freshness, and whoever reads analytics is named as an exposure."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.platforms import PLATFORMS

_ROOT = Path(__file__).parents[3]
_MODELS = _ROOT / "dbt_project" / "models"
_SOURCES: dict[str, dict[str, Any]] = {
    source["name"]: source
    for path in sorted(_MODELS.rglob("*.yml"))
    for source in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("sources", [])
}
_READ = sorted(
    {
        (source, table)
        for path in _MODELS.rglob("*.sql")
        for source, table in re.findall(r"source\('(raw_\w+)', '(\w+)'\)", path.read_text(encoding="utf-8"))
    }
)
_EXPOSURES: list[dict[str, Any]] = yaml.safe_load((_MODELS / "exposures.yml").read_text(encoding="utf-8"))["exposures"]


def _rule(source: str, table: str) -> dict[str, Any]:
    """The config of a source table, with what it inherits from its source."""
    listed = {entry["name"]: entry for entry in _SOURCES[source]["tables"]}
    return {**_SOURCES[source].get("config", {}), **listed[table].get("config", {})}


@pytest.mark.parametrize(("source", "table"), _READ, ids=".".join)
def test_a_raw_table_that_a_model_reads_says_when_it_is_too_old_or_why_it_never_is(source: str, table: str) -> None:
    rule = _rule(source, table)
    if rule.get("freshness"):
        assert rule["freshness"]["warn_after"]
        assert rule["loaded_at_query"]
    else:
        assert rule["meta"]["no_freshness"]


@pytest.mark.parametrize(("source", "table"), _READ, ids=".".join)
def test_a_required_report_is_as_fresh_as_the_ledger_says_of_this_report(source: str, table: str) -> None:
    platform = source.removeprefix("raw_")
    required = (
        {report.name for report in PLATFORMS[platform].definition.reports if report.required}
        if (platform in PLATFORMS)
        else set()
    )
    if table in required:
        query = _rule(source, table)["loaded_at_query"]
        assert f"platform = '{platform}' and report = '{table}'" in query


@pytest.mark.parametrize("exposure", _EXPOSURES, ids=lambda exposure: exposure["name"])
def test_an_exposure_says_what_it_is_and_whom_to_ask(exposure: dict[str, Any]) -> None:
    assert exposure["description"].strip()
    assert exposure["owner"]["name"]
    assert exposure["depends_on"]


@pytest.mark.parametrize(
    ("exposure", "reader"),
    [
        ("slack_digest", "alerting/digest.py"),
        ("anomaly_warnings", "quality/anomalies/warehouse.py"),
        ("status_table", "cli/overview.py"),
    ],
)
def test_an_exposure_names_the_tables_that_its_code_reads(exposure: str, reader: str) -> None:
    code = (_ROOT / reader).read_text(encoding="utf-8")
    read = set(re.findall(r"\b(?:fct|dim)_\w+|account_day_state|client_performance_daily|conversion_maturation", code))
    named = {
        name
        for entry in next(entry for entry in _EXPOSURES if entry["name"] == exposure)["depends_on"]
        for name in re.findall(r"'(\w+)'\)$", entry)
        if not entry.startswith("source('raw_")
    }
    assert read == named


def test_every_report_has_a_reader() -> None:
    reports = {path.stem for path in (_MODELS / "reports").glob("*.sql")}
    named = {
        name for entry in _EXPOSURES for line in entry["depends_on"] for name in re.findall(r"ref\('(\w+)'\)", line)
    }
    assert reports <= named
