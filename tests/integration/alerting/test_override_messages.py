"""An override is told to its client when it begins and when it is over, once each."""

from datetime import datetime, timedelta

import pytest

from alerting.incidents import open_incidents
from alerting.overrides import collect_overrides
from foundation.database import Connection

pytestmark = pytest.mark.integration


def outbox(connection: Connection) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select kind, channel, payload::text from ops.outbox order by outbox_id")
        return cursor.fetchall()


def test_a_person_who_answers_for_held_days_is_told_of_with_reason_and_end(
    warehouse: Connection, now: datetime
) -> None:
    with warehouse.cursor() as cursor:
        cursor.execute(
            "insert into ops.gate_override (client_id, platform, account_id, first_day, last_day, named_by, reason, "
            "created_at, expires_at) values ('acme', 'meta_ads', '1001', '2026-11-17', '2026-11-18', 'Ana <!here>', "
            "'invoice 4711 says so', %s, %s)",
            (now, now + timedelta(days=2)),
        )
    warehouse.commit()
    collect_overrides(warehouse, now=now)
    collect_overrides(warehouse, now=now + timedelta(hours=1))
    ((kind, channel, payload),) = outbox(warehouse)
    assert (kind, channel) == ("incident_opened", "C_ACME")
    for expected in ("Ana &lt;!here&gt; answers for", "2026-11-17 .. 2026-11-18", "invoice 4711 says so",
                     "2026-11-22 12:00 UTC", "mdp override revoke 1 --by"):  # fmt: skip
        assert expected in payload
    (incident,) = open_incidents(warehouse)
    assert (incident.kind, incident.severity) == ("override", "info")

    collect_overrides(warehouse, now=now + timedelta(days=2))
    assert [kind for kind, _, _ in outbox(warehouse)] == ["incident_opened", "incident_resolved"]
    assert open_incidents(warehouse) == []
