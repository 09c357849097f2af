"""A small part of the evaluation: false warnings, gross faults, cost."""

from datetime import date

import pytest

from tests.gate.anomalies.clean_world import CleanWorld, Size, clean_world
from tests.gate.anomalies.evaluation import Clean, play_clean, play_faults
from tests.gate.anomalies.faults import Kind

TEN = Kind("x10", tuple((name, 10.0) for name in ("spend", "impressions", "clicks", "conversions")), 2, "delivery")
UNTRACKED = Kind("untracked", (("conversions", 0.0),), 3, "conversion")


@pytest.fixture(scope="module")
def world() -> CleanWorld:
    return clean_world(Size(accounts=12, judged=40, training=70, ads=15, last_day=date(2026, 3, 15)))


@pytest.fixture(scope="module")
def clean(world: CleanWorld) -> Clean:
    return play_clean(world)


def test_a_clean_month_brings_at_most_one_false_warning_a_client_and_week_and_the_plain_score_more(
    clean: Clean,
) -> None:
    assert len(clean.false) <= clean.client_weeks
    assert clean.plain_spells(3.0) > len(clean.false)
    assert clean.plain_spells(clean.same_limit()) <= len(clean.false)


def test_clear_drifts_are_flagged_by_the_run_of_their_last_day(world: CleanWorld, clean: Clean) -> None:
    drifts = [drift for drift in play_faults(world, [TEN, UNTRACKED], clean) if drift.visible == "clear"]
    for kind in (TEN, UNTRACKED):
        own = [drift for drift in drifts if drift.kind == kind]
        assert len(own) >= 3
        assert all(drift.flagged and drift.told for drift in own)


def test_a_warning_of_the_other_direction_is_no_warning_of_a_drift() -> None:
    robots = Kind("robots", (("clicks", 3.0),), 1, "delivery")
    moved = {metric: robots.direction(metric) for metric in ("spend", "clicks", "cpc", "conversion_rate", "cpa")}
    assert moved == {"spend": 0, "clicks": 1, "cpc": -1, "conversion_rate": -1, "cpa": 0}
    assert UNTRACKED.direction("cpa") == 1
