"""An HTTP server that answers from a script: wire bodies written by hand for what the sandbox cannot produce."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; ``query`` is the address' part after the question mark, undecoded."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    query: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer. ``announced`` is a Content-Length that may be longer than the body."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Script = Callable[[Asked], Answer]


@dataclass
class ScriptedPlatform:
    """A running server; ``script`` may be set at any time, ``asked`` holds what arrived."""

    url: str
    script: Script = lambda asked: Answer({"error": "no script"}, 599)
    asked: list[Asked] = field(default_factory=list)

    def answers(self, *answers: Answer) -> None:
        """Give these answers one after the other, the last one for ever."""
        waiting = list(answers)
        self.script = lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def scripted_platform() -> Iterator[ScriptedPlatform]:
    """A server on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parameters = dict(parse_qsl(parts.query))
            if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
                parameters |= dict(parse_qsl(body.decode()))
            asked = Asked(self.command, parts.path, parameters, dict(self.headers.items()), body, parts.query)
            platform.asked.append(asked)
            answer = platform.script(asked)
            content = answer.content()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.announced or len(content)))
            self.end_headers()
            self.wfile.write(content)
            if answer.announced:
                self.close_connection = True

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    platform = ScriptedPlatform(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
