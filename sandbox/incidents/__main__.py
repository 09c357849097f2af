"""``python -m sandbox.incidents UPSTREAM DIRECTORY``: the wire, until its parent ends it or is gone."""

import asyncio
import os
import sys
from pathlib import Path

from sandbox.incidents.wire import serve


async def _with_parent() -> None:
    parent = os.getppid()
    serving = asyncio.create_task(serve(sys.argv[1], Path(sys.argv[2])))
    while os.getppid() == parent and not serving.done():
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    asyncio.run(_with_parent())
