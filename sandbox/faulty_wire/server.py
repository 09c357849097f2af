"""The proxy itself: HTTP/1.1 on both sides, and the sockets as rude as a fault asks."""

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import h11

from sandbox.faulty_wire.book import Answer, FaultBook
from sandbox.faulty_wire.faults import CONNECT_SECONDS, HANG_SECONDS, WireFault

# The kernel queues one connection more than this; then it lets those who knock wait.
_BACKLOG = 1
_HOP_HEADERS = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"accept-encoding"})
_SERVER_ERRORS = (500, 502, 503)


class WireServer:
    """Forwards requests to one upstream address, and bends what the book says."""

    def __init__(self, upstream: tuple[str, int], listener: socket.socket, book: FaultBook) -> None:
        self.book = book
        self._upstream, self._listener = upstream, listener
        self._open: set[asyncio.StreamWriter] = set()
        self._errors = 0

    async def serve(self) -> None:
        """Accept connections until the process ends."""
        loop = asyncio.get_running_loop()
        self._accepting = asyncio.Event()
        self._accepting.set()
        while True:
            await self._accepting.wait()
            connection, _ = await loop.sock_accept(self._listener)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader, writer = await asyncio.open_connection(sock=connection)
            task = asyncio.create_task(self._converse(reader, writer))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All requests of one connection."""
        self._open.add(writer)
        upstream = _Upstream(self._upstream)
        client = h11.Connection(h11.SERVER)
        try:
            while True:
                request, body = await _next_request(client, reader)
                if request is None or not await self._answer(client, writer, upstream, request, body):
                    break
                if client.our_state is h11.MUST_CLOSE or client.their_state is h11.MUST_CLOSE:
                    break
                client.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            upstream.close()
            with suppress(ConnectionError):
                writer.close()

    async def _answer(
        self, client: h11.Connection, writer: asyncio.StreamWriter, upstream: "_Upstream", request: h11.Request,
        body: bytes,
    ) -> bool:  # fmt: skip
        """Answer one request; False where the connection is not to be used again."""
        method, target = request.method.decode(), request.target.decode()
        fault = self.book.before_sending(method, target)
        if fault and fault.kind == "connect_timeout":
            await self._refuse_connections()
            return False
        if fault and fault.kind == "read_hang":
            await asyncio.sleep(HANG_SECONDS)
            return False
        if fault and (refusal := self._refusal(fault)):
            return await _send(client, writer, refusal)
        answer = self.book.bend(method, target, await upstream.ask(request, body))
        if fault is None:
            return await _send(client, writer, answer)
        return await self._break_off(client, writer, answer, fault)

    def _refusal(self, fault: WireFault) -> Answer | None:
        """A throttle or a server's error, with a page as gateways send it."""
        if fault.kind == "server_error":
            self._errors += 1
            status = _SERVER_ERRORS[self._errors % len(_SERVER_ERRORS)]
            return Answer(status, [(b"content-type", b"text/html")], b"<html><body>Bad Gateway</body></html>")
        if not fault.kind.startswith("throttle"):
            return None
        headers = [(b"content-type", b"text/plain")]
        if fault.kind == "throttle_seconds":
            headers.append((b"retry-after", b"1"))
        elif fault.kind == "throttle_date":
            at = datetime.now(UTC) + timedelta(seconds=1)
            headers.append((b"retry-after", format_datetime(at, usegmt=True).encode()))
        return Answer(429, headers, b"Too Many Requests")

    async def _break_off(
        self, client: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, fault: WireFault
    ) -> bool:
        """The answer cut in its middle, in the way of the fault."""
        cut = answer.body[: len(answer.body) // 2]
        if fault.kind == "truncated_json":
            return await _send(client, writer, Answer(answer.status, answer.headers, cut))
        head = h11.Response(
            status_code=answer.status, headers=[*answer.headers, (b"content-length", str(len(answer.body)).encode())]
        )
        writer.write(client.send(head) or b"")
        writer.write(cut)
        await writer.drain()
        if fault.kind == "reset":
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    async def _refuse_connections(self) -> None:
        """For a while nobody gets through: what is open is closed, the backlog is full, the kernel drops the rest."""
        self._accepting.clear()
        for writer in list(self._open):
            with suppress(ConnectionError):
                writer.transport.abort()
        fillers = list(_fill_backlog(self._listener.getsockname()))
        await asyncio.sleep(CONNECT_SECONDS)
        for filler in fillers:
            filler.close()
        self._accepting.set()


def _fill_backlog(address: tuple[str, int]) -> Iterator[socket.socket]:
    """Connections of our own until one is left waiting."""
    for _ in range(_BACKLOG + 8):
        filler = socket.socket()
        filler.setblocking(False)
        with suppress(BlockingIOError):
            filler.connect(address)
        yield filler


class _Upstream:
    """One connection to the sandbox, opened when it is needed."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._state = h11.Connection(h11.CLIENT)

    async def ask(self, request: h11.Request, body: bytes) -> Answer:
        """Forward a request and read its whole answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
            connection = self._streams[1].get_extra_info("socket")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._state = h11.Connection(h11.CLIENT)
        reader, writer = self._streams
        headers = [(name, value) for name, value in request.headers if name not in _HOP_HEADERS]
        headers += [(b"accept-encoding", b"identity"), (b"content-length", str(len(body)).encode())]
        writer.write(
            self._state.send(h11.Request(method=request.method, target=request.target, headers=headers)) or b""
        )
        if body:
            writer.write(self._state.send(h11.Data(data=body)) or b"")
        writer.write(self._state.send(h11.EndOfMessage()) or b"")
        parts, response = [], None
        while True:
            event = self._state.next_event()
            if event is h11.NEED_DATA:
                self._state.receive_data(await reader.read(1 << 18))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionError("the sandbox closed the connection")
        if response is None:
            raise ConnectionError("the sandbox gave no answer")
        answer = Answer(
            response.status_code, [(n, v) for n, v in response.headers if n not in _HOP_HEADERS], b"".join(parts)
        )
        if h11.MUST_CLOSE in (self._state.our_state, self._state.their_state):
            self.close()
        else:
            self._state.start_next_cycle()
        return answer

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None


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
    headers = [*answer.headers, (b"content-length", str(len(answer.body)).encode())]
    head = client.send(h11.Response(status_code=answer.status, headers=headers)) or b""
    data = client.send(h11.Data(data=answer.body)) or b""
    writer.write(head + data + (client.send(h11.EndOfMessage()) or b""))
    await writer.drain()
    return True
