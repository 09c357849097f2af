"""When a held day is read again."""

from datetime import UTC, datetime, timedelta

import pytest

from foundation.held_days import newest_retry

HELD = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours_later", "newest"),
    [(0, 0), (0.9, 0), (1, 1), (2.9, 1), (3, 3), (5.9, 3), (6, 6), (29.9, 6), (30, 30), (54, 54)],
)
def test_a_held_day_is_to_be_read_at_once_after_1_3_and_6_hours_and_then_daily(hours_later: float, newest: int) -> None:
    assert newest_retry(HELD, HELD + timedelta(hours=hours_later)) == HELD + timedelta(hours=newest)


def test_a_clock_that_jumped_back_does_not_stop_the_readings() -> None:
    assert newest_retry(HELD, HELD - timedelta(days=1)) == HELD
