"""Deadlines of credentials and API versions become incidents: once a step, resolved when they are mended."""

from datetime import datetime, timedelta

from alerting.deadlines import collect_deadlines
from alerting.incidents import open_incidents
from foundation.database import Connection


def _run(connection: Connection, statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    connection.commit()


def _messages(connection: Connection) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select kind from ops.outbox order by outbox_id")
        return [kind for (kind,) in cursor.fetchall()]


def _credential(connection: Connection, name: str, expires_at: datetime) -> None:
    _run(
        connection,
        """insert into ops.credential_state (platform, credential, calls, expires_at, checked_at)
        values ('meta_ads', %s, 1, %s, now())
        on conflict (platform, credential) do update set expires_at = excluded.expires_at""",
        name,
        expires_at,
    )


def test_an_expiring_credential_is_told_at_each_step_and_resolved_when_it_is_renewed(
    warehouse: Connection, now: datetime
) -> None:
    _credential(warehouse, "m", now + timedelta(days=20))
    collect_deadlines(warehouse, now=now)
    assert open_incidents(warehouse) == []
    for days, told in ((13, 1), (12, 1), (6, 2), (6, 2), (1, 3), (0, 4)):
        collect_deadlines(warehouse, now=now + timedelta(days=20 - days))
        assert len(_messages(warehouse)) == told
    (incident,) = open_incidents(warehouse)
    assert incident.title == f"Meta Ads: credential m ends {now + timedelta(days=20):%Y-%m-%d}"
    _credential(warehouse, "m", now + timedelta(days=80))
    collect_deadlines(warehouse, now=now + timedelta(days=20))
    assert open_incidents(warehouse) == []
    assert _messages(warehouse) == ["incident_opened", *["incident_changed"] * 3, "incident_resolved"]


def test_a_credential_that_no_active_account_uses_and_a_version_that_is_not_in_use_are_nobodys_concern(
    warehouse: Connection, now: datetime
) -> None:
    _credential(warehouse, "forgotten", now + timedelta(days=1))
    _run(
        warehouse,
        "insert into ops.api_version values ('google_ads', 'v23', %s, 'calendar', false)",
        now.date() + timedelta(days=3),
    )
    collect_deadlines(warehouse, now=now)
    assert open_incidents(warehouse) == []


def test_an_api_version_in_use_is_warned_of_and_an_upgrade_resolves_it(warehouse: Connection, now: datetime) -> None:
    _run(
        warehouse,
        "insert into ops.api_version values ('google_ads', 'v23', %s, 'calendar', true)",
        now.date() + timedelta(days=25),
    )
    collect_deadlines(warehouse, now=now)
    (incident,) = open_incidents(warehouse)
    assert "API version v23" in incident.title
    _run(warehouse, "update ops.api_version set in_use = false")
    collect_deadlines(warehouse, now=now)
    assert open_incidents(warehouse) == []
