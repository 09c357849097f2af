"""Sends one request, with retries that the platform's own error table decides."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest, TokenRefused
from ingestion.http.budget import CredentialBudget

Classifier = Callable[[httpx.Response], Problem | None]
UsageReader = Callable[[Mapping[str, str]], float | None]

ATTEMPTS = 5
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
# A throttle longer than this is not waited out: the account stays due and a later run takes it up.
LONGEST_WAIT_SECONDS = 300.0
CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0


class _Transient(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def backoff_seconds(attempt: int, asked: float | None, jitter: float) -> float:
    """Full-jitter exponential back-off; what the platform asks for counts when it is longer. jitter in 0..1."""
    ceiling = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** (attempt - 1))
    return max(ceiling * jitter, asked or 0.0)


class Transport:
    """One per platform and run. Thread-safe: httpx pools connections, budgets are locked."""

    def __init__(
        self,
        classify: Classifier,
        *,
        read_usage: UsageReader = lambda headers: None,
        client: httpx.Client | None = None,
        sleeper: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self._classify = classify
        self._read_usage = read_usage
        self._owned = client is None
        self._client = client or httpx.Client(timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))
        self._sleeper = sleeper
        self._monotonic = monotonic
        self._jitter = jitter
        self._budgets: dict[str, CredentialBudget] = {}

    def close(self) -> None:
        """Close the connections that this transport opened; a client that was passed in stays its owner's."""
        if self._owned:
            self._client.close()

    def budget(self, credential: str) -> CredentialBudget:
        """The budget that all calls of a credential share."""
        return self._budgets.setdefault(credential, CredentialBudget(self._monotonic, self._sleeper))

    def send(self, credential: str, method: str, url: str, **arguments: Any) -> httpx.Response:
        """One request. Retries what the error table calls transient.

        Raises AccountReadError, ShrinkRequest or TokenRefused for the other kinds of answer.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_Transient),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            sleep=self._sleeper,
            reraise=True,
        )
        try:
            return retrying(self._send_once, credential, method, url, arguments)
        except _Transient as error:
            raise AccountReadError(error.problem) from error

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.problem.wait_seconds if isinstance(error, _Transient) else None
        return backoff_seconds(state.attempt_number, asked, self._jitter())

    def _send_once(self, credential: str, method: str, url: str, arguments: dict[str, Any]) -> httpx.Response:
        budget = self.budget(credential)
        budget.wait_for_turn()
        try:
            response = self._client.request(method, url, **arguments)
        except (httpx.TransportError, httpx.DecodingError) as error:
            problem = Problem(
                Action.RETRY, "network", type(error).__name__, str(error) or type(error).__name__,
                "nothing to do if it passes; otherwise check the network between this host and the platform",
            )  # fmt: skip
            raise _Transient(problem) from error
        if pause := self._read_usage(response.headers):
            budget.pause(min(pause, LONGEST_WAIT_SECONDS))
        classified = self._classify(response)
        if classified is None:
            return response
        if classified.action is Action.RETRY:
            if classified.wait_seconds:
                if classified.wait_seconds > LONGEST_WAIT_SECONDS:
                    raise AccountReadError(classified)
                budget.pause(classified.wait_seconds)
            raise _Transient(classified)
        if classified.action is Action.SHRINK:
            raise ShrinkRequest(classified)
        if classified.action is Action.REFRESH_TOKEN:
            raise TokenRefused(classified)
        raise AccountReadError(classified)
