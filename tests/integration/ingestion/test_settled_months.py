"""A settled July of one client on all its platforms: published, then compared with what each platform says of July."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alerting.settled_months import collect_settled_months
from cli.months import months_json, months_table, read_months
from cli.publishing import run_publish
from cli.session import PlatformSession
from foundation.database import connect
from quality.settled_months import MonthSummary, certify_months
from sandbox.credentials import credential_environment
from sandbox.world.world import load_world
from tests.integration.ingestion.ad_world import AdWorld, FixedClock, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

CLIENT = "harbor-outdoor"
AD_PLATFORMS = ("google_ads", "linkedin_ads", "meta_ads", "tiktok_ads")
JULY, LAST_OF_JULY = date(2026, 7, 1), date(2026, 7, 31)
# The longest window is 31 days: July is final on 31 August. On 25 August its days are read, on 7 September it is asked.
DAYS_READ_AT = datetime(2026, 8, 25, 12, tzinfo=UTC)
NOW = datetime(2026, 9, 7, 12, tzinfo=UTC)
RESTATED = date(2026, 7, 10)


@dataclass
class Months:
    """A warehouse in which the client's July is published and no month was asked for yet."""

    ingestion: Ingestion
    accounts: dict[str, str]

    @property
    def session(self) -> PlatformSession:
        return PlatformSession(self.ingestion.settings, self.ingestion.url, FixedClock(NOW))

    def ask(self, platform: str) -> list[Any]:
        """A run with nothing due but months."""
        return self.ingestion.sync(platform, tasks=[], at=NOW).months

    def certify(self, now: datetime = NOW) -> MonthSummary:
        with connect(self.ingestion.url) as connection:
            return certify_months(connection, now=now)

    def certificates(self, platform: str) -> dict[str, tuple[Any, ...]]:
        """metric -> verdict, difference, reason."""
        found = self.ingestion.rows(
            "select metric, verdict, difference, reason from ops.month_certificate where client_id = %s "
            "and platform = %s and month = %s",
            CLIENT, platform, JULY,
        )  # fmt: skip
        return {metric: (verdict, difference, reason) for metric, verdict, difference, reason in found}

    def truth(self, platform: str, first: date = JULY, last: date = LAST_OF_JULY) -> tuple[Decimal, int, int]:
        days = self.ingestion.world.account_days(platform, [self.accounts[platform]], as_of=NOW)
        chosen = [figures for (_, day), figures in days.items() if first <= day <= last]
        return (
            sum((spend for spend, _, _ in chosen), Decimal(0)),
            sum(impressions for _, impressions, _ in chosen),
            sum(clicks for _, _, clicks in chosen),
        )


@pytest.fixture(scope="module")
def month_world() -> Iterator[AdWorld]:
    directory = Path(tempfile.mkdtemp(prefix="mdp-month-world-"))
    world = AdWorld.started(directory, days=75, ads=4, start_at=NOW)
    with pytest.MonkeyPatch.context() as patch:
        for name, secret in credential_environment(load_world(directory / "state")).items():
            patch.setenv(name, secret)
        yield world
    world.stop()


@pytest.fixture(scope="module")
def published(month_world: AdWorld, make_database: MakeDatabase) -> Months:
    """Not to be written to."""
    ingestion = ingestion_of(month_world, make_database(None))
    ingestion.load_clients()
    accounts = {}
    for platform in (*AD_PLATFORMS, "instagram"):
        accounts[platform] = month_world.accounts[platform, CLIENT]
        tasks = ingestion.requested(platform, JULY, LAST_OF_JULY, accounts[platform])
        report = ingestion.sync(platform, tasks=tasks, at=DAYS_READ_AT)
        assert not report.failed
        assert report.months == []
    months = Months(ingestion, accounts)
    run_publish(months.session)
    return months


@pytest.fixture
def july(published: Months, make_database: MakeDatabase) -> Iterator[Months]:
    """A copy that a test may change; faults that it set are gone after it."""
    world = published.ingestion.world
    yield Months(ingestion_of(world, make_database(published.ingestion.url)), published.accounts)
    world.clear_faults()


def test_a_settled_month_equals_what_each_platform_says_of_it_in_a_call_of_its_own(july: Months) -> None:
    for platform in AD_PLATFORMS:
        (asked,) = july.ask(platform)
        assert (str(asked.task), asked.problem) == (f"{CLIENT} {platform} {july.accounts[platform]} 2026-07", None)
    summary = july.certify()
    assert (summary.status, summary.standing) == ("passed", {"not_offered": 1, "certified": 4})
    for platform in AD_PLATFORMS:
        rows = july.ingestion.rows(
            "select metric, warehouse_total, platform_total, verdict, cardinality(request_ids) > 0, read_at "
            "from ops.month_certificate where platform = %s order by array_position(array['spend', 'impressions', "
            "'clicks'], metric)",
            platform,
        )
        spend, impressions, clicks = july.truth(platform)
        assert spend > 0
        assert rows == [
            ("spend", spend, spend, "certified", True, NOW),
            ("impressions", impressions, impressions, "certified", True, NOW),
            ("clicks", clicks, clicks, "certified", True, NOW),
        ]
    verdict, difference, reason = july.certificates("instagram")["views"]
    assert (verdict, difference) == ("not_offered", None)
    assert "instagram gives no total of a month" in reason
    with connect(july.ingestion.url) as connection:
        collect_settled_months(connection, now=NOW)
    assert july.ingestion.value("select count(*) from ops.incident") == 0


def test_a_month_is_asked_for_once_and_again_only_when_one_of_its_days_changed(july: Months) -> None:
    for platform in AD_PLATFORMS:
        july.ask(platform)
        assert july.ask(platform) == []
    july.ingestion.run(
        "update ops.load_ledger set fetched_at = %s where platform = 'tiktok_ads' and report = 'account_daily' "
        "and date_day = %s",
        datetime(2026, 9, 7, 13, tzinfo=UTC), RESTATED,
    )  # fmt: skip
    july.certify()
    verdict, _, reason = july.certificates("tiktok_ads")["spend"]
    assert verdict == "not_read"
    assert "read before the month's days last changed" in reason
    assert len(july.ask("tiktok_ads")) == 1


def test_a_platform_all_of_whose_months_are_at_rest_is_asked_for_none(july: Months) -> None:
    july.ingestion.run("delete from raw_registry.account where client_id <> %s", CLIENT)
    july.ingestion.run("update raw_registry.account set active_from = %s", JULY)
    assert len(july.ask("meta_ads")) == 1
    assert july.ask("meta_ads") == []


def test_a_day_that_the_platform_restated_after_it_had_settled_is_found_named_and_mended(july: Months) -> None:
    account = july.accounts["meta_ads"]
    added, _, _ = july.truth("meta_ads", RESTATED, RESTATED)
    assert added > 0
    july.ingestion.world.fault("meta_ads", account, "restated", since=str(RESTATED), until=str(RESTATED), amount="2")
    assert [outcome.problem for outcome in july.ask("meta_ads")] == [None]
    assert july.certify().standing["differs"] == 1
    found = july.certificates("meta_ads")
    assert {metric: (verdict, difference) for metric, (verdict, difference, _) in found.items()} == {
        "spend": ("differs", -added), "impressions": ("certified", 0), "clicks": ("certified", 0),
    }  # fmt: skip
    reason = found["spend"][2]
    assert f"{CLIENT} meta_ads {account} 2026-07: spend" in reason
    assert f"difference -{added.normalize():f}" in reason
    assert f"`mdp sync meta_ads --from 2026-07-01 --to 2026-07-31 --account {account}`, then `mdp publish`" in reason
    with connect(july.ingestion.url) as connection:
        for _ in range(2):
            collect_settled_months(connection, now=NOW)
    assert july.ingestion.rows("select kind, client_id, platform, account_id, resolved_at from ops.incident") == [
        ("settled_month", CLIENT, "meta_ads", account, None)
    ]
    assert july.ingestion.value("select count(*) from ops.outbox where kind = 'incident_opened'") == 1

    later = datetime(2026, 9, 7, 13, tzinfo=UTC)
    tasks = july.ingestion.requested("meta_ads", JULY, LAST_OF_JULY, account)
    report = july.ingestion.sync("meta_ads", tasks=tasks, at=later)
    assert report.outcomes[0].restated_spend == added
    assert [str(outcome.task) for outcome in report.months] == [f"{CLIENT} meta_ads {account} 2026-07"]
    run_publish(PlatformSession(july.ingestion.settings, july.ingestion.url, FixedClock(later)))
    assert {verdict for verdict, _, _ in july.certificates("meta_ads").values()} == {"certified"}
    with connect(july.ingestion.url) as connection:
        collect_settled_months(connection, now=later)
    assert july.ingestion.value("select count(*) from ops.incident where resolved_at is null") == 0


def test_a_difference_within_half_a_percent_is_a_warning_with_its_amount(july: Months) -> None:
    account = july.accounts["google_ads"]
    spend, _, _ = july.truth("google_ads")
    extra = (spend * Decimal("0.004")).quantize(Decimal("0.01"))
    july.ingestion.world.fault(
        "google_ads", account, "control_mismatch", since=str(RESTATED), until=str(RESTATED), amount=str(extra)
    )
    july.ask("google_ads")
    assert july.certify().status == "failed"
    found = july.certificates("google_ads")
    assert found["spend"][:2] == ("warned", -extra)
    assert found["clicks"][0] == "certified"


def test_a_month_with_a_day_that_is_not_published_says_which(july: Months) -> None:
    july.ask("linkedin_ads")
    july.ingestion.run(
        "update ops.published_day set superseded_at = published_at where platform = 'linkedin_ads' and date_day = %s",
        RESTATED,
    )
    july.certify()
    verdict, difference, reason = july.certificates("linkedin_ads")["spend"]
    assert (verdict, difference) == ("incomplete", None)
    assert "not published: 2026-07-10." in reason
    assert july.ingestion.value(
        "select missing_days from ops.month_certificate where platform = 'linkedin_ads' and metric = 'spend'"
    ) == [RESTATED]


def test_a_total_that_cannot_be_read_names_client_account_month_and_next_step(july: Months) -> None:
    account = july.accounts["tiktok_ads"]
    july.ingestion.world.fault("tiktok_ads", account, "throttle")
    (outcome,) = july.ask("tiktok_ads")
    assert outcome.problem is not None
    assert outcome.problem.message.startswith(f"{CLIENT} tiktok_ads {account} 2026-07: its total could not be read")
    assert outcome.problem.next_step
    july.certify()
    verdict, _, reason = july.certificates("tiktok_ads")["spend"]
    assert verdict == "not_read"
    assert outcome.problem.message in reason
    # It is not asked again in the next six hours, and asked and certified after them.
    july.ingestion.world.clear_faults()
    assert july.ask("tiktok_ads") == []
    evening = datetime(2026, 9, 7, 19, tzinfo=UTC)
    assert len(july.ingestion.sync("tiktok_ads", tasks=[], at=evening).months) == 1
    july.certify(evening)
    assert july.certificates("tiktok_ads")["spend"][0] == "certified"


def test_an_empty_answer_is_no_proof_that_nothing_was_delivered(july: Months) -> None:
    account = july.accounts["linkedin_ads"]
    july.ingestion.world.fault("linkedin_ads", account, "empty")
    (outcome,) = july.ask("linkedin_ads")
    assert outcome.problem is not None
    assert "answered with nothing" in outcome.problem.message
    assert july.ingestion.value("select metrics from ops.month_total where platform = 'linkedin_ads'") is None


def test_mdp_months_prints_what_stands(july: Months) -> None:
    july.ask("meta_ads")
    july.certify()
    lines = [line for line in read_months(july.session, CLIENT, JULY) if line.platform == "meta_ads"]
    assert [(line.metric, line.verdict) for line in lines] == [
        ("spend", "certified"), ("impressions", "certified"), ("clicks", "certified"),
    ]  # fmt: skip
    assert months_table(lines).row_count == 3
    assert months_json(lines)[0]["month"] == "2026-07"
    assert read_months(july.session, "nobody", None) == []
