"""Warns before a credential or an API version stops working, a step at a time."""

import math
from collections.abc import Sequence
from datetime import datetime

from alerting.blocks import Message, context, fields, header, message, safe, section
from alerting.facts import DEADLINE, DeadlineFacts
from alerting.incident_store import (
    CHANGED,
    OPENED,
    PAGE,
    RESOLVED,
    close,
    insert,
    open_incidents_of,
    see,
    take_turns,
    tell,
)
from alerting.messages import count, instant, platform_name
from alerting.outbox import OPS_CHANNEL
from foundation.database import Connection, transaction

# Days before the end at which people are told. An upgrade is planned work; a token is renewed in a minute.
WARNING_DAYS = {"api_version": (90, 30, 7, 0), "credential": (14, 7, 1, 0)}

_DEADLINES = """
select 'api_version', platform, version, (ends_on::timestamp at time zone 'UTC')
from ops.api_version where in_use and ends_on is not null
union all
select 'credential', state.platform, state.credential, state.expires_at
from ops.credential_state as state
where state.expires_at is not null and exists (
    select 1 from raw_registry.account inner join raw_registry.client using (client_id)
    where account.platform = state.platform and account.credential = state.credential and client.status = 'active'
)
order by 1, 2, 3
"""


def warning_step(ends_at: datetime, now: datetime, steps: Sequence[int]) -> int | None:
    """The smallest warning step (in days before the end) that has been reached; None while the end is far."""
    days_left = math.ceil((ends_at - now).total_seconds() / 86_400)
    return min((step for step in steps if days_left <= step), default=None)


def read_deadlines(connection: Connection, now: datetime) -> list[DeadlineFacts]:
    """Every deadline whose first warning step has been reached."""
    with connection.cursor() as cursor:
        cursor.execute(_DEADLINES)
        rows = cursor.fetchall()
    return [
        DeadlineFacts(what=what, platform=platform, name=name, ends_at=ends_at, days_left=step)
        for what, platform, name, ends_at in rows
        if (step := warning_step(ends_at, now, WARNING_DAYS[what])) is not None
    ]


def collect_deadlines(connection: Connection, *, now: datetime) -> None:
    """Open, remind of and resolve deadlines, in the operators' channel; running it twice says nothing twice."""
    with transaction(connection) as cursor:
        take_turns(cursor)
        known = {incident.fingerprint: incident for incident in open_incidents_of(cursor, DEADLINE)}
        for facts in read_deadlines(connection, now):
            incident = known.pop(facts.fingerprint, None)
            if incident is None:
                severity = PAGE if facts.days_left == 0 else "ticket"
                incident_id = insert(
                    cursor, facts=facts, kind=DEADLINE, severity=severity, title=deadline_title(facts),
                    channel=OPS_CHANNEL, now=now,
                )  # fmt: skip
                tell(cursor, incident_id, OPS_CHANNEL, OPENED, deadline_message(facts, now), now)
                continue
            told = DeadlineFacts.from_json(dict(incident.facts))
            see(cursor, incident.incident_id, facts, now)
            if facts.days_left < told.days_left:
                tell(cursor, incident.incident_id, incident.channel, CHANGED, deadline_message(facts, now), now)
        for incident in known.values():
            facts = DeadlineFacts.from_json(dict(incident.facts))
            close(cursor, incident.incident_id, now)
            done = message(
                f"Resolved: {deadline_title(facts)}",
                [section(f":white_check_mark: {safe(deadline_title(facts))}: no longer a concern.")],
            )
            tell(cursor, incident.incident_id, incident.channel, RESOLVED, done, now)


def deadline_title(facts: DeadlineFacts) -> str:
    """One line for lists of incidents."""
    thing = f"credential {facts.name}" if facts.what == "credential" else f"API version {facts.name}"
    return safe(f"{platform_name(facts.platform)}: {thing} ends {facts.ends_at:%Y-%m-%d}", 200)


def next_step(facts: DeadlineFacts) -> str:
    """What a person does about it."""
    if facts.what == "credential":
        return (
            f"Have a person with access log in again and store the new secret of credential `{facts.name}`; "
            "`mdp doctor` then shows its new end."
        )
    return (
        f"Update the product, or set `MDP_{facts.platform.upper()}_API_VERSION` to a version that is still served "
        "(`mdp doctor` lists them), and look at the platform's changelog for removed fields."
    )


def deadline_message(facts: DeadlineFacts, now: datetime) -> Message:
    """The warning itself."""
    days = math.ceil((facts.ends_at - now).total_seconds() / 86_400)
    left = f"in {count(days, 'day')}" if days > 0 else "now"
    blocks = [
        header(deadline_title(facts)),
        *fields([("Ends", f"{instant(facts.ends_at)}, {left}"), ("Platform", platform_name(facts.platform))]),
        section("*What happens then*\nIts accounts can no longer be read; published figures stay, new days are held."),
        section(f"*Next step*\n{safe(next_step(facts), 800)}"),
        context("Told again as the day comes nearer."),
    ]
    return message(f"{deadline_title(facts)} ({left}). Next step: {next_step(facts)}", blocks)
