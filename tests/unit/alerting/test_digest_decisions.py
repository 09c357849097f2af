"""When a client's digest is due, and how its spend lines come about."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from alerting.digest import due_day, platform_figures, waits

DAY = date(2026, 11, 19)
BEFORE = date(2026, 11, 18)
WEEK_BEFORE = date(2026, 11, 12)


@pytest.mark.parametrize(
    ("utc", "timezone", "expected"),
    [
        ((20, 9, 59), "America/Sao_Paulo", None),
        ((20, 10, 0), "America/Sao_Paulo", date(2026, 11, 19)),
        ((20, 2, 30), "America/Sao_Paulo", date(2026, 11, 18)),
        ((20, 6, 0), "Europe/Berlin", date(2026, 11, 19)),
        ((20, 5, 59), "Europe/Berlin", None),
        ((19, 22, 0), "Asia/Tokyo", date(2026, 11, 19)),
    ],
)
def test_the_digest_is_about_yesterday_where_the_client_is(
    utc: tuple[int, int, int], timezone: str, expected: date | None
) -> None:
    assert due_day(datetime(2026, 11, *utc, tzinfo=UTC), timezone, 7) == expected


def test_a_digest_waits_for_days_to_come_but_not_for_held_ones() -> None:
    assert waits(["provisional", "pending"], 8, 11)
    assert waits(["not_due"], 8, 11)
    assert not waits(["provisional", "held", "stale", "final"], 8, 11)
    assert not waits([], 8, 11)


def test_a_digest_does_not_wait_past_its_last_hour() -> None:
    assert not waits(["pending"], 11, 11)


def test_a_published_day_without_rows_is_zero_and_an_unpublished_one_is_absent() -> None:
    states = [{"platform": "meta_ads", "account_id": "1", "state": "provisional"}]
    (line,) = platform_figures(DAY, states, {("meta_ads", DAY): frozenset({"1"})}, {})
    assert line.yesterday == Decimal(0)
    assert line.day_before is None
    assert (line.accounts_expected, line.accounts_current) == (1, 1)


def test_days_with_other_accounts_are_not_compared() -> None:
    published = {
        ("meta_ads", DAY): frozenset({"1", "2"}),
        ("meta_ads", BEFORE): frozenset({"1"}),
        ("meta_ads", WEEK_BEFORE): frozenset({"1", "2"}),
    }
    (line,) = platform_figures(DAY, [], published, {})
    assert not line.day_before_comparable
    assert line.week_before_comparable


def test_held_accounts_are_expected_and_not_current() -> None:
    states = [
        {"platform": "google_ads", "account_id": "1", "state": "final"},
        {"platform": "google_ads", "account_id": "2", "state": "held"},
        {"platform": "meta_ads", "account_id": "3", "state": "stale"},
    ]
    google, meta = platform_figures(DAY, states, {}, {})
    assert (google.accounts_expected, google.accounts_current) == (2, 1)
    assert (meta.accounts_expected, meta.accounts_current) == (1, 0)


def test_an_account_whose_day_is_not_due_yet_is_not_expected_and_views_stand_behind_money() -> None:
    states = [
        {"platform": "instagram", "account_id": "1", "state": "not_due"},
        {"platform": "linkedin_ads", "account_id": "2", "state": "provisional"},
    ]
    published = {("linkedin_ads", DAY): frozenset({"2"}), ("instagram", BEFORE): frozenset({"1"})}
    linkedin, instagram = platform_figures(DAY, states, published, {("instagram", BEFORE): (Decimal(500), 0)})
    assert (linkedin.measure, linkedin.accounts_expected) == ("spend", 1)
    assert (instagram.measure, instagram.accounts_expected, instagram.yesterday) == ("views", 0, None)
    assert instagram.day_before == 500
