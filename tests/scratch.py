"""Where the database servers of tests live: in memory where the machine has the room, else on disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A database is some 1,100 files, and making a file costs a disk of a virtual machine up to a millisecond.
_IN_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 8 * 2**30


@contextmanager
def server_directory(prefix: str) -> Iterator[Path]:
    """A new directory for servers that nobody needs to outlive, removed at the end.

    Every user can enter it: when tests run as root the server runs as another user.
    """
    in_memory = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free >= _ROOM_BYTES
    directory = Path(tempfile.mkdtemp(prefix=f"mdp-{prefix}-", dir=_IN_MEMORY if in_memory else "/var/tmp"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
