"""When two totals count as equal."""

from decimal import Decimal

import pytest

from foundation.money import smallest_unit
from quality.reconciliation import LEVELS, Comparison, compare

CENT = smallest_unit("EUR")
YEN = smallest_unit("JPY")


@pytest.mark.parametrize(
    ("platform_total", "rows", "unit", "verdict"),
    [
        # One or two rows: one cent either way, never less.
        ("10.00", 0, CENT, "certified"),
        ("10.01", 1, CENT, "certified"),
        ("9.99", 1, CENT, "certified"),
        ("10.02", 1, CENT, "held"),
        ("10.02", 2, CENT, "held"),
        # Half a cent a row from there on.
        ("10.015", 3, CENT, "certified"),
        ("10.016", 3, CENT, "held"),
        ("10.50", 100, CENT, "certified"),
        ("10.51", 100, CENT, "held"),
        # The yen has no smaller unit: whole yen.
        ("11", 1, YEN, "certified"),
        ("12", 1, YEN, "held"),
        ("15", 10, YEN, "certified"),
        ("16", 10, YEN, "held"),
    ],
)
def test_spend_may_differ_by_half_a_smallest_unit_a_row_and_at_least_by_one_unit(
    platform_total: str, rows: int, unit: Decimal, verdict: str
) -> None:
    for metric in ("spend", "ad_spend"):
        assert compare(metric, Decimal("10"), Decimal(platform_total), rows, unit).verdict == verdict


@pytest.mark.parametrize(
    "metric", ["impressions", "clicks", "ad_impressions", "ad_clicks", "views", "total_interactions"]
)
def test_counts_must_be_equal_however_many_rows_there_are(metric: str) -> None:
    assert compare(metric, Decimal(500), Decimal(500), 10_000, CENT) == Comparison(
        "certified", Decimal(0), Decimal(0), None
    )
    assert compare(metric, Decimal(500), Decimal(501), 10_000, CENT).verdict == "held"
    assert compare(metric, Decimal(501), Decimal(500), 10_000, CENT).verdict == "held"


@pytest.mark.parametrize("metric", [metric for level in LEVELS for metric in level.metrics])
def test_a_missing_platform_total_holds_even_an_empty_day(metric: str) -> None:
    compared = compare(metric, Decimal(0), None, 0, CENT)
    assert (compared.verdict, compared.difference) == ("held", None)
    assert compared.reason == f"{metric}: the platform gave no total to compare with"


def test_the_reason_shows_both_totals_the_signed_difference_and_the_tolerance() -> None:
    compared = compare("spend", Decimal("1234567.89"), Decimal("1234567.99"), 4, CENT)
    assert compared.difference == Decimal("-0.10")
    assert compared.reason == (
        "spend: the build adds up to 1234567.89, the platform says 1234567.99 (difference -0.10, tolerance 0.020)"
    )
