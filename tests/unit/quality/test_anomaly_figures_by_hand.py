"""What is expected, how far off a figure is, and what is at stake: worked out by hand."""

from datetime import date
from math import log

import numpy as np
import pytest

from quality.anomalies.detection import count_score, judge
from quality.anomalies.findings import Finding
from quality.anomalies.grouping import fold
from quality.anomalies.model import fit, spread, windows
from quality.anomalies.panel import Floats, Key, Panel, expose

LAST = date(2026, 9, 20)
DAYS = 70


def panel(spend: float = 100.0, per_click: float = 0.05, fx: float = 1.0) -> Panel:
    """One campaign without any noise: 4 clicks a unit of money; from 80 to 120 % of the conversions, in turn."""
    turns = np.resize([1.0, 0.8, 1.2, 1.0], DAYS)[None, :]
    money = np.full((1, DAYS), spend)
    figures = {
        "spend": money, "impressions": money * 200, "clicks": money * 4,
        "conversions": np.rint(money * 4 * per_click * turns),
    }  # fmt: skip
    ones = np.ones((1, DAYS))
    return Panel((Key("a", "meta_ads", "1", "c"),), LAST, figures, ones, ones * spend * 1.1, np.array([fx]))


def told(given: Panel, maturity: dict[str, Floats] | None = None) -> list[Finding]:
    return fold(judge(given, maturity or {}))


def test_a_sum_of_three_days_is_expected_from_the_days_before_it() -> None:
    counted = np.full((1, 40), 10.0)
    counted[0, -3:] = [8.0, 4.0, 3.0]
    fitted = fit(counted, np.full((1, 40), 5.0), np.arange(40) % 7, count=True)
    found = windows(fitted, 3, count=True)
    assert found.counted[0, -1] == 15.0
    assert found.expected[0, -1] == pytest.approx(30.0, rel=0.02)
    assert found.error[0, -1] == pytest.approx(log(15.5 / 30.5), abs=0.02)
    assert found.expected[0, -4] == pytest.approx(30.0)


def test_a_series_that_never_moves_has_the_least_spread_and_one_nobody_knows_a_wide_one() -> None:
    known = np.vstack([np.full((1, 90), 10.0), np.full((1, 90), np.nan)])
    fitted = fit(known, np.full((2, 90), 5.0), np.arange(90) % 7, count=False)
    rest = spread(windows(fitted, 1, count=False), last=89, count=False, floor=0.08, pools=np.array([0, 1]))
    # 56 days at the floor and ten days' worth of the pool, which is the series itself.
    assert rest[0] == pytest.approx(0.08)
    # Nothing known: half again either way, doubled because it is new.
    assert rest[1] == pytest.approx(1.0)


def test_counts_are_measured_in_square_roots_with_counting_and_own_unrest() -> None:
    counted, expected = np.array([0.0, 8.0, 100.0]), np.array([16.0, 16.0, 100.0])
    # 2 (0.6124 - 4.0466) = -6.868; 2 (2.8940 - 4.0466) = -2.305.
    assert count_score(counted, expected, np.zeros(3)) == pytest.approx([-6.868, -2.305, 0.0], abs=0.001)
    # A spread of a quarter doubles the variance of 16: 1 + 16 x 0.0625 = 2.
    assert count_score(counted, expected, np.full(3, 0.25)) == pytest.approx([-4.857, -1.630, 0.0], abs=0.001)


def test_halved_conversions_are_a_drift_where_many_are_expected_and_noise_where_few_are() -> None:
    many, few = panel(per_click=0.05), panel(per_click=0.005)
    for given in (many, few):
        given.figures["conversions"][0, -7:] = np.floor(given.figures["conversions"][0, -7:] / 2)
    (found,) = told(many)
    # 140 expected in a week at 5 CPA, 70 came: the cost doubled to 10. Half of the 700 spent is at stake.
    assert (found.metric, found.scope, (found.last_day - found.first_day).days) == ("cpa", "account", 6)
    assert (found.observed, found.expected) == (pytest.approx(10.0, rel=0.05), pytest.approx(5.0, rel=0.05))
    assert found.at_stake == pytest.approx(350.0, rel=0.05)
    assert not found.gross
    # 2 a day: 14 against 7.
    assert told(few) == []


def test_conversions_are_never_judged_by_one_day_unless_its_zero_is_unmistakable() -> None:
    halved, none, none_of_few = panel(), panel(), panel(per_click=0.03)
    halved.figures["conversions"][0, -1] /= 4
    none.figures["conversions"][0, -1] = 0.0
    none_of_few.figures["conversions"][0, -1] = 0.0
    assert told(halved) == []
    (found,) = told(none)
    assert (found.first_day, found.last_day, found.metric, found.gross) == (LAST, LAST, "cpa", True)
    # 12 expected are fewer than the 15 that make a single day's zero unmistakable.
    assert told(none_of_few) == []


def test_conversions_that_are_still_to_come_are_no_drift() -> None:
    given = panel()
    given.figures["conversions"][0, -2:] = np.rint(given.figures["conversions"][0, -2:] * np.array([0.75, 0.5]))
    shares = {"meta_ads": np.array([0.3, 0.5, 0.75, *np.ones(20)])}
    assert told(given, shares) == []


@pytest.mark.parametrize(("fx", "warned"), [(1.0, False), (5.0, True)])
def test_a_stop_is_worth_a_warning_from_fifty_units_of_the_clients_currency(fx: float, *, warned: bool) -> None:
    given = panel(spend=20.0, fx=fx)
    for values in given.figures.values():
        values[:, -1] = 0.0
    found = told(given)
    assert bool(found) is warned
    # 20 a day at five to one.
    assert [one.at_stake for one in found] == ([pytest.approx(100.0)] if warned else [])


def test_a_budget_on_the_list_moves_what_is_expected_and_a_pause_takes_it_away() -> None:
    given = panel()
    given.budget[0, -2:] *= 1.5
    given.active[0, -1] = 0.0
    spend = expose(given, {}).exposure["spend"]
    # 100 a day usually; half more with the budget; nothing to expect while paused.
    assert spend[0, -4:-1].tolist() == [pytest.approx(100.0), pytest.approx(100.0), pytest.approx(150.0)]
    assert np.isnan(spend[0, -1])
