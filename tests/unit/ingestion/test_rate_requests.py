"""Which rates are asked for, and how the service's answer is read."""

from datetime import date

import pytest

from ingestion.fx_rates import RateRequest, RatesUnavailable, parse_range, plan_request

TODAY = date(2026, 11, 10)
AUGUST = date(2026, 8, 1)


def test_the_first_request_begins_a_week_earlier_so_that_a_weekend_has_a_rate_before_it() -> None:
    assert plan_request({"USD": AUGUST, "BRL": date(2026, 9, 1)}, {}, {}, TODAY) == RateRequest(
        date(2026, 7, 25), TODAY, ("BRL", "USD")
    )


def test_later_requests_read_the_last_week_again() -> None:
    newest, oldest = {"USD": date(2026, 11, 9)}, {"USD": date(2026, 7, 27)}
    assert plan_request({"USD": AUGUST}, newest, oldest, TODAY) == RateRequest(date(2026, 11, 2), TODAY, ("USD",))


def test_a_currency_or_a_history_that_is_new_is_fetched_from_its_first_day() -> None:
    newest, oldest = {"USD": date(2026, 11, 9)}, {"USD": date(2026, 7, 27)}
    with_a_new_currency = plan_request({"USD": AUGUST, "JPY": date(2026, 10, 1)}, newest, oldest, TODAY)
    assert with_a_new_currency == RateRequest(date(2026, 9, 24), TODAY, ("JPY", "USD"))
    with_more_history = plan_request({"USD": date(2026, 1, 1)}, newest, oldest, TODAY)
    assert with_more_history == RateRequest(date(2025, 12, 25), TODAY, ("USD",))


def test_nothing_is_asked_for_where_nothing_is_needed_yet() -> None:
    assert plan_request({}, {}, {}, TODAY) is None
    assert plan_request({"USD": date(2026, 12, 1)}, {}, {}, TODAY) is None


def test_digits_stay_as_they_stood_in_the_answer() -> None:
    body = b"""{"amount":1.0,"base":"EUR","start_date":"2026-11-05","end_date":"2026-11-06","rates":{
        "2026-11-06":{"BRL":6.2000,"IDR":18950.41,"JPY":171},"2026-11-05":{"BRL":6.1}}}"""
    assert parse_range(body, ("BRL", "JPY")) == [
        (date(2026, 11, 5), "BRL", "6.1"),
        (date(2026, 11, 6), "BRL", "6.2000"),
        (date(2026, 11, 6), "JPY", "171"),
    ]


@pytest.mark.parametrize(
    "body", [b'{"base":"USD","rates":{}}', b'{"message":"moved"}', b'[{"date":"2026-11-06","quote":"USD","rate":1.1}]']
)
def test_an_answer_in_another_form_or_base_is_refused(body: bytes) -> None:
    with pytest.raises(RatesUnavailable, match="another form"):
        parse_range(body, ("USD",))
