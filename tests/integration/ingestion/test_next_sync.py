"""A second sync changes nothing but what the platforms restated, and keeps what stood there before."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.integration.ingestion.ad_world import DAYS, FIRST_DAY, START, YESTERDAY, AdWorld, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase

pytestmark = pytest.mark.integration

TOMORROW = START + timedelta(days=1)
PLATFORMS = ("meta_ads", "google_ads")


@pytest.fixture(scope="module")
def next_day(ad_world: AdWorld, first_sync: Ingestion, make_database: MakeDatabase) -> Ingestion:
    """The first sync, and the sync of the day after it. Not to be written to."""
    ingestion = Ingestion(make_database(first_sync.url), ad_world, first_sync.settings)
    ad_world.advance(1)
    for platform in PLATFORMS:
        ingestion.sync(platform)
    return ingestion


def test_the_next_days_raw_equals_the_truth_of_the_next_day(ad_world: AdWorld, next_day: Ingestion) -> None:
    revoked = ad_world.accounts["meta_ads", "olivar-viajes"]
    for platform in PLATFORMS:
        truth = ad_world.account_days(platform, as_of=TOMORROW)
        wanted = {key: figures for key, figures in truth.items() if key[0] != revoked}
        assert next_day.loaded_days(platform) == wanted
        assert next_day.loaded_days(platform, "account_daily") == wanted
        assert {day for _, day in wanted} >= {YESTERDAY + timedelta(days=1)}


def test_only_days_that_the_platform_changed_have_a_new_version(ad_world: AdWorld, next_day: Ingestion) -> None:
    for platform in PLATFORMS:
        old, new = (ad_world.account_days(platform, as_of=instant) for instant in (START, TOMORROW))
        loaded = {account for account, _ in next_day.loaded_days(platform)}
        moved = {key for key in old if key[0] in loaded and old[key] != new[key]}
        assert moved
        versions = next_day.rows(
            """select account_id, date_day, version from ops.load_ledger
            where platform = %s and report = 'account_daily' and date_day <= %s and complete""",
            platform,
            YESTERDAY,
        )
        assert {(account, day) for account, day, version in versions if version == 2} == moved
        assert {version for *_, version in versions} == {1, 2}


def test_every_restatement_has_the_old_and_the_new_figure_of_the_truth(ad_world: AdWorld, next_day: Ingestion) -> None:
    for platform in PLATFORMS:
        old, new = (ad_world.account_days(platform, as_of=instant) for instant in (START, TOMORROW))
        loaded = {account for account, _ in next_day.loaded_days(platform)}
        truth = {
            (*key, metric): (Decimal(before), Decimal(after))
            for key in old
            if key[0] in loaded
            for metric, before, after in zip(("spend", "impressions", "clicks"), old[key], new[key], strict=True)
            if before != after
        }
        recorded = next_day.rows(
            """select account_id, date_day, metric, old_value, new_value, old_version, new_version, detected_at
            from ops.restatement where platform = %s and report = 'campaign_daily'
            and metric in ('spend', 'impressions', 'clicks')""",
            platform,
        )
        assert {
            (account, day, metric): (before, after) for account, day, metric, before, after, *_ in recorded
        } == truth
        assert {tuple(row[5:]) for row in recorded} == {(1, 2, TOMORROW)}


def test_the_figures_of_the_day_before_can_be_rebuilt_from_history(ad_world: AdWorld, next_day: Ingestion) -> None:
    for platform, spend in (("meta_ads", "spend"), ("google_ads", "cost_micros / 1000000::numeric")):
        found = next_day.rows(
            f"""with everything as (
                select account_id, date_day, {spend} as spend, impressions, clicks, _valid_from,
                    'infinity'::timestamptz as _valid_to
                from raw_{platform}.campaign_daily
                union all
                select account_id, date_day, {spend}, impressions, clicks, _valid_from, _valid_to
                from raw_{platform}.campaign_daily_history
            )
            select account_id, date_day, sum(spend), sum(impressions), sum(clicks) from everything
            where _valid_from <= %s and _valid_to > %s group by account_id, date_day""",
            START,
            START,
        )
        rebuilt = {(row[0], row[1]): (row[2], int(row[3]), int(row[4])) for row in found if any(row[2:])}
        loaded = {account for account, _ in next_day.loaded_days(platform)}
        assert rebuilt == ad_world.account_days(platform, loaded, as_of=START)
        spans = next_day.rows(
            f"select distinct _valid_from, _valid_to, _version from raw_{platform}.campaign_daily_history"
        )
        assert spans == [(START, TOMORROW, 1)]


def test_rows_that_did_not_change_stay_the_rows_they_were(next_day: Ingestion) -> None:
    for platform in PLATFORMS:
        untouched, replaced = next_day.rows(
            f"""select count(*) filter (where _valid_from = %s), count(*) filter (where _valid_from = %s)
            from raw_{platform}.campaign_daily where date_day <= %s""",
            START,
            TOMORROW,
            YESTERDAY,
        )[0]
        history = next_day.value(f"select count(*) from raw_{platform}.campaign_daily_history")
        assert untouched > 0
        assert replaced >= history > 0


def test_only_the_trailing_window_is_read_again(
    ad_world: AdWorld, next_day: Ingestion, make_database: MakeDatabase
) -> None:
    """Forty-six days after its first one, the first days of the world lie outside both windows."""
    later = Ingestion(make_database(next_day.url), ad_world, next_day.settings)
    ad_world.advance(25)
    for platform in PLATFORMS:
        later.sync(platform)
    known = len(ad_world.served())
    ad_world.advance(1)
    for platform, window in (("meta_ads", 29), ("google_ads", 31)):
        before = later.fingerprint()
        later.sync(platform)
        asked = [entry for entry in ad_world.served()[known:] if entry["platform"] == platform]
        newest = ad_world.now().date() - timedelta(days=1)
        oldest = newest - timedelta(days=window - 1)
        assert asked
        assert min(date.fromisoformat(entry["since"]) for entry in asked) == oldest > FIRST_DAY
        assert max(date.fromisoformat(entry["until"]) for entry in asked) == newest
        assert later.fingerprint() != before
        stale = later.rows(
            "select count(distinct date_day) from ops.load_ledger "
            "where platform = %s and complete and verified_at < %s and report = 'campaign_daily'",
            platform,
            ad_world.now(),
        )
        assert stale == [((oldest - FIRST_DAY).days,)]
        assert later.value(
            "select count(distinct date_day) from ops.load_ledger where platform = %s and complete", platform
        ) == DAYS + 27  # fmt: skip
