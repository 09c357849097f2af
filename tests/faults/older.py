"""The product as its release before: one metric and one optional report less, and the schema of that time."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ingestion.platforms import PLATFORMS
from ingestion.reports import Report


def become_older(platform: str) -> Callable[[], None]:
    """What to do in a process so that it runs the older release of a platform."""

    def older() -> None:
        chosen = PLATFORMS[platform]
        definition = chosen.definition
        gone = definition.optional_reports[-1:]
        names = {report.name for report in gone}
        kept = [r for r in definition.details if r.name not in names and r.derived_from not in names]
        finest = definition.required_details[-1] if definition.required_details else definition.control
        details = tuple(_without_a_metric(r, kept) if r is finest else r for r in kept)
        PLATFORMS[platform] = replace(chosen, definition=replace(definition, details=details))

    return older


def _without_a_metric(report: Report, others: Iterable[Report]) -> Report:
    """The report without its last metric that no total, view or other part of the definition asks for."""
    used = " ".join([*report.measures.values(), *(other.view_sql or "" for other in others)])
    spare = [column for column in report.metrics if column.name not in used]
    return replace(report, metrics=tuple(column for column in report.metrics if column is not spare[-1]))
