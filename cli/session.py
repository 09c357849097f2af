"""Opens the platform for one command: settings, the embedded server if needed, migrations, environment of children."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from foundation.clock import Clock, clock_from, show_clock_to_database
from foundation.database import connect, with_database
from foundation.embedded_postgres import DAGSTER_DATABASE, EmbeddedPostgres
from foundation.migrations import migrate
from foundation.settings import REPOSITORY, Settings, environment_of, load_settings


@dataclass(frozen=True)
class PlatformSession:
    """A warehouse that runs and is migrated, with the settings and the clock that belong to it."""

    settings: Settings
    warehouse_url: str
    clock: Clock


def embedded_server(settings: Settings) -> EmbeddedPostgres:
    """The embedded server of this installation, running or not."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


def dagster_environment(settings: Settings, warehouse_url: str) -> dict[str, str]:
    """What dagster.yaml reads, beside the platform's own settings."""
    dagster_dir = settings.data_dir / "dagster"
    dagster_dir.mkdir(parents=True, exist_ok=True)
    storage_url = settings.dagster_url or with_database(warehouse_url, DAGSTER_DATABASE)
    # Dagster writes one event a partition; a server crash may cost its last half second, which recovery ends as failed.
    separator = "&" if "?" in storage_url else "?"
    return {
        "MDP_WAREHOUSE_URL": warehouse_url,
        "MDP_DAGSTER_POSTGRES_URL": f"{storage_url}{separator}options=-csynchronous_commit%3Doff",
        "MDP_DAGSTER_DIR": str(dagster_dir),
        "DAGSTER_HOME": str(REPOSITORY),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        # One materialization a partition is thousands of events on a first load: written in batches, not one by one.
        "DAGSTER_EVENT_BATCH_SIZE": "1000",
    }


@contextmanager
def open_platform(*, keep_running: bool = False) -> Iterator[PlatformSession]:
    """Start what is not running, migrate, and stop again what this command started (unless ``keep_running``).

    Raises psycopg2.OperationalError where the warehouse does not answer.
    """
    settings = load_settings()
    server: EmbeddedPostgres | None = None
    warehouse_url = settings.warehouse_url
    if warehouse_url is None:
        embedded = embedded_server(settings)
        if embedded.start():
            server = embedded
        warehouse_url = embedded.url()
    try:
        # Asked first: a migration would tell of an unreachable server in words of its own.
        with connect(warehouse_url):
            migrate(warehouse_url)
        os.environ.update(environment_of(settings))
        os.environ.update(dagster_environment(settings, warehouse_url))
        clock = clock_from(settings.clock_file)
        with connect(warehouse_url) as connection:
            show_clock_to_database(connection, clock)
        yield PlatformSession(settings, warehouse_url, clock)
    finally:
        if server and not keep_running:
            server.stop()
