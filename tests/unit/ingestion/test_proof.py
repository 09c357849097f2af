"""An account-day is proved by the platform's own total, read before and after the detail, or it is held."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ingestion.loading.proof import ChildDifference, DayEvidence, Proof, ReportDay, prove, spend_tolerance
from ingestion.platforms.meta_ads.reports import DEFINITION

CENT = Decimal("0.01")


def _totals(spend: str, impressions: int = 100, clicks: int = 5) -> dict[str, Decimal]:
    return {"spend": Decimal(spend), "impressions": Decimal(impressions), "clicks": Decimal(clicks)}


def _detail(spend: str, rows: int = 2, impressions: int = 100, clicks: int = 5, keys: int | None = None) -> ReportDay:
    return ReportDay(rows, rows if keys is None else keys, _totals(spend, impressions, clicks), "hash")


NOTHING = ReportDay(0, 0, _totals("0", 0, 0), "")
EQUAL = DayEvidence(
    date_day=date(2026, 11, 9),
    first=_totals("10.00"),
    second=_totals("10.00"),
    details={"campaign_daily": _detail("10.00"), "ad_daily": _detail("10.00")},
)


def _prove(evidence: DayEvidence) -> Proof:
    return prove(evidence, DEFINITION, CENT)


def test_equal_sums_prove_a_day_and_record_the_second_reading() -> None:
    proof = _prove(EQUAL)
    assert proof.proved
    assert proof.control_totals == _totals("10.00")


@pytest.mark.parametrize(
    ("total", "rows", "proved"),
    [("10.01", 2, True), ("9.99", 2, True), ("10.02", 2, False), ("10.02", 4, True), ("10.03", 4, False)],
)
def test_spend_may_differ_by_half_a_cent_a_row_and_at_least_a_cent(total: str, rows: int, proved: bool) -> None:
    evidence = replace(EQUAL, details=EQUAL.details | {"campaign_daily": _detail(total, rows=rows)})
    assert _prove(evidence).proved is proved


@pytest.mark.parametrize("counts", [{"impressions": 101}, {"clicks": 4}])
def test_impressions_and_clicks_must_be_equal(counts: dict[str, int]) -> None:
    proof = _prove(replace(EQUAL, details=EQUAL.details | {"campaign_daily": _detail("10.00", **counts)}))
    assert not proof.proved
    assert proof.code == "differs_from_total"


def test_half_of_the_rows_is_held_and_the_reason_names_both_figures() -> None:
    proof = _prove(replace(EQUAL, details=EQUAL.details | {"campaign_daily": _detail("4.00", rows=1)}))
    assert proof.code == "differs_from_total"
    assert "4 in 1 rows" in proof.reason
    assert "10" in proof.reason


def test_an_empty_list_against_a_total_is_held_as_missing_rows() -> None:
    assert _prove(replace(EQUAL, details=EQUAL.details | {"campaign_daily": NOTHING})).code == "missing_rows"


def test_rows_without_any_account_total_are_held() -> None:
    assert _prove(replace(EQUAL, first=None, second=None)).code == "control_missing"


def test_a_day_without_total_and_without_rows_is_a_proven_zero() -> None:
    nothing = DayEvidence(date(2026, 11, 9), None, None, {"campaign_daily": NOTHING, "ad_daily": NOTHING})
    proof = _prove(nothing)
    assert proof.proved
    assert proof.control_totals == _totals("0", 0, 0)


def test_nothing_where_there_was_delivery_is_not_data() -> None:
    nothing = DayEvidence(date(2026, 11, 9), None, None, {"campaign_daily": NOTHING, "ad_daily": NOTHING})
    assert _prove(replace(nothing, before=_totals("10.00"))).code == "unexpectedly_empty"
    assert _prove(replace(nothing, before=_totals("0", 0, 0))).proved


def test_a_read_that_lost_every_total_holds_even_days_that_had_none_before() -> None:
    nothing = DayEvidence(
        date(2026, 11, 9), None, None, {"campaign_daily": NOTHING, "ad_daily": NOTHING}, read_is_empty=True
    )
    assert _prove(nothing).code == "unexpectedly_empty"


def test_a_total_that_moved_accepts_what_lies_between_its_two_readings() -> None:
    moved = replace(EQUAL, first=_totals("9.00", 90), second=_totals("11.00", 110))
    proof = _prove(moved)
    assert proof.proved
    assert proof.control_totals["impressions"] == 100
    assert proof.control_totals["spend"] == Decimal("10.00")
    outside = replace(moved, second=_totals("9.50", 95))
    assert _prove(outside).code == "differs_from_total"


def test_a_total_seen_in_one_of_two_readings_is_held() -> None:
    assert _prove(replace(EQUAL, first=None)).code == "moving_total"


def test_a_page_served_twice_is_held() -> None:
    doubled = replace(EQUAL, details=EQUAL.details | {"ad_daily": _detail("10.00", rows=4, keys=2)})
    assert _prove(doubled).code == "duplicate_rows"


def test_ads_that_do_not_add_up_to_their_campaign_hold_the_day_and_name_the_campaign() -> None:
    difference = ChildDifference("777", "clicks", Decimal(4), Decimal(5), rows=3)
    proof = _prove(replace(EQUAL, child_differences=(difference,)))
    assert proof.code == "ads_differ_from_campaign"
    assert "777" in proof.reason
    rounding = ChildDifference("777", "spend", Decimal("9.99"), Decimal("10.00"), rows=3)
    assert _prove(replace(EQUAL, child_differences=(rounding,))).proved


def test_the_tolerance_is_counted_in_the_currencys_smallest_unit() -> None:
    assert spend_tolerance(1, Decimal(1)) == 1
    assert spend_tolerance(10, Decimal("0.01")) == Decimal("0.05")
