"""A warehouse with two clients, and a Slack that answers over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from slack_server import ScriptedSlack, scripted_slack

from foundation.database import Connection, connect

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class MovingClock:
    """A clock that only sleeping moves."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def slack() -> Iterator[ScriptedSlack]:
    with scripted_slack() as server:
        yield server


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Connection]:
    """Clients acme (BRL, Sao Paulo, channel C_ACME) and other (EUR, Berlin, no channel), with three accounts."""
    with connect(warehouse_url) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                insert into ops.clock (now_at) values (%(now)s);
                insert into ops.platform_rule values ('meta_ads', 28, 3, 'account'), ('google_ads', 30, 3, 'account');
                insert into ops.report_definition (platform, report, level, required, proved_by)
                select platform, report, 'any', true, proved_by
                from unnest(array['meta_ads', 'google_ads']) as platform cross join (
                    values ('campaign_daily', 'account_total'), ('ad_daily', 'own_campaign')
                ) as report (report, proved_by);
                insert into raw_registry.client values
                ('acme', 'Acme & Co', 'active', 'BRL', 'America/Sao_Paulo', 'C_ACME', '2026-11-01', null, 'h', %(now)s),
                ('other', 'Other', 'active', 'EUR', 'Europe/Berlin', null, '2026-11-01', null, 'h', %(now)s);
                insert into raw_registry.account (
                    client_id, platform, account_id, name, currency, timezone, credential, active_from, content_hash,
                    loaded_at
                ) values
                (
                    'acme', 'meta_ads', '1001', 'Acme <!channel>', 'BRL', 'America/Sao_Paulo', 'm', '2026-11-01', 'h',
                    %(now)s
                ),
                ('acme', 'google_ads', '2002', null, 'USD', 'America/Sao_Paulo', 'g', '2026-11-01', 'h', %(now)s),
                ('other', 'meta_ads', '3003', 'Other DE', 'EUR', 'Europe/Berlin', 'm', '2026-11-01', 'h', %(now)s);
                """,
                {"now": NOW},
            )
        connection.commit()
        yield connection


@pytest.fixture
def now() -> datetime:
    return NOW
