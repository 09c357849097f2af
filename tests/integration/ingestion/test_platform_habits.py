"""Habits of the platforms over real HTTP: small pages, report runs, tokens that expire in the middle of a run."""

import re
import threading
from collections import Counter

import httpx
import pytest

from tests.integration.ingestion.ad_world import FIRST_DAY, YESTERDAY, AdWorld, Day, Figures, Ingestion

pytestmark = pytest.mark.integration

REDUCE = {
    "error": {"message": "Please reduce the amount of data you're asking for, then retry your request", "code": 1}
}


class HeavyReports(httpx.HTTPTransport):
    """The sandbox behind a platform that finds insights pages of more than ``largest_page`` rows too heavy."""

    def __init__(self, largest_page: int) -> None:
        super().__init__()
        self._largest_page = largest_page
        self.calls: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        direct = request.url.path.endswith("/insights") and "/act_" in request.url.path
        if direct and request.method == "GET" and int(request.url.params["limit"]) > self._largest_page:
            self.calls["refused"] += 1
            return httpx.Response(500, json=REDUCE, request=request)
        self.calls["started" if direct and request.method == "POST" else "answered"] += 1
        return super().handle_request(request)


def read_with(ingestion: Ingestion, transport: httpx.HTTPTransport, client: str) -> dict[Day, Figures]:
    account = ingestion.world.accounts["meta_ads", client]
    tasks = ingestion.requested("meta_ads", FIRST_DAY, YESTERDAY, account)
    with httpx.Client(transport=transport, timeout=30) as http:
        report = ingestion.sync("meta_ads", tasks=tasks, http=http)
    assert report.failed == []
    assert ingestion.rows("select * from ops.quarantine") == []
    assert ingestion.loaded_days("meta_ads", "ad_daily") == ingestion.loaded_days("meta_ads")
    return ingestion.loaded_days("meta_ads")


def test_reports_in_pages_of_31_rows_add_up_to_the_truth(ad_world: AdWorld, fresh: Ingestion) -> None:
    transport = HeavyReports(largest_page=50)
    loaded = read_with(fresh, transport, "clinica-vitale")
    assert loaded == ad_world.account_days("meta_ads", [ad_world.accounts["meta_ads", "clinica-vitale"]])
    assert transport.calls["refused"] > 0
    assert transport.calls["started"] == 0
    pages = [entry for entry in ad_world.served() if entry["level"] == "ad" and entry["first_row"] > 0]
    assert {entry["first_row"] % 31 for entry in pages} == {0}


def test_reports_that_fit_no_page_are_read_as_report_runs(ad_world: AdWorld, fresh: Ingestion) -> None:
    transport = HeavyReports(largest_page=0)
    loaded = read_with(fresh, transport, "harbor-outdoor")
    assert loaded == ad_world.account_days("meta_ads", [ad_world.accounts["meta_ads", "harbor-outdoor"]])
    # Campaigns, ads, two account totals, ad sets, five splits and hours; six days of September, twice a week of August.
    assert transport.calls["started"] == (4 + 1 + 5 + 1) * 3


class ExpiringToken(httpx.HTTPTransport):
    """Real HTTP on whose way the first access token turns stale after some calls."""

    def __init__(self, good_calls: int) -> None:
        super().__init__()
        self._good_calls, self._lock = good_calls, threading.Lock()
        self._first: str | None = None
        self.refreshes, self.refused = 0, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        token = request.headers.get("Authorization")
        with self._lock:
            if request.url.path.endswith("/oauth2/token"):
                self.refreshes += 1
            elif self._first is None:
                self._first = token
            elif token == self._first:
                self._good_calls -= 1
                if self._good_calls < 0:
                    request.headers["Authorization"] = "Bearer ya29.stale"
                    self.refused += 1
        return super().handle_request(request)


def test_a_token_that_expires_in_the_middle_of_a_run_is_refreshed_once_for_all_accounts(
    ad_world: AdWorld, fresh: Ingestion
) -> None:
    transport = ExpiringToken(good_calls=20)
    with httpx.Client(transport=transport, timeout=30) as http:
        report = fresh.sync("google_ads", http=http)
    assert report.failed == []
    assert transport.refused >= 1
    assert transport.refreshes == 2
    assert fresh.loaded_days("google_ads") == ad_world.account_days("google_ads")


class Rewritten(httpx.HTTPTransport):
    """Real HTTP whose ad reports of some accounts say something else: account id -> what to put for what."""

    def __init__(self, changes: dict[str, tuple[bytes, bytes]]) -> None:
        super().__init__()
        self._changes = changes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        for account, (pattern, replacement) in self._changes.items():
            if f"act_{account}/insights" in request.url.path and request.url.params["level"] == "ad":
                body = re.sub(pattern, replacement, response.read())
                return httpx.Response(response.status_code, content=body, request=request)
        return response


def test_answers_that_make_no_sense_fail_their_own_account_and_say_what_it_was(
    ad_world: AdWorld, fresh: Ingestion
) -> None:
    tasks = [task for task in fresh.due("meta_ads") if task.account.credential == "meta_agency"]
    foreign, mistyped, shapeless, healthy = (task.account.account_id for task in tasks)
    transport = Rewritten(
        {
            foreign: (b'"account_id":"[0-9]+"', b'"account_id":"99"'),
            mistyped: (b'"impressions":"[0-9]+"', b'"impressions":"many"'),
            shapeless: (b'"data":.*', b'"data":7}'),
        }
    )
    with httpx.Client(transport=transport, timeout=30) as http:
        report = fresh.sync("meta_ads", tasks=tasks, http=http)
    assert {outcome.account.account_id for outcome in report.failed} == {foreign, mistyped, shapeless}
    told = {account: fresh.health(account) for account in (foreign, mistyped, shapeless)}
    assert told[foreign]["error_class"] == "wrong_account"
    assert "holds rows of account 99" in told[foreign]["message"]
    assert told[mistyped]["error_class"] == "schema"
    assert '"many"' in told[mistyped]["message"]
    assert told[shapeless]["error_class"] == "internal"
    assert "stays due" in told[shapeless]["next_step"]
    assert fresh.loaded_days("meta_ads") == ad_world.account_days("meta_ads", [healthy])
    assert fresh.rows("select distinct account_id from ops.load_ledger where complete") == [(healthy,)]
