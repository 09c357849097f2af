"""Serves the Dagster UI with its daemon, as one child process tree that ends with its parent's wish."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from foundation.settings import REPOSITORY
from orchestration.processes import end_process, start_dagster

START_SECONDS = 120.0
STOP_SECONDS = 30.0


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
    end_process(process, STOP_SECONDS)
    _, alive = psutil.wait_procs(tree, timeout=5)
    for child in alive:
        child.kill()


@contextmanager
def dagster_ui(port: int, log_path: Path) -> Iterator[str]:
    """Run webserver, daemon and code server on a loopback port; yields the UI's address once it answers."""
    url = f"http://127.0.0.1:{port}"
    with log_path.open("w", encoding="utf-8") as log:
        process = start_dagster(
            ["dev", "-w", str(REPOSITORY / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)], log
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
