"""The gate's rule, as a function of what is required and what was recorded."""

from hypothesis import given
from hypothesis import strategies as st

from quality.expectation_list import EXPECTATIONS, REQUIRED_EXPECTATIONS
from quality.gate import Decision, RecordedResult, decide, required_checks

PASSED = RecordedResult("passed")

names = st.sampled_from(["grain", "currency", "reconciliation", "dbt_sum", "dbt_keys"])
results = st.builds(
    RecordedResult,
    status=st.sampled_from(["passed", "failed", "errored"]),
    failures=st.lists(st.text(min_size=1), max_size=2).map(tuple),
    failures_named=st.integers(0, 3),
    stale=st.booleans(),
    detail=st.none() | st.text(),
)


def vouches(result: RecordedResult) -> bool:
    """Passed, or failed on other account-days that it named; fresh, and silent about this day."""
    answered = result.status == "passed" or (result.status == "failed" and result.failures_named > 0)
    return answered and not result.stale and not result.failures


@given(required=st.sets(names), recorded=st.dictionaries(names, results))
def test_a_day_is_published_exactly_when_every_required_check_vouches_for_it(
    required: set[str], recorded: dict[str, RecordedResult]
) -> None:
    decision = decide(sorted(required), recorded)
    right = bool(required) and all(name in recorded and vouches(recorded[name]) for name in required)
    assert (decision.verdict == "publish") == right
    assert bool(decision.reasons) == (decision.verdict == "hold")


@given(required=st.sets(names, min_size=1), recorded=st.dictionaries(names, results), lost=names)
def test_losing_a_result_never_lets_a_day_pass(
    required: set[str], recorded: dict[str, RecordedResult], lost: str
) -> None:
    if decide(sorted(required), recorded).verdict == "hold":
        fewer = {name: result for name, result in recorded.items() if name != lost}
        assert decide(sorted(required), fewer).verdict == "hold"


@given(required=st.sets(names, min_size=1), recorded=st.dictionaries(names, results))
def test_every_check_that_does_not_vouch_is_named_in_the_reasons(
    required: set[str], recorded: dict[str, RecordedResult]
) -> None:
    reasons = decide(sorted(required), recorded).reasons
    for name in required:
        silent = name in recorded and vouches(recorded[name])
        assert any(reason.startswith(f"{name}: ") for reason in reasons) != silent


def test_no_required_check_at_all_holds() -> None:
    assert decide((), {}).verdict == "hold"


def test_a_check_that_failed_on_other_days_only_lets_this_day_pass() -> None:
    assert decide(["a"], {"a": RecordedResult("failed", failures_named=3)}) == Decision("publish", ())


def test_a_check_that_failed_without_naming_anything_holds_every_day() -> None:
    assert decide(["a"], {"a": RecordedResult("failed", detail="Got 3 results")}) == Decision(
        "hold", ("a: failed without naming account-days (Got 3 results)",)
    )


def test_failures_recorded_beside_a_passed_status_still_hold() -> None:
    assert decide(["a"], {"a": RecordedResult("passed", failures=("x",), failures_named=1)}).verdict == "hold"


def test_results_of_checks_that_are_not_required_are_ignored() -> None:
    recorded = {"a": PASSED, "b": RecordedResult("errored")}
    assert decide(["a"], recorded).verdict == "publish"


def test_required_are_the_holding_expectations_reconciliation_and_the_builds_dbt_tests() -> None:
    warnings = {expectation.name for expectation in EXPECTATIONS if expectation.severity == "warn"}
    required = required_checks(["ads_add_up"])
    assert set(required) == {*REQUIRED_EXPECTATIONS, "reconciliation", "ads_add_up"}
    assert not warnings & set(required)
    assert {name.partition(".")[2] for name in warnings} == {
        "fx_rate_present", "clicks_above_impressions", "reach_above_views", "reach_above_impressions",
        "settled_day_restated", "metrics_not_negative", "null_rates_stable", "tracking_coverage_stable",
        "category_mix_stable",
    }  # fmt: skip
