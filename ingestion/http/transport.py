"""Sends one request, with retries that the platform's own error table decides."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest, TokenRefused
from ingestion.http.answers import request_id, retry_after_seconds
from ingestion.http.budget import CredentialBudget, Limit, Usage

Classifier = Callable[[httpx.Response], Problem | None]
UsageReader = Callable[[Mapping[str, str]], Usage | None]

ATTEMPTS = 5
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
# A throttle longer than this is not waited out: the credential rests and a later run takes its accounts up.
LONGEST_WAIT_SECONDS = 300.0
CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0
# Ids of so many requests of an account are remembered until somebody asks for them.
REQUEST_IDS_KEPT = 20


class Caller(Protocol):
    """In whose name a call is made: the credential has the budget, the account is told what it cost."""

    @property
    def credential(self) -> str: ...

    @property
    def account_id(self) -> str: ...


@dataclass(frozen=True)
class NamedCaller:
    """A caller that is no account: a service without credentials, or a check of one."""

    credential: str
    account_id: str = ""


class _Transient(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def backoff_seconds(attempt: int, asked: float | None, jitter: float) -> float:
    """Full-jitter exponential back-off; what the platform asks for counts when it is longer. jitter in 0..1."""
    ceiling = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** (attempt - 1))
    return max(ceiling * jitter, asked or 0.0)


class Connections:
    """What all transports of a run share: sockets, budgets by credential, and the calls counted by account.

    http: a client that stays its owner's; none = one of our own, closed with ``close``.
    """

    def __init__(
        self,
        http: httpx.Client | None = None,
        *,
        sleeper: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self._owned = http is None
        self.http = http or httpx.Client(timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))
        self.sleeper = sleeper
        self.jitter = jitter
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self.budgets: dict[str, CredentialBudget] = {}
        self._account_pauses: dict[str, CredentialBudget] = {}
        self.calls: Counter[str] = Counter()
        self._request_ids: dict[str, deque[str]] = {}

    def close(self) -> None:
        """Close the sockets that were opened here."""
        if self._owned:
            self.http.close()

    def budget(self, credential: str, limits: tuple[Limit, ...] = ()) -> CredentialBudget:
        """The budget that all calls of a credential share; the limits of the first one who asks count."""
        with self._lock:
            if credential not in self.budgets:
                self.budgets[credential] = CredentialBudget(self._monotonic, self.sleeper, limits)
            return self.budgets[credential]

    def account_pause(self, account_id: str) -> CredentialBudget:
        """What keeps a single account quiet whose own limit is used up."""
        with self._lock:
            if account_id not in self._account_pauses:
                self._account_pauses[account_id] = CredentialBudget(self._monotonic, self.sleeper)
            return self._account_pauses[account_id]

    def count(self, caller: Caller) -> None:
        """One more call for the account."""
        with self._lock:
            self.calls[caller.account_id] += 1

    def note_request_id(self, caller: Caller, response: httpx.Response) -> None:
        """Remember how the platform itself calls the account's newest request, where it says so."""
        if found := request_id(response.headers):
            with self._lock:
                self._request_ids.setdefault(caller.account_id, deque(maxlen=REQUEST_IDS_KEPT)).append(found)

    def take_request_ids(self, account_id: str) -> list[str]:
        """The platform's ids of the account's newest requests since this was last asked, oldest first."""
        with self._lock:
            return list(dict.fromkeys(self._request_ids.pop(account_id, ())))

    def transport(
        self,
        classify: Classifier,
        *,
        read_usage: UsageReader = lambda headers: None,
        limits: tuple[Limit, ...] = (),
    ) -> "Transport":
        """A way to send requests whose answers this error table judges."""
        return Transport(self, classify, read_usage=read_usage, limits=limits)


class Transport:
    """Thread-safe: httpx pools connections, budgets are locked."""

    def __init__(
        self,
        connections: Connections,
        classify: Classifier,
        *,
        read_usage: UsageReader = lambda headers: None,
        limits: tuple[Limit, ...] = (),
    ) -> None:
        self._connections = connections
        self._classify = classify
        self._read_usage = read_usage
        self._limits = limits

    def send(self, caller: Caller, method: str, url: str, **arguments: Any) -> httpx.Response:
        """One request. Retries what the error table calls transient.

        Raises AccountReadError, ShrinkRequest or TokenRefused for the other kinds of answer.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_Transient),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            sleep=self._connections.sleeper,
            reraise=True,
        )
        try:
            return retrying(self._send_once, caller, method, url, arguments)
        except _Transient as error:
            raise AccountReadError(error.problem) from error

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.problem.wait_seconds if isinstance(error, _Transient) else None
        return backoff_seconds(state.attempt_number, asked, self._connections.jitter())

    def _send_once(self, caller: Caller, method: str, url: str, arguments: dict[str, Any]) -> httpx.Response:
        budget = self._connections.budget(caller.credential, self._limits)
        own = self._connections.account_pause(caller.account_id)
        if budget.refusal:
            raise AccountReadError(budget.refusal)
        own.wait_for_turn()
        budget.wait_for_turn()
        if budget.refusal:
            raise AccountReadError(budget.refusal)
        self._connections.count(caller)
        try:
            response = self._connections.http.request(method, url, **arguments)
        except (httpx.TransportError, httpx.DecodingError) as error:
            problem = Problem(
                Action.RETRY, "network", type(error).__name__, str(error) or type(error).__name__,
                "nothing to do if it passes; otherwise check the network between this host and the platform",
            )  # fmt: skip
            raise _Transient(problem) from error
        self._connections.note_request_id(caller, response)
        if usage := self._read_usage(response.headers):
            budget.note(usage)
            if usage.pause_seconds:
                (own if usage.account_only else budget).pause(min(usage.pause_seconds, LONGEST_WAIT_SECONDS))
        classified = self._classify(response)
        if classified is None:
            return response
        if classified.action is Action.RETRY:
            asked = max(classified.wait_seconds or 0.0, retry_after_seconds(response.headers) or 0.0)
            classified = replace(classified, wait_seconds=asked or None)
            if classified.wait_seconds:
                if classified.wait_seconds > LONGEST_WAIT_SECONDS:
                    if not classified.account_only:
                        budget.refuse(classified)
                    raise AccountReadError(classified)
                (own if classified.account_only else budget).pause(classified.wait_seconds)
            raise _Transient(classified)
        if classified.action is Action.SHRINK:
            raise ShrinkRequest(classified)
        if classified.action is Action.REFRESH_TOKEN:
            raise TokenRefused(classified)
        if classified.action is Action.FATAL:
            budget.refuse(classified)
        raise AccountReadError(classified)
