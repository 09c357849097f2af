"""Schedules that stand still are one page for the operators, not an incident for each account."""

from datetime import UTC, date, datetime, timedelta

import pytest

from alerting.incidents import collect_held_units, open_incidents
from foundation.database import Connection, transaction

pytestmark = pytest.mark.integration

# São Paulo's 20th of November is due on the 21st at 06:00 UTC and missing six hours later, Berlin's at 02:00 UTC.
DUE = datetime(2026, 11, 21, 6, tzinfo=UTC)


def run(connection: Connection, statement: str, **values: object) -> None:
    with transaction(connection) as cursor:
        cursor.execute(statement, values)


def loaded(connection: Connection, platform: str, started_at: datetime, *, ended: bool = True) -> None:
    run(
        connection,
        "insert into ops.load_run (run_id, platform, fence, started_at, finished_at) "
        "values ('r', %(platform)s, nextval('ops.fence_seq'), %(at)s, %(end)s)",
        platform=platform, at=started_at, end=started_at + timedelta(minutes=5) if ended else None,
    )  # fmt: skip


def publish(connection: Connection, account: str, at: datetime) -> None:
    run(
        connection,
        "with publication as (insert into ops.publication (run_id, published_at, account_days, held_account_days, "
        "row_counts) values ('r', %(at)s, 1, 0, '{}') returning publication_id) "
        "insert into ops.published_day select client_id, platform, account_id, %(day)s, 'v', %(at)s, null, "
        "publication_id from raw_registry.account, publication where account_id = %(account)s",
        account=account, day=date(2026, 11, 20), at=at,
    )  # fmt: skip


def look(connection: Connection, at: datetime) -> list[tuple[str, str, str]]:
    """Collect at an instant of the world; kind, channel and first words of all that was said so far."""
    run(connection, "update ops.clock set now_at = %(at)s", at=at)
    collect_held_units(connection, now=at)
    with connection.cursor() as cursor:
        cursor.execute("select kind, channel, payload ->> 'text' from ops.outbox order by outbox_id")
        said = cursor.fetchall()
    connection.commit()
    return said


@pytest.fixture
def world(warehouse: Connection) -> Connection:
    """Three accounts that owe the 20th of November only; both platforms were last read on the evening of that day."""
    run(warehouse, "update raw_registry.account set active_from = '2026-11-20', active_to = '2026-11-20'")
    for platform in ("meta_ads", "google_ads"):
        loaded(warehouse, platform, DUE - timedelta(hours=12))
    return warehouse


def test_a_scheduler_that_stood_still_is_one_page_a_platform_and_no_clients_channel_hears_of_it(
    world: Connection,
) -> None:
    said = look(world, DUE + timedelta(hours=7))
    assert [(kind, channel) for kind, channel, _ in said] == [("incident_opened", "ops")] * 2
    assert {incident.severity for incident in open_incidents(world)} == {"page"}
    (text,) = [text for _, _, text in said if "Meta Ads" in text]
    assert text.startswith(
        "Nothing is read from Meta Ads since 2026-11-20 18:00 UTC: "
        "2 accounts of 2 clients lack 2026-11-20 (1 day). Next step: "
    )
    assert "mdp sync meta_ads" in text
    assert look(world, DUE + timedelta(hours=8)) == said


def test_it_is_resolved_once_a_load_has_ended_and_accounts_that_it_did_not_read_are_told_then(
    world: Connection,
) -> None:
    look(world, DUE + timedelta(hours=7))
    loaded(world, "meta_ads", DUE + timedelta(hours=7, minutes=5))
    loaded(world, "google_ads", DUE + timedelta(hours=7, minutes=7))
    publish(world, "3003", DUE + timedelta(hours=8))
    publish(world, "2002", DUE + timedelta(hours=8))
    said = look(world, DUE + timedelta(hours=8))[2:]
    assert sorted(kind for kind, _, _ in said) == ["incident_opened", "incident_resolved", "incident_resolved"]
    assert {text for kind, _, text in said if kind == "incident_resolved"} == {
        "Resolved after 1 h: Meta Ads is read again.",
        "Resolved after 1 h: Google Ads is read again.",
    }
    ((channel, text),) = [(channel, text) for kind, channel, text in said if kind == "incident_opened"]
    assert channel == "C_ACME"
    assert "due since 2026-11-21 06:00 UTC and never read" in text


def test_a_load_that_hangs_has_read_nothing(world: Connection) -> None:
    loaded(world, "meta_ads", DUE + timedelta(hours=1), ended=False)
    loaded(world, "google_ads", DUE + timedelta(hours=1))
    said = look(world, DUE + timedelta(hours=7))
    assert [text.split(" since ")[0] for _, channel, text in said if channel == "ops"] == [
        "Nothing is read from Meta Ads"
    ]
    assert [channel for _, channel, text in said if "Google Ads" in text] == ["C_ACME"]


def test_clients_are_told_where_a_standstill_is_not_mended_within_eight_hours(world: Connection) -> None:
    opened = look(world, DUE + timedelta(hours=7))
    assert look(world, DUE + timedelta(hours=14, minutes=59)) == opened
    told = look(world, DUE + timedelta(hours=15))[len(opened) :]
    assert sorted((kind, channel) for kind, channel, _ in told) == [
        ("incident_opened", "C_ACME"),
        ("incident_opened", "C_ACME"),
        ("incident_opened", "ops"),
    ]
    assert {incident.kind for incident in open_incidents(world)} == {"standstill", "held"}


def test_a_platform_that_was_never_read_says_so(world: Connection) -> None:
    run(world, "delete from ops.load_run where platform = 'google_ads'")
    loaded(world, "meta_ads", DUE + timedelta(hours=1))
    said = look(world, DUE + timedelta(hours=7))
    assert [text.split(":")[0] for _, channel, text in said if "Google" in text] == [
        "Nothing is read from Google Ads and never was"
    ]
