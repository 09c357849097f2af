"""Tells of settled months whose published days are not what the platform says of the whole month."""

from datetime import datetime

from psycopg2.extras import RealDictCursor

from alerting import messages
from alerting.facts import SETTLED_MONTH, MonthFacts
from alerting.incident_store import CHANGED, OPENED, RESOLVED, close, insert, open_incidents_of, see, take_turns, tell
from alerting.outbox import OPS_CHANNEL
from foundation.database import Connection, transaction
from foundation.redaction import known_secrets, redact_all

_DIFFERING = """
    select
        certificate.client_id, client.name as client_name, client.slack_channel, certificate.platform,
        certificate.account_id, account.name as account_name, certificate.month, certificate.first_day,
        case when bool_or(certificate.verdict = 'differs') then 'differs' else 'warned' end as verdict,
        jsonb_object_agg(certificate.metric, certificate.difference::text) as differences,
        string_agg(certificate.reason, E'\\n' order by certificate.metric = 'spend' desc, certificate.metric) as reason
    from ops.month_certificate as certificate
    inner join raw_registry.client using (client_id)
    left join lateral (
        select known.name
        from raw_registry.account as known
        where known.client_id = certificate.client_id and known.platform = certificate.platform
            and known.account_id = certificate.account_id
        order by known.active_from desc
        limit 1
    ) as account on true
    where certificate.verdict in ('differs', 'warned') and client.status = 'active'
    group by certificate.client_id, client.name, client.slack_channel, certificate.platform, certificate.account_id,
        account.name, certificate.month, certificate.first_day
    order by certificate.client_id, certificate.platform, certificate.account_id, certificate.first_day
"""


def read_differing_months(connection: Connection, now: datetime) -> list[tuple[MonthFacts, str | None]]:
    """Every month with a metric that is warned or differs, with the client's Slack channel."""
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(_DIFFERING)
        rows = cursor.fetchall()
    secrets = known_secrets()
    return [
        (MonthFacts.from_json(redact_all({**row, "since": now}, secrets)), channel)
        for row in rows
        for channel in [row.pop("slack_channel")]
    ]


def collect_settled_months(connection: Connection, *, now: datetime) -> None:
    """Open, update and resolve the incidents of settled months; running it twice says nothing twice."""
    with transaction(connection) as cursor:
        take_turns(cursor)
        known = {incident.fingerprint: incident for incident in open_incidents_of(cursor, SETTLED_MONTH)}
        for facts, channel in read_differing_months(connection, now):
            incident = known.pop(facts.fingerprint, None)
            if incident is None:
                where = channel or OPS_CHANNEL
                incident_id = insert(
                    cursor, facts=facts, kind=SETTLED_MONTH,
                    severity="ticket" if facts.verdict == "differs" else "info",
                    title=messages.month_title(facts), channel=where, now=now,
                )  # fmt: skip
                tell(cursor, incident_id, where, OPENED, messages.month_differs(facts), now)
                continue
            told = MonthFacts.from_json(dict(incident.facts))
            facts = facts.model_copy(update={"since": told.since})
            see(cursor, incident.incident_id, facts, now)
            if facts.differences != told.differences:
                tell(cursor, incident.incident_id, incident.channel, CHANGED, messages.month_differs(facts), now)
        for incident in known.values():
            facts = MonthFacts.from_json(dict(incident.facts))
            close(cursor, incident.incident_id, now)
            tell(cursor, incident.incident_id, incident.channel, RESOLVED, messages.month_resolved(facts, now), now)
