"""Instagram in the warehouse: days of California, snapshots that are kept, stories caught before they vanish."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.integration.ingestion.ad_world import FIRST_DAY, START, AdWorld, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

pytestmark = pytest.mark.integration

PACIFIC = ZoneInfo("America/Los_Angeles")
# At the start it is five in the morning in California: three hours after its end the 6th is the newest due day.
NEWEST_DUE = date(2026, 9, 6)
EVERY_DAY = [FIRST_DAY + timedelta(days=number) for number in range((NEWEST_DUE - FIRST_DAY).days + 1)]
METRICS = (
    "views",
    "reach",
    "accounts_engaged",
    "total_interactions",
    "likes",
    "comments",
    "shares",
    "saves",
    "replies",
)


@pytest.fixture(scope="module")
def loaded(ad_world: AdWorld, make_database: MakeDatabase) -> Ingestion:
    """Instagram synced once. Not to be written to."""
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    report = ingestion.sync("instagram")
    assert [outcome.problem for outcome in report.outcomes] == [None] * 4
    assert [outcome.report_problems for outcome in report.outcomes] == [{}] * 4
    return ingestion


@pytest.fixture
def later(loaded: Ingestion, ad_world: AdWorld, make_database: MakeDatabase) -> Iterator[Ingestion]:
    """A copy that a test may change. Faults are gone after it."""
    yield ingestion_of(ad_world, make_database(loaded.url))
    ad_world.clear_faults()


def test_every_account_day_equals_the_truth_in_every_metric(loaded: Ingestion, ad_world: AdWorld) -> None:
    found = loaded.rows(f"select account_id, date_day::text, {', '.join(METRICS)} from raw_instagram.account_daily")
    truth = ad_world.truth("instagram_account", as_of=START, until=NEWEST_DUE)
    assert {(row["account_id"], row["date_day"]): tuple(row[name] for name in METRICS) for row in truth} == {
        (account, day): tuple(int(value) for value in values) for account, day, *values in found
    }
    assert len(found) == 4 * len(EVERY_DAY)
    assert loaded.value("select count(*) from raw_instagram.account_daily where absent_metrics is not null") == 0


def test_every_required_day_is_proved_and_nothing_is_held(loaded: Ingestion) -> None:
    proved = loaded.rows(
        """select account_id, count(*), min(date_day), max(date_day) from ops.load_ledger
        where platform = 'instagram' and report = 'account_daily' and complete group by account_id"""
    )
    assert {(days, first, last) for _, days, first, last in proved} == {(len(EVERY_DAY), FIRST_DAY, NEWEST_DUE)}
    assert loaded.rows("select 1 from ops.quarantine") == []


def test_splits_of_views_add_up_to_the_day(loaded: Ingestion) -> None:
    assert loaded.value(
        """select count(*) from raw_instagram.account_daily as whole
        where views <> (
            select sum(value) from raw_instagram.account_breakdown_daily as part
            where part.account_id = whole.account_id and part.date_day = whole.date_day
                and metric = 'views' and dimension = 'media_product_type')"""
    ) == 0  # fmt: skip
    words = loaded.rows("select distinct dimension_value from raw_instagram.account_breakdown_daily")
    assert ("REELS",) in words
    assert ("REEL",) not in words


def test_reach_of_longer_periods_is_a_figure_of_its_own(loaded: Ingestion) -> None:
    smaller = loaded.value(
        """select count(*) from raw_instagram.reach_daily as day
        inner join raw_instagram.reach_daily as week using (account_id, date_day)
        inner join raw_instagram.account_daily as total using (account_id, date_day)
        where day.period = 'day' and week.period = 'week' and day.reach = total.reach and week.reach > day.reach"""
    )
    assert smaller == 4 * len(EVERY_DAY)


def test_media_snapshots_are_the_worlds_figures_of_the_instant(loaded: Ingestion, ad_world: AdWorld) -> None:
    found = loaded.rows(
        """select media_id, date_day, views, reach, likes, saved, total_watch_time_ms from raw_instagram.media_insights
        where media_product_type = 'REELS'"""
    )
    truth = {
        row["media_id"]: (row["views"], row["reach"], row["likes"], row["saves"], row["total_watch_ms"])
        for row in ad_world.truth("instagram_media", as_of=START, until=START.date())
    }
    assert len(found) > 10
    shown = {media_id: tuple(int(value) for value in values) for media_id, _, *values in found}
    assert {media_id: values for media_id, values in shown.items() if media_id in truth} == {
        media_id: values for media_id, values in truth.items() if media_id in shown
    }
    assert {day for _, day, *_ in found} == {START.astimezone(PACIFIC).date()}
    listed = loaded.value("select count(*) from raw_instagram.media where media_product_type = 'STORY'")
    assert listed == 0


STAGING = Path(__file__).parents[3] / "dbt_project" / "models" / "staging" / "instagram"


def view(name: str) -> str:
    """A staging model as a plain query over the raw tables."""
    model = (STAGING / f"stg_instagram__{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", r"\1.\2", model)


def test_the_staging_views_read_what_was_loaded(loaded: Ingestion, ad_world: AdWorld) -> None:
    days = loaded.rows(f"select account_id, date_day::text, follows, unfollows, likes from ({view('account_daily')}) v")
    truth = ad_world.truth("instagram_account", as_of=START, until=NEWEST_DUE)
    assert {
        (account, day): (int(follows or 0), int(unfollows or 0), likes)
        for account, day, follows, unfollows, likes in days
    } == {(row["account_id"], row["date_day"]): (row["follows"], row["unfollows"], row["likes"]) for row in truth}
    names = dict(loaded.rows(f"select account_id, account_name from ({view('accounts')}) v"))
    assert len(names) == 4
    assert all(names.values())
    stories = loaded.rows(f"select media_id, vanished_at - published_at, reach from ({view('stories')}) v")
    live = {
        row["media_id"]: row["reach"]
        for row in ad_world.truth("instagram_media", as_of=START, until=START.date())
        if row["media_product_type"] == "STORY" and row["visible"]
    }
    assert {(media_id, lifetime, int(reach or 0)) for media_id, lifetime, reach in stories} == {
        (media_id, timedelta(days=1), reach if reach >= 5 else 0) for media_id, reach in live.items()
    }
    posts, snapshots = (loaded.value(f"select count(*) from ({view(name)}) v") for name in ("media", "media_insights"))
    assert posts >= snapshots > 100


def test_a_day_without_views_is_held_and_is_not_zero(later: Ingestion, ad_world: AdWorld) -> None:
    account = ad_world.accounts["instagram", "aurora-moda"]
    ad_world.fault("instagram", account, "empty", level="account", since="2026-09-04", until="2026-09-04")
    later.sync("instagram", at=START + timedelta(days=1))
    assert {day: code for day, (code, _) in later.held(account).items()} == {date(2026, 9, 4): "unanswered"}
    views = later.value(
        "select views from raw_instagram.account_daily where account_id = %s and date_day = '2026-09-04'", account
    )
    assert views > 0, "what was proved before stays"


def test_a_story_that_vanished_between_two_looks_keeps_its_last_figures(later: Ingestion, ad_world: AdWorld) -> None:
    last_look: dict[str, datetime] = {}
    for _ in range(6):
        ad_world.advance(4.5 / 24)
        later.sync("instagram")
        for row in ad_world.truth("instagram_media", until=ad_world.now().date()):
            if row["media_product_type"] == "STORY" and row["visible"] and row["reach"] >= 5:
                last_look[row["media_id"]] = ad_world.now()
    vanished = {media_id for media_id, seen in last_look.items() if seen < ad_world.now()}
    assert vanished, "the world has stories that ended meanwhile"
    kept = {media_id for (media_id,) in later.rows("select distinct media_id from raw_instagram.story_insights")}
    assert set(last_look) <= kept
    assert set(last_look) <= {media_id for (media_id,) in later.rows("select media_id from raw_instagram.stories")}
    unlisted = later.value("select count(*) from raw_instagram.stories where _unlisted_since is not null")
    assert unlisted == 0, "a list of 24 hours says nothing about older stories"
