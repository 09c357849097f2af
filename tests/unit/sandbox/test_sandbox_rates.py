"""Reference rates: the working days of the euro payment system, published in the afternoon, the same for ever."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sandbox.wire.fx import round_cross
from sandbox.world.fx import FIRST_DAY, ReferenceRates, easter, is_working_day


@pytest.mark.parametrize(("year", "sunday"), [(2019, (4, 21)), (2024, (3, 31)), (2026, (4, 5)), (2027, (3, 28))])
def test_easter_falls_where_the_calendar_says(year: int, sunday: tuple[int, int]) -> None:
    assert easter(year) == date(year, *sunday)


def test_weekends_and_closing_days_have_no_rate() -> None:
    closed = [date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 25), date(2026, 11, 21)]
    assert not any(is_working_day(day) for day in closed)
    assert is_working_day(date(2026, 11, 20))


def test_a_days_rate_is_out_in_the_afternoon_only() -> None:
    rates = ReferenceRates(1)
    assert rates.published_days(datetime(2026, 11, 20, 14, 59, tzinfo=UTC))[-1] == date(2026, 11, 19)
    assert rates.published_days(datetime(2026, 11, 20, 15, 0, tzinfo=UTC))[-1] == date(2026, 11, 20)


def test_rates_never_change_when_the_series_grows() -> None:
    rates = ReferenceRates(1)
    days = rates.published_days(datetime(2028, 1, 1, tzinfo=UTC))
    assert days[0] == FIRST_DAY
    assert rates.rate("BRL", date(2025, 12, 30)) == ReferenceRates(1).rate("BRL", date(2025, 12, 30))
    assert all((rates.rate("USD", day) or 0) > 0 for day in days)


def test_the_lev_ended_with_2025() -> None:
    rates = ReferenceRates(1)
    assert rates.rate("BGN", date(2025, 12, 31)) == Decimal("1.9558")
    assert rates.rate("BGN", date(2026, 1, 2)) is None


@pytest.mark.parametrize(
    ("rate", "rounded"),
    [("17345.678", "17346"), ("101.239", "101.24"), ("45.67891", "45.679"), ("5.123456", "5.1235"),
     ("0.8612345", "0.86123"), ("0.0000612345", "0.000061")],
)  # fmt: skip
def test_a_cross_has_fewer_decimals_the_bigger_it_is(rate: str, rounded: str) -> None:
    assert round_cross(Decimal(rate)) == Decimal(rounded)
