"""The embedded server: starts once, survives a kill, never takes or disturbs another server, runs as nobody's root."""

import multiprocessing
import os
import pwd
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest

from foundation.database import connect
from foundation.embedded_postgres import EmbeddedPostgres

pytestmark = pytest.mark.integration

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that any user may enter."""
    directory = Path(tempfile.mkdtemp(prefix="mdp-embedded-", dir="/var/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(folder / "postgres")
    running.start()
    yield running
    running.stop()


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


def port_of(server: EmbeddedPostgres) -> int:
    return int((server.directory / "port").read_text())


def answers(server: EmbeddedPostgres, database: str = "warehouse") -> bool:
    with connect(server.url(database)) as connection, connection.cursor() as cursor:
        cursor.execute("select 1")
        return cursor.fetchone() == (1,)


def test_a_second_start_finds_the_server_running(server: EmbeddedPostgres) -> None:
    server.start()
    before = postmaster(server)
    assert server.start() is False
    assert EmbeddedPostgres(server.directory).start() is False
    assert postmaster(server) == before
    assert answers(server, "warehouse")
    assert answers(server, "dagster")


def test_the_password_is_needed_and_is_readable_by_its_owner_alone(server: EmbeddedPostgres) -> None:
    server.start()
    assert (server.directory / "password").stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(f"postgresql://mdp:wrong@127.0.0.1:{port_of(server)}/warehouse")


def test_committed_rows_survive_the_kill_of_the_postmaster(server: EmbeddedPostgres) -> None:
    server.start()
    with connect(server.url()) as connection, connection.cursor() as cursor:
        cursor.execute("create table if not exists kept (x int)")
        cursor.execute("insert into kept values (7)")
        connection.commit()
    os.kill(postmaster(server), signal.SIGKILL)
    assert server.start() is True
    with connect(server.url()) as connection, connection.cursor() as cursor:
        cursor.execute("select max(x) from kept")
        assert cursor.fetchone() == (7,)


def test_a_stop_after_a_kill_is_a_stop(server: EmbeddedPostgres) -> None:
    server.start()
    pid = postmaster(server)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    server.stop()
    assert not server.is_running()
    server.stop()
    assert server.start() is True


def test_another_server_on_its_port_is_neither_used_nor_disturbed(
    server: EmbeddedPostgres, postgres: EmbeddedPostgres
) -> None:
    server.stop()
    (server.directory / "port").write_text(str(port_of(postgres)), encoding="utf-8")
    assert not server.is_running()
    assert server.start() is True
    assert port_of(server) != port_of(postgres)
    assert answers(server)
    assert postgres.is_running()


def test_a_program_that_is_no_database_on_its_port_makes_it_take_another(server: EmbeddedPostgres) -> None:
    server.stop()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        (server.directory / "port").write_text(str(taken), encoding="utf-8")
        with ThreadPoolExecutor(1) as pool:
            # It hangs up on whoever calls.
            pool.submit(lambda: stranger.accept()[0].close())
            assert server.start() is True
    assert port_of(server) != taken
    assert answers(server)


def _start(directory: Path) -> bool:
    return EmbeddedPostgres(directory).start()


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    directory = folder / "raced"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        started = pool.map(_start, [directory] * 2, chunksize=1)
    shared = EmbeddedPostgres(directory)
    try:
        assert sorted(started) == [False, True]
        assert answers(shared)
    finally:
        shared.stop()


@as_root
def test_under_root_the_server_runs_as_somebody_without_rights(server: EmbeddedPostgres) -> None:
    server.start()
    assert psutil.Process(postmaster(server)).uids().real == pwd.getpwnam("nobody").pw_uid
    assert server.cluster.stat().st_uid == pwd.getpwnam("nobody").pw_uid


@as_root
def test_under_root_a_closed_folder_keeps_its_cluster_elsewhere_and_finds_it_again(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres")
    try:
        assert server.start() is True
        assert not server.cluster.is_relative_to(folder)
        assert answers(server)
        assert EmbeddedPostgres(closed / "postgres").start() is False
    finally:
        server.stop()
        shutil.rmtree(server.cluster.parent, ignore_errors=True)


def _start_as_nobody(directory: Path, told: "multiprocessing.Queue[object]") -> None:
    """Become an ordinary user, start a server, say whose it is."""
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    server = EmbeddedPostgres(directory)
    try:
        started = server.start(), server.start(), answers(server)
        told.put((*started, psutil.Process(postmaster(server)).uids().real, server.cluster.is_relative_to(directory)))
    except Exception as error:
        told.put(repr(error))
    finally:
        server.stop()


@as_root
def test_an_ordinary_user_runs_the_server_as_himself(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    home = folder / "ordinary"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    context = multiprocessing.get_context("fork")
    told: multiprocessing.Queue[object] = context.Queue()
    child = context.Process(target=_start_as_nobody, args=(home / "postgres", told))
    child.start()
    answer = told.get(timeout=60)
    child.join(60)
    assert answer == (True, False, True, nobody.pw_uid, True)
