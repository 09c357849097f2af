"""The platform's clock: the machine's, or a file that a sandbox world moves."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from psycopg2.extensions import connection as Connection


class Clock(Protocol):
    """Tells the current instant, always in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """Reads the instant (ISO 8601 with offset) from a file at each call, so that a sandbox and the platform agree."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        text = self._path.read_text(encoding="utf-8").strip()
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError(f"clock file {self._path} holds {text!r}, an instant without a UTC offset")
        return instant.astimezone(UTC)


def clock_from(clock_file: Path | None) -> Clock:
    """The clock that the settings ask for."""
    return FileClock(clock_file) if clock_file else SystemClock()


def show_clock_to_database(connection: Connection, clock: Clock) -> None:
    """Let ``ops.platform_now()`` answer with the sandbox's instant, or with the machine's where there is no sandbox."""
    with connection.cursor() as cursor:
        if isinstance(clock, FileClock):
            cursor.execute(
                """insert into ops.clock (now_at) values (%s)
                on conflict (only_row) do update set now_at = excluded.now_at""",
                (clock.now(),),
            )
        else:
            cursor.execute("delete from ops.clock")
    connection.commit()
