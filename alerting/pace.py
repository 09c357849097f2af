"""How fast messages may follow one another in a channel."""

from datetime import datetime, timedelta

# Slack takes about one message a second and channel and tolerates short bursts.
MESSAGES_PER_SECOND = 1.0
BURST = 4


class Pace:
    """A token bucket per channel; it only says how long to wait, it never sleeps."""

    def __init__(self, burst: int = BURST, per_second: float = MESSAGES_PER_SECOND) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._state: dict[str, tuple[float, datetime]] = {}

    def wait(self, channel: str, now: datetime) -> timedelta:
        """How long to wait before the next message to the channel; zero where it may go at once."""
        left = self._left(channel, now)
        return timedelta(seconds=max(0.0, (1.0 - left) / self._per_second))

    def spend(self, channel: str, now: datetime) -> None:
        """Note that a message goes to the channel now."""
        self._state[channel] = (self._left(channel, now) - 1.0, now)

    def _left(self, channel: str, now: datetime) -> float:
        left, since = self._state.get(channel, (self._burst, now))
        return min(self._burst, left + (now - since).total_seconds() * self._per_second)
