"""The proxy itself: HTTP/1.1 on both sides, and sockets as rude as a fault asks."""

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from select import poll
from typing import Protocol

import h11

from sandbox.faulty_wire.faults import WireFault
from sandbox.faulty_wire.messages import Answer, Request
from sandbox.faulty_wire.upstream import Upstream

BACKLOG = 128
# How long nobody gets through, and how long an answer does not come: longer than an impatient client waits.
CONNECT_SECONDS, HANG_SECONDS = 0.6, 1.5
# A connection on this machine that is not there after so long waits for a place in the backlog.
_KNOCK_MILLISECONDS = 5
_SERVER_ERRORS = (500, 502, 503)
_GATEWAY_PAGE = b"<html><head><title>%d</title></head><body><h1>The server had an error</h1></body></html>"


class Book(Protocol):
    """What decides how a wire goes wrong."""

    def before_sending(self, request: Request) -> WireFault | None:
        """The fault that breaks the request's connection or answers instead of the platform."""
        ...

    def as_sent(self, request: Request) -> Request:
        """The request as the platform is to see it."""
        ...

    def bend(self, request: Request, answer: Answer) -> Answer:
        """The answer as the client is to see it."""
        ...


class WireServer:
    """Forwards requests to one upstream address, and bends what the book says."""

    def __init__(self, upstream: tuple[str, int], listener: socket.socket, book: Book) -> None:
        self.book = book
        self._upstream, self._listener = upstream, listener
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server_errors = 0
        self._outage, self._outage_over = asyncio.Lock(), asyncio.Event()

    def accept(self) -> None:
        """Take connections from now on."""
        self._listener.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(self._listener, self._accept_waiting)

    async def end_outage(self) -> None:
        """Let connections in again, if nobody gets through just now."""
        self._outage_over.set()
        async with self._outage:
            return

    def _accept_waiting(self) -> None:
        with suppress(BlockingIOError):
            while True:
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                task = asyncio.create_task(self._converse(connection))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _converse(self, connection: socket.socket) -> None:
        """All requests of one connection."""
        reader, writer = await asyncio.open_connection(sock=connection)
        self._open.add(writer)
        upstream, client = Upstream(self._upstream), h11.Connection(h11.SERVER)
        try:
            while await self._answer_next(client, reader, writer, upstream):
                if h11.MUST_CLOSE in (client.our_state, client.their_state):
                    break
                client.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            upstream.close()
            writer.close()

    async def _answer_next(
        self, client: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: Upstream
    ) -> bool:
        """Answer one request; False where the connection is not to be used again."""
        asked, body = await _next_request(client, reader)
        if asked is None:
            return False
        host = dict(asked.headers).get(b"host", b"").decode()
        request = Request(asked.method.decode(), asked.target.decode(), host)
        fault = self.book.before_sending(request)
        if fault and fault.kind == "connect_timeout":
            if not self._outage.locked():
                await self._let_nobody_in(CONNECT_SECONDS * fault.times)
            return False
        if fault and fault.kind == "read_hang":
            await asyncio.sleep(HANG_SECONDS)
            return False
        if fault and (refusal := self._refusal(fault)):
            return await _send(client, writer, refusal)
        sent = self.book.as_sent(request)
        answer = await upstream.ask(sent.method, sent.target, list(asked.headers), body)
        if fault is None:
            return await _send(client, writer, self.book.bend(request, answer))
        return await _break_off(client, writer, answer, fault)

    def _refusal(self, fault: WireFault) -> Answer | None:
        """A throttle or a server's error, with a page as gateways send it."""
        if fault.kind == "server_error":
            status = _SERVER_ERRORS[self._server_errors % len(_SERVER_ERRORS)]
            self._server_errors += 1
            return Answer(status, [(b"content-type", b"text/html")], _GATEWAY_PAGE % status)
        if not fault.kind.startswith("throttle"):
            return None
        headers = [(b"content-type", b"text/plain")]
        if fault.kind == "throttle_seconds":
            headers.append((b"retry-after", b"1"))
        elif fault.kind == "throttle_date":
            now = datetime.now(UTC)
            headers.append((b"date", format_datetime(now, usegmt=True).encode()))
            headers.append((b"retry-after", format_datetime(now + timedelta(seconds=1), usegmt=True).encode()))
        return Answer(429, headers, b"Too Many Requests")

    async def _let_nobody_in(self, seconds: float) -> None:
        """Close what is open and fill the backlog, so that the kernel drops whoever else knocks."""
        async with self._outage:
            asyncio.get_running_loop().remove_reader(self._listener)
            for writer in list(self._open):
                writer.transport.abort()
            with suppress(BlockingIOError):
                while True:
                    self._listener.accept()[0].close()
            self._listener.listen(0)
            fillers = list(_fill_backlog(self._listener.getsockname()))
            self._outage_over.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._outage_over.wait(), seconds)
            for filler in fillers:
                filler.close()
            self.accept()


def _fill_backlog(address: tuple[str, int]) -> Iterator[socket.socket]:
    """Connections of our own until one is left waiting."""
    for _ in range(BACKLOG):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(address)
        yield filler
        knocking = poll()
        knocking.register(filler)
        if not knocking.poll(_KNOCK_MILLISECONDS):
            return


async def _next_request(client: h11.Connection, reader: asyncio.StreamReader) -> tuple[h11.Request | None, bytes]:
    request, parts = None, []
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(await reader.read(1 << 16))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return request, b"".join(parts)
        else:
            return None, b""


async def _send(client: h11.Connection, writer: asyncio.StreamWriter, answer: Answer) -> bool:
    data = _head(client, answer) + (client.send(h11.Data(data=answer.body)) or b"")
    writer.write(data + (client.send(h11.EndOfMessage()) or b""))
    await writer.drain()
    return True


async def _break_off(client: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, fault: WireFault) -> bool:
    """The answer cut in its middle, in the way of the fault."""
    half = answer.body[: len(answer.body) // 2]
    if fault.kind == "truncated_json":
        return await _send(client, writer, Answer(answer.status, answer.headers, half))
    writer.write(_head(client, answer) + half)
    await writer.drain()
    if fault.kind == "reset":
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _head(client: h11.Connection, answer: Answer) -> bytes:
    headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    return client.send(h11.Response(status_code=answer.status, headers=headers)) or b""
