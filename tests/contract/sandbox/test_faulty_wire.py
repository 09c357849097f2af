"""What a client sees through the faulty wire, kind by kind, with the sandbox at its other end."""

import copy
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.faulty_wire import WIRE_KINDS, WireFault, WireHandle, possible, start_wire
from tests.contract.sandbox.conftest import Served
from tests.contract.sandbox.test_sandbox_linkedin import EVERY, LinkedIn

PLATFORMS = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram")
# A client as impatient as the wire expects.
IMPATIENT = httpx.Timeout(0.5, connect=0.3)
GOOGLE_CAMPAIGNS = "SELECT campaign.id, campaign.name FROM campaign ORDER BY campaign.id"

Rows = list[dict[str, Any]]


class Client:
    """The sandbox's callers, through the wire or directly."""

    def __init__(self, served: Served, url: str) -> None:
        self.served = copy.copy(served)
        self.served.http = httpx.Client(base_url=url, timeout=IMPATIENT)
        self.http = self.served.http
        self.linkedin = LinkedIn(self.served)

    def meta(self, edge: str = "campaigns", **parameters: Any) -> httpx.Response:
        account = self.served.account("meta_ads")
        return self.served.meta(account, f"act_{account.account_id}/{edge}", fields="id,name", **parameters)

    def tiktok(self, **parameters: Any) -> httpx.Response:
        return self.served.tiktok(self.served.account("tiktok_ads"), "ad/get/", **parameters)

    def google(self) -> httpx.Response:
        account = self.served.account("google_ads")
        return self.served.google(account.account_id, GOOGLE_CAMPAIGNS, login=account.login_customer_id)

    def instagram(self, **parameters: Any) -> httpx.Response:
        account = self.served.account("instagram")
        return self.served.instagram(account, f"{account.account_id}/media", fields="id", **parameters)

    def campaigns(self, more: str = "") -> httpx.Response:
        return self.linkedin.own("adCampaigns", f"q=search&{EVERY}&pageSize=100{more}")

    def conversions(self, more: str) -> httpx.Response:
        return self.linkedin.get("conversions", f"q=account&account={self.linkedin.urn}&{more}")

    def page(self, platform: str) -> httpx.Response:
        """The first page of a list with several objects."""
        asked: dict[str, Callable[[], httpx.Response]] = {
            "meta_ads": self.meta,
            "google_ads": self.google,
            "tiktok_ads": self.tiktok,
            "linkedin_ads": self.campaigns,
            "instagram": self.instagram,
        }
        return asked[platform]()

    def refresh(self, platform: str) -> httpx.Response:
        return self.served.refresh() if platform == "google_ads" else self.linkedin.token()


@pytest.fixture(scope="module")
def wired(running: Served) -> Iterator[tuple[WireHandle, Client, Client]]:
    handle = start_wire(running.handle.url)
    through, direct = Client(running, handle.url), Client(running, running.handle.url)
    yield handle, through, direct
    through.http.close()
    direct.http.close()
    handle.stop()


@pytest.fixture
def wire(wired: tuple[WireHandle, Client, Client]) -> Iterator[WireHandle]:
    """The wire; a test's faults are gone after it."""
    yield wired[0]
    wired[0].disarm()


@pytest.fixture
def through(wired: tuple[WireHandle, Client, Client]) -> Client:
    """A caller through the wire, whose tokens are fetched."""
    wired[1].google()
    wired[1].campaigns()
    return wired[1]


@pytest.fixture
def direct(wired: tuple[WireHandle, Client, Client]) -> Client:
    return wired[2]


def rows_of(platform: str, answer: httpx.Response) -> Rows:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    match platform:
        case "google_ads":
            return [row for batch in body for row in batch["results"]]
        case "tiktok_ads":
            listed: Rows = body["data"]["list"]
        case "linkedin_ads":
            listed = body["elements"]
        case _:
            listed = body["data"]
    return listed


def test_a_wire_without_faults_passes_every_platforms_bytes_unchanged(
    wire: WireHandle, through: Client, direct: Client
) -> None:
    before = wire.requests()
    for platform in PLATFORMS:
        passed, own = through.page(platform), direct.page(platform)
        assert len(rows_of(platform, own)) > 1
        body = passed.content.replace(str(through.http.base_url).encode(), str(direct.http.base_url).encode())
        if platform == "tiktok_ads":
            body = body.replace(passed.json()["request_id"].encode(), own.json()["request_id"].encode())
        assert (passed.status_code, body) == (own.status_code, own.content)
        # Whether a body comes with its length or in chunks is each connection's own matter.
        framing = {"content-length", "transfer-encoding"}
        assert {*passed.headers} - framing == {*own.headers} - framing
    assert wire.requests() == before + len(PLATFORMS)
    assert wire.fired().keys() <= set(WIRE_KINDS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_throttle_names_its_end_in_seconds_as_a_date_or_not_at_all(
    wire: WireHandle, through: Client, platform: str
) -> None:
    wire.arm([WireFault("throttle_seconds"), WireFault("throttle_date"), WireFault("throttle_absent")])
    answers = [through.page(platform) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 429, 429, 200]
    assert answers[0].headers["retry-after"] == "1"
    named = parsedate_to_datetime(answers[1].headers["retry-after"])
    assert abs((named - datetime.now(UTC)).total_seconds()) < 2
    assert "retry-after" not in answers[2].headers


def test_a_burst_of_server_errors_comes_with_a_page_and_passes(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("server_error", after=1, times=3)])
    answers = [through.meta() for _ in range(5)]
    assert [answers[0].status_code, answers[4].status_code] == [200, 200]
    assert {answer.status_code for answer in answers[1:4]} == {500, 502, 503}
    assert {answer.headers["content-type"] for answer in answers[1:4]} == {"text/html"}


def test_nobody_gets_a_connection_for_a_while_and_open_ones_are_closed(wire: WireHandle, through: Client) -> None:
    through.meta()
    fired = wire.fired().get("connect_timeout", 0)
    wire.arm([WireFault("connect_timeout")])
    with pytest.raises(httpx.TransportError):
        through.meta()
    with pytest.raises(httpx.ConnectTimeout):
        through.meta()
    assert wire.fired()["connect_timeout"] == fired + 1
    time.sleep(0.4)
    assert through.meta().status_code == 200


def test_an_outage_ends_when_it_is_disarmed(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("connect_timeout", times=50)])
    with pytest.raises(httpx.TransportError):
        through.meta()
    with pytest.raises(httpx.ConnectTimeout):
        through.meta()
    wire.disarm()
    assert through.meta().status_code == 200


def test_an_answer_that_hangs_outlasts_the_clients_patience(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("read_hang")])
    with pytest.raises(httpx.ReadTimeout):
        through.meta()
    assert through.meta().status_code == 200


def test_a_cut_answer_has_the_length_that_it_says_and_is_no_json(
    wire: WireHandle, through: Client, direct: Client
) -> None:
    whole = direct.tiktok().content
    wire.arm([WireFault("truncated_json")])
    answer = through.tiktok()
    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["content-length"]) == len(whole) // 2
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_short_body_ends_before_its_length(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("short_body")])
    with pytest.raises(httpx.RemoteProtocolError):
        through.tiktok()
    assert through.tiktok().status_code == 200


def test_a_reset_ends_the_connection_in_the_body(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("reset")])
    with pytest.raises(httpx.ReadError):
        through.tiktok()
    assert through.tiktok().status_code == 200


def test_a_passing_error_comes_as_a_success_in_each_platforms_words(wire: WireHandle, through: Client) -> None:
    bodies = {}
    for platform in PLATFORMS:
        wire.arm([WireFault("error_in_200")])
        answer = through.page(platform)
        assert answer.status_code == 200
        bodies[platform] = answer.json()
    assert bodies["meta_ads"]["error"]["code"] == bodies["instagram"]["error"]["code"] == 2
    assert bodies["meta_ads"]["error"]["is_transient"] is True
    assert bodies["tiktok_ads"]["code"] == 50000
    # Google's stream begins well.
    assert bodies["google_ads"][0]["results"]
    assert bodies["google_ads"][-1]["error"]["status"] == "UNAVAILABLE"
    assert bodies["linkedin_ads"]["status"] == 500
    assert "elements" not in bodies["linkedin_ads"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_page_without_a_page_before_it_holds_its_rows_twice(
    wire: WireHandle, through: Client, direct: Client, platform: str
) -> None:
    rows = rows_of(platform, direct.page(platform))
    wire.arm([WireFault("duplicate_page")])
    assert rows_of(platform, through.page(platform)) == [*rows, *rows]
    assert rows_of(platform, through.page(platform)) == rows


def test_a_follow_up_page_shows_the_page_before_once_more_and_leads_on(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("duplicate_page", after=1)])
    first = through.meta("ads", limit="3").json()
    second = through.meta("ads", limit="3", after=first["paging"]["cursors"]["after"]).json()
    third = through.meta("ads", limit="3", after=second["paging"]["cursors"]["after"]).json()
    assert second["data"] == first["data"]
    assert not {row["id"] for row in third["data"]} & {row["id"] for row in first["data"]}

    wire.arm([WireFault("duplicate_page", after=1)])
    pages = [through.tiktok(page=str(page), page_size="2").json()["data"] for page in (1, 2)]
    assert pages[0]["list"] == pages[1]["list"]
    assert pages[1]["page_info"]["page"] == 2


@pytest.mark.parametrize("platform", PLATFORMS)
def test_one_row_of_a_page_is_gone_and_the_others_are_turned_round(
    wire: WireHandle, through: Client, direct: Client, platform: str
) -> None:
    rows = rows_of(platform, direct.page(platform))
    wire.arm([WireFault("moved_row")])
    assert rows_of(platform, through.page(platform)) == rows[:0:-1]


@pytest.mark.parametrize("platform", ["meta_ads", "instagram"])
def test_a_graph_page_leads_to_itself_for_ever(
    wire: WireHandle, through: Client, direct: Client, platform: str
) -> None:
    page = through.meta if platform == "meta_ads" else through.instagram
    rows = rows_of(platform, direct.page(platform))[:2]
    wire.arm([WireFault("cyclic_cursor", times=1000)])
    answers, following = [page(limit="2").json()], ""
    for _ in range(3):
        answers.append(page(limit="2", after=answers[-1]["paging"]["cursors"]["after"]).json())
        following = answers[-1]["paging"]["next"]
    assert [answer["data"] for answer in answers] == [rows] * 4
    assert len({answer["paging"]["cursors"]["after"] for answer in answers}) == 1
    headers = {"Authorization": f"Bearer {through.served.meta_token(through.served.account(platform))}"}
    assert through.http.get(following, headers=headers).json()["data"] == rows


def test_a_graph_page_in_the_middle_leads_to_itself(wire: WireHandle, through: Client) -> None:
    cursor = through.meta(limit="2").json()["paging"]["cursors"]["after"]
    wire.arm([WireFault("cyclic_cursor", times=1000)])
    answers = [through.meta(limit="2", after=cursor).json() for _ in range(2)]
    assert [answer["paging"]["cursors"]["after"] for answer in answers] == [cursor, cursor]
    assert answers[0]["data"] == answers[1]["data"]


def test_a_circle_that_ends_leads_on_from_the_page_that_was_repeated(
    wire: WireHandle, through: Client, direct: Client
) -> None:
    honest = direct.meta(limit="2").json()
    wire.arm([WireFault("cyclic_cursor")])
    given = through.meta(limit="2").json()["paging"]["cursors"]["after"]
    again = through.meta(limit="2", after=given).json()
    assert (again["data"], again["paging"]["cursors"]) == (honest["data"], honest["paging"]["cursors"])


def test_counted_pages_never_come_to_an_end(wire: WireHandle, through: Client, direct: Client) -> None:
    rows = rows_of("tiktok_ads", direct.tiktok(page_size="2"))
    wire.arm([WireFault("cyclic_cursor", times=1000)])
    pages = [through.tiktok(page=str(page), page_size="2").json()["data"] for page in range(1, 5)]
    assert [page["list"] for page in pages] == [rows] * 4
    assert [page["page_info"]["total_page"] for page in pages] == [2, 3, 4, 5]


def test_linkedins_tokens_and_offsets_lead_in_a_circle(wire: WireHandle, through: Client, direct: Client) -> None:
    rows = rows_of("linkedin_ads", direct.campaigns())
    wire.arm([WireFault("cyclic_cursor", times=1000)])
    token = through.campaigns().json()["metadata"]["nextPageToken"]
    again = through.campaigns(f"&pageToken={token}").json()
    assert (again["elements"], again["metadata"]["nextPageToken"]) == (rows, token)

    conversions = direct.conversions("start=0&count=100").json()["elements"]
    assert conversions
    for start in (0, 100, 200):
        body = through.conversions(f"start={start}&count=100").json()
        assert body["elements"] == conversions
        assert [link["rel"] for link in body["paging"]["links"]] == ["next"]


def test_an_expired_token_is_told_once_in_each_platforms_words(wire: WireHandle, through: Client) -> None:
    told = {}
    for platform in PLATFORMS:
        wire.arm([WireFault("token_expired")])
        answer = through.page(platform)
        told[platform] = (answer.status_code, answer.json())
        assert rows_of(platform, through.page(platform))
    for platform in ("meta_ads", "instagram"):
        status, body = told[platform]
        assert (status, body["error"]["code"], body["error"]["error_subcode"]) == (400, 190, 463)
    assert told["google_ads"][0] == told["linkedin_ads"][0] == 401
    assert "OAUTH_TOKEN_EXPIRED" in json.dumps(told["google_ads"][1])
    assert told["linkedin_ads"][1]["serviceErrorCode"] == 65602
    assert (told["tiktok_ads"][0], told["tiktok_ads"][1]["code"]) == (200, 40102)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_revoked_token_stays_revoked_until_it_is_disarmed(wire: WireHandle, through: Client, platform: str) -> None:
    wire.arm([WireFault("token_revoked")])
    refused = [through.page(platform) for _ in range(3)]
    if platform in ("google_ads", "linkedin_ads"):
        assert [answer.status_code for answer in refused] == [401] * 3
        renewal = through.refresh(platform)
        assert (renewal.status_code, renewal.json()["error"]) == (400, "invalid_grant")
    elif platform == "tiktok_ads":
        assert [answer.json()["code"] for answer in refused] == [40105] * 3
    else:
        errors = [answer.json()["error"] for answer in refused]
        assert [(error["code"], error["error_subcode"]) for error in errors] == [(190, 460)] * 3
    wire.disarm()
    assert rows_of(platform, through.page(platform))


def test_an_expired_token_is_not_told_by_the_token_endpoint(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("token_expired")])
    for platform in ("google_ads", "linkedin_ads"):
        assert through.refresh(platform).status_code == 200
    assert through.google().status_code == 401


def report_run(through: Client) -> str:
    account = through.served.account("meta_ads")
    started = through.served.meta(account, f"act_{account.account_id}/insights", "POST", level="ad", fields="ad_id")
    run: str = started.json()["report_run_id"]
    return run


def test_a_report_run_fails_though_it_is_complete(wire: WireHandle, through: Client) -> None:
    account, run = through.served.account("meta_ads"), report_run(through)
    wire.arm([WireFault("job_failed", after=1)])
    states = [through.served.meta(account, run).json() for _ in range(3)]
    assert [state["async_status"] for state in states] == ["Job Running", "Job Failed", "Job Completed"]
    assert states[1]["error_subcode"] == 2490547


def test_a_report_run_does_not_come_on(wire: WireHandle, through: Client) -> None:
    account, run = through.served.account("meta_ads"), report_run(through)
    wire.arm([WireFault("job_stuck", times=4)])
    states = [through.served.meta(account, run).json() for _ in range(5)]
    assert [state["async_status"] for state in states] == ["Job Running"] * 4 + ["Job Completed"]
    assert len({state["async_percent_completion"] for state in states[:4]}) == 1


def test_a_path_narrows_a_fault_and_the_log_tells_where_it_struck(wire: WireHandle, through: Client) -> None:
    wire.arm([WireFault("server_error", path=r"GET .*/ads\?"), WireFault("moved_row", path="nowhere")])
    assert through.meta().status_code == 200
    assert through.meta("ads").status_code >= 500
    last = wire.log()[-1]
    assert (last["kind"], last["number"]) == ("server_error", wire.requests())
    assert last["request"].startswith("GET /meta/v26.0/act_")


def test_rates_meet_broken_connections_only_where_a_path_names_them_and_control_never_does(
    wire: WireHandle, through: Client
) -> None:
    rates = "/fx/v1/2026-10-30"
    wire.arm([WireFault("server_error", times=9), WireFault("error_in_200", path="/fx/")])
    assert through.http.get(rates).status_code == 200
    wire.arm([WireFault("server_error", path="/fx/"), WireFault("server_error", path="health", times=9)])
    assert [through.http.get(rates).status_code >= 500 for _ in range(2)] == [True, False]
    assert through.http.get("/_sandbox/health").status_code == 200


def test_kinds_that_a_platform_cannot_show_are_known_and_others_refused() -> None:
    assert possible("meta_ads") == frozenset(WIRE_KINDS)
    assert set(WIRE_KINDS) - possible("google_ads") == {"cyclic_cursor", "moved_row", "job_failed", "job_stuck"}
    for platform in ("tiktok_ads", "linkedin_ads", "instagram"):
        assert set(WIRE_KINDS) - possible(platform) == {"job_failed", "job_stuck"}
    with pytest.raises(ValueError, match="no_such_kind"):
        WireFault("no_such_kind")


def test_the_wire_ends_with_the_process_that_started_it(running: Served) -> None:
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.write(writer, str(start_wire(running.handle.url).pid).encode())
        time.sleep(60)
        os._exit(0)
    wire_pid = int(os.read(reader, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    os.close(reader)
    os.close(writer)
    deadline = time.monotonic() + 5
    while _runs(wire_pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(wire_pid)


def _runs(pid: int) -> bool:
    """Whether the process is there and no zombie that its new parent has not yet buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
