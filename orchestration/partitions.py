"""Days as labels for people: which days a run covers. The ledger, not the partition, says what is complete."""

from collections.abc import Iterable
from datetime import date

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

# Platforms keep daily figures for 37 months; recorded and imported history may be older.
DAYS = dg.DailyPartitionsDefinition(start_date="2019-01-01", end_offset=1)


def range_tags(spans: Iterable[tuple[date, date]]) -> dict[str, str]:
    """Run tags that make one run cover the days from the earliest to the latest of the spans."""
    spans = list(spans)
    return {
        ASSET_PARTITION_RANGE_START_TAG: min(since for since, _ in spans).isoformat(),
        ASSET_PARTITION_RANGE_END_TAG: max(until for _, until in spans).isoformat(),
    }
