"""The world's clock: one ISO-8601 UTC instant in a text file that the platform reads too."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sandbox.files import write_atomically

# So many days behind the machine, a demo can be advanced day by day for three weeks.
DEFAULT_DAYS_BEHIND = 21


class ClockRefusedError(Exception):
    """The clock cannot be set to the instant asked for."""


def parse_instant(text: str) -> datetime:
    """An aware UTC instant from ISO text; a bare date-time counts as UTC."""
    instant = datetime.fromisoformat(text.strip())
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def default_start(machine_now: datetime) -> datetime:
    """Noon UTC, ``DEFAULT_DAYS_BEHIND`` days before the machine's today."""
    day = machine_now.astimezone(UTC).date() - timedelta(days=DEFAULT_DAYS_BEHIND)
    return datetime.combine(day, time(12), UTC)


class WorldClock:
    """Stands still unless advanced; read from the file on every call, so that no two processes disagree."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ensure(self, instant: datetime) -> None:
        """Create the file with ``instant`` unless it exists."""
        if not self.path.exists():
            self._write(instant)

    def now(self) -> datetime:
        """The world's present instant, UTC."""
        return parse_instant(self.path.read_text(encoding="utf-8"))

    def advance(self, days: float) -> datetime:
        """Move forward by ``days`` (24 h each)."""
        return self.set(self.now() + timedelta(days=days))

    def set(self, instant: datetime) -> datetime:
        """Move to ``instant``. Raises ClockRefusedError for the past and for the machine's future."""
        current = self.now()
        machine_now = datetime.now(UTC)
        if instant < current:
            raise ClockRefusedError(
                f"the clock stands at {current.isoformat()} and cannot go back to {instant.isoformat()}"
            )
        if instant > machine_now:
            raise ClockRefusedError(
                f"{instant.isoformat()} is ahead of the machine's clock ({machine_now.isoformat(timespec='seconds')}); "
                "the world never runs ahead of it"
            )
        self._write(instant)
        return instant

    def _write(self, instant: datetime) -> None:
        write_atomically(self.path, instant.isoformat() + "\n")
