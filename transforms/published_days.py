"""The books of a publication: which version of which account-day stands in analytics from when on."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from foundation.database import Cursor

Moved = Literal["to_publish", "to_take_back"]


def record_publication(
    cursor: Cursor, moved: Moved, *, run_id: str, now: datetime, account_days: int, held: int,
    row_counts: Mapping[str, int],
) -> int:  # fmt: skip
    """Enter a publication and end what its account-days showed before; returns its id.

    moved: temporary table with key, version, published_at, report_versions and override_id of these account-days; one
    without a version shows nothing from now on.
    """
    cursor.execute(
        "insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts) "
        "values (%s, %s, %s, %s, %s) returning publication_id",
        (run_id, now, account_days, held, json.dumps(row_counts)),
    )
    row = cursor.fetchone()
    if row is None:
        raise RuntimeError("PostgreSQL returned no publication_id")
    cursor.execute(
        f"update ops.published_day as old set superseded_at = unit.published_at from {moved} as unit "
        "where old.superseded_at is null and old.client_id = unit.client_id and old.platform = unit.platform "
        "and old.account_id = unit.account_id and old.date_day = unit.date_day"
    )
    cursor.execute(
        "insert into ops.published_day "
        "(client_id, platform, account_id, date_day, version, published_at, publication_id, report_versions, "
        "override_id) "
        "select client_id, platform, account_id, date_day, version, published_at, %s, report_versions, override_id "
        f"from {moved} where version is not null",
        (row[0],),
    )
    return int(row[0])
