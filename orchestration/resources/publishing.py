"""One publish flow at a time: from the pending account-days to their publication the warehouse is this run's."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from foundation.settings import load_settings, require_warehouse_url
from transforms.building import flow_lock


class PublishingResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Held by every step of the flow; a second run waits here until the first is over or its process is gone."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["PublishingResource"]:
        if context.run is None:
            yield self
            return
        with flow_lock(require_warehouse_url(load_settings())):
            yield self
