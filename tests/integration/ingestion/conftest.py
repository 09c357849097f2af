"""A world a module, a warehouse a test: fresh, or cloned from one into which the first day was synced."""

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from foundation.database import connect, with_database
from foundation.embedded_postgres import EmbeddedPostgres
from sandbox.credentials import credential_environment
from sandbox.world.world import load_world
from tests.integration.ingestion.ad_world import AdWorld, Ingestion, settings_at
from tests.scratch import MIGRATED

_serial = count(1)

MakeDatabase = Callable[[str | None], str]


@pytest.fixture(scope="module")
def make_database(postgres: EmbeddedPostgres) -> Iterator[MakeDatabase]:
    """Makes migrated databases, or copies of a database of this module; all go at the module's end."""
    admin, made = postgres.url("postgres"), list[str]()

    def make(template_url: str | None = None) -> str:
        name = f"ingested_{next(_serial)}"
        template = template_url.rpartition("/")[2] if template_url else MIGRATED
        with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (template,))
            cursor.execute(f"create database {name} template {template} strategy file_copy")
        made.append(name)
        return with_database(admin, name)

    yield make
    with connect(admin, autocommit=True) as connection, connection.cursor() as cursor:
        for name in made:
            cursor.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def ad_world() -> Iterator[AdWorld]:
    """A running sandbox whose credentials are in the environment."""
    directory = Path(tempfile.mkdtemp(prefix="mdp-ad-world-"))
    world = AdWorld.started(directory)
    with pytest.MonkeyPatch.context() as patch:
        for name, secret in credential_environment(load_world(directory / "state")).items():
            patch.setenv(name, secret)
        yield world
    world.stop()


def ingestion_of(world: AdWorld, url: str, **changes: Path) -> Ingestion:
    """Ingestion of a world into a warehouse; ``clients_dir`` may be another one."""
    settings = settings_at(
        world.handle.url,
        data_dir=world.directory / "data",
        clients_dir=changes.get("clients_dir", world.directory / "clients"),
        warehouse_url=url,
    )
    return Ingestion(url, world, settings)


@pytest.fixture
def fresh(ad_world: AdWorld, make_database: MakeDatabase) -> Iterator[Ingestion]:
    """An empty warehouse that knows the world's clients. Faults set by the test are gone after it."""
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    yield ingestion
    ad_world.clear_faults()


@pytest.fixture(scope="module")
def first_sync(ad_world: AdWorld, make_database: MakeDatabase) -> Ingestion:
    """Both platforms synced once, at the instant at which the module's world started. Not to be written to."""
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    for platform in ("meta_ads", "google_ads"):
        ingestion.sync(platform)
    return ingestion


@pytest.fixture
def synced(ad_world: AdWorld, first_sync: Ingestion, make_database: MakeDatabase) -> Iterator[Ingestion]:
    """A copy of the first sync that a test may change."""
    yield ingestion_of(ad_world, make_database(first_sync.url))
    ad_world.clear_faults()
