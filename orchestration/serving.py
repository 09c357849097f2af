"""Serves the Dagster UI with its daemon, as one child process tree that ends with its parent's wish."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from foundation.settings import REPOSITORY

START_SECONDS = 120.0
STOP_SECONDS = 30.0


def _with_default_interrupt() -> None:
    # Dagster answers SIGTERM with the handler of SIGINT; a shell's background job inherits SIGINT ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/server_info", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _stop_tree(process: "subprocess.Popen[bytes]") -> None:
    """Ask the tree to stop, then end by id what is left of it."""
    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(tree, timeout=5)
    for child in alive:
        child.kill()


@contextmanager
def dagster_ui(port: int, log_path: Path) -> Iterator[str]:
    """Run webserver, daemon and code server on a loopback port; yields the UI's address once it answers."""
    url = f"http://127.0.0.1:{port}"
    with log_path.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "dagster",
                "dev",
                "-w",
                str(REPOSITORY / "workspace.yaml"),
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
            ],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_with_default_interrupt,
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    tail = log_path.read_text(encoding="utf-8", errors="replace")[-2000:]
                    raise RuntimeError(f"the Dagster UI does not answer on {url}; the end of {log_path}:\n{tail}")
                time.sleep(0.5)
            yield url
        finally:
            _stop_tree(process)
