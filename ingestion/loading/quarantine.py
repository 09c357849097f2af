"""Where days wait that were read but not proved: why, with which rows, and until when."""

from datetime import date, timedelta

import orjson
from psycopg2.extras import execute_values

from foundation.database import Cursor
from foundation.held_days import retry_after
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.proof import Proof
from ingestion.loading.tables import typed_columns

# Long enough to look into a difference; the rows are evidence, not data.
ROWS_KEPT_DAYS = 30


def release_days(cursor: Cursor, load: AccountLoad, days: list[date]) -> None:
    """These days are proved now."""
    cursor.execute(
        "delete from ops.quarantine where platform = %s and account_id = %s and date_day = any(%s)", (*load.key, days)
    )


def hold_days(cursor: Cursor, load: AccountLoad, held: dict[date, Proof]) -> None:
    """Keep the reason and the landed rows of days that were not proved; ``held_since`` survives repeated failures."""
    cursor.execute(
        "delete from ops.quarantined_row where platform = %s and account_id = %s "
        "and (date_day = any(%s) or quarantined_at < %s)",
        (*load.key, list(held), load.now - timedelta(days=ROWS_KEPT_DAYS)),
    )
    if not held:
        return
    cursor.execute(
        "select date_day, attempts from ops.quarantine where platform = %s and account_id = %s and date_day = any(%s)",
        (*load.key, list(held)),
    )
    attempts = {day: 1 + before for day, before in cursor.fetchall()}
    execute_values(
        cursor,
        """insert into ops.quarantine (platform, account_id, date_day, reason_code, reason, details, held_since,
            last_attempt_at, attempts, next_attempt_at, run_id) values %s
        on conflict (platform, account_id, date_day) do update set
            reason_code = excluded.reason_code, reason = excluded.reason, details = excluded.details,
            last_attempt_at = excluded.last_attempt_at, attempts = excluded.attempts,
            next_attempt_at = excluded.next_attempt_at, run_id = excluded.run_id""",
        [
            (
                *load.key, day, proof.code, proof.reason, orjson.dumps(proof.details).decode(), load.now, load.now,
                attempts.get(day, 1), load.now + retry_after(attempts.get(day, 1)), load.run_id,
            )
            for day, proof in held.items()
        ],
    )  # fmt: skip
    for report in (load.definition.control, *load.definition.required_details):
        cursor.execute(
            f"""insert into ops.quarantined_row
                (platform, account_id, report, date_day, payload, run_id, quarantined_at)
            select %s, %s, %s, t.date_day, to_jsonb(t), %s, %s
            from (select {typed_columns(report)} from {load.landing}.{report.table} where _account = %s) as t
            where t.date_day = any(%s)""",
            (*load.key, report.name, load.run_id, load.now, load.account.account_id, list(held)),
        )
