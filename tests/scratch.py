"""Where the database servers of tests live, in memory where the machine has the room; and copies of databases."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.database import connect, with_database

# A database is some 1,100 files, and making a file costs a disk of a virtual machine up to a millisecond.
_IN_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 8 * 2**30
# On the suite's server, the database as the newest migration leaves it.
MIGRATED = "migrated_template"


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


@contextmanager
def database_copy(admin_url: str, name: str, template: str) -> Iterator[str]:
    """URL of a new database of this name, a copy of the template on the same server; dropped at the end."""
    with connect(admin_url, autocommit=True) as connection, connection.cursor() as cursor:
        # Copied as files: through the log a copy costs its size in new log files, half a second each.
        cursor.execute(f"create database {name} template {template} strategy file_copy")
    yield with_database(admin_url, name)
    with connect(admin_url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
