"""A backfill is cut into rounds, gives way to what is due, spares the quota, and resumes where it was stopped."""

from datetime import timedelta

import httpx

from foundation.clock import Clock
from foundation.database import connect
from ingestion.due import AccountTask, requested_tasks
from ingestion.sync import SPANS_A_ROUND, sync_platform
from ingestion.windows import Span
from tests.integration.ingestion.ad_world import DAYS, FIRST_DAY, START, YESTERDAY, AdWorld, FixedClock, Ingestion


def _google_task(ingestion: Ingestion, account: str) -> AccountTask:
    (task,) = ingestion.requested("google_ads", FIRST_DAY, YESTERDAY, account)
    return AccountTask(task.account, tuple(Span(day, day) for day in reversed(Span(FIRST_DAY, YESTERDAY).days())))


def test_what_becomes_due_is_read_between_two_rounds_of_a_backfill(ad_world: AdWorld, fresh: Ingestion) -> None:
    backfilled = ad_world.accounts["google_ads", "aurora-moda"]
    due_account = ad_world.accounts["google_ads", "clinica-vitale"]
    task = _google_task(fresh, backfilled)
    asked: list[int] = []

    def goes_first() -> list[AccountTask]:
        asked.append(fresh.value("select count(distinct date_day) from ops.load_ledger where complete"))
        return [t for t in fresh.due("google_ads") if t.account.account_id == due_account] if len(asked) == 1 else []

    clock: Clock = FixedClock(START)
    report = sync_platform(
        fresh.settings, fresh.url, "google_ads", [task], run_id="backfill", clock=clock,
        sleeper=lambda seconds: None, goes_first=goes_first,
    )  # fmt: skip
    # Twenty single days in rounds of six: asked before the second, third and fourth round.
    assert asked[0] == SPANS_A_ROUND
    assert len(asked) == 3
    assert {outcome.account.account_id: outcome.proved_days for outcome in report.outcomes} == {
        backfilled: DAYS,
        due_account: DAYS,
    }
    assert fresh.loaded_days("google_ads") == ad_world.account_days("google_ads", [backfilled, due_account])


def test_a_backfill_leaves_the_last_quarter_of_a_quota_to_the_daily_run(ad_world: AdWorld, fresh: Ingestion) -> None:
    account = ad_world.accounts["meta_ads", "aurora-moda"]
    (task,) = fresh.requested("meta_ads", FIRST_DAY, YESTERDAY, account)
    days = tuple(Span(day, day) for day in reversed(Span(FIRST_DAY, YESTERDAY).days()))

    class NearlyUsedUp(httpx.HTTPTransport):
        """Real HTTP whose answers say that four fifths of the hour's calls are used."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            response.headers["x-ad-account-usage"] = '{"acc_id_util_pct": 80, "reset_time_duration": 600}'
            return response

    with httpx.Client(transport=NearlyUsedUp(), timeout=30) as http:
        report = sync_platform(
            fresh.settings, fresh.url, "meta_ads", [AccountTask(task.account, days)], run_id="backfill",
            clock=FixedClock(START), sleeper=lambda seconds: None, http=http, goes_first=lambda: [],
        )  # fmt: skip
    (outcome,) = report.outcomes
    assert outcome.proved_days == SPANS_A_ROUND
    assert outcome.problem is not None
    assert outcome.problem.code == "reserved"
    assert "--resume" in outcome.problem.next_step
    holes = "select count(distinct date_day) from ops.load_ledger where account_id = %s and not complete"
    assert fresh.value(holes, account) == DAYS - SPANS_A_ROUND
    assert fresh.value("select used_percent from ops.credential_state where platform = 'meta_ads'") >= 80
    # The daily run is not concerned: it reads what the backfill left.
    fresh.sync("meta_ads", tasks=[t for t in fresh.due("meta_ads") if t.account.account_id == account])
    assert fresh.value(holes + " and report = 'campaign_daily'", account) == 0


def test_a_resumed_request_leaves_out_the_months_that_are_whole_already(fresh: Ingestion, ad_world: AdWorld) -> None:
    account = ad_world.accounts["google_ads", "aurora-moda"]
    fresh.sync("google_ads", tasks=fresh.requested("google_ads", START.date().replace(day=1), YESTERDAY, account))
    with connect(fresh.url) as connection:
        (task,) = requested_tasks(
            connection, "google_ads", FIRST_DAY, YESTERDAY, START, accounts=[account],
            unless_verified_since=START - timedelta(hours=1),
        )  # fmt: skip
    assert task.spans == (Span(FIRST_DAY, START.date().replace(day=1) - timedelta(days=1)),)
    assert all(span in task.spans for spans in task.optional.values() for span in spans)


def test_a_credential_that_rests_is_not_called_and_its_accounts_say_until_when(
    fresh: Ingestion, ad_world: AdWorld
) -> None:
    fresh.run(
        "insert into ops.credential_state (platform, credential, calls, stopped_until, stopped_reason, checked_at) "
        "values ('google_ads', 'google_agency', 15000, %s, 'quotaError.RESOURCE_EXHAUSTED', %s)",
        START + timedelta(hours=5),
        START,
    )
    served = len(ad_world.served())
    report = fresh.sync("google_ads")
    assert len(ad_world.served()) == served
    assert {outcome.problem.code for outcome in report.outcomes if outcome.problem} == {"resting"}
    message = fresh.health(ad_world.accounts["google_ads", "aurora-moda"])["message"]
    assert "rests until 2026-09-07 17:00 UTC" in message
    later = START + timedelta(hours=6)
    assert all(outcome.loaded for outcome in fresh.sync("google_ads", at=later).outcomes)
