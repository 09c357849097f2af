"""Deliberate bugs in the product: with each of them some incident must come through, or the suite proves nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from ingestion.loading import reading, settlement
from ingestion.loading.proof import DayEvidence, Proof, prove
from ingestion.reports import PlatformDefinition
from quality import reconciliation
from quality.reconciliation import Comparison, compare
from tests.gate import flow

_HIDDEN_TEST = "account_days_are_plausible"
_SHARE = Decimal(1)
# Mutant -> kinds that must come through with it.
EXPECTED_RED = {
    "a check is not asked for": ("micros_everywhere", "stale_everywhere", "swapped_everywhere"),
    "a tolerance in per cent": ("doubled",),
    "days that nobody asked for are taken": ("future_date",),
}


def _without_the_check(*arguments: Any, **more: Any) -> tuple[str, ...]:
    return tuple(name for name in _required_tests(*arguments, **more) if name != _HIDDEN_TEST)


_required_tests = flow.required_tests


def _in_per_cent(found: Decimal, expected: Decimal) -> bool:
    return abs(found - expected) <= _SHARE * abs(expected)


def _prove_in_per_cent(evidence: DayEvidence, definition: PlatformDefinition, smallest_unit: Decimal) -> Proof:
    proof = prove(evidence, definition, smallest_unit)
    if proof.code != "differs_from_total" or evidence.second is None:
        return proof
    found, expected = Decimal(proof.details["found"]), Decimal(proof.details["account_total"])
    return Proof(True, evidence.second) if _in_per_cent(found, expected) else proof


def _compare_in_per_cent(
    metric: str, warehouse_total: Decimal, platform_total: Decimal | None, rows: int, smallest_unit: Decimal
) -> Comparison:
    compared = compare(metric, warehouse_total, platform_total, rows, smallest_unit)
    if platform_total is not None and _in_per_cent(warehouse_total, platform_total):
        return replace(compared, verdict="certified", reason=None)
    return compared


@contextmanager
def mutated() -> Iterator[None]:
    """All three bugs at once; each lets other incidents through."""
    with (
        patch.object(flow, "required_tests", _without_the_check),
        patch.object(settlement, "prove", _prove_in_per_cent),
        patch.object(reconciliation, "compare", _compare_in_per_cent),
        patch.object(reading, "_require_asked_days", lambda *arguments: None),
    ):
        yield


def surviving(red: Sequence[str]) -> list[str]:
    """Mutants that the suite did not notice, by the kinds that came out wrong."""
    return [name for name, kinds in EXPECTED_RED.items() if not set(kinds) & set(red)]
