"""Warnings of drifts reach people once: in the digest, and grave ones in the client's channel."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from slack_server import ScriptedSlack

from alerting.anomalies import queue_grave_anomalies, warning_lines
from alerting.delivery import deliver
from alerting.digest import queue_digests
from alerting.slack import SlackWebClient
from foundation.database import Connection, transaction

pytestmark = pytest.mark.integration


def drift(connection: Connection, now: datetime, **other: Any) -> None:
    """An account of acme whose spend of 19 November was 40 BRL where 100 was expected; told an hour ago."""
    row: dict[str, Any] = {
        "scope": "account", "client_id": "acme", "platform": "meta_ads", "account_id": "1001", "campaign_id": "",
        "family": "delivery", "metric": "spend", "first_day": "2026-11-19", "last_day": "2026-11-19", "observed": 40.0,
        "expected": 1234.0, "low": 900.0, "high": 1700.0, "score": -6.0, "at_stake": 1194.0,
        "reporting_currency": "BRL", "severity": "ticket", "is_gross": True, "causes": ["ads <!here> rejected"],
        "next_steps": ["billing of the account"], "also": [], "runs_seen": 1, "last_run_day": "2026-11-19",
        "first_seen": now, "last_seen": now, "told_at": now - timedelta(hours=1), **other,
    }  # fmt: skip
    with transaction(connection) as cursor:
        cursor.execute(
            f"insert into ops.anomaly ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})", tuple(row.values())
        )


def posted(connection: Connection, slack: ScriptedSlack, clock: Any) -> list[tuple[str, str]]:
    """(channel, text with blocks) of what a delivery posts now."""
    before = len(slack.accepted)
    clock.at += timedelta(days=7)
    deliver(connection, SlackWebClient("xoxb-test", slack.url), ops_channel="C_OPS", clock=clock, sleeper=clock.sleep)
    return [(body["channel"], f"{body['text']} {body['blocks']}") for body in slack.accepted[before:]]


def test_a_grave_drift_is_posted_once_a_client_and_week_and_lesser_ones_not_at_all(
    warehouse: Connection, slack: ScriptedSlack, clock: Any, now: datetime
) -> None:
    drift(warehouse, now)
    drift(warehouse, now, client_id="other", account_id="3003", severity="info")
    drift(warehouse, now, account_id="1002", told_at=None)
    queue_grave_anomalies(warehouse, now=now)
    ((channel, text),) = posted(warehouse, slack, clock)
    assert channel == "C_ACME"
    assert "Worth a look today: Acme" in text
    assert "meta_ads 1001: spend 40 where 1,234 was expected, 2026-11-19, 1,194 BRL at stake" in text
    assert "see billing of the account" in text
    assert "<!here>" not in text
    assert "1002" not in text

    drift(warehouse, now, account_id="1003")
    queue_grave_anomalies(warehouse, now=now + timedelta(hours=1))
    assert posted(warehouse, slack, clock) == []
    # A Friday: next week's first message names what is still open.
    queue_grave_anomalies(warehouse, now=now + timedelta(days=3))
    ((_, text),) = posted(warehouse, slack, clock)
    assert "1003" in text


def test_an_outage_of_a_platform_goes_to_the_operators_without_anybodys_figures(
    warehouse: Connection, slack: ScriptedSlack, clock: Any, now: datetime
) -> None:
    drift(warehouse, now, scope="platform", client_id="", account_id="")
    queue_grave_anomalies(warehouse, now=now)
    ((channel, text),) = posted(warehouse, slack, clock)
    assert channel == "C_OPS"
    assert "meta_ads, many accounts at once: spend left its pattern" in text
    assert "1,234" not in text


def test_the_digest_has_a_line_for_each_drift_told_since_the_last_one(
    warehouse: Connection, slack: ScriptedSlack, clock: Any, now: datetime
) -> None:
    with transaction(warehouse) as cursor:
        cursor.execute(
            "create table analytics.fct_campaign_performance_daily (client_id text, platform text, account_id text, "
            "campaign_id text, date_day date, spend numeric, spend_reporting numeric);"
            "insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts) "
            "values ('r', %(now)s, 1, 0, '{}');"
            "insert into ops.published_day select client_id, platform, account_id, '2026-11-19', 'v', %(now)s, null, "
            "(select max(publication_id) from ops.publication) from raw_registry.account",
            {"now": now},
        )
    drift(warehouse, now, severity="info")
    drift(warehouse, now, account_id="2002", platform="google_ads", resolved_at=now)
    drift(warehouse, now, account_id="2003", told_at=now - timedelta(days=30))
    drift(warehouse, now, scope="platform", client_id="", account_id="", platform="google_ads")
    queue_digests(warehouse, now=now)
    text = next(text for channel, text in posted(warehouse, slack, clock) if channel == "C_ACME")
    assert "Worth a look" in text
    assert "meta_ads 1001: spend 40 where 1,234 was expected" in text
    assert "google_ads, many accounts at once" in text
    assert "2002" not in text.partition("Worth a look")[2]
    assert "2003" not in text

    with transaction(warehouse) as cursor:
        told_later = warning_lines(cursor, "acme", now)
        elsewhere = warning_lines(cursor, "other", now - timedelta(days=2))
    assert told_later == ()
    assert elsewhere == ()
    queue_digests(warehouse, now=now)
    assert posted(warehouse, slack, clock) == []
