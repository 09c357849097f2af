"""The cause of a difference follows from the evidence; what nothing explains is called so."""

from dataclasses import replace
from decimal import Decimal

import pytest

from quality.reason_codes import DifferenceEvidence, ReasonCode, code_of_problem, reason_code

# The ads add up to 40.00 less than the platform says, and two cents of rounding would be allowed.
SHORT = DifferenceEvidence(
    "ad_spend", Decimal("-40.00"), Decimal("0.02"), built_currency="EUR", registry_currency="EUR"
)
EQUAL = DifferenceEvidence("ad_spend", Decimal(0), Decimal("0.02"), built_currency="EUR", registry_currency="EUR")


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (SHORT, "unexplained"),
        (replace(SHORT, total_moved=True), "restated_between_calls"),
        (replace(SHORT, problem="moving_total"), "restated_between_calls"),
        (replace(SHORT, metric="purchases", mixed_attribution=True), "attribution_setting"),
        (replace(SHORT, unlisted_objects=2), "deleted_entity"),
        (replace(SHORT, problem="timezone"), "time_zone"),
        (replace(SHORT, not_at_ad_level=Decimal("40.01")), "no_ad_level"),
        (replace(SHORT, built_currency="USD"), "currency"),
        (replace(SHORT, problem="currency"), "currency"),
        (replace(SHORT, complete=False), "incomplete_page"),
        (replace(SHORT, difference=None), "incomplete_page"),
        (replace(SHORT, problem="duplicate_rows"), "incomplete_page"),
        (replace(SHORT, problem="missing_rows"), "incomplete_page"),
    ],
)
def test_each_code_has_its_evidence(evidence: DifferenceEvidence, code: ReasonCode) -> None:
    assert reason_code(evidence) == code


@pytest.mark.parametrize(
    "evidence",
    [
        # Deleted objects and remainders make sums too small, never too great.
        replace(SHORT, difference=Decimal("40.00"), unlisted_objects=2),
        replace(SHORT, difference=Decimal("40.00"), not_at_ad_level=Decimal("40.00")),
        # A remainder of another size is not this difference.
        replace(SHORT, not_at_ad_level=Decimal("12.00")),
        # Delivery does not follow an attribution setting.
        replace(SHORT, mixed_attribution=True),
        # That something differs is no cause of it.
        replace(SHORT, problem="differs_from_total"),
        replace(SHORT, metric="spend", not_at_ad_level=Decimal("40.00")),
    ],
)
def test_evidence_that_does_not_fit_explains_nothing(evidence: DifferenceEvidence) -> None:
    assert reason_code(evidence) == "unexplained"


def test_an_equal_figure_needs_no_cause() -> None:
    assert reason_code(EQUAL) is None
    assert reason_code(replace(EQUAL, difference=Decimal("0.02"))) is None


def test_a_certified_figure_names_the_difference_that_is_known() -> None:
    assert reason_code(replace(EQUAL, not_at_ad_level=Decimal(5))) == "no_ad_level"
    assert reason_code(replace(EQUAL, metric="spend", not_at_ad_level=Decimal(5))) is None
    assert reason_code(replace(EQUAL, total_moved=True)) == "restated_between_calls"


def test_a_currency_outranks_whatever_else_is_known() -> None:
    assert reason_code(replace(SHORT, built_currency="USD", total_moved=True, unlisted_objects=1)) == "currency"


def test_a_reading_that_compared_nothing_has_no_code() -> None:
    assert code_of_problem("credential") is None
    assert code_of_problem(None) is None
    assert code_of_problem("ads_differ_from_campaign") == "unexplained"
