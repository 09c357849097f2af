"""What dbt's run results say of each asset and of its checks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.assets.dbt_specs import model_specs, node_key, tested_node
from orchestration.checks.evaluations import figures_metadata, severity_of
from quality.check_figures import CheckFigures
from quality.dbt_tests import check_name, required_tests


def materializations(
    manifest: Mapping[str, Any],
    run_results: Mapping[str, Any],
    *,
    build_id: str,
    figures: Mapping[str, CheckFigures],
    known: Iterable[str] = (),
) -> Iterator[dg.MaterializeResult[None]]:
    """One materialization a model or seed of the build, with rows and seconds, and the verdicts of its tests.

    A view without a result stands as it is defined: the build left it alone.
    The gate holds the account-days that a failed test names; nothing downstream waits for it. ``figures``: what was
    recorded of each check; ``known``: secret values to mask.
    """
    results = {result["unique_id"]: result for result in run_results["results"]}
    required = set(required_tests(manifest))
    checks: defaultdict[dg.AssetKey, list[dg.AssetCheckResult]] = defaultdict(list)
    for unique_id, result in results.items():
        node = manifest["nodes"].get(unique_id)
        if node is None or node["resource_type"] != "test":
            continue
        tested = tested_node(manifest, node)
        if tested is not None:
            name = check_name(unique_id)
            blocks = name in required
            found = figures_metadata(figures.get(name), build_id=build_id, blocks=blocks, known=known)
            checks[node_key(tested)].append(_check(node, node_key(tested), result, found, blocks=blocks))
    for spec in model_specs(manifest, reports=False):
        unique_id = spec.metadata["dbt unique id"]
        if unique_id in results:
            yield dg.MaterializeResult(spec.key, metadata=_metadata(results[unique_id]), check_results=checks[spec.key])
        elif manifest["nodes"][unique_id]["config"]["materialized"] == "view":
            yield dg.MaterializeResult(spec.key, metadata={"status": "stands as it is defined"})


def _check(
    node: Mapping[str, Any], asset: dg.AssetKey, result: Mapping[str, Any], found: Mapping[str, Any], *, blocks: bool
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=node["name"],
        asset_key=asset,
        passed=result["status"] == "pass",
        severity=severity_of(blocks=blocks),
        metadata={"rows failing": result.get("failures") or 0, **_metadata(result), **found},
    )


def _metadata(result: Mapping[str, Any]) -> dict[str, Any]:
    """Status and seconds; rows only where dbt's adapter told how many it wrote."""
    told: dict[str, Any] = {"status": str(result["status"]), "seconds": round(float(result["execution_time"]), 3)}
    rows = (result.get("adapter_response") or {}).get("rows_affected")
    if isinstance(rows, int) and rows >= 0:
        told["rows"] = rows
    if result.get("message"):
        told["message"] = str(result["message"])
    return told
