"""Reference rates and Slack as the sandbox speaks them."""

from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.contract.sandbox.conftest import Served


def rates(served: Served, path: str, **parameters: str) -> httpx.Response:
    return served.http.get(f"/fx/v1/{path}", params=parameters)


def test_a_range_holds_working_days_only_and_names_those_it_has(served: Served) -> None:
    body = rates(served, "2026-10-24..2026-11-01", symbols="BRL,USD").json()
    assert (body["start_date"], body["end_date"], body["base"]) == ("2026-10-26", "2026-10-30", "EUR")
    assert list(body["rates"]) == [f"2026-10-{day}" for day in range(26, 31)]
    assert set(body["rates"]["2026-10-30"]) == {"BRL", "USD"}


def test_a_single_day_carries_the_last_rate_forward_and_so_does_the_future(served: Served) -> None:
    friday = rates(served, "2026-10-30").json()
    assert rates(served, "2026-11-01").json() == friday
    assert rates(served, "2027-05-05").json() == friday == rates(served, "latest").json()
    assert "BGN" not in friday["rates"]
    assert len(friday["rates"]) == 29


def test_crosses_are_rounded_and_the_euros_own_rates_are_not(served: Served) -> None:
    euro = rates(served, "2026-10-30").json()["rates"]
    dollar = rates(served, "2026-10-30", base="usd").json()["rates"]
    assert dollar["BRL"] == pytest.approx(euro["BRL"] / euro["USD"], abs=5e-5)
    assert round(dollar["BRL"], 4) == dollar["BRL"]
    assert dollar["EUR"] == pytest.approx(1 / euro["USD"], abs=5e-6)
    assert dollar["IDR"] == round(dollar["IDR"])
    assert "USD" not in dollar


@pytest.mark.parametrize(
    ("path", "parameters", "status", "message"),
    [
        ("latest", {"symbols": "ARS"}, 404, "not found"),
        ("latest", {"base": "XXX"}, 404, "not found"),
        ("1998-01-01", {}, 404, "not found"),
        ("latest", {"base": "USD", "symbols": "USD"}, 422, "bad currency pair"),
        ("2026-13-01", {}, 422, "invalid date"),
        ("latest", {"amount": "many"}, 422, "invalid amount"),
    ],
)
def test_rate_errors_have_the_services_bodies(
    served: Served, path: str, parameters: dict[str, str], status: int, message: str
) -> None:
    answer = rates(served, path, **parameters)
    assert (answer.status_code, answer.json()) == (status, {"message": message})


def test_the_rates_can_be_down_for_a_while(served: Served) -> None:
    served.http.post("/_sandbox/faults", json={"platform": "fx", "account_id": "*", "kind": "error", "times": 1})
    assert rates(served, "latest").status_code == 503
    assert rates(served, "latest").status_code == 200


def test_a_missing_symbol_is_simply_left_out(served: Served) -> None:
    assert set(rates(served, "latest", symbols="BRL,ARS").json()["rates"]) == {"BRL"}


def test_the_official_client_posts_threads_and_updates(served: Served) -> None:
    client = WebClient(served.environment["MDP_SLACK_BOT_TOKEN"], base_url=served.handle.url + "/slack/api/")
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Unit held"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Spend*\n1 &lt; 2"}]},
        {"type": "divider"},
    ]
    posted = client.chat_postMessage(channel="C0AURORA", text="held", blocks=blocks)
    client.chat_postMessage(channel="C0AURORA", text="still held", thread_ts=posted["ts"])
    client.chat_update(channel="C0AURORA", ts=posted["ts"], text="released")
    stored = {message["ts"]: message for message in served.http.get("/slack/messages").json()}
    assert stored[posted["ts"]]["text"] == "released"
    page = served.http.get("/slack", params={"channel": "C0AURORA"}).text
    assert "Unit held" in page
    assert '<div class="thread">' in page
    assert "<b>Spend</b><br>1 &lt; 2" in page
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="C0NOBODY", text="x")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"channel": "C0AURORA"}, "no_text"),
        ({"channel": "C0AURORA", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0AURORA", "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        (
            {"channel": "C0AURORA", "text": "x", "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3001}}]},
            "invalid_blocks",
        ),
        ({"channel": "C0AURORA", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
    ],
)  # fmt: skip
def test_slack_refuses_with_status_200(served: Served, body: dict[str, Any], error: str) -> None:
    answer = served.slack("chat.postMessage", **body)
    assert (answer["ok"], answer["error"]) == (False, error)


def test_a_wrong_token_is_refused_and_a_throttled_call_names_its_wait(served: Served) -> None:
    wrong = served.http.post("/slack/api/auth.test", headers={"Authorization": "Bearer xoxb-no"})
    assert (wrong.status_code, wrong.json()["error"]) == (200, "invalid_auth")
    served.http.post(
        "/_sandbox/faults", json={"platform": "slack", "account_id": "C0AURORA", "kind": "throttle", "times": 1}
    )
    headers = {"Authorization": f"Bearer {served.environment['MDP_SLACK_BOT_TOKEN']}"}
    body = {"channel": "C0AURORA", "text": "x"}
    throttled = served.http.post("/slack/api/chat.postMessage", json=body, headers=headers)
    assert (throttled.status_code, throttled.json()["error"]) == (429, "ratelimited")
    assert int(throttled.headers["retry-after"]) > 0


def test_a_webhook_answers_in_plain_text(served: Served) -> None:
    good = served.http.post("/slack/services/T0/B0/C0AURORA", json={"text": "hello"})
    assert (good.status_code, good.text) == (200, "ok")
    assert served.http.post("/slack/services/T0/B0/C0AURORA", json={}).text == "no_text"
    assert served.http.post("/slack/services/T0/B0/nobody", json={"text": "x"}).status_code == 404
