"""Settings, clock and warehouse of this installation; holds the run's life sign while the run lives."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from foundation.clock import Clock, clock_from, show_clock_to_database
from foundation.database import Connection, connect, session_lock
from foundation.settings import Settings, load_settings, require_warehouse_url

RUN_LOCK = "dagster run"


class PlatformResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Reads the environment when used, never at import."""

    @property
    def settings(self) -> Settings:
        return load_settings()

    @property
    def clock(self) -> Clock:
        return clock_from(self.settings.clock_file)

    @property
    def warehouse_url(self) -> str:
        return require_warehouse_url(self.settings)

    @contextmanager
    def connection(self, *, autocommit: bool = False) -> Iterator[Connection]:
        """A connection to the warehouse on which ``ops.platform_now()`` agrees with the platform's clock."""
        with connect(self.warehouse_url, application="mdp dagster") as connection:
            show_clock_to_database(connection, self.clock)
            connection.autocommit = autocommit
            yield connection

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["PlatformResource"]:
        """Hold an advisory lock named after the run: whoever can take it knows that the run's process is gone."""
        if context.run is None:
            yield self
            return
        with session_lock(self.warehouse_url, RUN_LOCK, context.run.run_id, wait=False):
            yield self
