"""The morning digest of a client, from published figures on a real database."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from alerting.digest import queue_digests
from foundation.database import Connection

pytestmark = pytest.mark.integration

YESTERDAY = date(2026, 11, 19)


def run(connection: Connection, query: str, values: object = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
    connection.commit()


@pytest.fixture
def published(warehouse: Connection, now: datetime) -> Connection:
    """Yesterday, the day before and a week before are published for all accounts; spend of each is known."""
    run(
        warehouse,
        """
        create table analytics.fct_campaign_performance_daily (
            client_id text, platform text, account_id text, campaign_id text, date_day date, spend numeric,
            spend_reporting numeric
        );
        insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts)
        values ('r', %(now)s, 1, 0, '{}');
        insert into ops.published_day
        select account.client_id, account.platform, account.account_id, %(day)s::date - ago, 'v', %(now)s, null,
            (select max(publication_id) from ops.publication)
        from raw_registry.account cross join unnest(array[0, 1, 7]) as ago;
        insert into analytics.fct_campaign_performance_daily values
        ('acme', 'meta_ads', '1001', 'a', %(day)s, 60, 60), ('acme', 'meta_ads', '1001', 'b', %(day)s, 40.5, 40.5),
        ('acme', 'meta_ads', '1001', 'a', %(day)s::date - 1, 50.25, 50.25),
        ('acme', 'meta_ads', '1001', 'a', %(day)s::date - 7, 201, 201),
        ('acme', 'google_ads', '2002', 'g', %(day)s, 10, 54.321), ('acme', 'google_ads', '2002', 'h', %(day)s, 3, null),
        ('other', 'meta_ads', '3003', 'x', %(day)s, 999, 999);
        """,
        {"now": now, "day": YESTERDAY},
    )
    return warehouse


def digest_of(connection: Connection, client: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select payload::text, channel from ops.outbox where dedupe_key like %s", (f"digest/{client}/%",)
        )
        ((payload, _),) = cursor.fetchall()
    connection.commit()
    return str(payload)


def channels(connection: Connection) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select dedupe_key, channel from ops.outbox order by 1")
        found: dict[str, Any] = dict(cursor.fetchall())
    connection.commit()
    return found


def test_the_digest_shows_yesterdays_published_spend_and_what_it_compares_with(
    published: Connection, now: datetime
) -> None:
    assert queue_digests(published, now=now) == ("acme", "other")
    text = digest_of(published, "acme")
    assert "Thu 19 Nov 2026" in text
    assert "*Meta Ads*  R$100.50  (vs Wed +100.0%, vs last Thu -50.0%); 1 of 1 account certified" in text
    assert "*Google Ads*  R$54.32" in text
    assert "1 row without an exchange rate not counted" in text
    assert "*All ad platforms*  R$154.82" in text
    assert "999" not in text
    assert channels(published) == {"digest/acme/2026-11-19": "C_ACME", "digest/other/2026-11-19": "ops"}


def test_a_client_hears_once_a_day_however_often_it_is_asked(published: Connection, now: datetime) -> None:
    queue_digests(published, now=now)
    assert queue_digests(published, now=now + timedelta(hours=3)) == ()
    assert len(channels(published)) == 2


def test_nobody_hears_before_morning_in_their_own_time_zone(published: Connection, now: datetime) -> None:
    at_six_utc = now.replace(hour=6)
    assert queue_digests(published, now=at_six_utc) == ("other",)
    assert queue_digests(published, now=at_six_utc.replace(hour=10)) == ("acme",)


def test_a_digest_waits_for_days_to_come_until_its_last_hour(published: Connection, now: datetime) -> None:
    run(published, "delete from ops.published_day where account_id = '1001' and date_day = %s", (YESTERDAY,))
    assert queue_digests(published, now=now) == ("other",)
    assert queue_digests(published, now=now + timedelta(hours=2)) == ("acme",)
    assert "1 of 2 accounts certified" in digest_of(published, "acme")
    assert "no published figure" in digest_of(published, "acme")


def test_a_digest_does_not_wait_for_a_day_that_ends_later_in_california(published: Connection, now: datetime) -> None:
    run(
        published,
        """
        insert into ops.platform_rule values ('instagram', 4, 6, 'pacific');
        insert into raw_registry.account (client_id, platform, account_id, currency, timezone, credential, active_from,
            content_hash, loaded_at)
        values ('acme', 'instagram', '4004', 'BRL', 'America/Los_Angeles', 'i', '2026-11-01', 'h', %(now)s);
        insert into ops.published_day
        select 'acme', 'instagram', '4004', %(day)s::date - 1, 'v', %(now)s, null, max(publication_id)
        from ops.publication;
        create table analytics.fct_instagram_account_daily (
            client_id text, platform text, account_id text, date_day date, views bigint
        );
        insert into analytics.fct_instagram_account_daily values
        ('acme', 'instagram', '4004', %(day)s::date - 1, 4321);
        """,
        {"now": now, "day": YESTERDAY},
    )
    # Noon in UTC is 9 in Sao Paulo; the 19th ended in California at 8:00 UTC and is due six hours later.
    assert queue_digests(published, now=now) == ("acme", "other")
    text = digest_of(published, "acme")
    assert "*Instagram*  not due yet; Wed 4,321 views" in text
    assert "2 of 2 accounts certified" in text


def test_held_accounts_are_listed_with_their_days_and_reason(published: Connection, now: datetime) -> None:
    for day in (YESTERDAY, YESTERDAY - timedelta(days=1)):
        run(
            published,
            "insert into ops.held_day values ('acme', 'meta_ads', '1001', %s, 'v', 'spend differs by 2.00', %s)",
            (day, now),
        )
    queue_digests(published, now=now)
    text = digest_of(published, "acme")
    assert "Acme &lt;!channel&gt; (1001), Meta Ads: 2026-11-18 .. 2026-11-19 (2 days): spend differs by 2.00" in text
    assert "1 of 2 accounts certified" in text


def test_days_restated_since_the_last_digest_are_summed_once(published: Connection, now: datetime) -> None:
    queue_digests(published, now=now - timedelta(days=1))
    for report, metric, day, old, new, at in (
        ("campaign_daily", "spend", 10, "5.00", "6.50", now),
        ("campaign_daily", "spend", 11, "5.00", "4.75", now),
        ("campaign_daily", "clicks", 11, "5", "700", now),
        ("ad_daily", "spend", 11, "5.00", "4.75", now),
        ("campaign_daily", "spend", 12, "1.00", "900.00", now - timedelta(days=2)),
    ):
        run(
            published,
            "insert into ops.restatement (platform, account_id, report, date_day, metric, old_value, new_value, "
            "detected_at, old_version, new_version, run_id) "
            "values ('google_ads', '2002', %s, %s, %s, %s, %s, %s, 1, 2, 'r')",
            (report, date(2026, 11, day), metric, old, new, at),
        )
    queue_digests(published, now=now)
    with published.cursor() as cursor:
        cursor.execute("select payload::text from ops.outbox where dedupe_key = 'digest/acme/2026-11-19'")
        ((payload,),) = cursor.fetchall()
    assert "2002, Google Ads: 2 days (2026-11-10 .. 2026-11-11), spend +$1.25" in payload


def test_before_the_first_publication_there_is_no_digest(warehouse: Connection, now: datetime) -> None:
    assert queue_digests(warehouse, now=now) == ()
