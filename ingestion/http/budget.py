"""One rate budget per credential, shared by all accounts, threads and transports of a run."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ingestion.errors import Problem

# Above this share of the platform's own usage figure we wait before it blocks us.
PAUSE_ABOVE_PERCENT = 95.0


@dataclass(frozen=True)
class Limit:
    """At most so many calls of one credential within so many seconds, as the platform documents it."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used, from the platform's own headers; pause_seconds: how long to stay away now.

    account_only: the limit is the account's own; others under the credential need not pause.
    """

    used_percent: float
    pause_seconds: float = 0.0
    account_only: bool = False


class CredentialBudget:
    """Keeps every caller of a credential within its limits, and quiet until the instant that the platform named.

    ``monotonic`` and ``sleeper`` are passed in, in seconds. ``refusal``: why the credential is not used any more.
    """

    def __init__(
        self, monotonic: Callable[[], float], sleeper: Callable[[float], None], limits: tuple[Limit, ...] = ()
    ) -> None:
        self._monotonic = monotonic
        self._sleeper = sleeper
        self._limits = limits
        self._recent: dict[Limit, deque[float]] = {limit: deque() for limit in limits}
        self._quiet_until = 0.0
        self._lock = threading.Lock()
        self.calls = 0
        self.used_percent: float | None = None
        self.refusal: Problem | None = None

    def pause(self, seconds: float) -> None:
        """Nobody calls with this credential for so many seconds from now."""
        with self._lock:
            self._quiet_until = max(self._quiet_until, self._monotonic() + seconds)

    def note(self, usage: Usage) -> None:
        """Remember what the platform said of its limits."""
        self.used_percent = usage.used_percent

    def refuse(self, problem: Problem) -> None:
        """Nobody calls with this credential any more; the first reason counts."""
        self.refusal = self.refusal or problem

    def wait_for_turn(self) -> None:
        """Return when the credential may be used once; the call counts from then on."""
        while True:
            with self._lock:
                now = self._monotonic()
                remaining = max(self._quiet_until - now, self._seconds_to_next_call(now))
                if remaining <= 0:
                    self.calls += 1
                    for recent in self._recent.values():
                        recent.append(now)
                    return
            self._sleeper(remaining)

    def _seconds_to_next_call(self, now: float) -> float:
        wait = 0.0
        for limit, recent in self._recent.items():
            while recent and recent[0] <= now - limit.seconds:
                recent.popleft()
            if len(recent) >= limit.calls:
                wait = max(wait, recent[0] + limit.seconds - now)
        return wait
