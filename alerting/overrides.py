"""Tells when a person begins to answer for held days, and when that is over."""

from datetime import datetime

from psycopg2.extras import RealDictCursor

from alerting.blocks import Message, context, fields, header, message, safe, section
from alerting.facts import OVERRIDE, OverrideFacts
from alerting.incident_store import OPENED, RESOLVED, close, insert, open_incidents_of, see, take_turns, tell
from alerting.messages import account_label, instant, platform_name
from alerting.outbox import OPS_CHANNEL
from foundation.database import Connection, transaction
from foundation.redaction import known_secrets, redact_all

_IN_FORCE = """
    select
        given.override_id, given.client_id, client.name as client_name, client.slack_channel, given.platform,
        given.account_id, account.name as account_name, given.first_day, given.last_day, given.named_by, given.reason,
        given.created_at as since, given.expires_at
    from ops.gate_override as given
    inner join raw_registry.client using (client_id)
    left join lateral (
        select known.name from raw_registry.account as known
        where known.client_id = given.client_id and known.platform = given.platform
            and known.account_id = given.account_id
        order by known.active_from desc
        limit 1
    ) as account on true
    where given.revoked_at is null and given.expires_at > %(now)s
    order by given.override_id
"""


def collect_overrides(connection: Connection, *, now: datetime) -> None:
    """Open and resolve the incidents of overrides; running it twice says nothing twice."""
    with transaction(connection) as cursor:
        take_turns(cursor)
        with connection.cursor(cursor_factory=RealDictCursor) as rows:
            rows.execute(_IN_FORCE, {"now": now})
            found = rows.fetchall()
        secrets = known_secrets()
        known = {incident.fingerprint: incident for incident in open_incidents_of(cursor, OVERRIDE)}
        for row in found:
            channel = row.pop("slack_channel") or OPS_CHANNEL
            facts = OverrideFacts.from_json(redact_all(dict(row), secrets))
            incident = known.pop(facts.fingerprint, None)
            if incident is not None:
                see(cursor, incident.incident_id, facts, now)
                continue
            incident_id = insert(
                cursor, facts=facts, kind=OVERRIDE, severity="info", title=override_title(facts), channel=channel,
                now=now,
            )  # fmt: skip
            tell(cursor, incident_id, channel, OPENED, override_message(facts), now)
        for incident in known.values():
            facts = OverrideFacts.from_json(dict(incident.facts))
            close(cursor, incident.incident_id, now)
            text = f"Over: {_title(facts)}. What the checks did not let pass meanwhile is taken back."
            done = message(text, [section(f":white_check_mark: {safe(text)}")])
            tell(cursor, incident.incident_id, incident.channel, RESOLVED, done, now)


def _title(facts: OverrideFacts) -> str:
    account = facts.account_name or facts.account_id
    return f"{facts.named_by} answers for {facts.client_name} · {platform_name(facts.platform)} · {account}"


def override_title(facts: OverrideFacts) -> str:
    """One line for lists of incidents."""
    return safe(_title(facts), 200)


def override_message(facts: OverrideFacts) -> Message:
    """Who answers for which days, why and until when."""
    pairs: list[tuple[str, object]] = [
        ("Client", f"{facts.client_name} ({facts.client_id})"),
        ("Account", f"{account_label(facts.account_name, facts.account_id)}, {platform_name(facts.platform)}"),
        ("Days", f"{facts.first_day} .. {facts.last_day}"),
        ("Until", instant(facts.expires_at)),
        ("Readers see", "Those of the days that checks hold: not certified, state overridden"),
    ]
    blocks = [
        header(_title(facts)),
        *fields(pairs),
        section(f"*Reason*\n{safe(facts.reason, 1200)}"),
        section(f"*To end it*\n`mdp override revoke {facts.override_id} --by ...`"),
        context("The end of it comes into this thread."),
    ]
    return message(f"{_title(facts)}: {facts.reason}", blocks)
