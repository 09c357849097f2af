"""Waiting and giving up: back-off, the credential's budget, retries of held days."""

from datetime import timedelta

import httpx
import pytest

from foundation.held_days import retry_after
from ingestion.errors import AccountReadError, Action, Problem
from ingestion.http import Connections, CredentialBudget, Limit, NamedCaller, Transport
from ingestion.http.answers import retry_after_seconds
from ingestion.http.transport import backoff_seconds


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
    waited: list[float] = []
    budget = CredentialBudget(lambda: 100.0 + sum(waited), waited.append)
    budget.wait_for_turn()
    assert waited == []
    budget.pause(30)
    budget.pause(10)
    budget.wait_for_turn()
    assert waited == [30]
    budget.wait_for_turn()
    assert waited == [30]
    assert budget.calls == 3


def test_a_credential_makes_no_more_calls_in_a_span_than_its_platform_documents() -> None:
    waited: list[float] = []
    budget = CredentialBudget(lambda: sum(waited), waited.append, (Limit(2, 1.0), Limit(3, 60.0)))
    for _ in range(4):
        budget.wait_for_turn()
    # The third call waits for the second to pass, the fourth for the minute.
    assert waited == [1.0, 59.0]


_NOON = {"date": "Mon, 07 Sep 2026 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "90"}, 90.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "Mon, 07 Sep 2026 12:01:30 GMT", **_NOON}, 90.0),
        ({"retry-after": "Mon, 07 Sep 2026 11:00:00 GMT", **_NOON}, 0.0),
        ({"retry-after": "Mon, 07 Sep 2026 12:01:30 GMT"}, None),
        ({"retry-after": "soon", **_NOON}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_by_the_servers_own_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_seconds(headers) == seconds


AGENCY = NamedCaller("agency", "4242")


def transport_that(
    outcome: httpx.Response | Exception, waited: list[float]
) -> tuple[Transport, Connections, list[str]]:
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
    connections = Connections(client, sleeper=waited.append, monotonic=lambda: sum(waited))
    return connections.transport(classify), connections, calls


def test_a_network_that_is_down_is_tried_five_times_and_then_told_as_such() -> None:
    waited: list[float] = []
    transport, _, calls = transport_that(httpx.ConnectError("connection refused"), waited)
    with pytest.raises(AccountReadError) as caught:
        transport.send(AGENCY, "GET", "http://platform/x")
    assert (caught.value.problem.error_class, caught.value.problem.code) == ("network", "ConnectError")
    assert "check the network" in caught.value.problem.next_step
    assert len(calls) == 5
    assert waited == [0.5, 1.0, 2.0, 4.0]


def test_a_throttled_credential_keeps_its_other_callers_quiet_and_leaves_other_credentials_alone() -> None:
    waited: list[float] = []
    transport, connections, _ = transport_that(httpx.Response(429), waited)
    with pytest.raises(AccountReadError):
        transport.send(AGENCY, "GET", "http://platform/x")
    assert all(seconds == 7 for seconds in waited)
    before = len(waited)
    connections.budget("another").wait_for_turn()
    assert len(waited) == before
    connections.budget("agency").wait_for_turn()
    assert len(waited) == before + 1


def test_a_limit_of_one_account_leaves_the_others_of_its_credential_alone() -> None:
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400 if request.url.path == "/busy" and len(waited) < 2 else 200)

    def classify(response: httpx.Response) -> Problem | None:
        if response.is_success:
            return None
        return Problem(Action.RETRY, "quota", "80000", "too many calls", "wait", wait_seconds=40, account_only=True)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    connections = Connections(http, sleeper=waited.append, monotonic=lambda: sum(waited))
    transport = connections.transport(classify)
    assert transport.send(NamedCaller("agency", "1"), "GET", "http://platform/busy").status_code == 200
    assert sum(waited) >= 40
    connections.account_pause("1").pause(1000)
    before = len(waited)
    transport.send(NamedCaller("agency", "2"), "GET", "http://platform/other")
    assert len(waited) == before


def test_a_fatal_answer_ends_every_further_call_with_its_credential() -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(400)

    problem = Problem(Action.FATAL, "credential", "190/460", "revoked", "log in again")
    connections = Connections(httpx.Client(transport=httpx.MockTransport(answer)))
    transport = connections.transport(lambda response: problem)
    for account in ("1", "2", "3"):
        with pytest.raises(AccountReadError, match="revoked"):
            transport.send(NamedCaller("agency", account), "GET", "http://platform/x")
    assert len(calls) == 1
    assert connections.calls == {"1": 1}


def test_a_limit_of_the_day_stops_the_credential_at_once_and_is_remembered_with_its_length() -> None:
    waited: list[float] = []
    problem = Problem(Action.RETRY, "quota", "RESOURCE_EXHAUSTED", "used up", "wait", wait_seconds=40_000)
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(429)))
    connections = Connections(http, sleeper=waited.append)
    transport = connections.transport(lambda response: problem)
    for _ in range(2):
        with pytest.raises(AccountReadError):
            transport.send(AGENCY, "GET", "http://platform/x")
    assert waited == []
    assert connections.budget("agency").refusal == problem


def test_a_held_day_is_read_again_at_once_then_over_six_hours_then_daily() -> None:
    assert [retry_after(attempts) for attempts in range(1, 7)] == [
        timedelta(0), timedelta(hours=1), timedelta(hours=2), timedelta(hours=3), timedelta(days=1), timedelta(days=1),
    ]  # fmt: skip


def test_a_retry_waits_for_what_the_header_asks_where_that_is_longer_than_the_tables_wait() -> None:
    waited: list[float] = []
    transport, _, calls = transport_that(httpx.Response(429, headers={"retry-after": "40"}), waited)
    with pytest.raises(AccountReadError):
        transport.send(AGENCY, "GET", "https://ads.example/report")
    assert len(calls) == 5
    assert sum(waited) >= 4 * 40
