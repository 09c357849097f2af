"""Every contract file is a document of the Open Data Contract Standard 3.1: its rules, put down here by themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality.contracts import CONTRACTS

FILES = sorted(CONTRACTS.rglob("*.odcs.yaml"))
# From https://bitol-io.github.io/open-data-contract-standard/v3.1.0: required keys, allowed keys, allowed values.
DOCUMENT = {
    "apiVersion", "kind", "id", "version", "status", "name", "tenant", "tags", "servers", "dataProduct", "description",
    "domain", "schema", "support", "price", "team", "roles", "slaProperties", "authoritativeDefinitions",
    "customProperties", "contractCreatedTs",
}  # fmt: skip
ELEMENT = {
    "id", "name", "physicalType", "description", "businessName", "authoritativeDefinitions", "tags", "customProperties",
    "logicalType", "physicalName", "quality",
}  # fmt: skip
OBJECT = ELEMENT | {"dataGranularityDescription", "properties", "relationships"}
PROPERTY = ELEMENT | {
    "primaryKey", "primaryKeyPosition", "logicalTypeOptions", "required", "unique", "partitioned",
    "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects", "transformLogic",
    "transformDescription", "examples", "criticalDataElement", "relationships",
}  # fmt: skip
LOGICAL_TYPES = {"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"}
OPERATORS = {
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo",
    "mustBeBetween", "mustNotBeBetween",
}  # fmt: skip
QUALITY = OPERATORS | {
    "id", "name", "description", "type", "metric", "arguments", "query", "engine", "implementation", "dimension",
    "method", "severity", "businessImpact", "customProperties", "tags", "authoritativeDefinitions", "scheduler",
    "schedule", "unit", "rule",
}  # fmt: skip
METRICS = {"nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"}
DIMENSIONS = {"accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"}


def violations(document: dict[str, Any]) -> Iterator[str]:
    """What the standard does not allow."""
    yield from _keys("document", document, DOCUMENT, {"apiVersion", "kind", "id", "version", "status"})
    if document.get("kind") != "DataContract" or document.get("apiVersion") != "v3.1.0":
        yield "kind and apiVersion must be DataContract and v3.1.0"
    yield from _custom_properties("document", document)
    yield from _keys(
        "description", document.get("description", {}),
        {"usage", "purpose", "limitations", "authoritativeDefinitions", "customProperties"}, set(),
    )  # fmt: skip
    for sla in document.get("slaProperties", []):
        allowed = {
            "id",
            "property",
            "value",
            "valueExt",
            "unit",
            "element",
            "driver",
            "description",
            "scheduler",
            "schedule",
        }
        yield from _keys("slaProperties", sla, allowed, {"property", "value"})
    for table in document.get("schema", []):
        yield from _keys(table.get("name", "schema"), table, OBJECT, {"name"})
        if table.get("logicalType", "object") != "object":
            yield f"{table['name']}: the logicalType of a schema is object"
        yield from _custom_properties(table["name"], table)
        for rule in table.get("quality", []):
            yield from _quality(f"{table['name']}.{rule.get('name')}", rule)
        for column in table.get("properties", []):
            yield from _property(f"{table['name']}.{column.get('name')}", column)


def _property(place: str, column: dict[str, Any]) -> Iterator[str]:
    yield from _keys(place, column, PROPERTY, {"name"})
    yield from _custom_properties(place, column)
    if column.get("logicalType") not in LOGICAL_TYPES:
        yield f"{place}: logicalType {column.get('logicalType')}"
    for key, kind in (("required", bool), ("primaryKey", bool), ("primaryKeyPosition", int), ("description", str)):
        if not isinstance(column.get(key, kind()), kind):
            yield f"{place}: {key} is no {kind.__name__}"
    for rule in column.get("quality", []):
        yield from _quality(f"{place}.{rule.get('name')}", rule)


def _quality(place: str, rule: dict[str, Any]) -> Iterator[str]:
    yield from _keys(place, rule, QUALITY, set())
    yield from _custom_properties(place, rule)
    kind = rule.get("type", "library")
    needed = {"library": {"metric"}, "sql": {"query"}, "custom": {"engine", "implementation"}, "text": set()}.get(kind)
    if needed is None:
        yield f"{place}: type {kind}"
        return
    if not needed <= rule.keys():
        yield f"{place}: a rule of type {kind} needs {sorted(needed)}"
    if kind in ("library", "sql") and len(OPERATORS & rule.keys()) != 1:
        yield f"{place}: exactly one comparison is needed"
    if "metric" in rule and rule["metric"] not in METRICS:
        yield f"{place}: metric {rule['metric']}"
    if "dimension" in rule and rule["dimension"] not in DIMENSIONS:
        yield f"{place}: dimension {rule['dimension']}"
    if not isinstance(rule.get("implementation", ""), str | dict):
        yield f"{place}: implementation must be text or an object"


def _custom_properties(place: str, element: dict[str, Any]) -> Iterator[str]:
    for each in element.get("customProperties", []):
        yield from _keys(f"{place}.customProperties", each, {"id", "property", "value", "description"}, set())


def _keys(place: str, element: dict[str, Any], allowed: set[str], required: set[str]) -> Iterator[str]:
    if unknown := element.keys() - allowed:
        yield f"{place}: unknown {sorted(unknown)}"
    if missing := required - element.keys():
        yield f"{place}: missing {sorted(missing)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.name.split('.')[0]}")
def test_a_contract_is_a_document_of_the_standard(path: Path) -> None:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert list(violations(document)) == []
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["version"])


def test_what_the_standard_does_not_allow_is_found() -> None:
    document = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "retention": 3,
        "schema": [{"name": "t", "logicalType": "object",
                    "properties": [{"name": "c", "logicalType": "text", "nullable": False}],
                    "quality": [{"name": "q", "type": "sql", "mustBe": 0, "mustNotBe": 1}]}],
    }  # fmt: skip
    assert list(violations(document)) == [
        "document: unknown ['retention']",
        "document: missing ['status']",
        "t.q: a rule of type sql needs ['query']",
        "t.q: exactly one comparison is needed",
        "t.c: unknown ['nullable']",
        "t.c: logicalType text",
    ]
