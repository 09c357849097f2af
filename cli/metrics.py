"""`mdp metrics`: MetricFlow's `mf` on the published tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cli.session import open_platform
from foundation.settings import load_settings
from transforms.building import DBT_PROJECT_DIR
from transforms.metric_queries import open_metrics, run_metricflow

_SHOWN_WITHOUT_ARGUMENTS = ("list", "metrics")


def ask_metrics(arguments: Sequence[str]) -> None:
    """Run one command of `mf`; without arguments the list of metrics."""
    settings = load_settings()
    with _warehouse_url() as url, open_metrics(url, DBT_PROJECT_DIR, settings.data_dir / "metrics") as configuration:
        run_metricflow(configuration, arguments or _SHOWN_WITHOUT_ARGUMENTS)


@contextmanager
def _warehouse_url() -> Iterator[str]:
    """A named warehouse is used as it is, so that a login that may only read is enough; the embedded one is started."""
    if url := load_settings().warehouse_url:
        yield url
    else:
        with open_platform() as session:
            yield session.warehouse_url
