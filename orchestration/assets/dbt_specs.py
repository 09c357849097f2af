"""dbt's manifest as asset and check specs, read as plain JSON.

``dagster_dbt.build_dbt_asset_specs`` would import dbt's adapters with the definitions (two seconds in every process);
keys and check names follow its rules, and a test holds the two against each other.
"""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg

REPORT_TAG = "report"
Node = Mapping[str, Any]


def node_key(node: Node) -> dg.AssetKey:
    """Sources are [source, table], models [schema, model]."""
    if node["resource_type"] == "source":
        return dg.AssetKey([node["source_name"], node["name"]])
    schema = node["config"].get("schema")
    return dg.AssetKey([schema, node["name"]] if schema else [node["name"]])


def _nodes(manifest: Mapping[str, Any], *resource_types: str) -> Iterator[Node]:
    for unique_id in sorted(manifest["nodes"]):
        node = manifest["nodes"][unique_id]
        if node["resource_type"] in resource_types and node["config"].get("materialized") != "ephemeral":
            yield node


def _parents(manifest: Mapping[str, Any], node: Node) -> Iterator[Node]:
    """What a node reads; an ephemeral model exists in its readers only, so that its own parents stand for it."""
    # A seed depends on nothing and does not even say so.
    for unique_id in node["depends_on"].get("nodes", ()):
        parent = manifest["nodes"].get(unique_id) or manifest["sources"].get(unique_id)
        if parent is not None and parent["config"].get("materialized") == "ephemeral":
            yield from _parents(manifest, parent)
        elif parent is not None:
            yield parent


def _columns(node: Node) -> dg.TableSchema | None:
    columns = [
        dg.TableColumn(name, type=column.get("data_type") or "?", description=column.get("description"))
        for name, column in node["columns"].items()
    ]
    return dg.TableSchema(columns) if columns else None


def model_specs(manifest: Mapping[str, Any], *, reports: bool) -> list[dg.AssetSpec]:
    """Specs of the models and seeds that a build makes, or of the report views; each after those that it reads."""
    specs = {
        node_key(node): dg.AssetSpec(
            node_key(node),
            deps=list(dict.fromkeys(node_key(parent) for parent in _parents(manifest, node))),
            description=node["description"] or None,
            group_name=node["config"].get("group") or None,
            kinds={"dbt", "postgres"},
            tags={f"dbt/{tag}": "" for tag in node["tags"]},
            owners=[owner] if (owner := node["config"].get("meta", {}).get("owner")) else None,
            metadata={"dbt unique id": node["unique_id"], **_column_metadata(node)},
        )
        for node in _nodes(manifest, "model", "seed")
        if (REPORT_TAG in node["tags"]) is reports
    }
    read = {key: [dep.asset_key for dep in spec.deps if dep.asset_key in specs] for key, spec in specs.items()}
    return [specs[key] for key in TopologicalSorter(read).static_order()]


def _column_metadata(node: Node) -> dict[str, Any]:
    schema = _columns(node)
    return {"dagster/column_schema": schema} if schema else {}


def check_specs_of(manifest: Mapping[str, Any]) -> list[dg.AssetCheckSpec]:
    """One check spec per dbt test that belongs to one model of the build."""
    models = {spec.key for spec in model_specs(manifest, reports=False)}
    specs = []
    for node in _nodes(manifest, "test"):
        tested = tested_node(manifest, node)
        if tested is None or node_key(tested) not in models:
            continue
        others = {node_key(parent) for parent in _parents(manifest, node)} - {node_key(tested)}
        specs.append(
            dg.AssetCheckSpec(
                node["name"],
                asset=node_key(tested),
                description=node["description"] or None,
                additional_deps=sorted(others, key=str),
                metadata={"dbt unique id": node["unique_id"]},
            )
        )
    return specs


def tested_node(manifest: Mapping[str, Any], test: Node) -> Node | None:
    """The model a test is about: the one it is written under, the one its meta names, or its only parent."""
    nodes: Mapping[str, Node] = manifest["nodes"]
    if attached := test.get("attached_node"):
        return nodes.get(attached)
    named = test["config"].get("meta", {}).get("dagster", {}).get("ref", {}).get("name")
    parents = list(_parents(manifest, test))
    if named:
        return next((parent for parent in parents if parent["name"] == named), None)
    return parents[0] if len(parents) == 1 else None
