"""Two runs that meet on an account, a run that wakes up too late, and runs whose process is killed."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.process import BaseProcess

import httpx
import psycopg2
import pytest

from foundation.clock import Clock
from foundation.database import Connection, connect, lock_key
from foundation.settings import Settings
from ingestion import sync
from ingestion.due import due_tasks
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.settlement import Settlement
from ingestion.sync import sync_platform
from tests.integration.ingestion.ad_world import START, AdWorld, Day, Figures, FixedClock, Ingestion

pytestmark = pytest.mark.integration

TOMORROW = START + timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def _tomorrow(ad_world: AdWorld, first_sync: Ingestion) -> None:
    """The first sync stands for the day before in all tests of this module."""
    ad_world.advance(1)


def landings(ingestion: Ingestion) -> list[str]:
    return [name for (name,) in ingestion.rows("select nspname from pg_namespace where nspname like 'landing%%'")]


def test_two_runs_over_the_same_accounts_at_once_leave_the_truth_once(ad_world: AdWorld, synced: Ingestion) -> None:
    tasks = synced.due("google_ads")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(
            lambda run: synced.sync("google_ads", tasks=tasks, run_id=run), ("runaaaaaa", "runbbbbbb")
        )
    assert first.failed == second.failed == []
    truth = ad_world.account_days("google_ads")
    assert synced.loaded_days("google_ads") == synced.loaded_days("google_ads", "account_daily") == truth
    assert synced.value("select max(version) from ops.load_ledger") == 2
    assert synced.value("select count(distinct detected_at || run_id) from ops.restatement") >= 1
    doubled = synced.rows(
        """select account_id, report, date_day, metric from ops.restatement
        group by account_id, report, date_day, metric having count(*) > 1"""
    )
    assert doubled == []
    assert landings(synced) == []


class PausedTransport(httpx.HTTPTransport):
    """Real HTTP whose last total of an account waits until it is let go: a run that hangs and comes back."""

    def __init__(self, account_id: str) -> None:
        super().__init__()
        self._account_id = account_id
        self._totals = 0
        self.reached, self.go_on = threading.Event(), threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._account_id in request.url.path and b"FROM customer WHERE" in request.content:
            self._totals += 1
            if self._totals == 2:  # the second reading of the trailing window
                self.reached.set()
                assert self.go_on.wait(60)
        return super().handle_request(request)


def test_a_run_that_wakes_up_after_a_later_one_changes_nothing(ad_world: AdWorld, synced: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "aurora-moda"]
    tasks = [task for task in synced.due("google_ads") if task.account.account_id == account]
    transport = PausedTransport(account)
    with httpx.Client(transport=transport) as slow, ThreadPoolExecutor(1) as pool:
        zombie = pool.submit(synced.sync, "google_ads", at=TOMORROW, tasks=tasks, http=slow)
        assert transport.reached.wait(60)
        synced.sync("google_ads", at=TOMORROW + timedelta(minutes=1), tasks=tasks)
        after_the_later_run = synced.fingerprint()
        fences = synced.rows("select distinct fence from ops.load_ledger where account_id = %s order by 1", account)
        # What the zombie still gets is an error: it must not speak for an account that was read since.
        ad_world.fault("google_ads", account, "error", status=403)
        transport.go_on.set()
        (outcome,) = zombie.result(60).outcomes
    assert (outcome.proved_days, outcome.changed_days) == (0, 0)
    assert synced.fingerprint() == after_the_later_run
    assert synced.rows("select distinct fence from ops.load_ledger where account_id = %s order by 1", account) == fences
    assert synced.health(account)["status"] == "ok"
    loaded = {key: figures for key, figures in synced.loaded_days("google_ads").items() if key[0] == account}
    assert loaded == ad_world.account_days("google_ads", [account])


def test_a_failed_run_says_nothing_of_an_account_that_a_later_run_settles_before_it_speaks(
    ad_world: AdWorld, synced: Ingestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later run falls between the failed one's settlement and its word about what is missing."""
    account = ad_world.accounts["google_ads", "aurora-moda"]
    tasks = [task for task in synced.due("google_ads") if task.account.account_id == account]
    settle_account, settled = sync.settle_account, []

    def settle_and_be_overtaken(connection: Connection, load: AccountLoad) -> Settlement:
        settlement = settle_account(connection, load)
        settled.append(load.run_id)
        if len(settled) == 1:
            ad_world.clear_faults()
            synced.sync("google_ads", at=TOMORROW + timedelta(minutes=1), tasks=tasks, run_id="runlater0")
        return settlement

    monkeypatch.setattr(sync, "settle_account", settle_and_be_overtaken)
    ad_world.fault("google_ads", account, "error", status=403)
    synced.sync("google_ads", at=TOMORROW, tasks=tasks, run_id="runfailed")
    assert settled == ["runfailed", "runlater0"]
    assert (
        synced.value("select count(*) from ops.load_ledger where account_id = %s and problem is not null", account) == 0
    )
    assert synced.health(account)["status"] == "ok"


def test_an_account_whose_last_reading_failed_is_read_again_although_another_run_had_read_its_days(
    ad_world: AdWorld, synced: Ingestion
) -> None:
    """Two schedulers find the same days due; the one that started first reads them, then the other one fails."""
    account = ad_world.accounts["google_ads", "aurora-moda"]
    problems = (
        "select count(*) from ops.load_ledger inner join ops.report_definition using (platform, report) "
        "where account_id = %s and problem is not null and required"
    )
    tasks = [task for task in synced.due("google_ads", now=TOMORROW) if task.account.account_id == account]
    synced.sync("google_ads", at=TOMORROW, tasks=tasks, run_id="runfirst0")
    ad_world.fault("google_ads", account, "error", status=403)
    synced.sync("google_ads", at=TOMORROW, tasks=tasks, run_id="runfailed")
    assert synced.health(account)["status"] == "failing"
    assert synced.value(problems, account) > 0

    ad_world.clear_faults()
    later = TOMORROW + timedelta(hours=1)
    again = [task for task in synced.due("google_ads", now=later) if task.account.account_id == account]
    assert [task.spans for task in again] == [task.spans for task in tasks]
    synced.sync("google_ads", at=later, tasks=again, run_id="runagain0")
    assert synced.value(problems, account) == 0
    assert synced.health(account)["status"] == "ok"


def _run_in_a_child(settings: Settings, url: str, kill_after_requests: int, kill_after_accounts: int) -> None:
    """One ordinary run; kills its own process at the chosen moment, without a word to anybody."""
    requests, accounts = 0, 0

    def count_request(request: httpx.Request) -> None:
        nonlocal requests
        requests += 1
        if requests == kill_after_requests:
            os.kill(os.getpid(), signal.SIGKILL)

    def count_account(message: str) -> None:
        nonlocal accounts
        accounts += 1
        if accounts == kill_after_accounts:
            os.kill(os.getpid(), signal.SIGKILL)

    clock: Clock = FixedClock(TOMORROW)
    with connect(url) as connection:
        tasks = due_tasks(connection, "google_ads", TOMORROW)
    client = httpx.Client(event_hooks={"request": [count_request]}, timeout=30)
    sync_platform(
        settings, url, "google_ads", tasks, run_id=f"killed{os.getpid()}", clock=clock,
        sleeper=lambda seconds: None, http=client, progress=count_account,
    )  # fmt: skip


def _wait_for(condition: Callable[[], object], child: BaseProcess) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert child.exitcode is None, "the run ended before the moment at which it was to be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(scope="module")
def children() -> multiprocessing.context.ForkServerContext:
    """Children that have the heavy imports behind them and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dlt", "ingestion.sync", "adbc_driver_postgresql"])
    return context


@pytest.mark.parametrize(
    "moment", ["while reading", "while landing", "inside an account's transaction", "between two accounts"]
)
def test_a_killed_run_leaves_every_account_as_it_was_or_complete_and_the_next_run_converges(
    ad_world: AdWorld, synced: Ingestion, children: multiprocessing.context.ForkServerContext, moment: str
) -> None:
    requests, accounts = (
        (25, 0) if moment == "while reading" else (0, 2) if moment == "between two accounts" else (0, 0)
    )
    if moment == "inside an account's transaction":
        with connect(synced.url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(
                """create function ops.dawdle() returns trigger language plpgsql as
                $$ begin perform pg_sleep(30); return null; end $$"""
            )
            cursor.execute("create trigger dawdle after insert on ops.restatement execute function ops.dawdle()")
    child = children.Process(target=_run_in_a_child, args=(synced.settings, synced.url, requests, accounts))
    child.start()
    if moment == "while landing":
        _wait_for(lambda: landings(synced), child)
        os.kill(child.pid or 0, signal.SIGKILL)
    if moment == "inside an account's transaction":
        asleep = "select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
        _wait_for(lambda: synced.rows(asleep), child)
        os.kill(child.pid or 0, signal.SIGKILL)
        synced.rows(f"select pg_terminate_backend(pid) from ({asleep}) as sleeping")
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    if moment == "inside an account's transaction":
        with connect(synced.url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("drop function ops.dawdle cascade")

    before = ad_world.account_days("google_ads", as_of=START)
    after = ad_world.account_days("google_ads", as_of=TOMORROW)
    loaded = synced.loaded_days("google_ads")
    states = {account: _state(account, loaded, before, after) for account, _ in before}
    complete = {"while reading": 0, "while landing": 0, "inside an account's transaction": 0, "between two accounts": 2}
    assert sorted(states.values()) == ["after"] * complete[moment] + ["before"] * (4 - complete[moment])
    if moment != "while reading":
        assert landings(synced), "the killed run's dataset is still there"

    report = synced.sync("google_ads", at=TOMORROW)
    assert len(report.outcomes) == 4 - complete[moment]
    assert synced.loaded_days("google_ads") == synced.loaded_days("google_ads", "account_daily") == after
    assert landings(synced) == []
    assert synced.rows("select * from ops.quarantine") == []
    assert synced.due("google_ads", TOMORROW) == []


def _state(account: str, loaded: dict[Day, Figures], before: dict[Day, Figures], after: dict[Day, Figures]) -> str:
    own, old, new = (
        {day: values for (name, day), values in figures.items() if name == account}
        for figures in (loaded, before, after)
    )
    assert old != new
    return "before" if own == old else "after" if own == new else "torn"


def test_the_landing_of_a_living_run_is_left_alone(synced: Ingestion) -> None:
    living, orphan = "landing_google_ads_living_1", "landing_google_ads_orphan_1"
    with psycopg2.connect(synced.url) as owner, owner.cursor() as cursor:
        cursor.execute(f"create schema {living}")
        cursor.execute(f"create schema {orphan}")
        cursor.execute("create schema landing_meta_ads_other_1")
        cursor.execute("select pg_advisory_lock(%s)", (lock_key("landing", living),))
        owner.commit()
        synced.sync("google_ads", tasks=[])
        assert sorted(landings(synced)) == [living, "landing_meta_ads_other_1"]
    owner.close()
