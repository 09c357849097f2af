"""Connections to the warehouse and the locks that exclude two writers from one unit of work."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

__all__ = [
    "Connection",
    "Cursor",
    "connect",
    "lock_key",
    "session_lock",
    "transaction",
    "with_database",
    "without_password",
]


@contextmanager
def connect(url: str, *, application: str = "mdp", autocommit: bool = False) -> Iterator[Connection]:
    """A connection that is closed at the end; uncommitted work is rolled back. Sessions run in UTC."""
    connection = psycopg2.connect(url, application_name=application, options="-c timezone=UTC -c statement_timeout=0")
    connection.autocommit = autocommit
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction(connection: Connection) -> Iterator[Cursor]:
    """One transaction: committed at the end of the block, rolled back on any exception."""
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    except BaseException:
        # Also when interrupted: an open transaction must not reach the next user of the connection.
        connection.rollback()
        raise


def lock_key(*parts: str) -> int:
    """A signed 64-bit advisory lock key for a named thing, equal in every process."""
    digest = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@contextmanager
def session_lock(url: str, *parts: str, wait: bool = True) -> Iterator[bool]:
    """Hold an advisory lock on a connection of its own; the server frees it when the process dies.

    Yields whether the lock was obtained (always True with ``wait``).
    """
    with connect(url, application=f"mdp lock {' '.join(parts)}"[:63], autocommit=True) as connection:
        with connection.cursor() as cursor:
            if wait:
                cursor.execute("select pg_advisory_lock(%s)", (lock_key(*parts),))
                yield True
                return
            cursor.execute("select pg_try_advisory_lock(%s)", (lock_key(*parts),))
            row = cursor.fetchone()
            yield bool(row and row[0])


def with_database(url: str, database: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, parts.fragment))


def without_password(url: str) -> str:
    """The URL as it may be shown on a screen or in a log."""
    parts = urlsplit(url)
    # libpq takes the password as a parameter too.
    query = re.sub(r"(?<![^&])((?:ssl)?password=)[^&]*", r"\1***", parts.query)
    netloc = parts.netloc
    if parts.password is not None:
        netloc = f"{parts.username}:***@{netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))
