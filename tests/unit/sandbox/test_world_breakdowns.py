"""Breakdowns add up to the row that they divide, to the last unit."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world.breakdowns import CONVERSION_COLUMNS, Dimension, apportion, split
from sandbox.world.creatives import conversion_actions_of, keywords_of
from sandbox.world.figures import Level
from sandbox.world.model import AD_PLATFORMS, Account, FigureRow
from sandbox.world.world import World, WorldParameters, accounts_of

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
COLUMNS = [field.name for field in fields(FigureRow)[4:-3]]
LEVELS: tuple[Level, ...] = ("account", "campaign", "ad_group", "ad")
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@pytest.fixture(scope="module")
def world() -> World:
    return World(WorldParameters(START.isoformat(), clients=12, ads=12))


def account_of(world: World, platform: str) -> Account:
    return next(account for account in accounts_of(world) if account.platform == platform)


def sample(world: World, account: Account, level: Level, step: int = 97) -> list[FigureRow]:
    table = world.table(account, level, START)
    return table.page(0, len(table))[::step]


@given(
    st.integers(0, 10**15), st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.sampled_from([1, 7, 10_000])
)
def test_parts_add_up_and_stay_next_to_their_exact_share(total: int, weights: list[int], quantum: int) -> None:
    parts = apportion(total, weights, quantum)
    assert sum(parts) == total
    assert apportion(-total, weights, quantum) == [-part for part in parts]
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * weight / whole) <= 2 * quantum + total * 1e-12


def test_the_largest_remainders_get_what_is_left() -> None:
    # 10 * (6, 3, 1) / 10 is exact; 7 * (5, 3, 2) / 10 = 3.5, 2.1, 1.4: one unit is left for 0.5.
    assert apportion(10, [6, 3, 1]) == [6, 3, 1]
    assert apportion(7, [5, 3, 2]) == [4, 2, 1]
    assert apportion(2_330_000, [1, 2], 1_000_000) == [1_000_000, 1_330_000]
    assert apportion(5, [0, 0]) == [5, 0]


@pytest.mark.parametrize("platform", AD_PLATFORMS)
def test_every_column_of_every_breakdown_adds_up_to_the_row(world: World, platform: str) -> None:
    divided = 0
    for account in (account for account in accounts_of(world) if account.platform == platform):
        for level in LEVELS:
            for row in sample(world, account, level):
                for dimension in DIMENSIONS:
                    parts = [part for _, part in split(account, row, dimension)]
                    divided += len(parts) > 1
                    for column in COLUMNS if parts else []:
                        if column == "reach" or (dimension == "conversion" and column not in CONVERSION_COLUMNS):
                            continue
                        found = sum(getattr(part, column) or 0 for part in parts)
                        assert found == (getattr(row, column) or 0), (dimension, column)
    assert divided > 100


def test_parts_are_possible_rows(world: World) -> None:
    for platform in AD_PLATFORMS:
        account = account_of(world, platform)
        unit = 10_000
        for row in sample(world, account, "ad", 5):
            for dimension in ("country", "device", "age_gender", "hour"):
                names = [name for name, _ in split(account, row, dimension)]
                assert len(set(names)) == len(names)
                for _, part in split(account, row, dimension):
                    assert (part.day, part.campaign_id, part.ad_id) == (row.day, row.campaign_id, row.ad_id)
                    assert part.spend % unit == 0
                    assert part.reach <= part.impressions
                    assert part.clicks <= part.impressions or row.clicks > row.impressions
                    assert part.video_p100 <= part.video_plays <= part.impressions
                    assert part.conversions <= part.all_conversions
                    assert part.value == 0 or part.conversions > 0 or row.conversions == 0
                    assert (part.link_clicks is None) == (row.link_clicks is None)


def test_people_are_in_one_age_but_may_be_met_on_several_devices(world: World) -> None:
    account = account_of(world, "meta_ads")
    row = max(sample(world, account, "account", 1), key=lambda row: row.impressions)
    assert sum(part.reach for _, part in split(account, row, "age_gender")) == row.reach
    assert sum(part.reach for _, part in split(account, row, "placement")) > row.reach


def test_breakdowns_use_each_platforms_words(world: World) -> None:
    words = {
        "meta_ads": ("device", {"mobile_app", "mobile_web", "desktop"}),
        "google_ads": ("device", {"MOBILE", "DESKTOP", "TABLET", "CONNECTED_TV"}),
        "tiktok_ads": ("placement", {"PLACEMENT_TIKTOK", "PLACEMENT_PANGLE", "PLACEMENT_GLOBAL_APP_BUNDLE"}),
        "linkedin_ads": (
            "company_size",
            {"SIZE_1", "SIZE_2_TO_10", "SIZE_11_TO_50", "SIZE_51_TO_200", "SIZE_201_TO_500"},
        ),
    }
    for platform, (dimension, expected) in words.items():
        account = account_of(world, platform)
        row = max(sample(world, account, "account", 1), key=lambda row: row.impressions)
        assert {name for name, _ in split(account, row, dimension)} == expected  # type: ignore[arg-type]
    assert split(account_of(world, "meta_ads"), row, "network") == []


def test_hours_of_today_end_now_and_a_skipped_hour_does_not_exist(world: World) -> None:
    account = next(a for a in accounts_of(world) if a.client_id == "harbor-outdoor" and a.platform == "tiktok_ads")
    row = FigureRow(date(2026, 11, 1), spend=50_000_000, impressions=100_000, clicks=900)
    # 12:00 UTC is 7 o'clock in New York: the eighth hour has just begun.
    assert [name for name, _ in split(account, row, "hour", START)] == [f"{hour:02d}" for hour in range(8)]
    assert len(split(account, row, "hour")) == 24
    spring = FigureRow(date(2026, 3, 8), spend=50_000_000, impressions=100_000, clicks=900)
    assert [name for name, _ in split(account, spring, "hour")][:4] == ["00", "01", "03", "04"]


def test_conversions_by_action_hold_no_cost_and_secondary_ones_count_in_all_only(world: World) -> None:
    account = account_of(world, "google_ads")
    primary = {action.name for action in conversion_actions_of(account) if action.primary}
    found: set[str] = set()
    for row in sample(world, account, "campaign", 1):
        for name, part in split(account, row, "conversion"):
            found.add(name)
            assert (part.spend, part.impressions, part.clicks) == (0, 0, 0)
            assert (part.conversions == part.all_conversions) if name in primary else (part.conversions == 0)
    assert found == {action.name for action in conversion_actions_of(account)}


def test_search_ads_split_by_keyword_with_a_part_that_no_keyword_explains(world: World) -> None:
    account = account_of(world, "google_ads")
    row = max(
        (row for row in sample(world, account, "ad_group", 1) if keywords_of(account.ad_group_by_id[row.ad_group_id])),
        key=lambda row: row.impressions,
    )
    keywords = keywords_of(account.ad_group_by_id[row.ad_group_id])
    assert {name for name, _ in split(account, row, "keyword")} == {"", *(k.criterion_id for k in keywords)}
    terms = {term for keyword in keywords for term in keyword.search_terms}
    assert {name for name, _ in split(account, row, "search_term")} <= {"", *terms}
    display = next(group for group in account.ad_groups if group.campaign.kind == "DISPLAY")
    part = FigureRow(row.day, display.campaign.campaign_id, display.ad_group_id, impressions=9)
    assert [name for name, _ in split(account, part, "keyword")] == [""]
