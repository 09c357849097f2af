"""A Slack that answers over real HTTP as scripted, for faults that the sandbox does not play."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One scripted answer. ``drop``: the message is accepted and the connection closed without a word."""

    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


def ok_false(code: str) -> Answer:
    return Answer(body=json.dumps({"ok": False, "error": code}))


class ScriptedSlack:
    """Keeps every request; answers from the script first and with success after it."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.requests: list[dict[str, Any]] = []
        self.accepted: list[dict[str, Any]] = []
        self.url = ""

    def texts(self) -> list[str]:
        return [message["text"] for message in self.accepted]

    def answer(self, body: dict[str, Any]) -> Answer:
        self.requests.append(body)
        scripted = self.script.pop(0) if self.script else Answer()
        if scripted.drop or (scripted.status == 200 and scripted.body is None):
            self.accepted.append(body)
        if scripted.body is None and scripted.status == 200:
            ts = f"1700000000.{len(self.accepted):06d}"
            scripted.body = json.dumps({"ok": True, "channel": body["channel"], "ts": ts, "message": {}})
        return scripted


@contextmanager
def scripted_slack() -> Iterator[ScriptedSlack]:
    slack = ScriptedSlack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = slack.answer({**body, "token": self.headers["Authorization"], "path": self.path})
            if answer.drop:
                self.connection.close()
                return
            content = (answer.body or "").encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack.url = f"http://127.0.0.1:{server.server_port}/api/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield slack
    finally:
        server.shutdown()
        server.server_close()
