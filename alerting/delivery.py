"""Posts the outbox to Slack: at least once, in order within an incident, within Slack's limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg2.extras import RealDictCursor

from alerting.outbox import OPS_CHANNEL
from alerting.pace import Pace
from alerting.slack import RateLimitedError, RefusedError, SlackClient, SlackError, slack_client
from foundation.clock import Clock
from foundation.database import Connection, Cursor, transaction
from foundation.redaction import redact

__all__ = ["DeliverySummary", "OutboxState", "deliver", "outbox_state", "retry_at", "slack_client"]

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
# A refused message waits for a person; it is tried again at this pace so that the mend needs no second step.
REFUSED_RETRY = timedelta(hours=1)
# A longer Retry-After is left to the next call instead of being slept through.
LONGEST_SLEEP = timedelta(seconds=60)
NO_OPS_CHANNEL = "no channel: set MDP_SLACK_OPS_CHANNEL to a channel id"

Sleeper = Callable[[float], None]


@dataclass
class DeliverySummary:
    """What one call did: messages posted, tries that failed (by channel: the error), messages that still wait."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OutboxState:
    """The outbox for `mdp status` and `mdp doctor`. errors: the last error by channel of messages that wait."""

    waiting: int
    oldest: datetime | None
    errors: dict[str, str]


def retry_at(error: SlackError, attempts: int, now: datetime) -> datetime:
    """When to try again after the given number of failed attempts."""
    if isinstance(error, RateLimitedError):
        return now + timedelta(seconds=error.retry_after_seconds)
    if isinstance(error, RefusedError):
        return now + REFUSED_RETRY
    doublings = min(max(attempts - 1, 0), 16)
    return now + min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)


def _next_message(cursor: Cursor, now: datetime, skipped: set[str]) -> dict[str, Any] | None:
    # The predecessor may be locked by another sender: it is unsent all the same, so order in a thread holds.
    cursor.execute(
        """
        select outbox.outbox_id, outbox.incident_id, outbox.channel, outbox.payload, outbox.attempts, incident.slack_ts
        from ops.outbox
        left join ops.incident using (incident_id)
        where outbox.sent_at is null and outbox.next_attempt_at <= %(now)s and outbox.channel <> all (%(skipped)s)
            and not exists (
                select 1 from ops.outbox as earlier
                where earlier.incident_id = outbox.incident_id and earlier.sent_at is null
                    and earlier.outbox_id < outbox.outbox_id
            )
            and not exists (
                select 1 from ops.outbox as limited
                where limited.channel = outbox.channel and limited.sent_at is null
                    and limited.next_attempt_at > %(now)s and limited.last_error like 'rate limited%%'
            )
        order by outbox.outbox_id
        limit 1
        for update of outbox skip locked
        """,
        {"now": now, "skipped": list(skipped)},
    )
    return cursor.fetchone()  # type: ignore[return-value]


def _mark_sent(cursor: Cursor, row: dict[str, Any], ts: str, now: datetime) -> None:
    cursor.execute(
        "update ops.outbox set sent_at = %s, slack_ts = %s, attempts = attempts + 1, last_error = null "
        "where outbox_id = %s",
        (now, ts, row["outbox_id"]),
    )
    if row["incident_id"] is not None and row["slack_ts"] is None:
        cursor.execute("update ops.incident set slack_ts = %s where incident_id = %s", (ts, row["incident_id"]))


def _mark_failed(cursor: Cursor, row: dict[str, Any], text: str, next_attempt_at: datetime) -> None:
    cursor.execute(
        "update ops.outbox set attempts = attempts + 1, last_error = %s, next_attempt_at = %s where outbox_id = %s",
        (text, next_attempt_at, row["outbox_id"]),
    )


class _Sender:
    """One call of ``deliver``: its pace, the channels that it leaves alone and what it has done so far."""

    def __init__(
        self, connection: Connection, client: SlackClient, ops_channel: str | None, clock: Clock, sleeper: Sleeper
    ) -> None:
        self._connection = connection
        self._client = client
        self._ops_channel = ops_channel
        self._clock = clock
        self._sleeper = sleeper
        self._pace = Pace()
        self._skipped: set[str] = set()
        self.summary = DeliverySummary()
        self.stopped = False
        if not ops_channel:
            self._leave_ops_channel()

    def _leave_ops_channel(self) -> None:
        """Messages to operators wait, due at once when a channel is set; their error says what to set."""
        with transaction(self._connection) as cursor:
            cursor.execute(
                "update ops.outbox set last_error = %s where channel = %s and sent_at is null",
                (NO_OPS_CHANNEL, OPS_CHANNEL),
            )
            if cursor.rowcount:
                self.summary.errors[OPS_CHANNEL] = NO_OPS_CHANNEL
        self._skipped.add(OPS_CHANNEL)

    def send_one(self) -> bool:
        """Post the next due message in a transaction that keeps it from other senders. False if there is none."""
        try:
            with self._connection.cursor(cursor_factory=RealDictCursor) as cursor:
                row = _next_message(cursor, self._clock.now(), self._skipped)
                if row is not None:
                    self._send(cursor, row)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        return row is not None

    def _send(self, cursor: Cursor, row: dict[str, Any]) -> None:
        channel = (self._ops_channel or "") if row["channel"] == OPS_CHANNEL else row["channel"]
        if wait := self._pace.wait(channel, self._clock.now()).total_seconds():
            self._sleeper(wait)
        self._pace.spend(channel, self._clock.now())
        try:
            ts = self._client.post(channel=channel, payload=row["payload"], thread_ts=row["slack_ts"])
        except SlackError as error:
            self._failed(cursor, row, error)
        else:
            _mark_sent(cursor, row, ts, self._clock.now())
            self.summary.sent += 1

    def _failed(self, cursor: Cursor, row: dict[str, Any], error: SlackError) -> None:
        now = self._clock.now()
        again = retry_at(error, row["attempts"] + 1, now)
        self._fail(cursor, row, redact(str(error)), again)
        match error:
            case RateLimitedError() if again - now <= LONGEST_SLEEP:
                self._sleeper((again - now).total_seconds())
                self._skipped.discard(row["channel"])
            case RefusedError(whole_token=False):
                pass
            case _:
                # A refused token, a long limit or a Slack that is down concerns every channel: stop asking.
                self.stopped = True

    def _fail(self, cursor: Cursor, row: dict[str, Any], text: str, next_attempt_at: datetime) -> None:
        _mark_failed(cursor, row, text, next_attempt_at)
        self.summary.failed += 1
        self.summary.errors[row["channel"]] = text
        self._skipped.add(row["channel"])


def deliver(
    connection: Connection,
    client: SlackClient,
    *,
    ops_channel: str | None,
    clock: Clock,
    sleeper: Sleeper,
    most_seconds: float = 120.0,
) -> DeliverySummary:
    """Post every due message, for at most ``most_seconds`` by the clock; the rest waits for the next call.

    The clock must move with the sleeper (the machine's and time.sleep): on a sandbox clock that stands still a message
    to be tried again would never fall due. Each message is one transaction, so killing the process repeats at most one.
    """
    sender = _Sender(connection, client, ops_channel, clock, sleeper)
    until = clock.now() + timedelta(seconds=most_seconds)
    while not sender.stopped and clock.now() < until and sender.send_one():
        pass
    sender.summary.waiting = outbox_state(connection).waiting
    return sender.summary


def outbox_state(connection: Connection) -> OutboxState:
    """How many messages wait, since when and why."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*), min(created_at) from ops.outbox where sent_at is null")
        waiting, oldest = cursor.fetchone() or (0, None)
        cursor.execute(
            "select distinct on (channel) channel, last_error from ops.outbox "
            "where sent_at is null and last_error is not null order by channel, next_attempt_at desc"
        )
        errors = dict(cursor.fetchall())
    connection.rollback()
    return OutboxState(waiting, oldest, errors)
