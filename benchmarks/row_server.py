"""What the stand-ins for platforms share: a server of rendered bytes in a process of its own.

Run as `python -m benchmarks.row_server --platform meta_ads --accounts 4 --ads 455 --days 110 --directory DIR`; it
prints its URL when it serves. No throttling, no errors, no restatement: for those there is the sandbox.
"""

import argparse
import sys
import threading
import time
from abc import abstractmethod
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from benchmarks.rows import Files, RowPlan, render

# Platform -> module with ANSWERS (class of answers) and WORDING.
STAND_INS = {
    "meta_ads": "benchmarks.meta_server",
    "tiktok_ads": "benchmarks.tiktok_server",
    "google_ads": "benchmarks.google_server",
}


class Answers:
    """What a stand-in answers, in the words of its platform."""

    def __init__(self, plan: RowPlan, files: Files) -> None:
        self.plan = plan
        self.files = files
        self.url = ""

    @abstractmethod
    def answer(self, path: str, parameters: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and JSON body of one request."""


class RowServer(ThreadingHTTPServer):
    """Serves the answers on a free loopback port. delay: seconds that each answer waits, as a network would."""

    daemon_threads = True
    # Whoever opens many connections at once must not wait for a second attempt.
    request_queue_size = 128

    def __init__(self, answers: Answers, delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.answers.url = self.url
        self.delay = delay

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: RowServer
    protocol_version = "HTTP/1.1"
    # One write an answer; without buffering, headers and body would wait for each other's acknowledgement.
    wbufsize = 1 << 20
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        address = urlsplit(self.path)
        status, answer = self.server.answers.answer(address.path, dict(parse_qsl(address.query)), body)
        if self.server.delay:
            time.sleep(self.server.delay)
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a log line a request would cost the readers time."""


def server_of(platform: str, plan: RowPlan, directory: Path, delay: float = 0.0) -> RowServer:
    """The stand-in for a platform, its rows rendered below ``directory``."""
    module = import_module(STAND_INS[platform])
    answers: Answers = module.ANSWERS(plan, render(plan, directory, module.WORDING))
    return RowServer(answers, delay)


def main() -> None:
    """Render, tell the URL on standard output, serve until standard input ends or the process is terminated."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--platform", choices=STAND_INS, required=True)
    for name in ("accounts", "ads", "days"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--version", type=int, default=0, help="of the figures")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    plan = RowPlan(options.accounts, options.ads, options.days, options.version)
    server = server_of(options.platform, plan, options.directory, options.delay)
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    # Standard input is the starter's pipe: it ends with the starter, however that one ends.
    threading.Thread(target=_stop_with_starter, args=(server,), daemon=True).start()
    server.serve_forever()


def _stop_with_starter(server: RowServer) -> None:
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
