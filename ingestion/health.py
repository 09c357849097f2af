"""Remembers per account whether it can be read, and since when not."""

from datetime import datetime

from foundation.database import Connection, transaction
from ingestion.accounts import AccountRef
from ingestion.errors import Problem


def record_health(connection: Connection, account: AccountRef, problem: Problem | None, now: datetime) -> None:
    """Write what the last attempt said; ``failing_since`` survives repeated failures."""
    with transaction(connection) as cursor:
        if problem is None:
            cursor.execute(
                """insert into ops.account_health as known
                    (platform, account_id, status, last_attempt_at, last_success_at, attempts)
                values (%(platform)s, %(account)s, 'ok', %(now)s, %(now)s, 0)
                on conflict (platform, account_id) do update set status = 'ok', error_class = null, error_code = null,
                    message = null, next_step = null, failing_since = null, last_attempt_at = excluded.last_attempt_at,
                    last_success_at = excluded.last_success_at, attempts = 0""",
                {"platform": account.platform, "account": account.account_id, "now": now},
            )
            return
        cursor.execute(
            """insert into ops.account_health as known (platform, account_id, status, error_class, error_code, message,
                next_step, failing_since, last_attempt_at, attempts)
            values (%(platform)s, %(account)s, 'failing', %(class)s, %(code)s, %(message)s, %(next)s,
                %(now)s, %(now)s, 1)
            on conflict (platform, account_id) do update set status = 'failing', error_class = excluded.error_class,
                error_code = excluded.error_code, message = excluded.message, next_step = excluded.next_step,
                failing_since = coalesce(known.failing_since, excluded.failing_since),
                last_attempt_at = excluded.last_attempt_at, attempts = known.attempts + 1""",
            {
                "platform": account.platform,
                "account": account.account_id,
                "class": problem.error_class,
                "code": problem.code,
                "message": f"{problem.error_class} {problem.code}: {problem.message}",
                "next": problem.next_step,
                "now": now,
            },
        )
