"""How long a message waits after each kind of failure, and how fast messages follow one another."""

from datetime import UTC, datetime, timedelta

import pytest

from alerting.delivery import LONGEST_RETRY, REFUSED_RETRY, retry_at
from alerting.pace import Pace
from alerting.slack import RateLimitedError, RefusedError, SlackError, UnavailableError, classify

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "attempts", "seconds"),
    [
        (RateLimitedError(7), 1, 7),
        (RateLimitedError(0.5), 9, 0.5),
        (UnavailableError("down"), 1, 30),
        (UnavailableError("down"), 2, 60),
        (UnavailableError("down"), 5, 480),
        (UnavailableError("down"), 500, LONGEST_RETRY.total_seconds()),
        (RefusedError("is_archived", "x", whole_token=False), 1, REFUSED_RETRY.total_seconds()),
    ],
)
def test_the_next_try_depends_on_the_kind_of_failure(error: SlackError, attempts: int, seconds: float) -> None:
    assert retry_at(error, attempts, NOW) - NOW == timedelta(seconds=seconds)


def test_a_refusal_says_what_to_do() -> None:
    error = classify("not_in_channel", None)
    assert isinstance(error, RefusedError)
    assert not error.whole_token
    assert "invite the bot" in str(error)


def test_a_refused_token_concerns_every_message() -> None:
    error = classify("invalid_auth", None)
    assert isinstance(error, RefusedError)
    assert error.whole_token
    assert "MDP_SLACK_BOT_TOKEN" in str(error)


def test_an_unknown_code_is_tried_again() -> None:
    assert isinstance(classify("something_new", None), UnavailableError)


def test_a_limit_without_a_time_waits_half_a_minute() -> None:
    error = classify("ratelimited", None)
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_seconds == 30


def test_a_burst_of_four_goes_at_once_and_the_rest_follows_once_a_second() -> None:
    pace, now, waits = Pace(), NOW, []
    for _ in range(7):
        wait = pace.wait("C1", now)
        waits.append(round(wait.total_seconds(), 3))
        now += wait
        pace.spend("C1", now)
    assert waits == [0, 0, 0, 0, 1, 1, 1]


def test_channels_do_not_wait_for_one_another() -> None:
    pace = Pace(burst=1)
    pace.spend("C1", NOW)
    assert pace.wait("C1", NOW) == timedelta(seconds=1)
    assert pace.wait("C2", NOW) == timedelta(0)


def test_a_quiet_channel_saves_no_more_than_one_burst() -> None:
    pace = Pace(burst=2)
    pace.spend("C1", NOW)
    later = NOW + timedelta(hours=1)
    pace.spend("C1", later)
    pace.spend("C1", later)
    assert pace.wait("C1", later) == timedelta(seconds=1)
