"""Which days are due: end of day in the account's zone, trailing window, holes, retries."""

from datetime import UTC, date, datetime, timedelta

from ingestion.windows import LedgerDays, Span, Window, due_spans, end_of_day, last_due_day, months, parts

FOUR_WEEKS = Window(28)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def _verified(since: date, until: date, at: datetime) -> dict[date, datetime]:
    return dict.fromkeys(Span(since, until).days(), at)


def _due(
    ledger: LedgerDays,
    *,
    active_from: date = date(2026, 8, 1),
    active_to: date = date.max,
    window: Window = FOUR_WEEKS,
    newest_due: date = date(2026, 11, 9),
) -> list[Span]:
    due_at = datetime(newest_due.year, newest_due.month, newest_due.day, 9, tzinfo=UTC) + timedelta(days=1)
    return due_spans(Span(active_from, active_to), ledger, window=window, newest_due=newest_due, newest_due_at=due_at)


def test_a_day_ends_at_midnight_of_the_accounts_zone() -> None:
    assert end_of_day(date(2026, 11, 9), "account", "America/Sao_Paulo") == datetime(2026, 11, 10, 3, tzinfo=UTC)
    assert end_of_day(date(2026, 11, 9), "account", "Europe/Madrid") == datetime(2026, 11, 9, 23, tzinfo=UTC)
    assert end_of_day(date(2026, 11, 9), "utc", "America/Sao_Paulo") == datetime(2026, 11, 10, tzinfo=UTC)


def test_a_day_that_is_23_hours_long_ends_an_hour_earlier_in_utc() -> None:
    # Clocks in New York go forward on 8 March 2026: midnight is 04:00 UTC instead of 05:00.
    assert end_of_day(date(2026, 3, 7), "account", "America/New_York") == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 8), "account", "America/New_York") == datetime(2026, 3, 9, 4, tzinfo=UTC)


def test_yesterday_is_due_only_once_its_hours_have_passed_in_its_own_zone() -> None:
    assert last_due_day(NOON, 6, "account", "America/New_York") == date(2026, 11, 9)
    early = datetime(2026, 11, 10, 10, 59, tzinfo=UTC)  # 05:59 in New York
    assert last_due_day(early, 6, "account", "America/New_York") == date(2026, 11, 8)
    assert last_due_day(early, 6, "account", "Europe/Madrid") == date(2026, 11, 9)


def test_a_new_account_is_read_from_its_first_day_window_first_then_in_months_newest_first() -> None:
    assert _due(LedgerDays({})) == [
        Span(date(2026, 10, 13), date(2026, 11, 9)),
        Span(date(2026, 10, 1), date(2026, 10, 12)),
        Span(date(2026, 9, 1), date(2026, 9, 30)),
        Span(date(2026, 8, 1), date(2026, 8, 31)),
    ]


def test_a_complete_account_is_due_again_when_a_new_day_is_and_only_in_its_trailing_window() -> None:
    yesterday = datetime(2026, 11, 9, 12, tzinfo=UTC)
    ledger = LedgerDays(_verified(date(2026, 8, 1), date(2026, 11, 8), yesterday))
    assert _due(ledger) == [Span(date(2026, 10, 13), date(2026, 11, 9))]


def test_an_account_verified_since_the_newest_day_became_due_is_not_due() -> None:
    assert _due(LedgerDays(_verified(date(2026, 8, 1), date(2026, 11, 9), NOON))) == []


def test_a_hole_of_forty_days_is_fetched_again_although_the_window_is_shorter() -> None:
    verified = _verified(date(2026, 8, 1), date(2026, 9, 30), NOON)
    assert _due(LedgerDays(verified)) == [
        Span(date(2026, 10, 13), date(2026, 11, 9)),
        Span(date(2026, 10, 1), date(2026, 10, 12)),
    ]


def test_a_hole_in_an_old_month_does_not_fetch_the_months_between() -> None:
    verified = _verified(date(2026, 8, 1), date(2026, 11, 9), NOON)
    del verified[date(2026, 8, 15)]
    spans = _due(LedgerDays(verified))
    assert Span(date(2026, 8, 15), date(2026, 8, 31)) in spans
    assert all(span.since >= date(2026, 10, 1) or span.since.month == 8 for span in spans)


def test_a_held_day_waits_for_its_retry_and_makes_nothing_due_before() -> None:
    verified = _verified(date(2026, 8, 1), date(2026, 11, 9), NOON)
    del verified[date(2026, 11, 5)]
    assert _due(LedgerDays(verified, retry_later=[date(2026, 11, 5)])) == []
    assert _due(LedgerDays(verified)) != []


def test_an_account_that_ended_is_read_to_its_last_day_and_then_no_more() -> None:
    assert _due(LedgerDays({}), active_to=date(2026, 8, 3)) == [Span(date(2026, 8, 1), date(2026, 8, 3))]
    done = LedgerDays(_verified(date(2026, 8, 1), date(2026, 8, 3), NOON - timedelta(days=60)))
    assert _due(done, active_to=date(2026, 8, 3)) == []


def test_months_cover_a_span_without_gap_or_overlap() -> None:
    span = Span(date(2025, 12, 30), date(2026, 3, 2))
    days = [day for month in months(span) for day in month.days()]
    assert sorted(days) == span.days()


def test_a_day_that_could_change_after_it_was_last_read_is_read_once_more_however_old_it_is() -> None:
    """The account could not be read from 8 September on; its days of August were still open then."""
    ledger = LedgerDays(_verified(date(2026, 8, 1), date(2026, 9, 7), datetime(2026, 9, 8, 12, tzinfo=UTC)))
    # With a window of 28 days the 12th of August was final on the 9th of September, the 11th on the 8th at 9 o'clock.
    assert _due(ledger)[-1] == Span(date(2026, 8, 12), date(2026, 8, 31))
    settled = ledger.verified | _verified(date(2026, 8, 12), date(2026, 9, 7), NOON)
    assert _due(LedgerDays(settled))[-1] == Span(date(2026, 9, 8), date(2026, 9, 30))


def test_a_day_on_which_every_daily_run_took_place_is_not_read_again_when_it_leaves_the_window() -> None:
    days = Span(date(2026, 8, 1), date(2026, 11, 9)).days()
    # Each day was last verified when its 28th daily reading became due; in autumn clocks went back since then.
    last_readings = {
        day: datetime.combine(day + timedelta(days=28), NOON.time(), UTC) - timedelta(hours=3) for day in days
    }
    for hours in (0, -1):
        read = {day: min(at + timedelta(hours=hours), NOON) for day, at in last_readings.items()}
        recent = _verified(date(2026, 10, 13), date(2026, 11, 9), NOON)
        assert _due(LedgerDays(read | recent)) == []


def test_days_that_the_platform_no_longer_answers_for_are_never_asked_again() -> None:
    assert _due(LedgerDays({}), window=Window(28, retention_days=40)) == [
        Span(date(2026, 10, 13), date(2026, 11, 9)),
        Span(date(2026, 10, 1), date(2026, 10, 12)),
    ]
    assert _due(LedgerDays({}), active_to=date(2026, 9, 15), window=Window(28, retention_days=40)) == []


def test_on_the_first_due_day_of_a_month_the_deep_pass_reads_ninety_days_again_and_then_rests() -> None:
    daily = {day: datetime(2026, 10, 31, 12, tzinfo=UTC) for day in Span(date(2026, 7, 1), date(2026, 10, 31)).days()}
    deep = Window(30, deep_pass_days=90)
    spans = _due(LedgerDays(daily), window=deep, newest_due=date(2026, 11, 1), active_from=date(2026, 7, 1))
    # 90 days back from 1 November is 4 August.
    assert spans == [
        Span(date(2026, 10, 3), date(2026, 11, 1)),
        Span(date(2026, 10, 1), date(2026, 10, 2)),
        Span(date(2026, 9, 1), date(2026, 9, 30)),
        Span(date(2026, 8, 4), date(2026, 8, 31)),
    ]
    read = {day: datetime(2026, 11, 2, 10, tzinfo=UTC) for day in Span(date(2026, 8, 4), date(2026, 11, 1)).days()}
    ledger = LedgerDays(daily | read)
    assert _due(ledger, window=deep, newest_due=date(2026, 11, 2), active_from=date(2026, 7, 1)) == [
        Span(date(2026, 10, 4), date(2026, 11, 2))
    ]


def test_a_window_longer_than_a_month_is_cut_into_pieces_of_at_most_31_days() -> None:
    spans = _due(LedgerDays({}), window=Window(60), active_from=date(2026, 9, 11))
    assert spans == [Span(date(2026, 10, 10), date(2026, 11, 9)), Span(date(2026, 9, 11), date(2026, 10, 9))]


def test_a_request_is_cut_into_parts_that_the_platform_accepts() -> None:
    assert parts(Span(date(2026, 10, 1), date(2026, 10, 31)), 30) == [
        Span(date(2026, 10, 2), date(2026, 10, 31)),
        Span(date(2026, 10, 1), date(2026, 10, 1)),
    ]
    assert parts(Span(date(2026, 10, 1), date(2026, 10, 31)), None) == [Span(date(2026, 10, 1), date(2026, 10, 31))]
