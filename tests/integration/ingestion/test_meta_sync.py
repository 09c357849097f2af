"""Meta's lists and optional reports after a sync: complete, in major units, deletions noticed, splits that add up."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.platforms.meta_ads.reports import DEFINITION
from sandbox.wire.lifecycle import exists, meta_effective_status
from sandbox.world.figures import local_day
from sandbox.world.history import on_day
from sandbox.world.model import Account, Ad, AdGroup, Campaign
from sandbox.world.world import accounts_of, load_world
from tests.integration.ingestion.ad_world import DAYS, START, AdWorld, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

pytestmark = pytest.mark.integration

SPLIT = (
    "campaign_country_daily", "campaign_region_daily", "campaign_device_daily", "campaign_placement_daily",
    "campaign_age_gender_daily", "campaign_hourly",
)  # fmt: skip


def readable_accounts(world: AdWorld) -> list[Account]:
    """The Meta accounts whose login works."""
    source = load_world(world.directory / "state")
    return [a for a in accounts_of(source) if a.platform == "meta_ads" and a.credential not in source.revoked]


def test_every_optional_report_is_complete_for_every_day_of_its_window(
    ad_world: AdWorld, first_sync: Ingestion
) -> None:
    complete = {
        (account, report): days
        for account, report, days in first_sync.rows(
            """select account_id, report, count(*) from ops.load_ledger
            where platform = 'meta_ads' and complete group by 1, 2"""
        )
    }
    for account in readable_accounts(ad_world):
        for report in DEFINITION.optional_reports:
            assert complete[account.account_id, report.name] == min(DAYS, report.retention_days or DAYS), report.name


@pytest.mark.parametrize("table", SPLIT)
def test_the_parts_of_a_campaign_day_add_up_to_it(first_sync: Ingestion, table: str) -> None:
    figures = "sum(spend), sum(impressions), sum(clicks), sum(inline_link_clicks)"

    def sums(name: str) -> dict[tuple[str, date, str], tuple[Decimal, ...]]:
        found = first_sync.rows(
            f"select account_id, date_day, campaign_id, {figures} from raw_meta_ads.{name} group by 1, 2, 3"
        )
        return {row[:3]: row[3:] for row in found if any(row[3:])}

    assert sums(table) == sums("campaign_daily")


def test_conversions_by_window_are_those_of_the_ads_lists(first_sync: Ingestion) -> None:
    counted = first_sync.value(
        """select sum(conversions) from raw_meta_ads.ad_conversions_daily
        where action_type = 'omni_purchase' and attribution_window = 'setting'"""
    )
    listed = first_sync.value(
        """select sum((entry ->> 'value')::numeric) from raw_meta_ads.ad_daily
        cross join lateral jsonb_array_elements(actions) as entry where entry ->> 'action_type' = 'omni_purchase'"""
    )
    assert counted == listed > 0
    windows = {
        row[0] for row in first_sync.rows("select distinct attribution_window from raw_meta_ads.ad_conversions_daily")
    }
    assert windows == {"setting", "1d_click", "7d_click", "28d_click", "1d_view", "1d_ev"}


def test_reach_of_the_account_is_less_than_the_sum_of_its_campaigns(first_sync: Ingestion) -> None:
    account = first_sync.value("select sum(reach) from raw_meta_ads.account_daily")
    campaigns = first_sync.value("select sum(reach) from raw_meta_ads.campaign_daily")
    ad_sets = first_sync.value("select sum(reach) from raw_meta_ads.ad_set_daily")
    assert 0 < account < campaigns < ad_sets


def test_every_ad_has_its_creative_with_a_destination_wherever_it_stands(first_sync: Ingestion) -> None:
    without = first_sync.value(
        """select count(*) from raw_meta_ads.ads left join raw_meta_ads.creatives using (account_id, creative_id)
        where creatives.creative_id is null"""
    )
    assert without == 0
    shown = first_sync.rows("select count(*), count(body), count(link_url), count(title) from raw_meta_ads.creatives")
    everything, bodies, links, titles = shown[0]
    accounts = first_sync.value("select count(distinct account_id) from raw_meta_ads.creatives")
    # One creative of each account lost its story; what it says is not known, unless it stood in a flat field.
    assert everything - accounts <= bodies == links
    assert 0 < titles <= bodies
    assert not first_sync.rows("select from raw_meta_ads.creatives where object_story_spec::text like '%fbcdn%'")


def test_budgets_equal_the_worlds_in_major_units(ad_world: AdWorld, first_sync: Ingestion) -> None:
    loaded = {
        row[0]: row[1:]
        for row in first_sync.rows("select campaign_id, daily_budget, lifetime_budget from raw_meta_ads.campaigns")
    }
    compared = 0
    for account in readable_accounts(ad_world):
        today = local_day(account, START)
        for campaign in account.campaigns:
            daily, lifetime = loaded.get(campaign.campaign_id, (None, None))
            of_a_day = Decimal(on_day(campaign, today).daily_budget_micros) / 1_000_000
            if daily is not None:
                assert (daily, lifetime, campaign.lifetime.end) == (of_a_day, None, None)
                compared += 1
            elif lifetime is not None and campaign.lifetime.end is not None:
                days = (campaign.lifetime.end - campaign.lifetime.start).days + 1
                assert lifetime == of_a_day * days
                compared += 1
    assert compared >= 6


def states_of(accounts: list[Account], today: date) -> dict[str, str]:
    things: list[Campaign | AdGroup | Ad] = []
    for account in accounts:
        things += account.campaigns
        things += account.ad_groups
        things += account.ads
    return {id_of(thing): meta_effective_status(thing, today) for thing in things if exists(thing.lifetime, today)}


def id_of(thing: Campaign | AdGroup | Ad) -> str:
    match thing:
        case Campaign():
            return thing.campaign_id
        case AdGroup():
            return thing.ad_group_id
        case Ad():
            return thing.ad_id


def test_deletions_are_noticed_and_say_so(ad_world: AdWorld, tmp_path: Path, make_database: MakeDatabase) -> None:
    """A world of its own, of 18 days: its third campaigns, which end after twelve days, go away a day later."""
    world = AdWorld.started(tmp_path, days=18)
    try:
        loaded = ingestion_of(world, make_database(None))
        loaded.load_clients()
        loaded.sync("meta_ads")
        query = " union all ".join(
            f"select {key}, effective_status, _unlisted_since is not null from raw_meta_ads.{table}"
            for table, key in (("campaigns", "campaign_id"), ("ad_sets", "adset_id"), ("ads", "ad_id"))
        )
        before = {thing for thing, _, unlisted in loaded.rows(query) if unlisted}
        assert {thing for thing, status, _ in loaded.rows(query) if status == "DELETED"} == before
        world.advance(2)
        loaded.sync("meta_ads")
        true = states_of(readable_accounts(world), world.now().date())
        kept = {row[0]: row[1:] for row in loaded.rows(query)}
        gone = {thing for thing in kept if true[thing] == "DELETED"}
        # A campaign, its ad sets and its ads in each of the three accounts, whose parts inherit the end.
        assert len(gone - before) >= 9
        assert {kept[thing] for thing in gone} == {("DELETED", True)}
        assert {thing: row[0] for thing, row in kept.items()} == {thing: true[thing] for thing in kept}
        assert not any(unlisted for thing, (_, unlisted) in kept.items() if thing not in gone)
    finally:
        world.stop()


def test_an_ad_that_was_deleted_before_the_first_reading_is_known_by_its_figures(first_sync: Ingestion) -> None:
    """No list shows it; its rows name it, and by its id the platform still tells its name and that it is deleted."""
    for table, column in (("ads", "ad_id"), ("campaigns", "campaign_id")):
        nameless = first_sync.rows(
            f"""select distinct daily.account_id, {column} from raw_meta_ads.ad_daily as daily
            left join raw_meta_ads.{table} as listed using (account_id, {column}) where listed.{column} is null"""
        )
        assert nameless == []
    deleted = first_sync.rows(
        "select effective_status, count(*), count(_unlisted_since), count(name) from raw_meta_ads.ads "
        "where effective_status = 'DELETED' group by 1"
    )
    ((_, ads, unlisted, names),) = deleted
    assert ads == unlisted == names > 0
