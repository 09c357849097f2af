"""Contracts say what stands: every model and report has one, dbt's columns are theirs, and a bad file is explained."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality.contracts import CONTRACTS, Contract, ContractError, contracts, read_contract
from quality.contracts.dbt_columns import MODELS, all_drift, drift, rewritten
from quality.expectation_list import EXPECTATIONS, FACT_TABLES, REQUIRED_EXPECTATIONS

_ANALYTICS = contracts("analytics")
_FACTS = [contract for contract in _ANALYTICS if contract.table.quality]
# What held an account-day before there were contracts: the gate must never ask for less.
_EVERY_TABLE = (
    "keys_not_null", "grain_unique", "metrics_not_null", "metrics_not_negative", "date_in_window", "version_as_built",
)  # fmt: skip
_AD_PLATFORM_TABLES = (
    *_EVERY_TABLE, "clicks_within_impressions", "currency_of_registry", "fx_rate_recent", "spend_converted_at_rate",
)  # fmt: skip
HELD_BEFORE = {
    *(f"fct_campaign_performance_daily.{check}" for check in _AD_PLATFORM_TABLES),
    *(f"fct_ad_performance_daily.{check}" for check in (*_AD_PLATFORM_TABLES, "campaign_present")),
    *(f"fct_instagram_account_daily.{check}" for check in _EVERY_TABLE),
}


def test_dbt_has_the_columns_of_the_contracts() -> None:
    differences = [f"{table}: {difference}" for table, found in all_drift().items() for difference in found]
    assert not differences, "run `make contracts`:\n" + "\n".join(differences)


def test_every_fact_table_has_a_suite() -> None:
    facts = {path.stem for path in (MODELS / "marts").glob("fct_*.yml")}
    assert {table.name for table in FACT_TABLES} == facts
    names = [expectation.name for expectation in EXPECTATIONS]
    assert len(names) == len(set(names))


def test_the_gate_asks_for_everything_that_it_asked_for_before() -> None:
    assert set(REQUIRED_EXPECTATIONS) >= HELD_BEFORE


@pytest.mark.parametrize("contract", _FACTS, ids=lambda contract: contract.name)
def test_a_column_is_required_exactly_where_a_blocking_rule_wants_it_filled(contract: Contract) -> None:
    enforced = {
        column
        for rule in contract.table.quality
        if rule.metric == "nullValues" and rule.severity == "block"
        for column in rule.columns
    }
    assert {column.name for column in contract.table.properties if column.required} == enforced


@pytest.mark.parametrize("contract", _FACTS, ids=lambda contract: contract.name)
def test_every_row_of_a_fact_has_a_key_that_stands_once(contract: Contract) -> None:
    tiers = {rule.name: rule.severity for rule in contract.table.quality}
    assert tiers["keys_not_null"] == tiers["grain_unique"] == "block"


@pytest.mark.parametrize("contract", _FACTS, ids=lambda contract: contract.name)
def test_a_platform_whose_clicks_may_exceed_impressions_is_warned_of_where_it_is_not_held(contract: Contract) -> None:
    rules = {rule.name: rule for rule in contract.table.quality}
    if "clicks_within_impressions" in rules:
        tolerated = rules["clicks_within_impressions"].custom("exceptPlatforms")
        assert tolerated == rules["clicks_above_impressions"].custom("onlyPlatforms")


def _keyword() -> tuple[Contract, dict[str, Any]]:
    contract = next(contract for contract in _ANALYTICS if contract.name == "fct_keyword_daily")
    text = (MODELS / "marts" / "fct_keyword_daily.yml").read_text(encoding="utf-8")
    model: dict[str, Any] = yaml.safe_load(text)["models"][0]
    return contract, model


def test_drift_is_told_column_by_column() -> None:
    contract, model = _keyword()
    columns = {column["name"]: column for column in model["columns"]}
    columns["clicks"]["data_type"] = "numeric"
    del columns["spend"]
    columns["invented"] = {"name": "invented", "data_type": "text", "description": "?"}
    found = drift(contract, {**model, "columns": list(columns.values())})
    assert found == [
        "clicks: data_type is 'numeric' in the dbt YAML, 'bigint' in the contract",
        "invented: the dbt YAML has it, the contract does not",
        "spend: the contract has it, the dbt YAML does not",
    ]


def test_rewriting_gives_dbt_the_columns_of_the_contract_and_touches_nothing_else() -> None:
    contract, _ = _keyword()
    text = (MODELS / "marts" / "fct_keyword_daily.yml").read_text(encoding="utf-8")
    broken = re.sub(
        r"      - name: clicks\n        data_type: bigint\n", "      - name: clicks\n        data_type: text\n", text
    )
    assert broken != text
    assert rewritten(broken, contract) == rewritten(text, contract)
    assert yaml.safe_load(rewritten(broken, contract)) == yaml.safe_load(text)
    assert rewritten(text, contract).split("    columns:\n")[0] == text.split("    columns:\n")[0]
    assert rewritten(text, contract).partition("unit_tests:")[2] == text.partition("unit_tests:")[2]


BROKEN = [
    ("retention: 3", "kind: DataContract", "analytics/fct_keyword_daily.odcs.yaml: retention: unknown key"),
    ("version: 1.0.0", "version: one", "version: String should match pattern"),
    ("        physicalType: bigint", "        physicalType: float", "schema.fct_keyword_daily.properties.impressions"),
    ("mustBe: 0", "mustBe: 1", "only 0 is allowed"),
    ("property: whatToDo", "property: todo", "unknown todo; allowed are"),
    ("severity: block", "severity: fatal", "quality.keys_not_null.severity: Input should be 'block' or 'warn'"),
    ("from {object} as batch", "from elsewhere as batch", "query: must begin with"),
    ("id: analytics.fct_keyword_daily", "id: analytics.other", "id is analytics.other, the file's name says"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), BROKEN, ids=[wrong.strip() for _, wrong, _ in BROKEN])
def test_a_bad_contract_is_explained_with_its_file_key_and_what_is_allowed(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    text = (CONTRACTS / "analytics" / "fct_keyword_daily.odcs.yaml").read_text(encoding="utf-8")
    path = tmp_path / "analytics" / "fct_keyword_daily.odcs.yaml"
    path.parent.mkdir()
    path.write_text(f"{right}\n{text}" if right.startswith("retention") else text.replace(right, wrong, 1))
    with pytest.raises(ContractError) as raised:
        read_contract(path)
    assert told in str(raised.value)
    assert str(raised.value).startswith("analytics/fct_keyword_daily.odcs.yaml: ")
