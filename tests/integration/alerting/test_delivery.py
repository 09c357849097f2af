"""The outbox reaches Slack over real HTTP: nothing lost, in order, within Slack's limits."""

import json
import multiprocessing
import os
import signal
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerting.blocks import message, section
from alerting.delivery import deliver, outbox_state, slack_client
from alerting.outbox import enqueue
from alerting.slack import SlackWebClient
from foundation.clock import Clock, SystemClock
from foundation.database import Connection, connect, transaction
from foundation.settings import load_settings

pytestmark = pytest.mark.integration


def queue(
    connection: Connection, now: datetime, *texts: str, channel: str = "C1", incident_id: int | None = None
) -> None:
    with transaction(connection) as cursor:
        for text in texts:
            enqueue(
                cursor,
                dedupe_key=f"key/{text}",
                kind="digest",
                channel=channel,
                message=message(text, [section(text)]),
                now=now,
                incident_id=incident_id,
            )


def incident(connection: Connection, now: datetime) -> int:
    with transaction(connection) as cursor:
        cursor.execute(
            "insert into ops.incident (fingerprint, kind, severity, title, facts, opened_at, last_seen_at, channel) "
            "values ('f', 'held', 'ticket', 't', '{}', %s, %s, 'C1') returning incident_id",
            (now, now),
        )
        row = cursor.fetchone()
        assert row
        return int(row[0])


def post(connection: Connection, slack: Any, clock: Any, **changes: Any) -> Any:
    client = SlackWebClient("xoxb-test", slack.url)
    return deliver(connection, client, clock=clock, sleeper=clock.sleep, **{"ops_channel": "C_OPS", **changes})


def scripted(*answers: Any) -> list[Any]:
    from slack_server import Answer, ok_false

    return [ok_false(answer) if isinstance(answer, str) else Answer(**answer) for answer in answers]


def stored(connection: Connection, columns: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from ops.outbox order by outbox_id")
        found = cursor.fetchall()
    connection.commit()
    return found


def test_messages_are_posted_in_order_with_blocks_and_without_slack_parsing_them(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, "one", "two")
    summary = post(warehouse, slack, clock)
    assert (summary.sent, summary.failed, summary.waiting) == (2, 0, 0)
    assert slack.texts() == ["one", "two"]
    request = slack.accepted[0]
    assert request["path"] == "/api/chat.postMessage"
    assert request["token"] == "Bearer xoxb-test"
    assert request["channel"] == "C1"
    blocks = request["blocks"]
    assert (json.loads(blocks) if isinstance(blocks, str) else blocks)[0]["type"] == "section"
    assert request["parse"] == "none"
    assert stored(warehouse, "slack_ts, sent_at is not null, attempts") == [
        ("1700000000.000001", True, 1),
        ("1700000000.000002", True, 1),
    ]


def test_a_second_delivery_posts_nothing_again(warehouse: Connection, slack: Any, clock: Any, now: datetime) -> None:
    queue(warehouse, now, "one")
    post(warehouse, slack, clock)
    assert post(warehouse, slack, clock).sent == 0
    assert slack.texts() == ["one"]


def test_changes_of_an_incident_go_into_its_thread(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    number = incident(warehouse, now)
    queue(warehouse, now, "opened", "changed", "resolved", incident_id=number)
    post(warehouse, slack, clock)
    assert [item.get("thread_ts") for item in slack.accepted] == [None, "1700000000.000001", "1700000000.000001"]


def test_a_parent_that_is_not_posted_yet_holds_its_thread_back_and_nobody_else(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    number = incident(warehouse, now)
    queue(warehouse, now, "opened", "resolved", incident_id=number)
    queue(warehouse, now, "elsewhere", channel="C2")
    slack.script = scripted("channel_not_found")
    summary = post(warehouse, slack, clock)
    assert slack.texts() == ["elsewhere"]
    assert summary.waiting == 2
    clock.sleep(3600)
    post(warehouse, slack, clock)
    assert slack.texts() == ["elsewhere", "opened", "resolved"]


def test_a_rate_limit_is_waited_out_for_as_long_as_slack_says(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, "one", "two")
    slack.script = scripted(
        {"status": 429, "headers": {"Retry-After": "7"}, "body": '{"ok":false,"error":"ratelimited"}'}
    )
    summary = post(warehouse, slack, clock)
    assert slack.texts() == ["one", "two"]
    assert clock.slept[0] == 7
    assert (summary.sent, summary.failed) == (2, 1)


def test_a_long_rate_limit_is_left_to_a_later_call_which_keeps_to_it(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, "one", "two")
    slack.script = scripted({"status": 429, "headers": {"Retry-After": "600"}, "body": "{}"})
    post(warehouse, slack, clock)
    assert (len(slack.requests), clock.slept) == (1, [])
    clock.sleep(599)
    post(warehouse, slack, clock)
    assert len(slack.requests) == 1
    clock.sleep(1)
    post(warehouse, slack, clock)
    assert slack.texts() == ["one", "two"]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": "oops"},
        {"status": 503, "body": "<html>"},
        {"body": "not json"},
        "internal_error",
        "brand_new",
    ],
)
def test_slack_in_trouble_is_asked_again_later_and_not_hammered(
    warehouse: Connection, slack: Any, clock: Any, now: datetime, answer: Any
) -> None:
    queue(warehouse, now, "one", "two", "three")
    slack.script = scripted(answer)
    assert post(warehouse, slack, clock).sent == 0
    assert len(slack.requests) == 1
    clock.sleep(31)
    assert post(warehouse, slack, clock).sent == 3
    assert slack.texts() == ["one", "two", "three"]


def test_a_message_that_was_accepted_without_an_answer_is_posted_again_rather_than_lost(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, "one")
    slack.script = scripted({"drop": True})
    post(warehouse, slack, clock)
    clock.sleep(31)
    post(warehouse, slack, clock)
    assert slack.texts() == ["one", "one"]


def test_an_answer_to_a_deleted_message_is_posted_by_itself(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    number = incident(warehouse, now)
    queue(warehouse, now, "opened", incident_id=number)
    post(warehouse, slack, clock)
    queue(warehouse, now, "resolved", incident_id=number)
    slack.script = scripted("thread_not_found")
    post(warehouse, slack, clock)
    assert slack.texts() == ["opened", "resolved"]
    assert "thread_ts" not in slack.accepted[-1]


def test_slack_that_is_not_there_keeps_everything(warehouse: Connection, clock: Any, now: datetime) -> None:
    queue(warehouse, now, "one")
    client = SlackWebClient("xoxb-test", "http://127.0.0.1:9/api/")
    summary = deliver(warehouse, client, ops_channel=None, clock=clock, sleeper=clock.sleep)
    assert (summary.sent, summary.waiting) == (0, 1)
    assert "cannot be reached" in outbox_state(warehouse).errors["C1"]


def test_a_refused_token_stops_at_once_and_says_what_to_set(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, "one", channel="C1")
    queue(warehouse, now, "two", channel="C2")
    slack.script = scripted("invalid_auth")
    summary = post(warehouse, slack, clock)
    assert len(slack.requests) == 1
    assert "MDP_SLACK_BOT_TOKEN" in summary.errors["C1"]
    clock.sleep(3600)
    assert post(warehouse, slack, clock).sent == 2


def test_operators_messages_wait_for_a_channel_and_then_go_there(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, "for ops", channel="ops")
    queue(warehouse, now, "for client")
    summary = post(warehouse, slack, clock, ops_channel=None)
    assert slack.texts() == ["for client"]
    assert "MDP_SLACK_OPS_CHANNEL" in summary.errors["ops"]
    post(warehouse, slack, clock)
    assert slack.accepted[-1]["channel"] == "C_OPS"


def test_ten_messages_to_a_channel_take_a_second_each_after_a_burst_of_four(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, *(str(number) for number in range(10)))
    post(warehouse, slack, clock)
    assert len(slack.accepted) == 10
    assert sum(clock.slept) == pytest.approx(6)


def test_a_call_ends_after_its_time_and_the_next_one_goes_on(
    warehouse: Connection, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, *(str(number) for number in range(10)))
    summary = post(warehouse, slack, clock, most_seconds=3)
    assert summary.waiting == 10 - summary.sent > 0
    post(warehouse, slack, clock)
    assert sorted(map(int, slack.texts())) == list(range(10))


def test_two_senders_at_once_never_post_the_same_message(
    warehouse: Connection, warehouse_url: str, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, *(str(number) for number in range(30)), channel="C1")
    context = multiprocessing.get_context("fork")
    senders = [context.Process(target=_send, args=(warehouse_url, slack.url, now)) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    assert sorted(map(int, slack.texts())) == list(range(30))


def test_killing_the_sender_repeats_at_most_one_message_and_loses_none(
    warehouse: Connection, warehouse_url: str, slack: Any, clock: Any, now: datetime
) -> None:
    queue(warehouse, now, *(str(number) for number in range(40)))
    context = multiprocessing.get_context("fork")
    for seen in (5, 15, 25):
        sender = context.Process(target=_send, args=(warehouse_url, slack.url, now))
        sender.start()
        deadline = time.monotonic() + 30
        while len(slack.accepted) < seen and time.monotonic() < deadline:
            time.sleep(0.001)
        assert sender.pid
        os.kill(sender.pid, signal.SIGKILL)
        sender.join()
    post(warehouse, slack, clock)
    posted = list(map(int, slack.texts()))
    assert set(posted) == set(range(40))
    assert len(posted) <= 43


def _send(url: str, slack_url: str, now: datetime) -> None:
    at = [now]

    class Instant:
        def now(self) -> datetime:
            return at[0]

    def sleep(seconds: float) -> None:
        at[0] += timedelta(seconds=seconds)

    clock: Clock = Instant()
    with connect(url) as connection:
        deliver(connection, SlackWebClient("xoxb", slack_url), ops_channel=None, clock=clock, sleeper=sleep)


def test_without_a_token_there_is_no_client_and_messages_stay(
    warehouse: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MDP_SLACK_BOT_TOKEN", raising=False)
    monkeypatch.delenv("MDP_SLACK_BOT_TOKEN_FILE", raising=False)
    queue(warehouse, now, "one")
    assert slack_client(load_settings()) is None
    state = outbox_state(warehouse)
    assert (state.waiting, state.oldest, state.errors) == (1, now, {})


def test_the_machines_clock_delivers_what_a_sandbox_behind_it_queued(
    warehouse: Connection, slack: Any, now: datetime
) -> None:
    queue(warehouse, datetime.now(tz=now.tzinfo) - timedelta(days=5), "from the past")
    client = SlackWebClient("xoxb-test", slack.url)
    assert deliver(warehouse, client, ops_channel=None, clock=SystemClock(), sleeper=time.sleep).sent == 1
