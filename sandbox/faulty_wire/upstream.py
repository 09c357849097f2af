"""One connection to the sandbox, opened when it is needed and again when the sandbox has closed it."""

import asyncio
import socket

import h11

from sandbox.faulty_wire.messages import Answer

# What concerns one connection only; bodies come uncompressed, so that they can be changed.
_OF_THE_CONNECTION = frozenset({
    b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"accept-encoding",
})  # fmt: skip
_READ_BYTES = 1 << 18


class Upstream:
    """Forwards one request after the other."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._state = h11.Connection(h11.CLIENT)

    async def ask(self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        """The whole answer. Raises ConnectionError where the sandbox is gone."""
        kept = [(name, value) for name, value in headers if name not in _OF_THE_CONNECTION]
        own = [(b"accept-encoding", b"identity"), (b"content-length", b"%d" % len(body))]
        request = h11.Request(method=method, target=target, headers=[*own, *kept])
        if self._streams is not None:
            try:
                return await self._exchange(*self._streams, request, body)
            except (ConnectionError, h11.RemoteProtocolError):
                # The sandbox closes connections on which nothing was said for some seconds.
                self.close()
        self._streams = await self._connected()
        try:
            return await self._exchange(*self._streams, request, body)
        except h11.RemoteProtocolError as error:
            raise ConnectionError("the sandbox closed the connection") from error

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self._address, limit=_READ_BYTES)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._state = h11.Connection(h11.CLIENT)
        return reader, writer

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: h11.Request, body: bytes
    ) -> Answer:
        state = self._state
        data = state.send(request) or b""
        if body:
            data += state.send(h11.Data(data=body)) or b""
        writer.write(data + (state.send(h11.EndOfMessage()) or b""))
        response, parts = None, []
        while True:
            event = state.next_event()
            if event is h11.NEED_DATA:
                state.receive_data(await reader.read(_READ_BYTES))
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
        if h11.MUST_CLOSE in (state.our_state, state.their_state):
            self.close()
        else:
            state.start_next_cycle()
        kept = [(name, value) for name, value in response.headers if name not in _OF_THE_CONNECTION]
        return Answer(response.status_code, kept, b"".join(parts))
