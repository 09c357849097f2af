"""Waiting and giving up: back-off, the credential's budget, retries of held days."""

from datetime import timedelta

import httpx
import pytest

from ingestion.errors import AccountReadError, Action, Problem
from ingestion.http import CredentialBudget, Transport
from ingestion.http.transport import backoff_seconds
from ingestion.loading.quarantine import retry_after


@pytest.mark.parametrize(
    ("attempt", "asked", "jitter", "seconds"),
    [
        (1, None, 1.0, 1),
        (2, None, 1.0, 2),
        (4, None, 0.5, 4),
        (9, None, 1.0, 60),
        (1, 30.0, 0.0, 30),
        (9, 5.0, 1.0, 60),
    ],
)
def test_waits_double_up_to_a_minute_and_the_platforms_wish_counts_when_it_is_longer(
    attempt: int, asked: float | None, jitter: float, seconds: float
) -> None:
    assert backoff_seconds(attempt, asked, jitter) == seconds


def test_a_pause_of_a_credential_holds_every_caller_until_it_is_over() -> None:
    now, waited = [100.0], list[float]()
    budget = CredentialBudget(lambda: now[0], waited.append)
    budget.wait_for_turn()
    assert waited == []
    budget.pause(30)
    budget.pause(10)
    budget.wait_for_turn()
    assert waited == [30]
    now[0] = 131.0
    budget.wait_for_turn()
    assert waited == [30]


def transport_that(outcome: httpx.Response | Exception, waited: list[float]) -> tuple[Transport, list[str]]:
    """A transport whose network always ends in the same way, and the calls that reached it."""
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def classify(response: httpx.Response) -> Problem | None:
        return None if response.is_success else Problem(Action.RETRY, "quota", "x", "slow down", "wait", wait_seconds=7)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Transport(classify, client=client, sleeper=waited.append, monotonic=lambda: sum(waited)), calls


def test_a_network_that_is_down_is_tried_five_times_and_then_told_as_such() -> None:
    waited: list[float] = []
    transport, calls = transport_that(httpx.ConnectError("connection refused"), waited)
    with pytest.raises(AccountReadError) as caught:
        transport.send("agency", "GET", "http://platform/x")
    assert (caught.value.problem.error_class, caught.value.problem.code) == ("network", "ConnectError")
    assert "check the network" in caught.value.problem.next_step
    assert len(calls) == 5
    assert waited == [0.5, 1.0, 2.0, 4.0]


def test_a_throttled_credential_keeps_its_other_callers_quiet_and_leaves_other_credentials_alone() -> None:
    waited: list[float] = []
    transport, _ = transport_that(httpx.Response(429), waited)
    with pytest.raises(AccountReadError):
        transport.send("agency", "GET", "http://platform/x")
    assert all(seconds == 7 for seconds in waited)
    before = len(waited)
    transport.budget("another").wait_for_turn()
    assert len(waited) == before
    transport.budget("agency").wait_for_turn()
    assert len(waited) == before + 1


def test_a_held_day_is_read_again_at_once_then_over_six_hours_then_daily() -> None:
    assert [retry_after(attempts) for attempts in range(1, 7)] == [
        timedelta(0), timedelta(hours=1), timedelta(hours=2), timedelta(hours=3), timedelta(days=1), timedelta(days=1),
    ]  # fmt: skip
