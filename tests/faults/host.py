"""Faults of the machine and the database, each done for real to the process or the server that it concerns."""

import os
import resource
import shutil
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import psycopg2

from foundation.database import connect
from tests.faults.child import kill_hard
from tests.faults.cluster import Cluster
from tests.faults.points import Action, Strike
from tests.faults.script import Fault

# Two hours beside the day, so that no later reading falls on the very instant that was written.
CLOCK_JUMP = timedelta(hours=26)
LOCK_SECONDS = 1.0
# A file may grow no further: every write beyond fails, as on a full disk (EFBIG in place of ENOSPC).
WORK_FILE_BYTES = 1500
_GRACE_SECONDS = 0.3


def strike(fault: Fault, cluster: Cluster, url: str, work_dir: Path) -> Strike | None:
    """What the fault does at its point or request, inside the process; None for faults that strike elsewhere."""
    actions: dict[str, Action] = {
        "kill_at_request": kill_hard,
        "kill_at_point": kill_hard,
        "terminate": _terminate,
        "work_dir_wiped": lambda: shutil.rmtree(work_dir, ignore_errors=True),
        "database_restart": cluster.restart_at_once,
        "sessions_ended": lambda: cluster.end_sessions(url),
        "database_full": lambda: _limit_backends(cluster, url),
        "database_read_only": lambda: set_read_only(url, read_only=True),
    }
    if fault.kind not in actions:
        return None
    at_request = fault.kind in ("kill_at_request", "terminate")
    return Strike(
        fault.at, "after" if fault.side == "after" else "before", actions[fault.kind],
        "request" if at_request else "point",
    )  # fmt: skip


def _terminate() -> None:
    """What a deployment does: SIGTERM, and SIGKILL to what is still there a moment later."""
    threading.Timer(_GRACE_SECONDS, kill_hard).start()
    os.kill(os.getpid(), signal.SIGTERM)


def raise_on_termination() -> None:
    """Answer SIGTERM as Dagster's processes do: with an exception in the main thread."""

    def interrupted(number: int, frame: object) -> None:
        raise KeyboardInterrupt("terminated")

    signal.signal(signal.SIGTERM, interrupted)


def fill_work_dir() -> None:
    """From now on no file of this process grows beyond a few hundred bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (WORK_FILE_BYTES, resource.RLIM_INFINITY))


def _limit_backends(cluster: Cluster, url: str) -> None:
    for pid in cluster.backends(url):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def set_read_only(url: str, *, read_only: bool) -> None:
    """Sessions opened from now on may only read, or may write again."""
    name = url.rpartition("/")[2]
    setting = "set default_transaction_read_only = on" if read_only else "reset default_transaction_read_only"
    with connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = off")
        cursor.execute(f"alter database {name} {setting}")


def hold_lock(url: str, table: str) -> int:
    """Fork a process that locks a table against everybody for a while; returns its pid."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            connection = psycopg2.connect(url)
            with connection.cursor() as cursor:
                cursor.execute(f"lock table {table} in access exclusive mode")
                os.write(told, b".")
                time.sleep(LOCK_SECONDS)
        finally:
            os._exit(0)
    os.close(told)
    os.read(ready, 1)
    os.close(ready)
    return pid
