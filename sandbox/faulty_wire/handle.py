"""Starts the wire in a process of its own and talks to it over a socket that no fault touches."""

import asyncio
import ctypes
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from sandbox.faulty_wire.book import FaultBook
from sandbox.faulty_wire.faults import WireFault
from sandbox.faulty_wire.server import WireServer

_PR_SET_PDEATHSIG = 1
_BACKLOG = 1


@dataclass
class WireHandle:
    """A running wire."""

    url: str
    pid: int
    _control: socket.socket

    def arm(self, faults: Sequence[WireFault]) -> None:
        """These faults instead of those that are armed."""
        self._ask({"arm": [asdict(fault) for fault in faults]})

    def disarm(self) -> None:
        """No faults from now on."""
        self.arm(())

    def fired(self) -> dict[str, int]:
        """Kind -> how often it has really happened."""
        fired: dict[str, int] = self._ask({})["fired"]
        return fired

    def requests(self) -> int:
        """Requests seen so far."""
        return int(self._ask({})["requests"])

    def log(self) -> list[dict[str, Any]]:
        """What happened: kind, request line, number of the request."""
        log: list[dict[str, Any]] = self._ask({})["log"]
        return log

    def stop(self) -> None:
        """End the process."""
        self._control.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self._control.sendall(orjson.dumps(message) + b"\n")
        data = b""
        while not data.endswith(b"\n"):
            part = self._control.recv(1 << 16)
            if not part:
                raise ConnectionError("the faulty wire is gone")
            data += part
        answer: dict[str, Any] = orjson.loads(data)
        return answer


def start_wire(upstream_url: str) -> WireHandle:
    """Fork a wire in front of the upstream. Call it from a process without threads; the wire ends with its parent."""
    parts = urlsplit(upstream_url)
    listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    listener.setblocking(False)
    ours, theirs = socket.socketpair()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    pid = os.fork()
    if pid == 0:
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            ours.close()
            server = WireServer((parts.hostname or "127.0.0.1", parts.port or 80), listener, FaultBook())
            asyncio.run(_run(server, theirs))
        finally:
            os._exit(0)
    listener.close()
    theirs.close()
    return WireHandle(url, pid, ours)


async def _run(server: WireServer, control: socket.socket) -> None:
    serving = asyncio.create_task(server.serve())
    reader, writer = await asyncio.open_connection(sock=control)
    book = server.book
    while line := await reader.readline():
        message = orjson.loads(line)
        if "arm" in message:
            book.arm([WireFault(**fault) for fault in message["arm"]])
        answer = {"fired": dict(book.fired), "requests": book.requests, "log": book.log[-200:]}
        writer.write(orjson.dumps(answer) + b"\n")
        await writer.drain()
    serving.cancel()
