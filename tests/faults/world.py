"""The oracle: a seeded world served by a forked sandbox behind the faulty wire, and its truth without asking it."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from foundation.settings import Settings
from sandbox.app import build_app
from sandbox.client_files import write_client_files
from sandbox.clock import WorldClock
from sandbox.credentials import credential_environment
from sandbox.faulty_wire import WireHandle, start_wire
from sandbox.faulty_wire.handle import end_with
from sandbox.truth import truth_rows
from sandbox.world.model import Account, Client
from sandbox.world.world import World, WorldParameters
from tests.integration.ingestion.ad_world import settings_at
from tests.truth.raw_figures import TABLES, Figures, ObjectDay, true_figures

DAYS, ADS, CLIENTS = 8, 3, 3
MOST_ACCOUNTS = 2
# So many of the ad-days vanish within three rounds that a pipeline which keeps them is caught.
WITHDRAWN = 0.08


class FaultWorld:
    """A world whose clock moves only when told. ``wire``: through which the product reads it."""

    def __init__(self, directory: Path, world: World, wire: WireHandle) -> None:
        self.directory, self.world, self.wire = directory, world, wire
        self.clock = WorldClock(directory / "clock")
        self._truths: dict[tuple[str, datetime], dict[str, dict[ObjectDay, Figures]]] = {}

    @classmethod
    @contextmanager
    def served(cls, directory: Path, seed: int, start: datetime, platform: str) -> Iterator["FaultWorld"]:
        """Serve the world of the seed, whose history ends at ``start``; client files name the platform's accounts."""
        shutil.rmtree(directory, ignore_errors=True)
        (directory / "state").mkdir(parents=True)
        world = World(WorldParameters(start.isoformat(), seed, CLIENTS, ADS, DAYS, WITHDRAWN))
        clock = WorldClock(directory / "clock")
        clock.ensure(start)
        _write_client_files(world, platform, directory / "clients")
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        driver, pid = os.getpid(), os.fork()
        if pid == 0:
            _serve(driver, world, clock, directory / "state", listener)
        listener.close()
        wire = start_wire(url)
        os.environ.update(credential_environment(world))
        try:
            yield cls(directory, world, wire)
        finally:
            wire.stop()
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def settings(self, warehouse_url: str) -> Settings:
        """The product's settings, pointed at the wire."""
        return settings_at(
            self.wire.url,
            data_dir=self.directory / "data",
            clients_dir=self.directory / "clients",
            warehouse_url=warehouse_url,
        )

    def accounts(self, platform: str) -> list[Account]:
        """The platform's accounts that the client files name."""
        return [account for client in _clients_on(self.world, platform) for account in client.accounts]

    def truths(self, platform: str, as_of: datetime) -> dict[str, dict[ObjectDay, Figures]]:
        """Level -> object-day -> figures at the instant, up to its day; computed here, not served."""
        if (platform, as_of) not in self._truths:
            accounts = {account.account_id for account in self.accounts(platform)}
            until = as_of.date() + timedelta(days=1)
            self._truths[platform, as_of] = {
                level: {
                    key: figures
                    for key, figures in true_figures(
                        truth_rows(self.world, level, as_of, date.min, until),
                        platform,
                        level,  # type: ignore[arg-type]
                    ).items()
                    if key[0] in accounts
                }
                for level in TABLES[platform]
            }
        return self._truths[platform, as_of]


def _clients_on(world: World, platform: str) -> list[Client]:
    """The clients with their accounts on the platform, at most so many accounts in all."""
    clients, left = [], MOST_ACCOUNTS
    for client in world.clients:
        accounts = tuple(account for account in client.accounts if account.platform == platform)[:left]
        if accounts:
            clients.append(replace(client, accounts=accounts))
            left -= len(accounts)
    return clients


def _write_client_files(world: World, platform: str, directory: Path) -> None:
    @dataclass(frozen=True)
    class Part:
        clients: tuple[Client, ...]

    directory.mkdir()
    write_client_files(Part(tuple(_clients_on(world, platform))), directory)  # type: ignore[arg-type]


def _serve(driver: int, world: World, clock: WorldClock, state: Path, listener: socket.socket) -> None:
    """The sandbox's process; it ends when it is killed, or with its driver."""
    import uvicorn

    end_with(driver)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    log = os.open(state / "sandbox.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        config = uvicorn.Config(build_app(world, clock, state), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        os._exit(0)
