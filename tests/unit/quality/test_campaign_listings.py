"""Budgets and status by day from listings: worked out by hand for the week to Sunday 20 September."""

from datetime import date

import numpy as np

from quality.anomalies.listings import Spell, by_day, parts_budget

SUNDAY = date(2026, 9, 20)


def day(number: int) -> date:
    return date(2026, 9, number)


def test_a_budget_holds_from_its_listing_on_and_a_switch_off_from_the_day_before() -> None:
    spells = [
        Spell(day(16), day(18), True, 100.0),
        Spell(day(18), day(20), True, 150.0),
        Spell(SUNDAY, None, False, 150.0),
    ]
    active, budget = by_day(spells, SUNDAY, 7)
    # From Monday the 14th: nobody knows two days, then two at 100, one at 150; off on Sunday, and perhaps on Saturday.
    np.testing.assert_array_equal(active, [np.nan, np.nan, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(budget, [np.nan, np.nan, 100, 100, 150, 150, 150])


def test_a_budget_for_the_whole_time_or_none_is_not_known_as_a_daily_one() -> None:
    _, budget = by_day([Spell(day(1), day(19), True, 100.0), Spell(day(19), None, True, None)], SUNDAY, 3)
    np.testing.assert_array_equal(budget, [100, np.nan, np.nan])


def test_parts_that_are_on_add_up() -> None:
    first = [Spell(day(1), None, True, 40.0)]
    second = [Spell(day(1), day(19), True, 60.0), Spell(day(19), None, False, 60.0)]
    np.testing.assert_array_equal(parts_budget([first, second], SUNDAY, 4), [100, 40, 40, 40])
    np.testing.assert_array_equal(parts_budget([], SUNDAY, 2), [np.nan, np.nan])


def test_a_listing_of_after_the_last_day_says_nothing_of_it() -> None:
    active, _ = by_day([Spell(day(10), day(22), True, 1.0), Spell(day(22), None, False, 1.0)], SUNDAY, 2)
    np.testing.assert_array_equal(active, [1, 1])
