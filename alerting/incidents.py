"""The incident store: one open incident a cause, each change of it told once through the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json, RealDictCursor

from alerting import messages
from alerting.blocks import Message
from alerting.facts import HELD, RUN_FAILED, HeldFacts, RunFacts
from alerting.held_units import read_held_units
from alerting.outbox import OPS_CHANNEL, enqueue
from alerting.redaction import known_secrets, redact_all
from foundation.database import Connection, Cursor, lock_key, transaction

OPENED = "incident_opened"
CHANGED = "incident_changed"
RESOLVED = "incident_resolved"


@dataclass(frozen=True)
class OpenIncident:
    """An incident as stored; ``facts`` are those told last or seen since."""

    incident_id: int
    fingerprint: str
    channel: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Open:
    """A cause that nobody was told of."""

    facts: HeldFacts
    channel: str


@dataclass(frozen=True)
class Change:
    """An open cause, seen again; ``tell`` where its held days are others than told before."""

    incident: OpenIncident
    before: HeldFacts
    facts: HeldFacts
    tell: bool


@dataclass(frozen=True)
class Resolve:
    """An open cause that is gone."""

    incident: OpenIncident
    facts: HeldFacts


def decide(
    open_incidents: Sequence[OpenIncident], seen: Sequence[tuple[HeldFacts, str | None]]
) -> list[Open | Change | Resolve]:
    """What to do about the causes seen now, given the incidents that are open. A client without channel goes to ops."""
    by_fingerprint = {incident.fingerprint: incident for incident in open_incidents}
    steps: list[Open | Change | Resolve] = []
    for facts, channel in seen:
        incident = by_fingerprint.pop(facts.fingerprint, None)
        if incident is None:
            steps.append(Open(facts, channel or OPS_CHANNEL))
            continue
        before = HeldFacts.from_json(dict(incident.facts))
        # The start of the cause is the incident's, even where the rows that tell of it come and go.
        facts = facts.model_copy(update={"held_since": min(before.held_since, facts.held_since)})
        steps.append(Change(incident, before, facts, tell=facts.window != before.window))
    steps += [Resolve(gone, HeldFacts.from_json(dict(gone.facts))) for gone in by_fingerprint.values()]
    return steps


def worth_telling(failures: int) -> bool:
    """Whether the n-th failed run of a job speaks: the 1st, 2nd, 4th, 8th, … so that an hourly job stays readable."""
    return failures & (failures - 1) == 0


def _open_incidents(cursor: Cursor, kind: str) -> list[OpenIncident]:
    cursor.execute(
        "select incident_id, fingerprint, channel, facts from ops.incident where kind = %s and resolved_at is null "
        "order by incident_id for update",
        (kind,),
    )
    return [OpenIncident(*row) for row in cursor.fetchall()]


def _insert(
    cursor: Cursor, *, facts: HeldFacts | RunFacts, kind: str, severity: str, title: str, channel: str, now: datetime
) -> int:
    held = facts if isinstance(facts, HeldFacts) else None
    cursor.execute(
        """
        insert into ops.incident (
            fingerprint, kind, client_id, platform, account_id, severity, title, facts, opened_at, last_seen_at, channel
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning incident_id
        """,
        (
            facts.fingerprint, kind, held and held.client_id, held and held.platform, held and held.account_id,
            severity, title, Json(facts.as_json()), now, now, channel,
        ),
    )  # fmt: skip
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _tell(cursor: Cursor, incident_id: int, channel: str, kind: str, message: Message, now: datetime) -> None:
    # Numbered within the incident: the same window may come back and must be told again.
    cursor.execute("select count(*) from ops.outbox where incident_id = %s", (incident_id,))
    row = cursor.fetchone()
    key = f"incident/{incident_id}/{row[0] if row else 0}"
    enqueue(cursor, dedupe_key=key, kind=kind, channel=channel, message=message, now=now, incident_id=incident_id)


def _see(cursor: Cursor, incident_id: int, facts: HeldFacts | RunFacts, now: datetime) -> None:
    cursor.execute(
        "update ops.incident set facts = %s, last_seen_at = %s where incident_id = %s",
        (Json(facts.as_json()), now, incident_id),
    )


def _close(cursor: Cursor, incident_id: int, now: datetime) -> None:
    cursor.execute("update ops.incident set resolved_at = %s where incident_id = %s", (now, incident_id))


def _act(cursor: Cursor, step: Open | Change | Resolve, now: datetime) -> None:
    match step:
        case Open(facts, channel):
            title = messages.held_title(facts)
            incident_id = _insert(
                cursor, facts=facts, kind=HELD, severity="ticket", title=title, channel=channel, now=now
            )
            _tell(cursor, incident_id, channel, OPENED, messages.held_opened(facts), now)
        case Change(incident, before, facts, tell):
            _see(cursor, incident.incident_id, facts, now)
            if tell:
                message = messages.held_changed(facts, before)
                _tell(cursor, incident.incident_id, incident.channel, CHANGED, message, now)
        case Resolve(incident, facts):
            _close(cursor, incident.incident_id, now)
            message = messages.held_resolved(facts, now)
            _tell(cursor, incident.incident_id, incident.channel, RESOLVED, message, now)


def _one_writer(cursor: Cursor) -> None:
    """Collectors and failing runs take turns; freed at the end of the transaction."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (lock_key("alerting incidents"),))


def collect_held_units(connection: Connection, *, now: datetime) -> None:
    """Open, update and resolve the incidents of held units, in one transaction with the messages about them.

    Reads ops.quarantine, ops.held_day and ops.account_health; running it twice says nothing twice.
    """
    secrets = known_secrets()
    with transaction(connection) as cursor:
        _one_writer(cursor)
        seen = [
            (HeldFacts.from_json(redact_all(facts.as_json(), secrets)), channel)
            for facts, channel in read_held_units(connection, now)
        ]
        for step in decide(_open_incidents(cursor, HELD), seen):
            _act(cursor, step, now)


def _run_incident(cursor: Cursor, job: str) -> OpenIncident | None:
    found = [incident for incident in _open_incidents(cursor, RUN_FAILED) if incident.facts["job"] == job]
    return found[0] if found else None


def run_failed(
    connection: Connection,
    *,
    job: str,
    run_id: str,
    step: str | None,
    error: str,
    now: datetime,
    run_url: str | None = None,
) -> None:
    """Open or count up the incident of a job, told in the operators' channel. Idempotent by run_id."""
    told = {"job": job, "step": step, "error": error, "run_id": run_id, "run_url": run_url}
    facts = RunFacts(**redact_all(told, known_secrets()), failing_since=now)
    with transaction(connection) as cursor:
        _one_writer(cursor)
        incident = _run_incident(cursor, facts.job)
        if incident is None:
            if _was_told(cursor, facts):
                return
            title = messages.run_title(facts)
            incident_id = _insert(
                cursor, facts=facts, kind=RUN_FAILED, severity="page", title=title, channel=OPS_CHANNEL, now=now
            )
            _tell(cursor, incident_id, OPS_CHANNEL, OPENED, messages.run_failed(facts), now)
            return
        before = RunFacts.from_json(dict(incident.facts))
        if before.run_id == facts.run_id:
            return
        facts = facts.model_copy(update={"failing_since": before.failing_since, "failures": before.failures + 1})
        _see(cursor, incident.incident_id, facts, now)
        if worth_telling(facts.failures):
            _tell(cursor, incident.incident_id, incident.channel, CHANGED, messages.run_failed_again(facts), now)


def _was_told(cursor: Cursor, facts: RunFacts) -> bool:
    """Whether this very run already opened or fed an incident that is resolved by now."""
    cursor.execute(
        "select 1 from ops.incident where kind = %s and fingerprint = %s and facts ->> 'run_id' = %s limit 1",
        (RUN_FAILED, facts.fingerprint, facts.run_id),
    )
    return cursor.fetchone() is not None


def run_recovered(connection: Connection, *, job: str, now: datetime) -> bool:
    """Resolve the job's open incident, if there is one; call it for each successful run. True if it resolved one."""
    with transaction(connection) as cursor:
        _one_writer(cursor)
        incident = _run_incident(cursor, job)
        if incident is None:
            return False
        facts = RunFacts.from_json(dict(incident.facts))
        _close(cursor, incident.incident_id, now)
        message = messages.run_recovered(facts, now)
        _tell(cursor, incident.incident_id, incident.channel, RESOLVED, message, now)
        return True


@dataclass(frozen=True)
class IncidentSummary:
    """An open incident for `mdp status`."""

    kind: str
    severity: str
    title: str
    channel: str
    opened_at: datetime
    facts: Mapping[str, Any]


def open_incidents(connection: Connection) -> list[IncidentSummary]:
    """All open incidents, oldest first."""
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(
            "select kind, severity, title, channel, opened_at, facts from ops.incident where resolved_at is null "
            "order by opened_at, incident_id"
        )
        return [IncidentSummary(**row) for row in cursor.fetchall()]
