"""Starts the sandbox as a child process and waits until it serves."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 10.0
_POLL_SECONDS = 0.05


class SandboxDidNotStartError(RuntimeError):
    """The child ended or did not serve in time; the message holds the end of its log."""


@dataclass
class SandboxHandle:
    """A running sandbox."""

    url: str
    pid: int
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the child; harmless when it is gone already."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start(
    state_dir: Path,
    clock_file: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int | None = None,
    clients: int | None = None,
    ads: int | None = None,
    days: int | None = None,
    start_at: str | None = None,
    recorded: Path | None = None,
    lenient: bool = False,
) -> SandboxHandle:
    """Launch ``python -m sandbox`` and return once it accepts connections. Options left None take their defaults.

    A state directory that has been used before keeps its world. Raises SandboxDidNotStartError.
    """
    # The child runs in another working directory.
    state_dir, clock_file = state_dir.resolve(), clock_file.resolve()
    recorded = recorded.resolve() if recorded else None
    state_dir.mkdir(parents=True, exist_ok=True)
    options = {"seed": seed, "clients": clients, "ads": ads, "days": days, "start": start_at, "recorded": recorded}
    command = [
        sys.executable, "-m", "sandbox", "--state-dir", str(state_dir), "--clock-file", str(clock_file),
        "--host", host, "--port", str(port),
    ]  # fmt: skip
    for name, value in options.items():
        if value is not None:
            command += [f"--{name}", str(value)]
    if lenient:
        command.append("--lenient")
    ready = state_dir / "sandbox.json"
    ready.unlink(missing_ok=True)
    log_path = state_dir / "sandbox.log"
    with log_path.open("ab") as log:
        # Run from the folder that holds this package, so that -m finds it from any working directory.
        root = Path(__file__).resolve().parents[1]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=root)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready.exists():
            note = json.loads(ready.read_text(encoding="utf-8"))
            if note["pid"] == process.pid:
                return SandboxHandle(note["url"], process.pid, process)
        time.sleep(_POLL_SECONDS)
    process.kill()
    process.wait()
    end = log_path.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise SandboxDidNotStartError(f"the sandbox in {state_dir} did not start: {end}")
