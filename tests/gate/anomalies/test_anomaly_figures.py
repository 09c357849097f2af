"""A small part of the evaluation: false warnings, gross faults, cost."""

from datetime import date

import pytest

from tests.gate.anomalies.clean_world import CleanWorld, Size, clean_world
from tests.gate.anomalies.evaluation import play_clean, play_faults
from tests.gate.anomalies.faults import Kind


@pytest.fixture(scope="module")
def world() -> CleanWorld:
    return clean_world(Size(accounts=12, judged=40, training=70, ads=15, last_day=date(2026, 3, 15)))


def test_a_clean_month_brings_at_most_one_false_warning_a_client_and_week(world: CleanWorld) -> None:
    clean = play_clean(world)
    assert len(clean.false) <= clean.client_weeks
    assert clean.plain > len(clean.false)
    assert clean.seconds_a_run < 1.0


def test_tenfold_budgets_are_told_in_every_account_with_money_at_stake(world: CleanWorld) -> None:
    ten = Kind("x10", tuple((name, 10.0) for name in ("spend", "impressions", "clicks", "conversions")), 2, "delivery")
    outcomes = {cls: outcome for (_, _, cls), outcome in play_faults(world, [ten]).items()}
    assert outcomes["clear"].planted >= 5
    assert outcomes["clear"].told == outcomes["clear"].planted
