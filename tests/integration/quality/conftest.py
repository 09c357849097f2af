"""The hand-written build that the quality tests break on purpose."""

from collections.abc import Iterator

import pytest
from build_world import BuildWorld

from foundation.database import Connection, connect


@pytest.fixture
def connection(warehouse_url: str) -> Iterator[Connection]:
    with connect(warehouse_url) as opened:
        yield opened


@pytest.fixture
def world(connection: Connection) -> BuildWorld:
    return BuildWorld(connection)
