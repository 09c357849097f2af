"""``python -m sandbox``: serve a world until told to stop."""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from sandbox.app import build_app
from sandbox.clock import WorldClock, default_start, parse_instant
from sandbox.files import write_atomically
from sandbox.recorded import RecordedSource
from sandbox.world.world import (
    DEFAULT_ADS,
    DEFAULT_CLIENTS,
    DEFAULT_DAYS,
    DEFAULT_SEED,
    Source,
    World,
    WorldParameters,
    parameters_file,
)


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--state-dir", type=Path, required=True, help="what survives a restart; sandbox.json when ready"
    )
    parser.add_argument("--clock-file", type=Path, required=True, help="text file with one ISO-8601 UTC instant")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 = a free one")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--clients", type=int, default=DEFAULT_CLIENTS)
    parser.add_argument("--ads", type=int, default=DEFAULT_ADS, help="ads an account, about, over its whole life")
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="days of history before the start")
    parser.add_argument("--start", default=None, help="ISO instant at which the history ends; default: the clock's")
    parser.add_argument("--lenient", action="store_true", help="serve what only old third-party clients still send")
    parser.add_argument("--recorded", type=Path, default=None, help="serve recorded data from this folder instead")
    return parser.parse_args(arguments)


def _load_world(options: argparse.Namespace, clock: WorldClock) -> World:
    """The world of the state directory, made from the options the first time."""
    path = parameters_file(options.state_dir)
    if path.exists():
        parameters = WorldParameters.load(path)
    else:
        start = parse_instant(options.start) if options.start else default_start(datetime.now(UTC))
        if not options.start and clock.path.exists():
            start = clock.now()
        parameters = WorldParameters(start.isoformat(), options.seed, options.clients, options.ads, options.days)
        parameters.save(path)
    clock.ensure(parse_instant(parameters.start))
    return World(parameters)


def _load_source(options: argparse.Namespace, clock: WorldClock) -> Source:
    """The recording if one is named, else the seeded world; either sets up a clock that is not there yet."""
    if options.recorded is None:
        return _load_world(options, clock)
    recording = RecordedSource(options.recorded, options.seed)
    clock.ensure(recording.clock_start)
    return recording


async def _serve(source: Source, clock: WorldClock, options: argparse.Namespace) -> None:
    listener = socket.create_server((options.host, options.port), backlog=256)
    # asyncio sets this only on sockets whose protocol number is given; without it each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        build_app(source, clock, options.state_dir, lenient=options.lenient), log_level="warning", access_log=False,
        timeout_graceful_shutdown=2, timeout_keep_alive=75,
    )  # fmt: skip
    server = uvicorn.Server(config)
    # Shells start background jobs with SIGINT ignored; install handlers by ourselves, whatever was inherited.
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    if server.started:
        note = {"url": f"http://{host}:{port}", "pid": os.getpid(), "seed": source.seed, "clock_file": str(clock.path)}
        write_atomically(options.state_dir / "sandbox.json", json.dumps(note) + "\n")
    await task


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    options = _arguments(sys.argv[1:] if arguments is None else arguments)
    options.state_dir.mkdir(parents=True, exist_ok=True)
    (options.state_dir / "sandbox.json").unlink(missing_ok=True)
    clock = WorldClock(options.clock_file)
    asyncio.run(_serve(_load_source(options, clock), clock, options))
    (options.state_dir / "sandbox.json").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
