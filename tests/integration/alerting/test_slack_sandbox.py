"""The messages that the platform really builds are taken by a Slack that checks them, and stand in one thread."""

import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerting.delivery import deliver, slack_client
from alerting.incidents import collect_held_units, run_failed, run_recovered
from foundation.clock import SystemClock
from foundation.database import Connection, transaction
from foundation.settings import Settings
from sandbox.credentials import slack_token
from sandbox.process import SandboxHandle, start

pytestmark = pytest.mark.integration

SEED = 11
OPERATIONS = "C0OPERATIONS"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    directory: Path = tmp_path_factory.mktemp("sandbox")
    handle = start(directory, directory / "clock", seed=SEED, clients=1, ads=2, days=2)
    yield handle
    handle.stop()


def get(url: str, token: str = "") -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_held_unit_and_a_failed_run_are_told_changed_and_resolved_in_threads_of_their_own(
    warehouse: Connection, sandbox: SandboxHandle, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = slack_token(SEED)
    monkeypatch.setenv("MDP_SLACK_BOT_TOKEN", token)
    settings = Settings(slack_base_url=f"{sandbox.url}/slack/api/", slack_ops_channel=OPERATIONS)
    channels = get(f"{sandbox.url}/slack/api/conversations.list", token)["channels"]
    channel = next(item["id"] for item in channels if item["id"] != OPERATIONS)
    client = slack_client(settings)
    assert client is not None

    def change(statement: str) -> None:
        with transaction(warehouse) as cursor:
            cursor.execute(statement, {"now": now, "channel": channel})

    change("update raw_registry.client set slack_channel = %(channel)s where client_id = 'acme'")
    change(
        "insert into ops.held_day select 'acme', 'meta_ads', '1001', date '2026-11-10' + n, 'v', "
        "'clicks <!here> & more', %(now)s, false from generate_series(0, 2) as n"
    )
    collect_held_units(warehouse, now=now)
    run_failed(warehouse, job="daily", run_id="r-1", step="dbt_build", error="boom <@U1>", now=now, run_url=sandbox.url)
    change("delete from ops.held_day where date_day = '2026-11-10'")
    collect_held_units(warehouse, now=now)
    change("delete from ops.held_day")
    collect_held_units(warehouse, now=now + timedelta(hours=2))
    run_recovered(warehouse, job="daily", now=now + timedelta(hours=2))
    summary = deliver(
        warehouse, client, ops_channel=settings.slack_ops_channel, clock=SystemClock(), sleeper=time.sleep
    )
    assert (summary.sent, summary.failed, summary.errors) == (5, 0, {})

    posted = get(f"{sandbox.url}/slack/messages")
    told = [message for message in posted if message["channel"] == channel]
    paged = [message for message in posted if message["channel"] == OPERATIONS]
    assert [message.get("thread_ts") for message in told] == [None, told[0]["ts"], told[0]["ts"]]
    assert [message.get("thread_ts") for message in paged] == [None, paged[0]["ts"]]
    assert told[0]["text"].startswith("Held: Acme &amp; Co · Meta Ads · Acme &lt;!channel&gt; (1001)")
    assert "2026-11-11 .. 2026-11-12 (2 days)" in told[1]["text"]
    assert told[2]["text"].startswith("Resolved after 2 h")
    assert "<!" not in json.dumps(posted)
    assert "<@" not in json.dumps(posted)
