"""The wire as a process of its own: it forwards everything and bends what the planted incidents are about."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from sandbox.faulty_wire.faults import WireFault, platform_of
from sandbox.faulty_wire.messages import Answer, Request
from sandbox.faulty_wire.server import BACKLOG, WireServer
from sandbox.files import write_atomically
from sandbox.incidents.bending import Bend, other_currency
from sandbox.incidents.kinds import KINDS, Kind, Planted
from sandbox.incidents.rows import WRITINGS, Level, Row, account_of, at, recount, rows_of, set_at

# Answered by the wire itself: how many rows each incident has changed.
_TOLD = "/_incidents"
_START_SECONDS = 30.0
_OTHER_ZONE = {"America/New_York": "Europe/Madrid"}


@dataclass
class IncidentBook:
    """What is planted, read anew whenever the file changes; what it changed, by kind and account."""

    file: Path
    changed: Counter[str] = field(default_factory=Counter)
    _planted: dict[tuple[str, str], list[Planted]] = field(default_factory=dict)
    _read_at: int = -1

    def before_sending(self, request: Request) -> WireFault | None:
        """No incident breaks a connection."""
        return None

    def as_sent(self, request: Request) -> Request:
        return request

    def bend(self, request: Request, answer: Answer) -> Answer:
        """The answer as the incidents of its account show it."""
        if request.path == _TOLD:
            return Answer(200, [(b"content-type", b"application/json")], orjson.dumps(dict(self.changed)))
        if answer.status != 200:
            return answer
        self._read()
        if request.target.startswith("/fx/"):
            return self._bend_rates(answer)
        account = account_of(request)
        planted = self._planted.get(account, []) if account else []
        if not planted or not account:
            return answer
        try:
            body = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            return answer
        before = orjson.dumps(body)
        for incident in planted:
            self._bend_body(incident, request, body)
        after = orjson.dumps(body)
        return answer if after == before else Answer(answer.status, answer.headers, after)

    def _bend_body(self, incident: Planted, request: Request, body: Any) -> None:
        kind, rows = KINDS[incident.kind], rows_of(incident.platform, request, body)
        if kind.entity:
            self._bend_entity(incident, kind, rows)
            return
        level = _level(incident.platform, request, rows)
        if level is None or kind.change is None or level not in kind.levels:
            return
        before, rows_before = orjson.dumps(rows), len(rows)
        bend = Bend(WRITINGS[incident.platform], frozenset(incident.days), incident.seed)
        rows[:] = kind.change(bend, rows)
        recount(incident.platform, body, len(rows) - rows_before)
        if orjson.dumps(rows) != before:
            self.changed[f"{incident.kind}/{incident.account_id}"] += 1

    def _bend_entity(self, incident: Planted, kind: Kind, rows: list[Row]) -> None:
        writing = WRITINGS[incident.platform]
        path = writing.currency if kind.entity == "currency" else writing.timezone
        if path is None:
            return
        for row in rows:
            told = at(row, path)
            if not isinstance(told, str):
                continue
            other = other_currency(told) if kind.entity == "currency" else _OTHER_ZONE.get(told, "America/New_York")
            set_at(row, path, other)
            self.changed[f"{incident.kind}/{incident.account_id}"] += 1

    def _bend_rates(self, answer: Answer) -> Answer:
        gaps = [each for own in self._planted.values() for each in own if KINDS[each.kind].rates]
        body = orjson.loads(answer.body) if gaps else {}
        tables = body.get("rates", {})
        for gap in gaps:
            for day in gap.days:
                if tables.get(day.isoformat(), {}).pop(gap.currency, None) is not None:
                    self.changed[f"{gap.kind}/{gap.account_id}"] += 1
        return Answer(answer.status, answer.headers, orjson.dumps(body)) if gaps else answer

    def _read(self) -> None:
        written = self.file.stat().st_mtime_ns
        if written == self._read_at:
            return
        self._read_at, self._planted = written, {}
        for fields in json.loads(self.file.read_text(encoding="utf-8")):
            planted = Planted.from_json(fields)
            self._planted.setdefault((planted.platform, planted.account_id), []).append(planted)


def _level(platform: str, request: Request, rows: list[Row]) -> Level | None:
    """The level of a report's answer; of no rows and of other reports none."""
    if platform_of(request.target) != platform or not rows or not isinstance(rows[0], dict):
        return None
    return WRITINGS[platform].level(request, rows[0])


@dataclass
class IncidentWire:
    """A running wire. ``url`` takes the place of the sandbox's address."""

    url: str
    directory: Path
    process: "subprocess.Popen[bytes]"

    def plant(self, planted: Sequence[Planted]) -> None:
        """These incidents from now on, instead of those before."""
        _write(self.directory, planted)

    def changed(self) -> dict[str, int]:
        """ "kind/account" -> answers that it changed since the start."""
        changed: dict[str, int] = httpx.get(f"{self.url}{_TOLD}", timeout=30).json()
        return changed

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def start_incident_wire(upstream_url: str, directory: Path) -> IncidentWire:
    """Start a wire in front of the upstream; what is planted stands in a file of ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    _write(directory, ())
    with (directory / "wire.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.incidents", upstream_url, str(directory)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
    deadline = time.monotonic() + _START_SECONDS
    ready = directory / "url"
    while time.monotonic() < deadline and process.poll() is None:
        if ready.exists():
            return IncidentWire(ready.read_text(encoding="utf-8"), directory, process)
        time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"the wire did not start: {(directory / 'wire.log').read_text(encoding='utf-8')[-2000:]}")


def _write(directory: Path, planted: Sequence[Planted]) -> None:
    write_atomically(directory / "planted.json", json.dumps([each.to_json() for each in planted]))


async def serve(upstream_url: str, directory: Path) -> None:
    """Forward until the process is ended."""
    parts = urlsplit(upstream_url)
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listener.setblocking(False)
    book = IncidentBook(directory / "planted.json")
    WireServer((str(parts.hostname), parts.port or 80), listener, book).accept()
    write_atomically(directory / "url", f"http://127.0.0.1:{listener.getsockname()[1]}")
    await asyncio.Event().wait()
