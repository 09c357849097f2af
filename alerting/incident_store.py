"""The rows of the incident store, and the outbox message that goes with each change of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from alerting.blocks import Message
from alerting.facts import DeadlineFacts, HeldFacts, MonthFacts, OverrideFacts, RunFacts, StandstillFacts
from alerting.outbox import OPS_CHANNEL, enqueue
from foundation.database import Cursor, lock_key

OPENED = "incident_opened"
CHANGED = "incident_changed"
RESOLVED = "incident_resolved"
ESCALATED = "incident_escalated"
# The severity of what operators must look at at once.
PAGE = "page"

Facts = HeldFacts | RunFacts | StandstillFacts | DeadlineFacts | MonthFacts | OverrideFacts


@dataclass(frozen=True)
class OpenIncident:
    """An incident as stored; ``facts`` are those told last or seen since."""

    incident_id: int
    fingerprint: str
    channel: str
    facts: Mapping[str, Any]
    severity: str


def take_turns(cursor: Cursor) -> None:
    """Collectors and failing runs take turns; freed at the end of the transaction."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (lock_key("alerting incidents"),))


def open_incidents_of(cursor: Cursor, kind: str) -> list[OpenIncident]:
    """Open incidents of a kind, locked until the end of the transaction."""
    cursor.execute(
        "select incident_id, fingerprint, channel, facts, severity from ops.incident "
        "where kind = %s and resolved_at is null order by incident_id for update",
        (kind,),
    )
    return [OpenIncident(*row) for row in cursor.fetchall()]


def insert(cursor: Cursor, *, facts: Facts, kind: str, severity: str, title: str, channel: str, now: datetime) -> int:
    """A new open incident; returns its id."""
    unit = facts if isinstance(facts, HeldFacts | MonthFacts | OverrideFacts) else None
    cursor.execute(
        """
        insert into ops.incident (
            fingerprint, kind, client_id, platform, account_id, severity, title, facts, opened_at, last_seen_at, channel
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning incident_id
        """,
        (
            facts.fingerprint, kind, unit and unit.client_id, unit and unit.platform, unit and unit.account_id,
            severity, title, Json(facts.as_json()), now, now, channel,
        ),
    )  # fmt: skip
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def tell(cursor: Cursor, incident_id: int, channel: str, kind: str, message: Message, now: datetime) -> None:
    """Queue what an incident has to say now."""
    # Numbered within the incident: the same window may come back and must be told again.
    cursor.execute("select count(*) from ops.outbox where incident_id = %s", (incident_id,))
    row = cursor.fetchone()
    key = f"incident/{incident_id}/{row[0] if row else 0}"
    enqueue(cursor, dedupe_key=key, kind=kind, channel=channel, message=message, now=now, incident_id=incident_id)


def see(cursor: Cursor, incident_id: int, facts: Facts, now: datetime) -> None:
    """The cause was seen again, with these facts."""
    cursor.execute(
        "update ops.incident set facts = %s, last_seen_at = %s where incident_id = %s",
        (Json(facts.as_json()), now, incident_id),
    )


def page(cursor: Cursor, incident_id: int, message: Message, now: datetime) -> None:
    """The incident has waited too long: it is the operators' now, who are told apart from its thread."""
    cursor.execute("update ops.incident set severity = %s where incident_id = %s", (PAGE, incident_id))
    key = f"incident/{incident_id}/page"
    enqueue(cursor, dedupe_key=key, kind=ESCALATED, channel=OPS_CHANNEL, message=message, now=now)


def close(cursor: Cursor, incident_id: int, now: datetime) -> None:
    """The cause is gone."""
    cursor.execute("update ops.incident set resolved_at = %s where incident_id = %s", (now, incident_id))
