"""The incident store: one open incident a cause, each change of it told once through the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg2.extras import RealDictCursor

from alerting import messages
from alerting.facts import HELD, RUN_FAILED, HeldFacts, RunFacts
from alerting.held_units import HeldUnit, read_held_units
from alerting.incident_store import (
    CHANGED,
    OPENED,
    PAGE,
    RESOLVED,
    OpenIncident,
    close,
    insert,
    open_incidents_of,
    page,
    see,
    take_turns,
    tell,
)
from alerting.outbox import OPS_CHANNEL
from alerting.standstills import collect_standstills
from foundation.database import Connection, Cursor, transaction
from foundation.held_days import ESCALATES_AFTER
from foundation.redaction import known_secrets, redact_all


@dataclass(frozen=True)
class Open:
    """A cause that nobody was told of."""

    facts: HeldFacts
    channel: str


@dataclass(frozen=True)
class Change:
    """An open cause, seen again.

    ``tell``: its held days are others than told before. ``escalate``: nobody has mended it for too long.
    """

    incident: OpenIncident
    before: HeldFacts
    facts: HeldFacts
    tell: bool
    escalate: bool = False


@dataclass(frozen=True)
class Resolve:
    """An open cause that is gone."""

    incident: OpenIncident
    facts: HeldFacts


def decide(
    open_incidents: Sequence[OpenIncident], seen: Sequence[HeldUnit], now: datetime
) -> list[Open | Change | Resolve]:
    """What to do about the causes seen now, given the incidents that are open. A client without channel goes to ops.

    A cause opens no incident while readings that may mend it by themselves are still to come.
    """
    by_fingerprint = {incident.fingerprint: incident for incident in open_incidents}
    steps: list[Open | Change | Resolve] = []
    for unit in seen:
        facts = unit.facts
        incident = by_fingerprint.pop(facts.fingerprint, None)
        if incident is None:
            if not unit.waits:
                steps.append(Open(facts, unit.channel or OPS_CHANNEL))
            continue
        before = HeldFacts.from_json(dict(incident.facts))
        # The start of the cause is the incident's, even where the rows that tell of it come and go.
        facts = facts.model_copy(update={"held_since": min(before.held_since, facts.held_since)})
        too_long = now - facts.held_since >= ESCALATES_AFTER and incident.severity != PAGE
        steps.append(Change(incident, before, facts, tell=facts.window != before.window, escalate=too_long))
    steps += [Resolve(gone, HeldFacts.from_json(dict(gone.facts))) for gone in by_fingerprint.values()]
    return steps


def worth_telling(failures: int) -> bool:
    """Whether the n-th failed run of a job speaks: the 1st, 2nd, 4th, 8th, … so that an hourly job stays readable."""
    return failures & (failures - 1) == 0


def _act(cursor: Cursor, step: Open | Change | Resolve, now: datetime) -> None:
    match step:
        case Open(facts, channel):
            title = messages.held_title(facts)
            incident_id = insert(
                cursor, facts=facts, kind=HELD, severity="ticket", title=title, channel=channel, now=now
            )
            tell(cursor, incident_id, channel, OPENED, messages.held_opened(facts), now)
        case Change(incident, before, facts, is_news, escalate):
            see(cursor, incident.incident_id, facts, now)
            if is_news:
                message = messages.held_changed(facts, before)
                tell(cursor, incident.incident_id, incident.channel, CHANGED, message, now)
            if escalate:
                page(cursor, incident.incident_id, messages.held_too_long(facts, now), now)
        case Resolve(incident, facts):
            close(cursor, incident.incident_id, now)
            message = messages.held_resolved(facts, now)
            tell(cursor, incident.incident_id, incident.channel, RESOLVED, message, now)


def collect_held_units(connection: Connection, *, now: datetime) -> None:
    """Open, update, escalate and resolve incidents of held units and of platforms that stand still.

    In one transaction with the messages about them; running it twice says nothing twice.
    Reads ops.quarantine, ops.held_day, ops.account_health and ops.load_run.
    """
    secrets = known_secrets()
    with transaction(connection) as cursor:
        take_turns(cursor)
        seen = [
            replace(unit, facts=HeldFacts.from_json(redact_all(unit.facts.as_json(), secrets)))
            for unit in read_held_units(connection, now)
        ]
        seen = collect_standstills(cursor, seen, now)
        for step in decide(open_incidents_of(cursor, HELD), seen, now):
            _act(cursor, step, now)


def _run_incident(cursor: Cursor, job: str) -> OpenIncident | None:
    found = [incident for incident in open_incidents_of(cursor, RUN_FAILED) if incident.facts["job"] == job]
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
        take_turns(cursor)
        incident = _run_incident(cursor, facts.job)
        if incident is None:
            if _was_told(cursor, facts):
                return
            title = messages.run_title(facts)
            incident_id = insert(
                cursor, facts=facts, kind=RUN_FAILED, severity=PAGE, title=title, channel=OPS_CHANNEL, now=now
            )
            tell(cursor, incident_id, OPS_CHANNEL, OPENED, messages.run_failed(facts), now)
            return
        before = RunFacts.from_json(dict(incident.facts))
        if before.run_id == facts.run_id:
            return
        facts = facts.model_copy(update={"failing_since": before.failing_since, "failures": before.failures + 1})
        see(cursor, incident.incident_id, facts, now)
        if worth_telling(facts.failures):
            tell(cursor, incident.incident_id, incident.channel, CHANGED, messages.run_failed_again(facts), now)


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
        take_turns(cursor)
        incident = _run_incident(cursor, job)
        if incident is None:
            return False
        facts = RunFacts.from_json(dict(incident.facts))
        close(cursor, incident.incident_id, now)
        message = messages.run_recovered(facts, now)
        tell(cursor, incident.incident_id, incident.channel, RESOLVED, message, now)
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
