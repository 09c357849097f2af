"""One world with all platforms, and a warehouse into which each platform was read once."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.platforms import PLATFORMS
from sandbox.credentials import credential_environment
from sandbox.world.world import World, load_world
from tests.integration.ingestion.ad_world import AdWorld, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of, make_database

__all__ = ["make_database"]

# The clocks of New York went forward on 8 March 2026, those of Madrid and London on 29 March.
START = datetime(2026, 4, 2, 12, tzinfo=UTC)
DAYS = 28
# Seven have accounts that never delivered, eight such that were closed.
CLIENTS = 8


@pytest.fixture(scope="module", params=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> str:
    """Every platform in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def ad_world(platform: str) -> Iterator[AdWorld]:
    """A sandbox for one platform's tests, credentials in the environment; the clock stands unless a test moves it."""
    directory = Path(tempfile.mkdtemp(prefix="mdp-conformance-"))
    started = AdWorld.started(directory, clients=CLIENTS, days=DAYS, ads=5, start_at=START)
    with pytest.MonkeyPatch.context() as patch:
        for name, secret in credential_environment(load_world(directory / "state")).items():
            patch.setenv(name, secret)
        yield started
    started.stop()


@pytest.fixture(scope="module")
def world(ad_world: AdWorld) -> World:
    """What the sandbox serves, as it is."""
    return load_world(ad_world.directory / "state")


@pytest.fixture(scope="module")
def first_read(platform: str, ad_world: AdWorld, make_database: MakeDatabase) -> Ingestion:
    """The platform read once at the world's first instant. Not to be written to."""
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    ingestion.sync(platform, at=START)
    return ingestion


@pytest.fixture
def read_once(ad_world: AdWorld, first_read: Ingestion, make_database: MakeDatabase) -> Iterator[Ingestion]:
    """A copy of the first read that a test may change."""
    yield ingestion_of(ad_world, make_database(first_read.url))
    ad_world.clear_faults()


@pytest.fixture
def unread(ad_world: AdWorld, make_database: MakeDatabase) -> Iterator[Ingestion]:
    """A warehouse that knows the world's clients and has read nothing."""
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    yield ingestion
    ad_world.clear_faults()
