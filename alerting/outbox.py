"""The outbox: messages written in the transaction of their cause, posted later by ``alerting.delivery``."""

from datetime import datetime

from psycopg2.extras import Json

from alerting.blocks import Message
from foundation.database import Cursor

# Stands for the operators' channel of the settings, which only the delivery knows.
OPS_CHANNEL = "ops"


def enqueue(
    cursor: Cursor,
    *,
    dedupe_key: str,
    kind: str,
    channel: str,
    message: Message,
    now: datetime,
    incident_id: int | None = None,
) -> bool:
    """Add a message to the caller's transaction. False if a message with this key was queued before, sent or not."""
    cursor.execute(
        """
        insert into ops.outbox (dedupe_key, incident_id, kind, channel, payload, created_at, next_attempt_at)
        values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (dedupe_key) do nothing
        """,
        (dedupe_key, incident_id, kind, channel, Json(message.payload()), now, now),
    )
    return bool(cursor.rowcount)
