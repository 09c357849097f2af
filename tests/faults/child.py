"""Runs one attempt of a job in a forked process: imported once by the parent, killed as hard as a fault asks."""

import json
import os
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.faults import points as counted
from tests.faults.points import Points, Strike

Job = Callable[[], Any]
State = Literal["finished", "failed", "killed", "hung"]


@dataclass
class Attempt:
    """How one process ended. result: what the job returned; points: labels of the points passed, in order."""

    state: State
    result: Any = None
    error: str = ""
    points: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Child:
    """A running attempt."""

    pid: int
    answers: int
    journal: int
    started: float

    def wait(self, seconds: float) -> Attempt:
        """Its outcome; a process that takes longer than so many seconds is killed and counts as hung."""
        told, hung = {self.answers: b"", self.journal: b""}, False
        with selectors.DefaultSelector() as selector:
            for pipe in told:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                left = self.started + seconds - time.monotonic()
                if left <= 0 and not hung:
                    hung = True
                    os.kill(self.pid, signal.SIGKILL)
                for key, _ in selector.select(None if hung else left):
                    if part := os.read(key.fd, 65536):
                        told[key.fd] += part
                    else:
                        selector.unregister(key.fd)
        for pipe in told:
            os.close(pipe)
        os.waitpid(self.pid, 0)
        text, lines = told[self.answers], told[self.journal].decode().splitlines()
        attempt = Attempt("hung" if hung else "killed", seconds=time.monotonic() - self.started)
        attempt.points = [line for line in lines if not line.startswith("!")]
        attempt.struck = [line[1:] for line in lines if line.startswith("!")]
        if text and not hung:
            answer = json.loads(text)
            attempt.state, attempt.result, attempt.error = answer["state"], answer["result"], answer["error"]
        return attempt


def begin(job: Job, directory: Path, strikes: tuple[Strike, ...] = (), prepare: Job = lambda: None) -> Child:
    """Fork and run the job. ``prepare`` is run in the child before anything is counted."""
    # A pipe, not a file: a full disk must strike the product, not the book that is kept of it.
    journal, journal_end = os.pipe()
    answers, told = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.close(answers)
        os.close(journal)
        _run(job, directory, journal_end, told, strikes, prepare)
    os.close(told)
    os.close(journal_end)
    return Child(pid, answers, journal, time.monotonic())


def _run(job: Job, directory: Path, journal: int, told: int, strikes: tuple[Strike, ...], prepare: Job) -> None:
    answer: dict[str, Any] = {"state": "failed", "result": None, "error": ""}
    try:
        log = os.open(directory / "attempts.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        prepare()
        counted.install(Points(journal, strikes))
        answer |= {"result": job(), "state": "finished"}
    except BaseException:
        answer["error"] = traceback.format_exc()
    finally:
        try:
            data = json.dumps(answer, default=str).encode()
            while data:
                data = data[os.write(told, data) :]
        finally:
            os._exit(0)


def attempt(
    job: Job, directory: Path, strikes: tuple[Strike, ...] = (), *, prepare: Job = lambda: None, seconds: float = 60.0
) -> Attempt:
    """One attempt from fork to end."""
    return begin(job, directory, strikes, prepare).wait(seconds)


def kill_hard() -> None:
    """What kill -9 does, from inside."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
