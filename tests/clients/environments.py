"""One virtual environment a client below ``.data/clients``: no client's libraries meet ours or one another's."""

import hashlib
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
INSTALL_TIMEOUT_SECONDS = 900


class NotInstalledError(Exception):
    """A client cannot be installed on this machine; the message is the installer's own last words."""


def python_of(name: str, environments: Path) -> Path:
    """The interpreter of the client's environment, made now unless its requirements are installed already.

    Raises NotInstalledError.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    directory = environments / name
    python, note = directory / "bin" / "python", directory / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if python.exists() and note.exists() and note.read_text() == wanted:
        return python
    _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(directory))
    _uv("pip", "install", "--quiet", "--python", str(python), "--requirements", str(requirements))
    note.write_text(wanted)
    return python


def version_in(python: Path, package: str) -> str:
    """The version that is really installed there."""
    question = f"import importlib.metadata as m; print(m.version({package!r}))"
    answer = subprocess.run([python, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout.strip()


def _uv(*arguments: str) -> None:
    command = [str(Path(sys.executable).parent / "uv"), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"uv ended with {done.returncode}"]
        raise NotInstalledError(" ".join(lines[-3:]))
