"""Instagram in the seeded world: account-days, media, stories, followers and their particulars."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.truth import truth_rows
from sandbox.world.audience import engaged_demographics, follower_demographics, online_followers
from sandbox.world.instagram import PRODUCTS, AccountDay, account_day, day_starts, follower_count
from sandbox.world.media_insights import is_visible, live_stories, media_figures, visible_media
from sandbox.world.model import Account
from sandbox.world.world import World, WorldParameters, accounts_of

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
METRICS = (
    "views", "reach", "accounts_engaged", "total_interactions", "likes", "comments", "shares", "saves", "replies",
    "reposts", "follows", "unfollows", "profile_links_taps",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World(WorldParameters(START.isoformat(), clients=6))


@pytest.fixture(scope="module")
def accounts(world: World) -> list[Account]:
    return [account for account in accounts_of(world) if account.platform == "instagram"]


def shown(account: Account, day: date, as_of: datetime) -> AccountDay:
    found = account_day(account, day, as_of)
    assert found is not None
    return found


def days(count: int) -> list[date]:
    return [date(2026, 10, 1) + timedelta(days=number) for number in range(count)]


def test_the_parts_of_an_account_day_add_up(accounts: list[Account]) -> None:
    for account in accounts:
        for day in days(25):
            found = shown(account, day, START)
            for metric, parts in found.by_product.items():
                assert tuple(parts) == PRODUCTS
                if metric != "reach":
                    assert sum(parts.values()) == getattr(found, metric)
            for metric, parts in found.by_follow_type.items():
                assert tuple(parts) == ("FOLLOWER", "NON_FOLLOWER", "UNKNOWN")
                assert sum(parts.values()) == getattr(found, metric)
            assert sum(found.by_contact_button.values()) == found.profile_links_taps
            interactions = found.likes + found.comments + found.shares + found.saves + found.replies
            assert found.total_interactions == interactions


def test_people_reached_are_fewer_than_views_and_than_their_parts(accounts: list[Account]) -> None:
    for account in accounts:
        for day in days(25):
            found = shown(account, day, START)
            parts = found.by_product["reach"]
            assert max(parts.values()) <= found.reach < sum(parts.values()) <= found.views
            assert found.accounts_engaged <= found.reach


def test_a_day_grows_until_48_hours_after_its_end_and_then_stands_still(accounts: list[Account]) -> None:
    account, day = accounts[0], date(2026, 10, 20)
    began, ended = day_starts(day), day_starts(day + timedelta(days=1))
    assert (began, ended) == (datetime(2026, 10, 20, 7, tzinfo=UTC), datetime(2026, 10, 21, 7, tzinfo=UTC))
    assert account_day(account, day, began - timedelta(seconds=1)) is None
    instants = [began + timedelta(hours=6 * step) for step in range(13)]
    readings = [shown(account, day, instant) for instant in instants]
    for metric in METRICS:
        values = [getattr(reading, metric) for reading in readings]
        assert values == sorted(values)
    final = shown(account, day, ended + timedelta(hours=48))
    assert readings[-2].views < final.views
    assert shown(account, day, ended + timedelta(days=200)) == final


def test_the_day_of_the_clock_change_lasts_25_hours() -> None:
    assert day_starts(date(2026, 11, 2)) - day_starts(date(2026, 11, 1)) == timedelta(hours=25)


def test_follows_come_late_and_explain_the_follower_count(accounts: list[Account]) -> None:
    for account in accounts:
        fresh = shown(account, date(2026, 10, 31), START)
        assert (fresh.follows, fresh.unfollows, fresh.profile_links_taps) == (0, 0, 0)
        for day in days(28):
            before = shown(account, day - timedelta(days=1), START)
            found = shown(account, day, START)
            assert found.followers - before.followers == found.follows - found.unfollows
            assert min(found.follows, found.unfollows) >= 0
        assert follower_count(account, START) == pytest.approx(account.followers, rel=0.02)


def test_an_account_is_the_same_whatever_history_the_world_has(accounts: list[Account]) -> None:
    longer = World(WorldParameters(START.isoformat(), clients=6, days=300))
    account = accounts[0]
    (same,) = [other for other in accounts_of(longer) if other.account_id == account.account_id and other.media]
    assert set(account.media[100:]) <= set(same.media)
    for day in days(5):
        assert shown(same, day, START) == shown(account, day, START)


def test_media_ids_are_unique_and_times_are_utc(accounts: list[Account]) -> None:
    ids = [media.media_id for account in accounts for media in account.media]
    assert len(set(ids)) == len(ids)
    assert all(len(known) == 17 for known in ids)
    for account in accounts:
        times = [media.published_at for media in account.media]
        assert times == sorted(times)
        assert all(moment.tzinfo is UTC for moment in times)
        kinds = {(media.product_type, media.media_type) for media in account.media}
        assert {("FEED", "IMAGE"), ("FEED", "CAROUSEL_ALBUM"), ("REELS", "VIDEO"), ("STORY", "IMAGE")} <= kinds
        assert all((media.children > 1) == (media.media_type == "CAROUSEL_ALBUM") for media in account.media)
    captions = {media.caption for account in accounts for media in account.media}
    assert any("\n" in caption for caption in captions)
    assert any("\U0001f469" in caption for caption in captions)
    assert "" in captions


def test_a_story_is_there_for_24_hours_and_a_deleted_post_until_it_goes(accounts: list[Account]) -> None:
    account = accounts[0]
    story = next(m for m in account.media if m.product_type == "STORY" and m.published_at > START)
    second = timedelta(seconds=1)
    instants = [story.published_at - second, story.published_at, story.published_at + timedelta(hours=24) - second,
                story.published_at + timedelta(hours=24)]  # fmt: skip
    assert [story in live_stories(account, instant) for instant in instants] == [False, True, True, False]
    assert all(story not in visible_media(account, instant) for instant in instants)
    deleted = next(m for m in account.media if m.deleted_at and m.deleted_at > START)
    assert deleted.deleted_at is not None
    assert deleted in visible_media(account, deleted.deleted_at - second)
    assert deleted not in visible_media(account, deleted.deleted_at)
    newest_first = [media.published_at for media in visible_media(account, START)]
    assert newest_first == sorted(newest_first, reverse=True)


def test_lifetime_figures_of_media_only_grow_and_settle_with_age(accounts: list[Account]) -> None:
    account = accounts[0]
    for media in [m for m in account.media if m.published_at < START and not m.deleted_at][-40:]:
        readings = [media_figures(account, media, media.published_at + timedelta(hours=hours))
                    for hours in (0, 1, 6, 24, 72, 240, 720, 1440, 9000)]  # fmt: skip
        for metric in ("views", "reach", "likes", "total_interactions", "profile_visits", "total_watch_ms"):
            values = [getattr(reading, metric) for reading in readings]
            assert values == sorted(values)
        assert readings[0].views == 0
        assert readings[-2] == readings[-1]
        assert all(reading.reach <= reading.views for reading in readings)
        settled = {"FEED": 6, "REELS": 7, "STORY": 3}[media.product_type]
        assert readings[settled] == readings[-1]
        assert (readings[-1].average_watch_ms > 0) == (media.product_type == "REELS")
        assert bool(readings[-1].navigation) == (media.product_type == "STORY")


def test_some_media_are_from_before_the_business_account_and_some_hide_their_likes(accounts: list[Account]) -> None:
    for account in accounts:
        old = [media for media in account.media if media.before_business]
        assert old
        assert max(media.published_at for media in old) < min(m.published_at for m in account.media if m not in old)
    assert any(media.hides_likes for account in accounts for media in account.media)


def test_demographics_show_45_values_at_the_most_and_fewer_people_than_follow(accounts: list[Account]) -> None:
    for account in accounts:
        count = follower_count(account, START)
        for breakdown in ("age", "gender", "country", "city", "age,gender"):
            parts = follower_demographics(account, START, breakdown)
            people = [amount for _, amount in parts]
            assert 0 < len(parts) <= 45
            assert people == sorted(people, reverse=True)
            assert sum(people) < count
            assert len({len(values) for values, _ in parts}) == 1
            engaged = engaged_demographics(account, START, breakdown)
            assert sum(amount for _, amount in engaged) < sum(people)
        assert len(follower_demographics(account, START, "country")) <= 45
        assert set(online_followers(account, START.date())) == {str(hour) for hour in range(24)}


def test_truth_of_media_says_what_can_still_be_read(world: World, accounts: list[Account]) -> None:
    found = truth_rows(world, "instagram_media", START, date(2026, 10, 20), date(2026, 11, 1))
    by_id = {media.media_id: (account, media) for account in accounts for media in account.media}
    assert {row["account_id"] for row in found} == {account.account_id for account in accounts}
    for row in found:
        account, media = by_id[row["media_id"]]
        assert row["visible"] == is_visible(media, START)
        assert row["reach"] == media_figures(account, media, START).reach
        assert date(2026, 10, 20) <= date.fromisoformat(row["date_day"]) <= date(2026, 11, 1)
    assert {row["visible"] for row in found} == {True, False}


def test_truth_of_accounts_has_every_day_until_today_pacific(world: World, accounts: list[Account]) -> None:
    # 06:00 UTC is still the day before at the Pacific coast.
    found = truth_rows(world, "instagram_account", START - timedelta(hours=6), date(2026, 10, 25), date.max)
    mine = [row["date_day"] for row in found if row["account_id"] == accounts[0].account_id]
    assert mine == [f"2026-10-{day}" for day in range(25, 32)]
