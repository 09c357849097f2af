"""What was served: one JSON line an answer, with the instant that it was made for."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson


class ServeLog:
    """Append-only file; survives restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = path.open("ab", buffering=0)

    def add(self, as_of: datetime, **entry: Any) -> None:
        """One served answer. ``spend`` in major units of the account currency."""
        record = {"served_at": datetime.now(UTC).isoformat(), "as_of": as_of.isoformat(), **entry}
        with self._lock:
            self._file.write(orjson.dumps(record) + b"\n")

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first. A half-written last line is left out."""
        lines = self._path.read_bytes().split(b"\n")[:-1]
        return [orjson.loads(line) for line in lines]

    def close(self) -> None:
        self._file.close()
