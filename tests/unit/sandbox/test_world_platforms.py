"""What is particular to each platform in the seeded world, and that older platforms' figures never move."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.world.creatives import conversion_actions_of, creative_of, keywords_of, targeting_of
from sandbox.world.figures import Level, local_day
from sandbox.world.fx import CURRENCIES
from sandbox.world.history import budget_changes, modified_at, modified_day, on_day, renamed_on
from sandbox.world.model import AD_PLATFORMS, Account, FigureRow, Platform, posix_zone
from sandbox.world.world import World, WorldParameters, accounts_of

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
INT64_MAX = 9_223_372_036_854_775_807
# Taken from the world as it was before TikTok, LinkedIn and Instagram came: documents and tests stand on it.
FIGURES_OF_THE_FIRST_TWO_PLATFORMS = {
    "aurora-moda/meta_ads/8208526176175248": "38caef5adfe07596",
    "aurora-moda/google_ads/6930924029": "d927f8a5af9c648b",
    "clinica-vitale/meta_ads/7276895730392602": "1531f7186ff04896",
    "clinica-vitale/google_ads/5264916342": "b54566b94f47bc75",
    "harbor-outdoor/meta_ads/9962384783104287": "7c55a9023488b718",
    "harbor-outdoor/meta_ads/2340540078950469": "9f9556f1a69fb0e1",
    "harbor-outdoor/google_ads/7738749189": "bf3960a15ec8551e",
    "olivar-viajes/meta_ads/5777194510912356": "6a3ccce46b90f06e",
    "olivar-viajes/google_ads/2705801166": "1ae430cb67fe0581",
}
FIRST_COLUMNS = (
    "day", "campaign_id", "ad_group_id", "ad_id", "spend", "impressions", "clicks", "link_clicks", "conversions",
    "value", "all_conversions", "conversions_by_day", "value_by_day", "view_through",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World(WorldParameters(START.isoformat(), clients=12))


def rows(world: World, account: Account, level: Level, as_of: datetime = START) -> list[FigureRow]:
    table = world.table(account, level, as_of)
    return table.page(0, len(table))


def of(world: World, platform: Platform, client: str = "") -> list[Account]:
    return [a for a in accounts_of(world) if a.platform == platform and a.client_id.startswith(client)]


def fingerprint(world: World, account: Account) -> str:
    digest = hashlib.blake2b(digest_size=8)
    identity = (
        account.client_id, account.platform, account.account_id, account.name, account.currency, account.timezone,
        account.credential, account.login_customer_id,
        [(c.campaign_id, c.name, c.kind, c.lifetime, c.daily_budget_micros) for c in account.campaigns],
        [(g.ad_group_id, g.name, g.kind) for g in account.ad_groups],
        [(a.ad_id, a.name, a.lifetime) for a in account.ads],
    )  # fmt: skip
    digest.update(repr(identity).encode())
    levels: tuple[Level, ...] = ("account", "campaign", "ad_group", "ad")
    for level in levels:
        for row in rows(world, account, level):
            digest.update(repr(tuple(getattr(row, column) for column in FIRST_COLUMNS)).encode())
    return digest.hexdigest()


def test_names_ids_and_figures_of_the_named_clients_at_meta_and_google_never_change() -> None:
    small = World(WorldParameters(START.isoformat(), clients=4, days=30))
    accounts = [*of(small, "meta_ads"), *of(small, "google_ads")]
    found = {f"{a.client_id}/{a.platform}/{a.account_id}": fingerprint(small, a) for a in accounts}
    assert found == FIGURES_OF_THE_FIRST_TWO_PLATFORMS


def test_a_bigger_world_has_the_same_accounts_and_figures_of_the_newer_platforms(world: World) -> None:
    small = World(WorldParameters(START.isoformat(), clients=4))
    for account in [*of(small, "tiktok_ads"), *of(small, "linkedin_ads"), *of(small, "instagram")]:
        (same,) = [other for other in of(world, account.platform) if other.account_id == account.account_id]
        assert same == account
        assert same.media == account.media
        assert rows(world, same, "ad") == rows(small, account, "ad")


def test_the_named_clients_have_the_accounts_that_they_should(world: World) -> None:
    found = {
        (account.client_id, account.platform, account.currency, account.timezone)
        for account in [*of(world, "tiktok_ads"), *of(world, "linkedin_ads"), *of(world, "instagram")]
        if account.client_id in ("aurora-moda", "clinica-vitale", "harbor-outdoor", "olivar-viajes")
    }
    assert found == {
        ("aurora-moda", "tiktok_ads", "BRL", "America/Sao_Paulo"),
        ("aurora-moda", "instagram", "BRL", "America/Los_Angeles"),
        ("clinica-vitale", "instagram", "BRL", "America/Los_Angeles"),
        ("harbor-outdoor", "tiktok_ads", "USD", "America/New_York"),
        ("harbor-outdoor", "linkedin_ads", "USD", "America/New_York"),
        ("harbor-outdoor", "instagram", "USD", "America/Los_Angeles"),
        ("olivar-viajes", "linkedin_ads", "EUR", "Europe/Madrid"),
        ("olivar-viajes", "instagram", "EUR", "America/Los_Angeles"),
    }


@pytest.mark.parametrize(
    ("platform", "client", "at", "day"),
    [
        ("linkedin_ads", "harbor-outdoor", "2026-10-20T23:59:00+00:00", date(2026, 10, 20)),
        ("linkedin_ads", "harbor-outdoor", "2026-10-21T00:01:00+00:00", date(2026, 10, 21)),
        ("tiktok_ads", "harbor-outdoor", "2026-10-21T03:59:00+00:00", date(2026, 10, 20)),
        ("instagram", "harbor-outdoor", "2026-10-21T06:59:00+00:00", date(2026, 10, 20)),
        ("instagram", "aurora-moda", "2026-10-21T07:01:00+00:00", date(2026, 10, 21)),
        # Standard time since the first of November: midnight Pacific is 8 o'clock UTC.
        ("instagram", "aurora-moda", "2026-11-03T07:30:00+00:00", date(2026, 11, 2)),
    ],
)
def test_a_platforms_day_ends_in_its_own_zone(
    world: World, platform: Platform, client: str, at: str, day: date
) -> None:
    assert local_day(of(world, platform, client)[0], datetime.fromisoformat(at)) == day


def test_linkedin_shows_nothing_of_a_new_utc_day_before_it_began(world: World) -> None:
    account = of(world, "linkedin_ads", "harbor-outdoor")[0]
    late_in_new_york = datetime(2026, 10, 20, 23, 50, tzinfo=UTC)
    days = [row.day for row in rows(world, account, "account", late_in_new_york)]
    assert max(days) == date(2026, 10, 20)
    assert max(row.day for row in rows(world, account, "account", late_in_new_york + timedelta(hours=9))) == date(
        2026, 10, 21
    )


def test_the_zone_on_tiktoks_wire_has_the_posix_sign(world: World) -> None:
    zones = {account.timezone: posix_zone(account) for account in accounts_of(world)}
    assert zones["America/New_York"] == "Etc/GMT+5"
    assert zones["America/Sao_Paulo"] == "Etc/GMT+3"
    assert zones["Europe/Madrid"] == "Etc/GMT-1"
    assert zones["Asia/Tokyo"] == "Etc/GMT-9"
    # January is summer there.
    assert zones["America/Santiago"] == "Etc/GMT+4"
    assert zones["Europe/London"] == "Etc/GMT"


def all_ids(account: Account) -> Iterable[str]:
    for campaign in account.campaigns:
        yield campaign.campaign_id
    for group in account.ad_groups:
        yield group.ad_group_id
    for ad in account.ads:
        yield ad.ad_id


def test_ids_have_the_platforms_shape_and_reach_the_64_bit_limit_at_tiktok(world: World) -> None:
    for account in of(world, "tiktok_ads"):
        ids = list(all_ids(account))
        assert len(account.account_id) == 19
        assert len(set(ids)) == len(ids)
        assert {len(known) for known in ids} <= {16, 19}
    greatest = max(int(known) for account in of(world, "tiktok_ads") for known in all_ids(account))
    assert INT64_MAX - 10**9 < greatest <= INT64_MAX
    for account in of(world, "linkedin_ads"):
        ids = list(all_ids(account))
        assert len(set(ids)) == len(ids)
        assert len(account.account_id) == 9
        assert {len(known) for known in ids} <= {9, 10}
    assert all(a.account_id.startswith("17841") and len(a.account_id) == 17 for a in of(world, "instagram"))


@pytest.mark.parametrize("platform", ["tiktok_ads", "linkedin_ads"])
def test_newer_platforms_book_whole_conversions_on_the_day_of_the_click_or_view(
    world: World, platform: Platform
) -> None:  # fmt: skip
    for account in of(world, platform):
        found = rows(world, account, "ad")
        assert all(row.conversions % 1_000_000 == 0 and row.view_conversions <= row.conversions for row in found)
        # Days of the click have delivery; days of the conversion need not have any.
        assert all(row.impressions > 0 for row in found if row.conversions)
    booked = [row for account in of(world, platform) for row in rows(world, account, "ad")]
    assert sum(row.view_conversions for row in booked) > 0
    assert any(row.conversions_by_day and not row.conversions for row in booked)


def test_conversions_arrive_on_old_days_as_long_as_the_windows_are(world: World) -> None:
    later = START + timedelta(days=3)
    oldest: dict[Platform, int] = {"tiktok_ads": 0, "linkedin_ads": 0}
    for platform in oldest:
        for account in of(world, platform):
            before = {row.day: row.conversions for row in rows(world, account, "account")}
            for row in rows(world, account, "account", later):
                if before.get(row.day, 0) < row.conversions and row.day < START.date():
                    oldest[platform] = max(oldest[platform], (START.date() - row.day).days)
    # Seven days, and up to six more until the platform hears of it; thirty at LinkedIn.
    assert 3 <= oldest["tiktok_ads"] <= 14
    assert 14 < oldest["linkedin_ads"] <= 37


def test_corrected_bills_move_spend_a_little_and_whole_smallest_units_stay(world: World) -> None:
    bounds: dict[Platform, float] = {"tiktok_ads": 0.02, "linkedin_ads": 0.03}
    for platform, bound in bounds.items():
        fallen = 0
        for account in of(world, platform):
            settled = START.date() - timedelta(days=2)
            before = {(r.day, r.ad_id): r.spend for r in rows(world, account, "ad") if r.day <= settled}
            after = {(r.day, r.ad_id): r.spend for r in rows(world, account, "ad", START + timedelta(days=6))}
            fallen += sum(after.get(place, 0) < spend for place, spend in before.items())
            for place, spend in before.items():
                unit = 1_000_000 if account.currency in ("JPY", "CLP") else 10_000
                assert spend % unit == 0
                assert abs(after[place] - spend) <= max(unit, spend * bound)
        assert fallen > 0


def test_reach_never_adds_up_and_never_exceeds_impressions(world: World) -> None:
    for platform in AD_PLATFORMS:
        account = of(world, platform)[0]
        campaigns: dict[date, list[int]] = {}
        for row in rows(world, account, "campaign"):
            campaigns.setdefault(row.day, []).append(row.reach)
        for row in rows(world, account, "account"):
            parts = campaigns[row.day]
            assert max(parts) <= row.reach <= row.impressions
            assert row.reach <= sum(parts)
            if sum(part > 0 for part in parts) > 1:
                assert row.reach < sum(parts)
        groups: dict[tuple[date, str], list[int]] = {}
        for row in rows(world, account, "ad"):
            groups.setdefault((row.day, row.ad_group_id), []).append(row.reach)
        for row in rows(world, account, "ad_group"):
            parts = groups[row.day, row.ad_group_id]
            assert max(parts) <= row.reach <= sum(parts)
            assert row.reach <= row.impressions


def test_video_columns_shrink_from_plays_to_the_end(world: World) -> None:
    for platform in AD_PLATFORMS:
        found = [row for account in of(world, platform)[:3] for row in rows(world, account, "ad")]
        for row in found:
            assert row.impressions >= row.video_plays >= row.video_2s >= row.video_6s >= row.video_15s >= row.video_30s
            assert row.video_plays >= row.video_p25 >= row.video_p50 >= row.video_p75 >= row.video_p95 >= row.video_p100
        assert sum(row.video_p100 for row in found) > 0
        assert sum(row.likes for row in found) > sum(row.comments for row in found) > 0
    assert all(row.video_plays for row in rows(world, of(world, "tiktok_ads")[0], "ad") if row.impressions > 10)


def test_video_and_engagement_of_campaigns_are_the_sums_of_their_ads(world: World) -> None:
    account = of(world, "tiktok_ads")[0]
    for column in ("video_plays", "video_p75", "video_seconds", "likes", "shares", "follows"):
        of_account, of_ads = (
            sum(getattr(row, column) for row in found)
            for found in (rows(world, account, "account"), rows(world, account, "ad"))
        )
        assert of_account == of_ads > 0


def test_one_linkedin_account_counts_once_what_two_campaigns_claim(world: World) -> None:
    shared = [account for account in of(world, "linkedin_ads") if account.shared_conversions]
    assert len(shared) == 1
    for account in of(world, "linkedin_ads"):
        tables = [rows(world, account, "account"), rows(world, account, "campaign"), rows(world, account, "ad")]
        once, claimed, ads = (sum(row.conversions for row in found) for found in tables)
        assert claimed == ads
        assert (once < claimed) if account.shared_conversions else (once == claimed)
        assert len({sum(row.spend for row in found) for found in tables}) == 1


def test_the_seventh_clients_further_accounts_are_empty_and_the_eighths_are_closed(world: World) -> None:
    for number, empty in ((6, True), (7, False)):
        accounts = world.clients[number].accounts[-5:]
        assert {account.platform for account in accounts} == {*AD_PLATFORMS, "instagram"}
        for account in accounts:
            table = rows(world, account, "account")
            if empty:
                assert (table, account.campaigns, account.ads, account.media) == ([], (), (), ())
                continue
            assert account.status == "closed"
            assert account.active_to == date(2026, 10, 2)
            assert all(row.day <= account.active_to for row in table if row.spend)
            assert bool(table) == (account.platform != "instagram")
            assert bool(account.media) == (account.platform == "instagram")
            assert all(media.published_at.date() <= account.active_to for media in account.media)


def test_one_meta_account_is_in_a_currency_without_decimals_or_a_reference_rate(world: World) -> None:
    (account,) = [account for account in accounts_of(world) if account.currency == "CLP"]
    assert account.platform == "meta_ads"
    assert all(row.spend % 1_000_000 == 0 for row in rows(world, account, "ad"))
    assert sum(row.spend for row in rows(world, account, "account")) > 0
    assert "CLP" not in CURRENCIES


def test_tiktok_has_deleted_ads_with_spend_and_a_creative_that_no_ad_list_knows(world: World) -> None:
    for account in of(world, "tiktok_ads", "aurora") + of(world, "tiktok_ads", "harbor"):
        today = START.date()
        gone = {ad.ad_id for ad in account.ads if ad.lifetime.removed_by(today) and ad.lifetime.removal == "DELETED"}
        inside = {ad.ad_id for ad in account.ads if ad.smart_plus_ad_id}
        found = rows(world, account, "ad")
        assert sum(row.spend for row in found if row.ad_id in gone) > 0
        assert sum(row.spend for row in found if row.ad_id in inside) > 0
        assert len(inside) == 1
        assert not inside & {ad.smart_plus_ad_id for ad in account.ads}


def test_names_budgets_and_creatives_change_on_a_day_and_keep_until_the_next(world: World) -> None:
    campaigns = [campaign for account in accounts_of(world) for campaign in account.campaigns]
    renamed = next(campaign for campaign in campaigns if renamed_on(campaign))
    day = renamed_on(renamed)
    assert day is not None
    assert on_day(renamed, day - timedelta(days=1)).name == renamed.name
    assert on_day(renamed, day).name == on_day(renamed, day + timedelta(days=50)).name == f"{renamed.name} | v2"
    last = START.date() + timedelta(days=60)
    changed = next(campaign for campaign in campaigns if len(budget_changes(campaign, last)) > 1)
    (first_day, first_budget), (second_day, _) = budget_changes(changed, last)[:2]
    assert on_day(changed, first_day - timedelta(days=1)).daily_budget_micros == changed.daily_budget_micros
    assert on_day(changed, second_day - timedelta(days=1)).daily_budget_micros == first_budget
    assert budget_changes(changed, first_day) == [(first_day, first_budget)]
    ads = [ad for account in accounts_of(world) for ad in account.ads if ad.campaign.platform == "tiktok_ads"]
    swapped = [ad for ad in ads if creative_of(ad, ad.lifetime.start) != creative_of(ad, last)]
    assert 0 < len(swapped) < len(ads) // 2


def test_the_time_of_the_last_change_moves_only_when_something_changed(world: World) -> None:
    account = of(world, "tiktok_ads")[0]
    for campaign in account.campaigns:
        days = [START.date() - timedelta(days=back) for back in range(80, -1, -1)]
        changes = [modified_day(campaign, day) for day in days]
        assert changes == sorted(changes)
        for day, earlier in zip(days[1:], days, strict=False):
            moved = modified_day(campaign, day) != modified_day(campaign, earlier)
            if not moved:
                assert on_day(campaign, day) == on_day(campaign, earlier)
    assert modified_at(account, account.campaigns[0], START.date()).utcoffset() == timedelta(hours=-3)


def test_creatives_keywords_targeting_and_conversion_actions_are_there(world: World) -> None:
    for account in of(world, "google_ads", "aurora") + of(world, "tiktok_ads", "aurora"):
        creatives = [creative_of(ad) for ad in account.ads]
        assert all(bool(creative.image_id) != bool(creative.video_id) for creative in creatives)
        assert all(("utm_source=" in creative.url) == bool(creative.url_template) for creative in creatives)
        assert all("utm_" not in creative.base_url for creative in creatives)
        actions = conversion_actions_of(account)
        assert sum(action.share for action in actions if action.primary) == pytest.approx(1.0)
        assert all(targeting_of(group).countries[0] == "BR" for group in account.ad_groups)
        for group in account.ad_groups:
            criteria = [keyword.criterion_id for keyword in keywords_of(group)]
            assert len(set(criteria)) == len(criteria)
            assert bool(criteria) == (group.campaign.kind == "SEARCH")
