"""The seeded world: what must hold in it whatever the seed."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest

from sandbox.world.figures import local_day
from sandbox.world.model import PERFORMANCE_MAX, Account, FigureRow
from sandbox.world.world import World, WorldParameters, accounts_of

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
PARAMETERS = WorldParameters(START.isoformat())
Level = Literal["account", "campaign", "ad_group", "ad"]


@pytest.fixture(scope="module")
def world() -> World:
    return World(PARAMETERS)


def rows(world: World, account: Account, level: Level, as_of: datetime = START) -> list[FigureRow]:
    table = world.table(account, level, as_of)
    return table.page(0, len(table))


def totals(found: list[FigureRow]) -> dict[date, tuple[int, int, int, int, int]]:
    sums: dict[date, tuple[int, int, int, int, int]] = {}
    for row in found:
        before = sums.get(row.day, (0, 0, 0, 0, 0))
        own = (row.spend, row.impressions, row.clicks, row.conversions, row.value)
        sums[row.day] = tuple(a + b for a, b in zip(before, own, strict=True))  # type: ignore[assignment]
    return sums


def meta_account(world: World) -> Account:
    return next(account for account in accounts_of(world) if account.platform == "meta_ads")


def ad_accounts(world: World) -> list[Account]:
    return [account for account in accounts_of(world) if account.platform != "instagram"]


def google_accounts(world: World) -> list[Account]:
    return [account for account in accounts_of(world) if account.platform == "google_ads"]


def test_two_worlds_of_the_same_parameters_show_the_same_figures(world: World) -> None:
    other = World(PARAMETERS)
    for mine, theirs in zip(accounts_of(world), accounts_of(other), strict=True):
        assert mine == theirs
        assert rows(world, mine, "ad") == rows(other, theirs, "ad")


def test_another_seed_gives_another_world(world: World) -> None:
    other = World(WorldParameters(START.isoformat(), seed=7))
    assert rows(world, meta_account(world), "account") != rows(other, meta_account(other), "account")


def test_adding_clients_changes_nothing_else(world: World) -> None:
    bigger = World(WorldParameters(START.isoformat(), clients=7))
    assert bigger.clients[: len(world.clients)] == world.clients
    assert len(bigger.clients) == 7
    assert len({client.slack_channel for client in bigger.clients}) == 7
    last = accounts_of(world)[-1]
    assert rows(bigger, last, "ad") == rows(world, last, "ad")


def test_a_day_more_of_the_clock_only_adds_and_restates(world: World) -> None:
    account = meta_account(world)
    before = totals(rows(world, account, "account"))
    after = totals(rows(world, account, "account", START + timedelta(days=1)))
    assert set(before) <= set(after)
    settled = [day for day in before if day < START.date() - timedelta(days=40)]
    assert settled
    assert all(before[day] == after[day] for day in settled)


@pytest.mark.parametrize("days_later", [0, 3])
def test_account_totals_are_the_sum_of_campaigns_and_of_ads_with_performance_max(world: World, days_later: int) -> None:
    as_of = START + timedelta(days=days_later)
    for account in accounts_of(world):
        pmax = {campaign.campaign_id for campaign in account.campaigns if campaign.kind == PERFORMANCE_MAX}
        account_rows = totals(rows(world, account, "account", as_of))
        campaign_rows = rows(world, account, "campaign", as_of)
        without_ads = [row for row in campaign_rows if row.campaign_id in pmax]
        assert account_rows == totals(campaign_rows)
        assert account_rows == totals(rows(world, account, "ad", as_of) + without_ads)
        assert account_rows == totals(rows(world, account, "ad_group", as_of) + without_ads)


def test_spend_is_booked_in_whole_smallest_units(world: World) -> None:
    for account in accounts_of(world):
        assert all(row.spend % 10_000 == 0 for row in rows(world, account, "ad"))
    yen = next(a for a in accounts_of(World(WorldParameters(START.isoformat(), clients=8))) if a.currency == "JPY")
    bigger = World(WorldParameters(START.isoformat(), clients=8))
    assert all(row.spend % 1_000_000 == 0 for row in rows(bigger, yen, "ad"))


def test_recent_days_move_between_two_noons_and_old_ones_stand_still(world: World) -> None:
    for account in ad_accounts(world):
        before = totals(rows(world, account, "account"))
        after = totals(rows(world, account, "account", START + timedelta(days=1)))
        moved = {day for day in before if before[day] != after[day]}
        age = {(local_day(account, START) - day).days for day in moved}
        assert {1, 2, 3} & age
        # Conversions booked on the click's day come as late as the click window, and refunds after that.
        latest = {"meta_ads": 30, "google_ads": 55, "tiktok_ads": 30, "linkedin_ads": 42}
        assert max(age) <= latest[account.platform]


def test_delivery_is_final_after_28_days_except_for_nothing(world: World) -> None:
    account = meta_account(world)
    old = local_day(account, START) - timedelta(days=29)
    before = [(row.spend, row.impressions, row.clicks) for row in rows(world, account, "ad") if row.day <= old]
    later = rows(world, account, "ad", START + timedelta(days=20))
    assert before == [(row.spend, row.impressions, row.clicks) for row in later if row.day <= old]


def test_today_is_partly_filled_and_grows(world: World) -> None:
    account = meta_account(world)
    today = local_day(account, START)
    spends = [
        sum(row.spend for row in rows(world, account, "account", START + timedelta(hours=hours)) if row.day == today)
        for hours in (0, 3, 6)
    ]
    assert spends[0] < spends[1] < spends[2]


def test_google_takes_invalid_clicks_back(world: World) -> None:
    fallen = 0
    for account in google_accounts(world):
        before = {(row.day, row.ad_group_id, row.ad_id): row for row in rows(world, account, "ad")}
        for row in rows(world, account, "ad", START + timedelta(days=5)):
            earlier = before.get((row.day, row.ad_group_id, row.ad_id))
            fallen += earlier is not None and row.clicks < earlier.clicks and row.spend <= earlier.spend
    assert fallen > 0


def test_meta_books_purchases_on_days_without_delivery(world: World) -> None:
    alone = [row for account in accounts_of(world) if account.platform == "meta_ads"
             for row in rows(world, account, "ad") if row.spend == 0 and row.conversions > 0]  # fmt: skip
    assert alone


def test_google_books_fractions_on_the_click_day(world: World) -> None:
    found = [row for account in google_accounts(world) for row in rows(world, account, "ad")]
    assert any(row.conversions % 1_000_000 for row in found)
    assert all(row.conversions <= row.all_conversions for row in found)
    assert all(row.clicks > 0 or row.conversions == 0 for row in found if row.impressions)


def test_clicks_exceed_impressions_only_on_a_few_tiny_days() -> None:
    large = World(WorldParameters(START.isoformat(), ads=600))
    found = rows(large, meta_account(large), "ad")
    odd = [row for row in found if row.clicks > row.impressions]
    assert 0 < len(odd) < len(found) * 0.003
    assert all(row.clicks <= 3 for row in odd)


def test_some_account_days_have_no_delivery_at_all(world: World) -> None:
    dark = 0
    for account in accounts_of(world):
        delivered = {row.day for row in rows(world, account, "account") if row.spend}
        dark += 90 - len({day for day in delivered if day < local_day(account, START)})
    assert dark > 0


def test_a_deleted_meta_ad_and_a_removed_google_campaign_have_spend(world: World) -> None:
    account, today = meta_account(world), START.date()
    deleted = {ad.ad_id for ad in account.ads if ad.lifetime.removed_by(today) and ad.lifetime.removal == "DELETED"}
    assert sum(row.spend for row in rows(world, account, "ad") if row.ad_id in deleted) > 0
    for google in google_accounts(world):
        removed = {campaign.campaign_id for campaign in google.campaigns if campaign.lifetime.removed_by(today)}
        assert sum(row.spend for row in rows(world, google, "campaign") if row.campaign_id in removed) > 0


def test_one_google_ad_stands_in_two_ad_groups(world: World) -> None:
    for account in google_accounts(world):
        places = [(ad.ad_group.ad_group_id, ad.ad_id) for ad in account.ads if ad.ad_group]
        assert len(places) == len(set(places))
        assert len({ad_id for _, ad_id in places}) == len(places) - 1


def test_the_demo_has_three_currencies_three_zones_and_a_foreign_account(world: World) -> None:
    accounts = accounts_of(world)
    assert {client.reporting_currency for client in world.clients} == {"BRL", "USD", "EUR"}
    assert {client.timezone for client in world.clients} == {"America/Sao_Paulo", "America/New_York", "Europe/Madrid"}
    homes = {client.client_id: client.reporting_currency for client in world.clients}
    assert any(account.currency != homes[account.client_id] for account in accounts)
    assert len({account.account_id for account in accounts}) == len(accounts)
    own = [account for account in accounts if account.credential in world.revoked]
    assert [account.platform for account in own] == ["meta_ads"]
    names = {thing.name for account in accounts for thing in (*account.campaigns, *account.ads)}
    assert {"<!channel> & <b>oferta</b>", "null"} <= names
