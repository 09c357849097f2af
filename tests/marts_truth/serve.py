"""Serves the joined worlds of a cast: python -m tests.marts_truth.serve DIRECTORY; it ends with its parent."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox.app import build_app
from sandbox.clock import WorldClock
from sandbox.files import write_atomically
from tests.marts_truth.worlds import Cast, JoinedWorlds


async def _serve(directory: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    app = build_app(JoinedWorlds(Cast.load(directory / "cast.json")), WorldClock(directory / "clock"), directory)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    write_atomically(directory / "url", f"http://127.0.0.1:{listener.getsockname()[1]}")
    parent = os.getppid()
    while os.getppid() == parent and not serving.done():
        await asyncio.sleep(0.5)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
