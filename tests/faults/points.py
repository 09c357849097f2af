"""Numbers the points at which something becomes lasting, and lets a fault strike at one of them.

A point is a commit that carries writes, a statement under autocommit, a bulk load, a file rename, an upload, a write of
the ledger. Everything is patched from outside: the product knows nothing of it. HTTP requests are counted beside them.
"""

import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Literal

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

Side = Literal["before", "after"]
Action = Callable[[], None]

_READS = ("select", "show", "set ", "begin", "reset", "--", "with required", "explain")
_LEDGER = "ops.load_ledger"
_COMMENT = re.compile(r"^\s*/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Strike:
    """What happens at a point: ``at`` is its number (from 1), ``kind`` "point" or "request".

    label: strike at the at-th point whose label begins so, whatever its number.
    """

    at: int
    side: Side
    action: Action
    kind: Literal["point", "request"] = "point"
    label: str = ""


class Points:
    """Counts the points that this process passes, writes their labels down and strikes where it was told to.

    journal: file descriptor that outlives the process; one line a point, written before anything can strike.
    """

    def __init__(self, journal: int, strikes: tuple[Strike, ...] = ()) -> None:
        self._journal, self._strikes = journal, strikes
        self._lock = threading.RLock()
        self._counts: Counter[str] = Counter()
        self._inside = threading.local()

    def run(self, label: str, act: Callable[[], Any], kind: Literal["point", "request"] = "point") -> Any:
        """Do the act between the two sides of a new point. A point inside a point is no point of its own."""
        if getattr(self._inside, "busy", False):
            return act()
        with self._lock:
            self._counts[kind] += 1
            number = self._counts[kind]
            if kind == "point":
                os.write(self._journal, f"{label}\n".encode())
            labelled = [self._counted(strike, label, kind) for strike in self._strikes]
        self._inside.busy = True
        try:
            self._strike(number, labelled, "before", kind)
            result = act()
            self._strike(number, labelled, "after", kind)
        finally:
            self._inside.busy = False
        return result

    def _counted(self, strike: Strike, label: str, kind: str) -> bool:
        """Whether this point is the one that a strike by label waits for."""
        if not strike.label or strike.kind != kind or not label.startswith(strike.label):
            return False
        self._counts[strike.label] += 1
        return self._counts[strike.label] == strike.at

    def _strike(self, number: int, labelled: list[bool], side: Side, kind: str) -> None:
        for strike, by_label in zip(self._strikes, labelled, strict=True):
            if strike.side != side or strike.kind != kind:
                continue
            if by_label or (not strike.label and strike.at == number):
                os.write(self._journal, f"!{kind} {strike.at} {side}\n".encode())
                strike.action()


def install(points: Points) -> None:
    """Patch this process. There is no way back: it is a child that ends with its work."""
    _count_database(points)
    _count_bulk_loads(points)
    _count_renames(points)
    _count_uploads(points)
    _count_requests(points)


def _count_database(points: Points) -> None:
    class CountingCursor(Cursor):
        def _counted(self, query: Any, act: Callable[[], Any]) -> Any:
            text = query if isinstance(query, bytes | str) else query.as_string(self)
            text = text.decode(errors="replace") if isinstance(text, bytes) else text
            words = " ".join(_COMMENT.sub("", text[:1000]).split()).lower()
            if words.startswith("commit"):
                # dbt ends its transactions by statement.
                wrote, self.connection.wrote = self.connection.wrote, ""
                return points.run(f"commit after {wrote[:40]}", act) if wrote else act()
            if words.startswith(_READS):
                return act()
            if self.connection.autocommit:
                return points.run(f"autocommit {words[:60]}", act)
            self.connection.wrote = words[:60]
            if _LEDGER in words and not words.startswith("truncate"):
                return points.run("ledger write", act)
            return act()

        def execute(self, query: Any, vars: Any = None) -> Any:
            return self._counted(query, lambda: super(CountingCursor, self).execute(query, vars))

        def executemany(self, query: Any, vars_list: Any) -> Any:
            return self._counted(query, lambda: super(CountingCursor, self).executemany(query, vars_list))

        def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> Any:
            return self._counted(sql, lambda: super(CountingCursor, self).copy_expert(sql, file, size))

    class CountingConnection(Connection):
        wrote = ""
        cursor_factory = CountingCursor

        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            kwargs.setdefault("cursor_factory", CountingCursor)
            return super().cursor(*args, **kwargs)

        def commit(self) -> None:
            wrote, self.wrote = self.wrote, ""
            if not wrote:
                return super().commit()
            return points.run(f"commit after {wrote[:40]}", super().commit)

        def rollback(self) -> None:
            self.wrote = ""
            super().rollback()

    plain = psycopg2.connect

    @wraps(plain)
    def connect(*args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("connection_factory", CountingConnection)
        return plain(*args, **kwargs)

    psycopg2.connect = connect  # type: ignore[assignment]


def _count_bulk_loads(points: Points) -> None:
    from adbc_driver_manager import dbapi

    ingest, commit = dbapi.Cursor.adbc_ingest, dbapi.Connection.commit

    def adbc_ingest(self: Any, table_name: str, *args: Any, **kwargs: Any) -> Any:
        return points.run(f"bulk load {table_name}", lambda: ingest(self, table_name, *args, **kwargs))

    dbapi.Cursor.adbc_ingest = adbc_ingest
    dbapi.Connection.commit = lambda self: points.run("commit of a bulk load", lambda: commit(self))


def _count_renames(points: Points) -> None:
    for name in ("rename", "replace"):
        plain = getattr(os, name)

        def renamed(source: Any, target: Any, *args: Any, _plain: Any = plain, **kwargs: Any) -> Any:
            return points.run(
                f"rename to {Path(str(target)).name[:30]}", lambda: _plain(source, target, *args, **kwargs)
            )

        setattr(os, name, renamed)
    remove = shutil.rmtree

    def rmtree(path: Any, *args: Any, **kwargs: Any) -> Any:
        return points.run(f"removal of {Path(str(path)).name[:30]}", lambda: remove(path, *args, **kwargs))

    shutil.rmtree = rmtree  # type: ignore[assignment]


def _count_uploads(points: Points) -> None:
    from botocore.client import BaseClient

    plain = BaseClient._make_api_call

    def call(self: Any, operation: str, arguments: Any) -> Any:
        if operation.startswith(("Put", "Upload", "Complete", "Copy", "Delete")):
            return points.run(f"upload {operation}", lambda: plain(self, operation, arguments))
        return plain(self, operation, arguments)

    BaseClient._make_api_call = call


def _count_requests(points: Points) -> None:
    import httpx

    plain = httpx.Client.send

    def send(self: Any, request: Any, **kwargs: Any) -> Any:
        return points.run(f"{request.method} {request.url.path}", lambda: plain(self, request, **kwargs), "request")

    httpx.Client.send = send  # type: ignore[method-assign]
