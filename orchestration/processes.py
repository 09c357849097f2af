"""Dagster's own commands as child processes."""

import signal
import subprocess
import sys
from typing import IO

from foundation.settings import REPOSITORY


def _with_default_interrupt() -> None:
    # Dagster answers SIGTERM with the handler of SIGINT; a shell's background job inherits SIGINT ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start_dagster(arguments: list[str], log: IO[str]) -> "subprocess.Popen[bytes]":
    """Start `dagster ...` in the repository with this environment; its output goes to the log."""
    return subprocess.Popen(
        [sys.executable, "-m", "dagster", *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=_with_default_interrupt,
    )


def end_process(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Ask a process to stop, as Dagster wishes it; after so many seconds end it for good."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
