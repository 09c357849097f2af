"""The sandbox's own control plane: clock, faults, truth, serve log, mending, restarts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from sandbox.clock import WorldClock, parse_instant
from sandbox.process import start
from sandbox.world.world import accounts_of
from tests.contract.sandbox.conftest import NOON, Served


def account_days(served: Served, **parameters: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = served.insights(
        served.account("meta_ads"), level="account", fields="spend", **parameters
    ).json()["data"]  # fmt: skip
    return rows


@pytest.mark.parametrize(("status", "code"), [(400, 2), (403, 10), (500, 1)])
def test_an_error_fault_fails_one_accounts_calls_only(served: Served, status: int, code: int) -> None:
    broken, healthy = served.account("meta_ads"), served.account("meta_ads", "clinica-vitale")
    served.fault(broken, "error", status=status, times=1)
    assert served.insights(healthy, level="account").status_code == 200
    answer = served.insights(broken, level="account")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert served.insights(broken, level="account").status_code == 200


def test_empty_half_and_truncated_answers_look_like_answers(served: Served) -> None:
    account, whole = served.account("meta_ads"), account_days(served)
    served.fault(account, "half", level="account", times=1)
    assert account_days(served) == whole[::2]
    served.fault(account, "empty", level="account", times=1)
    assert account_days(served) == []
    served.fault(account, "truncate", level="account", times=1)
    answer = served.insights(account, level="account", fields="spend")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        answer.json()
    assert account_days(served) == whole


def test_totals_can_be_off_or_move_between_two_reads(served: Served) -> None:
    account, whole = served.account("meta_ads"), account_days(served)
    served.fault(account, "control_mismatch", amount="0.50", since="2026-10-01", until="2026-10-01")
    off = {row["date_start"]: Decimal(row["spend"]) for row in account_days(served)}
    gaps = {row["date_start"]: off[row["date_start"]] - Decimal(row["spend"]) for row in whole}
    assert {day: gap for day, gap in gaps.items() if gap} == {"2026-10-01": Decimal("0.50")}
    served.http.delete("/_sandbox/faults")
    served.fault(account, "moving_totals", amount="3.00", since="2026-10-31")
    first, second = account_days(served), account_days(served)
    assert first == whole
    assert second != whole


def test_a_senseless_fault_is_refused(served: Served) -> None:
    answer = served.http.post("/_sandbox/faults", json={"platform": "meta_ads", "account_id": "1", "kind": "gremlins"})
    assert answer.status_code == 422
    assert "allowed: error, throttle" in answer.json()["error"]


def test_truth_is_what_the_world_holds_at_any_instant(served: Served) -> None:
    now = served.http.get("/_sandbox/truth").json()
    later = served.http.get("/_sandbox/truth", params={"as_of": (NOON + timedelta(days=1)).isoformat()}).json()
    day = {"since": "2026-10-30", "until": "2026-10-31"}
    ads = served.http.get("/_sandbox/truth", params={"level": "ad", **day}).json()
    assert {row["date_day"] for row in ads} == {"2026-10-30", "2026-10-31"}
    assert {row["client_id"] for row in now} == {client.client_id for client in served.world.clients}
    assert {row["platform"] for row in now} == {"meta_ads", "google_ads", "tiktok_ads", "linkedin_ads"}
    places = ("platform", "account_id", "date_day")
    before = {tuple(row[key] for key in places): row["spend_minor"] for row in now}
    after = {tuple(row[key] for key in places): row["spend_minor"] for row in later}
    assert len({place for place in before if before[place] != after[place]}) > len(served.world.clients)


def test_truth_of_instagram_has_levels_of_its_own(served: Served) -> None:
    day = {"since": "2026-10-30", "until": "2026-10-31"}
    accounts = served.http.get("/_sandbox/truth", params={"level": "instagram_account", **day}).json()
    assert len(accounts) == 4 * 2
    assert {row["platform"] for row in accounts} == {"instagram"}
    media = served.http.get("/_sandbox/truth", params={"level": "instagram_media", **day}).json()
    known = {found.media_id for account in accounts_of(served.world) for found in account.media}
    assert {row["media_id"] for row in media} <= known
    answer = served.http.get("/_sandbox/truth", params={"level": "creative"})
    assert answer.status_code == 422
    assert "instagram_media" in answer.json()["error"]


def test_the_serve_log_tells_for_which_instant_an_answer_was_made(served: Served) -> None:
    rows = account_days(served)
    entry = served.http.get("/_sandbox/serve-log").json()[-1]
    assert entry["as_of"] == NOON.isoformat()
    assert (entry["level"], entry["rows"], entry["fault"]) == ("account", len(rows), None)
    assert Decimal(entry["spend"]) == sum(Decimal(row["spend"]) for row in rows)


def test_a_restart_keeps_the_world_the_clock_the_messages_and_what_was_mended(tmp_path: Path) -> None:
    clock = WorldClock(tmp_path / "clock")
    first = start(tmp_path / "state", clock.path, seed=5, clients=5, days=30)
    try:
        health = httpx.get(first.url + "/_sandbox/health").json()
        assert health["lenient"] is False
        started = parse_instant(health["clock"])
        machine = datetime.now(UTC)
        assert started.hour == 12
        assert timedelta(days=20) < machine - started < timedelta(days=23)
        assert (
            httpx.post(first.url + "/_sandbox/clock", json={"advance_days": 1}).json()["now"] == clock.now().isoformat()
        )
        assert httpx.post(first.url + "/_sandbox/clock", json={"advance_days": 60}).status_code == 409
        assert httpx.post(first.url + "/_sandbox/clock", json={"set": started.isoformat()}).status_code == 409
        assert httpx.post(first.url + "/_sandbox/clock", json={"days": 1}).status_code == 422
        assert httpx.post(first.url + "/_sandbox/mend").json()["mended"] == ["meta_olivar"]
        httpx.post(first.url + "/slack/services/T/B/C0AURORA", json={"text": "kept"})
        truth = httpx.get(first.url + "/_sandbox/truth").json()
    finally:
        first.stop()
    assert not (tmp_path / "state" / "sandbox.json").exists()
    second = start(tmp_path / "state", clock.path, lenient=True)
    try:
        health = httpx.get(second.url + "/_sandbox/health").json()
        assert (health["seed"], len(health["clients"]), health["revoked_credentials"]) == (5, 5, [])
        assert health["lenient"] is True
        assert parse_instant(health["clock"]) == started + timedelta(days=1)
        assert httpx.get(second.url + "/_sandbox/truth").json() == truth
        assert [message["text"] for message in httpx.get(second.url + "/slack/messages").json()] == ["kept"]
    finally:
        second.stop()
    assert second.process.returncode == 0
