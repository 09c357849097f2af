"""Starts the wire in a process of its own and talks to it over a socket that no fault touches."""

import asyncio
import ctypes
import gc
import os
import signal
import socket
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from sandbox.faulty_wire.book import FaultBook
from sandbox.faulty_wire.faults import WireFault
from sandbox.faulty_wire.server import BACKLOG, WireServer

_PR_SET_PDEATHSIG = 1


@dataclass
class WireHandle:
    """A running wire. ``url`` takes the place of the sandbox's address."""

    url: str
    pid: int
    _control: socket.socket

    def arm(self, faults: Sequence[WireFault]) -> None:
        """These faults instead of those that are armed; an outage that still lasts is over."""
        self._ask("arm", [asdict(fault) for fault in faults])

    def disarm(self) -> None:
        """No faults from now on."""
        self.arm(())

    def fired(self) -> dict[str, int]:
        """Kind -> how often it has really happened since the start."""
        fired: dict[str, int] = self._ask("fired")
        return fired

    def requests(self) -> int:
        """Requests seen so far."""
        return int(self._ask("requests"))

    def log(self) -> list[dict[str, Any]]:
        """What happened, oldest first: kind, request line, number of the request."""
        log: list[dict[str, Any]] = self._ask("log")
        return log

    def stop(self) -> None:
        """End the process."""
        self._control.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _ask(self, question: str, argument: Any = None) -> Any:
        self._control.sendall(orjson.dumps([question, argument]) + b"\n")
        data = bytearray()
        while not data.endswith(b"\n"):
            part = self._control.recv(1 << 16)
            if not part:
                raise ConnectionError("the faulty wire is gone")
            data += part
        return orjson.loads(data)


def start_wire(upstream_url: str) -> WireHandle:
    """Fork a wire in front of the upstream. Call it from a process without threads; the wire ends with its parent."""
    parts, parent = urlsplit(upstream_url), os.getpid()
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listener.setblocking(False)
    ours, theirs = socket.socketpair()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    pid = os.fork()
    if pid == 0:
        try:
            end_with(parent)
            ours.close()
            asyncio.run(_serve((str(parts.hostname), parts.port or 80), listener, theirs))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    listener.close()
    theirs.close()
    return WireHandle(url, pid, ours)


def end_with(parent: int) -> None:
    """In the child: die with the parent, leave its signals to it, and never collect what was its."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


async def _serve(upstream: tuple[str, int], listener: socket.socket, control: socket.socket) -> None:
    book = FaultBook()
    server = WireServer(upstream, listener, book)
    server.accept()
    reader, writer = await asyncio.open_connection(sock=control)
    while line := await reader.readline():
        question, argument = orjson.loads(line)
        answer: Any = None
        match question:
            case "arm":
                book.arm([WireFault(**fault) for fault in argument])
                await server.end_outage()
            case "fired":
                answer = dict(book.fired)
            case "requests":
                answer = book.requests
            case "log":
                answer = book.log
        writer.write(orjson.dumps(answer) + b"\n")
        await writer.drain()
