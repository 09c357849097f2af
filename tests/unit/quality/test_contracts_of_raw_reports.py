"""What a raw report's contract says is what ingestion does: columns, keys, proofs, windows and what must be sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition, Report
from quality.contracts import CONTRACTS, Contract, read_contract
from quality.freshness import PROMISED_HOURS

_REPORTS = [(platform.definition, report) for platform in PLATFORMS.values() for report in platform.definition.reports]
_INGESTION = Path(__file__).parents[3] / "ingestion"
# Which rule of a contract says how a report is proved.
_PROOFS = {
    "control": "total_stands_still",
    "account_total": "adds_up_to_the_account",
    "own_campaign": "adds_up_to_the_campaign",
}


def contract_of(definition: PlatformDefinition, report: Report) -> Contract:
    return read_contract(CONTRACTS / definition.raw_schema / f"{report.table}.odcs.yaml")


def differences(definition: PlatformDefinition, report: Report, contract: Contract) -> Iterator[str]:
    """What definition and contract say differently, a sentence each."""
    told = {column.name: column for column in contract.table.properties}
    names = ["account_id", *(column.name for column in report.columns)]
    if list(told) != names:
        yield f"columns: the contract has {list(told)}, the definition {names}"
        return
    for column in report.columns:
        for key, said, done in _column(definition, report, told[column.name], column):
            if said != done:
                yield f"{column.name}: {key} is {said} in the contract, {done} in the definition"
    slas = {sla.property: sla.value for sla in contract.sla_properties}
    own = definition.restatement_days if report.restatement_days is None else report.restatement_days
    retention = report.retention_days or definition.retention_days
    for key, said, done in (
        ("primaryKey", contract.table.key, ("account_id", *report.key)),
        ("proof", contract.table.custom("proof"), report.proved_by.value),
        ("holds", contract.table.custom("holds"), report.required),
        ("frequency", slas.get("frequency"), PROMISED_HOURS if report is definition.control else None),
        ("latency", slas.get("latency"), definition.due_after_hours),
        ("restatement", slas.get("restatement"), own),
        ("retention", slas.get("retention"), retention),
    ):
        if said != done:
            yield f"{key} is {said} in the contract, {done} in the definition"


def _column(definition: PlatformDefinition, report: Report, said: Any, done: Any) -> Iterator[tuple[str, Any, Any]]:
    yield "physicalType", said.physical_type, done.sql_type
    yield "absent", said.custom("absent"), done.absent
    if report.derived_from is None:
        always, usually = done.name in definition.always_sent, done.name in definition.usually_sent
        yield "wirePath", said.custom("wirePath"), ".".join(done.path)
        yield "sent", said.custom("sent"), "always" if always else "usually" if usually else "sometimes"


@pytest.mark.parametrize(
    ("definition", "report"), _REPORTS, ids=[f"{definition.name}.{report.name}" for definition, report in _REPORTS]
)
def test_the_contract_of_a_report_is_what_ingestion_does(definition: PlatformDefinition, report: Report) -> None:
    contract = contract_of(definition, report)
    assert list(differences(definition, report, contract)) == []
    rules = {rule.name: rule for rule in contract.table.quality}
    expected = {"rows_unique"}
    if report.derived_from is None:
        expected |= {"used_fields_sent", "used_fields_typed", "new_fields", "read_to_the_last_page"}
        expected |= {"rows_of_the_account_asked"} if definition.account_path else set()
    if proof := _PROOFS.get(report.proved_by.value):
        expected.add(proof)
        assert rules[proof].method == "reconciliation"
        assert rules[proof].severity == ("block" if report.required else "warn")
    assert set(rules) == expected
    assert {name for name, rule in rules.items() if rule.severity == "warn"} <= {"new_fields", *_PROOFS.values()}


def test_no_contract_is_left_of_a_report_that_is_gone() -> None:
    paths = {path.relative_to(CONTRACTS).as_posix() for path in CONTRACTS.glob("raw_*/*")}
    assert paths == {f"{definition.raw_schema}/{report.table}.odcs.yaml" for definition, report in _REPORTS}


def test_every_code_of_a_rule_is_one_that_ingestion_gives() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in _INGESTION.rglob("*.py"))
    codes = {
        rule.implementation["code"]
        for definition, report in _REPORTS
        for rule in contract_of(definition, report).table.quality
    }
    assert {code for code in codes if code not in text} == set()


@pytest.mark.parametrize("name", list(PLATFORMS))
def test_what_a_platform_always_sends_are_columns_of_its_required_reports(name: str) -> None:
    definition = PLATFORMS[name].definition
    columns = {column.name for report in definition.reports for column in report.columns}
    assert definition.always_sent | definition.usually_sent <= columns
    assert not definition.always_sent & definition.usually_sent
    if name != "instagram":
        control = {column.name for column in definition.control.columns}
        assert len(control & (definition.always_sent | definition.usually_sent)) >= 4


def test_drift_of_a_raw_report_is_told_column_by_column() -> None:
    definition = PLATFORMS["meta_ads"].definition
    contract = contract_of(definition, definition.control)
    text = contract.model_dump_json(by_alias=True).replace('"physicalType":"bigint"', '"physicalType":"numeric"')
    changed = Contract.model_validate_json(text.replace('"logicalType":"integer"', '"logicalType":"number"'))
    assert list(differences(definition, definition.control, changed)) == [
        f"{name}: physicalType is numeric in the contract, bigint in the definition"
        for name in ("impressions", "clicks", "inline_link_clicks")
    ]
