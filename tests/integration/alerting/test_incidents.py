"""Held units and failed runs become incidents that are told once, on a real database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg2.extras import RealDictCursor

from alerting.incidents import collect_held_units, open_incidents, run_failed, run_recovered
from foundation.database import Connection

pytestmark = pytest.mark.integration


def run(connection: Connection, query: str, values: object = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
    connection.commit()


def rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query)
        found = [dict(row) for row in cursor.fetchall()]
    connection.commit()
    return found


def outbox(connection: Connection) -> list[tuple[str, str, str]]:
    """Kind, channel and fallback text of every queued message."""
    return [
        (row["kind"], row["channel"], row["payload"]["text"])
        for row in rows(connection, "select kind, channel, payload from ops.outbox order by outbox_id")
    ]


def quarantine(
    connection: Connection, now: datetime, account: str, *days: int, reason: str = "short answer", attempts: int = 5
) -> None:
    """Days held for five hours; after five readings none is left that may mend them soon."""
    for day in days:
        run(
            connection,
            """
            insert into ops.quarantine (
                platform, account_id, date_day, reason_code, reason, held_since, last_attempt_at, next_attempt_at,
                run_id, attempts
            ) values ('meta_ads', %s, %s, 'short', %s, %s, %s, %s, 'r', %s)
            """,
            (account, date(2026, 11, day), reason, now - timedelta(hours=5), now, now + timedelta(hours=2), attempts),
        )


def publish(connection: Connection, now: datetime, account: str, *days: int, client: str = "acme") -> None:
    run(
        connection,
        "insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts) "
        "values ('r', %s, 1, 0, '{}')",
        (now,),
    )
    for day in days:
        run(
            connection,
            """
            insert into ops.published_day
            select %s, platform, account_id, %s, 'v', %s, null, (select max(publication_id) from ops.publication)
            from raw_registry.account where account_id = %s
            """,
            (client, date(2026, 11, day), now, account),
        )


def read_platforms(connection: Connection, at: datetime) -> None:
    """A load of either platform that ended, whatever it brought."""
    run(connection, "delete from ops.load_run")
    run(
        connection,
        "insert into ops.load_run (run_id, platform, fence, started_at, finished_at) "
        "values ('r', 'meta_ads', 1, %(at)s, %(at)s), ('r', 'google_ads', 2, %(at)s, %(at)s)",
        {"at": at},
    )


def test_quarantined_days_open_one_incident_that_names_everything(warehouse: Connection, now: datetime) -> None:
    publish(warehouse, now, "1001", 15, 16, 17)
    quarantine(warehouse, now, "1001", 17, 18, 19)
    collect_held_units(warehouse, now=now)

    (incident,) = rows(warehouse, "select * from ops.incident")
    assert incident["fingerprint"] == "held/acme/meta_ads/1001/unproved:short"
    assert (incident["client_id"], incident["channel"], incident["severity"]) == ("acme", "C_ACME", "ticket")
    ((kind, channel, _),) = outbox(warehouse)
    assert (kind, channel) == ("incident_opened", "C_ACME")
    text = str(rows(warehouse, "select payload from ops.outbox"))
    for expected in (
        "Acme &amp; Co (acme)",
        "Acme &lt;!channel&gt; (1001), Meta Ads",
        "2026-11-17 .. 2026-11-19 (3 days)",
        "short answer",
        "2026-11-20 07:00 UTC",
        "2026-11-16",
        "2 days absent (not zero), 1 day with the last certified figures",
        "2026-11-20 14:00 UTC",
        "mdp sync meta_ads --from 2026-11-17 --to 2026-11-19 --account 1001",
    ):
        assert expected in text


def test_collecting_twice_says_nothing_twice(warehouse: Connection, now: datetime) -> None:
    quarantine(warehouse, now, "1001", 18)
    collect_held_units(warehouse, now=now)
    collect_held_units(warehouse, now=now + timedelta(hours=1))
    assert len(outbox(warehouse)) == 1
    (incident,) = rows(warehouse, "select last_seen_at from ops.incident")
    assert incident["last_seen_at"] == now + timedelta(hours=1)


def test_a_day_that_is_read_again_by_itself_is_told_when_its_readings_are_used_up(
    warehouse: Connection, now: datetime
) -> None:
    quarantine(warehouse, now, "1001", 18, attempts=4)
    collect_held_units(warehouse, now=now)
    assert outbox(warehouse) == []
    run(warehouse, "update ops.quarantine set attempts = 5")
    collect_held_units(warehouse, now=now + timedelta(hours=1))
    assert [kind for kind, _, _ in outbox(warehouse)] == ["incident_opened"]


def test_readings_that_never_come_do_not_keep_a_held_day_silent(warehouse: Connection, now: datetime) -> None:
    quarantine(warehouse, now, "1001", 18, attempts=1)
    collect_held_units(warehouse, now=now + timedelta(hours=2, minutes=59))
    assert outbox(warehouse) == []
    collect_held_units(warehouse, now=now + timedelta(hours=3))
    assert len(outbox(warehouse)) == 1


def gate_holds(connection: Connection, since: datetime, verified_at: datetime, *, read_again: bool = True) -> None:
    day = date(2026, 11, 18)
    run(
        connection,
        "insert into ops.account_day values ('acme', 'meta_ads', '1001', %s, 'v', 'c', 'BRL', 'America/Sao_Paulo', "
        "'BRL', 1, null, null, null, %s, %s, %s, %s) on conflict (client_id, platform, account_id, date_day) "
        "do update set verified_at = excluded.verified_at",
        (day, day, verified_at, verified_at, since),
    )
    run(
        connection,
        "insert into ops.held_day values ('acme', 'meta_ads', '1001', %s, 'v', 'clicks > impressions', %s, %s) "
        "on conflict do nothing",
        (day, since, read_again),
    )


def test_a_day_that_the_gate_holds_is_told_when_its_last_reading_changed_nothing(
    warehouse: Connection, now: datetime
) -> None:
    gate_holds(warehouse, now, now + timedelta(hours=3))
    collect_held_units(warehouse, now=now + timedelta(hours=5))
    assert outbox(warehouse) == []
    gate_holds(warehouse, now, now + timedelta(hours=6))
    collect_held_units(warehouse, now=now + timedelta(hours=6))
    ((_, _, text),) = outbox(warehouse)
    assert "clicks &gt; impressions" in text
    assert "mdp override acme meta_ads 1001 --from 2026-11-18 --to 2026-11-18" in text


def test_a_check_that_could_not_run_is_told_at_once(warehouse: Connection, now: datetime) -> None:
    gate_holds(warehouse, now, now, read_again=False)
    collect_held_units(warehouse, now=now)
    assert len(outbox(warehouse)) == 1


def test_what_is_held_for_a_day_goes_to_the_operators_once(warehouse: Connection, now: datetime) -> None:
    quarantine(warehouse, now, "1001", 18)
    for hours in (0, 18, 19, 20, 60):
        collect_held_units(warehouse, now=now + timedelta(hours=hours))
    opened, escalated = outbox(warehouse)
    assert opened[:2] == ("incident_opened", "C_ACME")
    assert escalated[:2] == ("incident_escalated", "ops")
    assert escalated[2].startswith("Still held after 1 d: Acme &amp; Co · Meta Ads")
    (incident,) = open_incidents(warehouse)
    assert incident.severity == "page"


def test_a_day_that_is_due_and_was_never_read_is_told_six_hours_later(warehouse: Connection, now: datetime) -> None:
    """The 20th of November in São Paulo ends at 03:00 UTC and is due three hours later."""
    run(warehouse, "update raw_registry.account set active_from = '2026-11-20' where account_id = '1001'")
    run(warehouse, "delete from raw_registry.account where account_id <> '1001'")
    due = datetime(2026, 11, 21, 6, tzinfo=UTC)
    for hours, told in ((6, 0), (6.1, 1), (7, 1)):
        run(warehouse, "update ops.clock set now_at = %s", (due + timedelta(hours=hours),))
        read_platforms(warehouse, due + timedelta(hours=hours - 1))
        collect_held_units(warehouse, now=due + timedelta(hours=hours))
        assert len(outbox(warehouse)) == told
    (_, channel, text) = outbox(warehouse)[0]
    assert channel == "C_ACME"
    assert "2026-11-20 (1 day): due since 2026-11-21 06:00 UTC and never read" in text
    assert "mdp sync meta_ads --from 2026-11-20 --to 2026-11-20 --account 1001" in text


def test_an_account_that_has_ended_misses_nothing(warehouse: Connection, now: datetime) -> None:
    run(
        warehouse,
        "delete from raw_registry.account where account_id <> '1001';"
        "update raw_registry.account set active_from = '2026-11-18', active_to = '2026-11-18';"
        "update ops.clock set now_at = '2026-12-20 12:00+00'",
    )
    publish(warehouse, now, "1001", 18)
    collect_held_units(warehouse, now=datetime(2026, 12, 20, 12, tzinfo=UTC))
    assert outbox(warehouse) == []


def test_the_history_of_a_new_client_has_three_days_before_it_is_missing(warehouse: Connection, now: datetime) -> None:
    for hours, told in ((77, 0), (79, 3)):
        run(warehouse, "update ops.clock set now_at = %s", (now + timedelta(hours=hours),))
        run(warehouse, "update raw_registry.account set active_to = '2026-11-19'")
        read_platforms(warehouse, now + timedelta(hours=hours - 1))
        collect_held_units(warehouse, now=now + timedelta(hours=hours))
        assert len(outbox(warehouse)) == told


def test_a_window_that_grows_is_told_in_the_same_incident_each_time(warehouse: Connection, now: datetime) -> None:
    quarantine(warehouse, now, "1001", 18)
    collect_held_units(warehouse, now=now)
    quarantine(warehouse, now, "1001", 19)
    collect_held_units(warehouse, now=now)
    run(warehouse, "delete from ops.quarantine where date_day = '2026-11-19'")
    collect_held_units(warehouse, now=now)
    texts = [text for kind, _, text in outbox(warehouse) if kind == "incident_changed"]
    assert "2026-11-18 .. 2026-11-19 (2 days); before: 2026-11-18 (1 day)" in texts[0]
    assert "Now held: 2026-11-18 (1 day); before" in texts[1]
    assert len(rows(warehouse, "select * from ops.incident")) == 1


def test_a_released_unit_resolves_with_its_duration_and_a_new_hold_is_a_new_incident(
    warehouse: Connection, now: datetime
) -> None:
    quarantine(warehouse, now, "1001", 18)
    collect_held_units(warehouse, now=now)
    run(warehouse, "delete from ops.quarantine")
    collect_held_units(warehouse, now=now + timedelta(hours=1))
    kind, channel, text = outbox(warehouse)[-1]
    assert (kind, channel) == ("incident_resolved", "C_ACME")
    assert text.startswith("Resolved after 6 h: Acme &amp; Co")
    assert open_incidents(warehouse) == []
    quarantine(warehouse, now, "1001", 18)
    collect_held_units(warehouse, now=now + timedelta(hours=2))
    assert [kind for kind, _, _ in outbox(warehouse)] == ["incident_opened", "incident_resolved", "incident_opened"]


def test_a_failing_account_tells_its_own_next_step_and_the_days_that_it_holds(
    warehouse: Connection, now: datetime
) -> None:
    publish(warehouse, now, "1001", *range(1, 19))
    run(
        warehouse,
        "insert into ops.account_health values ('meta_ads', '1001', 'failing', 'auth', '190/460', "
        "'the token was revoked', 'Connect the account again', %s, %s, null, 3)",
        (now - timedelta(hours=3), now),
    )
    collect_held_units(warehouse, now=now)
    (incident,) = open_incidents(warehouse)
    facts = incident.facts
    assert facts["cause"] == "account:auth"
    assert facts["reason"] == "the token was revoked"
    assert facts["next_step"] == "Connect the account again"
    # 1..18 November are published and inside the 28 days that Meta may restate; the 19th is due and missing.
    assert (facts["first_day"], facts["last_day"], facts["days"]) == ("2026-11-01", "2026-11-19", 19)
    assert facts["days_with_last_good"] == 18


def test_an_account_that_failed_before_any_day_was_due_is_told_all_the_same(
    warehouse: Connection, now: datetime
) -> None:
    run(warehouse, "update raw_registry.account set active_from = '2026-11-20' where account_id = '1001'")
    run(
        warehouse,
        "insert into ops.account_health values ('meta_ads', '1001', 'failing', 'auth', null, 'revoked', null, %s, %s)",
        (now, now),
    )
    collect_held_units(warehouse, now=now)
    (incident,) = open_incidents(warehouse)
    assert incident.facts["days"] == 0
    assert "mdp doctor" in incident.facts["next_step"]


def test_days_held_by_the_gate_make_one_incident_with_the_newest_reason(warehouse: Connection, now: datetime) -> None:
    for day, reason in ((17, "clicks > impressions"), (18, "spend differs by 2.00"), (19, "spend differs by 3.00")):
        run(
            warehouse,
            "insert into ops.held_day values ('other', 'meta_ads', '3003', %s, 'v', %s, %s)",
            (date(2026, 11, day), reason, now - timedelta(hours=9)),
        )
    collect_held_units(warehouse, now=now)
    (incident,) = open_incidents(warehouse)
    assert incident.channel == "ops"
    assert (incident.facts["reason"], incident.facts["other_reasons"]) == ("spend differs by 3.00", 2)


def test_each_client_hears_of_its_own_accounts_only(warehouse: Connection, now: datetime) -> None:
    run(warehouse, "update raw_registry.client set slack_channel = 'C_OTHER' where client_id = 'other'")
    quarantine(warehouse, now, "1001", 18)
    quarantine(warehouse, now, "3003", 18)
    collect_held_units(warehouse, now=now)
    assert {(channel, "3003" in text) for _, channel, text in outbox(warehouse)} == {
        ("C_ACME", False),
        ("C_OTHER", True),
    }


def test_an_account_that_moved_tells_the_client_that_owned_it_on_the_held_day(
    warehouse: Connection, now: datetime
) -> None:
    run(warehouse, "update raw_registry.account set active_to = '2026-11-10' where account_id = '1001'")
    run(
        warehouse,
        "insert into raw_registry.account select 'other', platform, account_id, name, currency, timezone, credential, "
        "null, '2026-11-11', null, 'h', loaded_at from raw_registry.account where account_id = '1001'",
    )
    quarantine(warehouse, now, "1001", 9, 12)
    collect_held_units(warehouse, now=now)
    found = {(item.facts["client_id"], item.facts["first_day"]) for item in open_incidents(warehouse)}
    assert found == {("acme", "2026-11-09"), ("other", "2026-11-12")}


def test_archived_clients_are_not_told_about(warehouse: Connection, now: datetime) -> None:
    run(warehouse, "update raw_registry.client set status = 'archived' where client_id = 'acme'")
    quarantine(warehouse, now, "1001", 18)
    collect_held_units(warehouse, now=now)
    assert outbox(warehouse) == []


def test_a_secret_in_a_reason_reaches_neither_the_outbox_nor_the_incident(
    warehouse: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDP_CREDENTIAL_META_ACCESS_TOKEN", "plain words as token")
    quarantine(warehouse, now, "1001", 18, reason="plain words as token, access_token=EAABsbCS1iHgBAKZC")
    collect_held_units(warehouse, now=now)
    stored = str(rows(warehouse, "select payload from ops.outbox")) + str(rows(warehouse, "select * from ops.incident"))
    assert "plain words as token" not in stored
    assert "EAAB" not in stored


def test_a_crash_before_the_commit_leaves_neither_incident_nor_message(
    warehouse: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine(warehouse, now, "1001", 18)
    monkeypatch.setattr("alerting.incident_store.enqueue", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        collect_held_units(warehouse, now=now)
    assert open_incidents(warehouse) == []
    monkeypatch.undo()
    collect_held_units(warehouse, now=now)
    assert len(outbox(warehouse)) == 1


def fail(connection: Connection, now: datetime, run_id: str, **changes: Any) -> None:
    values = {"job": "publish", "step": "dbt_build", "error": "relation missing", **changes}
    run_failed(connection, run_id=run_id, now=now, **values)


def test_a_failed_run_pages_the_operators_once_and_its_repetitions_ever_more_rarely(
    warehouse: Connection, now: datetime
) -> None:
    for number in range(1, 6):
        fail(warehouse, now + timedelta(hours=number), f"run-{number}")
        fail(warehouse, now + timedelta(hours=number), f"run-{number}")
    kinds = [(kind, channel) for kind, channel, _ in outbox(warehouse)]
    assert kinds == [("incident_opened", "ops"), ("incident_changed", "ops"), ("incident_changed", "ops")]
    (incident,) = open_incidents(warehouse)
    assert incident.severity == "page"
    assert incident.facts["failures"] == 5


def test_a_job_that_succeeds_again_resolves_its_incident(warehouse: Connection, now: datetime) -> None:
    fail(warehouse, now, "run-1")
    assert run_recovered(warehouse, job="publish", now=now + timedelta(minutes=90))
    assert not run_recovered(warehouse, job="publish", now=now + timedelta(minutes=91))
    assert outbox(warehouse)[-1][2] == "Resolved after 1 h 30 min: publish runs again (1 failed run)."


def test_a_late_report_of_a_run_that_was_told_before_its_job_recovered_says_nothing(
    warehouse: Connection, now: datetime
) -> None:
    fail(warehouse, now, "run-1")
    run_recovered(warehouse, job="publish", now=now)
    fail(warehouse, now, "run-1")
    assert len(outbox(warehouse)) == 2
