"""One rate budget per credential, shared by all accounts and threads under it."""

import threading
from collections.abc import Callable

# Above this share of the platform's own usage figure we wait before it blocks us.
PAUSE_ABOVE_PERCENT = 95.0


class CredentialBudget:
    """Keeps every caller of a credential quiet until the instant that the platform named.

    ``monotonic`` and ``sleeper`` are passed in, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float], sleeper: Callable[[float], None]) -> None:
        self._monotonic = monotonic
        self._sleeper = sleeper
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def pause(self, seconds: float) -> None:
        """Nobody calls with this credential for so many seconds from now."""
        with self._lock:
            self._quiet_until = max(self._quiet_until, self._monotonic() + seconds)

    def wait_for_turn(self) -> None:
        """Return when the credential may be used again."""
        with self._lock:
            remaining = self._quiet_until - self._monotonic()
        if remaining > 0:
            self._sleeper(remaining)
