"""Remembers per account whether it can be read, what was read last and at what cost, and per credential its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from foundation.database import Connection, Cursor, transaction
from ingestion.accounts import AccountRef
from ingestion.errors import Action, Problem
from ingestion.http import CredentialBudget


@dataclass(frozen=True)
class Attempt:
    """One reading of an account. days: what was asked; calls: requests that it cost, retries included.

    complete: every required report of every asked day arrived to its last page.
    """

    days: list[date]
    calls: int
    complete: bool
    problem: Problem | None


def record_health(cursor: Cursor, account: AccountRef, attempt: Attempt, now: datetime) -> None:
    """Write what the last attempt said; ``failing_since`` survives repeated failures."""
    problem = attempt.problem
    values = {
        "platform": account.platform,
        "account": account.account_id,
        "now": now,
        "since": attempt.days[0] if attempt.days else None,
        "until": attempt.days[-1] if attempt.days else None,
        "calls": attempt.calls,
        "complete_at": now if attempt.complete and attempt.days else None,
    }
    if problem:
        values |= {
            "class": problem.error_class,
            "code": problem.code,
            "message": f"{problem.error_class} {problem.code}: {problem.message}",
            "next": problem.next_step,
        }
    if problem is None:
        cursor.execute(
            """insert into ops.account_health as known (platform, account_id, status, last_attempt_at,
                last_success_at, attempts, window_since, window_until, last_calls, last_complete_at)
            values (%(platform)s, %(account)s, 'ok', %(now)s, %(now)s, 0, %(since)s, %(until)s, %(calls)s,
                %(complete_at)s)
            on conflict (platform, account_id) do update set status = 'ok', error_class = null, error_code = null,
                message = null, next_step = null, failing_since = null, last_attempt_at = excluded.last_attempt_at,
                last_success_at = excluded.last_success_at, attempts = 0, window_since = excluded.window_since,
                window_until = excluded.window_until, last_calls = excluded.last_calls,
                last_complete_at = coalesce(excluded.last_complete_at, known.last_complete_at)""",
            values,
        )
        return
    cursor.execute(
        """insert into ops.account_health as known (platform, account_id, status, error_class, error_code, message,
            next_step, failing_since, last_attempt_at, attempts, last_calls)
        values (%(platform)s, %(account)s, 'failing', %(class)s, %(code)s, %(message)s, %(next)s,
            %(now)s, %(now)s, 1, %(calls)s)
        on conflict (platform, account_id) do update set status = 'failing', error_class = excluded.error_class,
            error_code = excluded.error_code, message = excluded.message, next_step = excluded.next_step,
            failing_since = coalesce(known.failing_since, excluded.failing_since),
            last_attempt_at = excluded.last_attempt_at, attempts = known.attempts + 1,
            last_calls = excluded.last_calls""",
        values,
    )


def stopped_credentials(connection: Connection, platform: str, now: datetime) -> dict[str, Problem]:
    """Credentials that the platform refuses until a known instant that has not come yet, with the reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select credential, stopped_reason, stopped_until from ops.credential_state "
            "where platform = %s and stopped_until > %s",
            (platform, now),
        )
        return {
            credential: Problem(
                Action.FATAL, "quota", "resting",
                f"credential {credential} rests until {until:%Y-%m-%d %H:%M} UTC: {reason}",
                "nothing to do: a run after that reads the account again",
            )
            for credential, reason, until in cursor.fetchall()
        }  # fmt: skip


def record_credentials(
    connection: Connection,
    platform: str,
    budgets: Mapping[str, CredentialBudget],
    expires_at: Mapping[str, datetime | None],
    now: datetime,
) -> None:
    """Write what the run learnt of its credentials: calls, usage, until when they rest, when they stop working."""
    with transaction(connection) as cursor:
        for credential, budget in budgets.items():
            refusal = budget.refusal
            wait = refusal.wait_seconds if refusal else None
            cursor.execute(
                """insert into ops.credential_state as known (platform, credential, calls, used_percent, stopped_until,
                    stopped_reason, expires_at, checked_at)
                values (%(platform)s, %(credential)s, %(calls)s, %(used)s, %(until)s, %(reason)s, %(expires)s, %(now)s)
                on conflict (platform, credential) do update set calls = excluded.calls,
                    used_percent = coalesce(excluded.used_percent, known.used_percent),
                    stopped_until = coalesce(excluded.stopped_until,
                        case when known.stopped_until > excluded.checked_at then known.stopped_until end),
                    stopped_reason = coalesce(excluded.stopped_reason,
                        case when known.stopped_until > excluded.checked_at then known.stopped_reason end),
                    expires_at = case
                        when %(asked)s then excluded.expires_at else known.expires_at end,
                    checked_at = excluded.checked_at""",
                {
                    "platform": platform,
                    "credential": credential,
                    "calls": budget.calls,
                    "used": budget.used_percent,
                    "until": now + timedelta(seconds=wait) if wait else None,
                    "reason": refusal.message if refusal and wait else None,
                    "expires": expires_at.get(credential),
                    "asked": credential in expires_at,
                    "now": now,
                },
            )
