"""A first sync of both platforms puts the world's own figures into raw, proved day by day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sandbox.world.figures import local_day
from sandbox.world.history import on_day
from sandbox.world.world import accounts_of, load_world
from tests.integration.ingestion.ad_world import DAYS, FIRST_DAY, START, YESTERDAY, AdWorld, Ingestion, figures_of

pytestmark = pytest.mark.integration

EVERY_DAY = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]


def readable(world: AdWorld, platform: str) -> set[str]:
    """Every account of the platform but the one whose login is revoked."""
    return {row["account_id"] for row in world.truth() if row["platform"] == platform} - {
        world.accounts["meta_ads", "olivar-viajes"]
    }


@pytest.mark.parametrize(("platform", "accounts"), [("meta_ads", 4), ("google_ads", 4)])
def test_campaign_figures_equal_the_truth_of_every_account_and_day(
    ad_world: AdWorld, first_sync: Ingestion, platform: str, accounts: int
) -> None:
    wanted = readable(ad_world, platform)
    assert len(wanted) == accounts
    assert first_sync.loaded_days(platform) == ad_world.account_days(platform, wanted)


def test_meta_ads_add_up_to_the_account_because_deleted_ads_are_asked_for(
    ad_world: AdWorld, first_sync: Ingestion
) -> None:
    wanted = readable(ad_world, "meta_ads")
    assert first_sync.loaded_days("meta_ads", "ad_daily") == ad_world.account_days("meta_ads", wanted)
    unlisted = first_sync.value(
        """select count(distinct ad_id) from raw_meta_ads.ad_daily inner join raw_meta_ads.ads using (account_id, ad_id)
        where spend > 0 and _unlisted_since is not null"""
    )
    assert unlisted > 0, "the world has a deleted ad that spent money and that the ads edge does not list"


@pytest.mark.parametrize("platform", ["meta_ads", "google_ads"])
def test_every_ad_row_equals_the_truth_of_that_ad_in_its_ad_group(
    ad_world: AdWorld, first_sync: Ingestion, platform: str
) -> None:
    group, spend = (
        ("adset_id", "spend") if platform == "meta_ads" else ("ad_group_id", "cost_micros / 1000000::numeric")
    )
    loaded = {
        (account, campaign, group_id, ad, day): (money, impressions, clicks)
        for account, campaign, group_id, ad, day, money, impressions, clicks in first_sync.rows(
            f"""select account_id, campaign_id, {group}, ad_id, date_day, {spend}, impressions, clicks
            from raw_{platform}.ad_daily where {spend} <> 0 or impressions <> 0 or clicks <> 0"""
        )
    }
    wanted = readable(ad_world, platform)
    keys = ("account_id", "campaign_id", "ad_group_id", "ad_id")
    truth = {
        (*(row[key] for key in keys), date.fromisoformat(row["date_day"])): figures_of(row)
        for row in ad_world.truth("ad")
        if row["account_id"] in wanted and any(figures_of(row))
    }
    assert loaded == truth


def test_one_google_ad_in_two_ad_groups_is_kept_twice(first_sync: Ingestion) -> None:
    shared = first_sync.rows(
        """select account_id, ad_id, date_day, count(distinct ad_group_id) from raw_google_ads.ad_daily
        group by account_id, ad_id, date_day having count(*) > 1"""
    )
    assert shared
    assert all(groups == 2 for *_, groups in shared)


def test_performance_max_is_the_whole_difference_between_google_ads_and_campaigns(first_sync: Ingestion) -> None:
    differing = first_sync.rows(
        """select account_id, campaign_id, max(advertising_channel_type), sum(cost_micros) as own,
            (select coalesce(sum(cost_micros), 0) from raw_google_ads.ad_daily as ad
            where ad.account_id = own.account_id and ad.campaign_id = own.campaign_id) as ads
        from raw_google_ads.campaign_daily as own group by account_id, campaign_id"""
    )
    without_ads = [row for row in differing if row[3] != row[4]]
    assert len(without_ads) == 4, "one Performance Max campaign an account"
    assert {kind for _, _, kind, _, _ in without_ads} == {"PERFORMANCE_MAX"}
    assert {ads for *_, ads in without_ads} == {0}


def test_conversions_equal_the_truth_and_meta_keeps_its_action_list(ad_world: AdWorld, first_sync: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "aurora-moda"]
    rows = [row for row in ad_world.truth() if row["account_id"] == account]
    conversions, value = first_sync.rows(
        "select sum(conversions), sum(conversions_value) from raw_google_ads.campaign_daily where account_id = %s",
        account,
    )[0]
    assert conversions == pytest.approx(Decimal(sum(row["conversions"] for row in rows)), abs=Decimal("0.001"))
    assert value == pytest.approx(Decimal(sum(row["conversions_value"] for row in rows)), abs=Decimal("0.01"))
    purchases = first_sync.value(
        """select sum((action ->> 'value')::numeric) from raw_meta_ads.campaign_daily,
            jsonb_array_elements(actions) as action
        where account_id = %s and action ->> 'action_type' = 'omni_purchase'""",
        ad_world.accounts["meta_ads", "aurora-moda"],
    )
    meta = [row for row in ad_world.truth() if row["account_id"] == ad_world.accounts["meta_ads", "aurora-moda"]]
    assert purchases == Decimal(sum(row["conversions"] for row in meta))


@pytest.mark.parametrize("platform", ["meta_ads", "google_ads"])
def test_every_day_is_proved_for_every_required_report_and_carries_the_platforms_total(
    ad_world: AdWorld, first_sync: Ingestion, platform: str
) -> None:
    ledger = first_sync.rows(
        """select account_id, date_day, array_agg(report order by report), bool_and(complete),
            min(version), max(version), count(distinct control_totals),
            min(control_totals ->> 'spend'), min(control_totals ->> 'impressions'), min(control_totals ->> 'clicks')
        from ops.load_ledger where platform = %s and complete
            and report in ('account_daily', 'campaign_daily', 'ad_daily')
        group by account_id, date_day order by account_id, date_day""",
        platform,
    )
    wanted = sorted(readable(ad_world, platform))
    assert [(row[0], row[1]) for row in ledger] == [(account, day) for account in wanted for day in EVERY_DAY]
    assert all(row[2] == ["account_daily", "ad_daily", "campaign_daily"] for row in ledger)
    assert all(row[3:7] == (True, 1, 1, 1) for row in ledger)
    nothing = (Decimal(0), 0, 0)
    truth = ad_world.account_days(platform, wanted)
    recorded = {(row[0], row[1]): (Decimal(row[7]), int(row[8]), int(row[9])) for row in ledger}
    assert recorded == {key: truth.get(key, nothing) for key in recorded}
    assert first_sync.rows("select * from ops.quarantine where platform = %s", platform) == []


def test_account_totals_stand_in_raw_for_every_day_with_delivery(ad_world: AdWorld, first_sync: Ingestion) -> None:
    for platform in ("meta_ads", "google_ads"):
        truth = ad_world.account_days(platform, readable(ad_world, platform))
        assert first_sync.loaded_days(platform, "account_daily") == truth


def test_the_revoked_account_is_failing_and_holds_nobody_up(ad_world: AdWorld, first_sync: Ingestion) -> None:
    revoked = ad_world.accounts["meta_ads", "olivar-viajes"]
    assert first_sync.health(revoked)["status"] == "failing"
    assert first_sync.rows("select * from raw_meta_ads.campaign_daily where account_id = %s", revoked) == []
    statuses = first_sync.rows("select status, count(*) from ops.account_health group by status order by status")
    assert statuses == [("failing", 1), ("ok", 8)]


def test_a_day_without_any_delivery_is_proved_as_zero(first_sync: Ingestion) -> None:
    zeros = first_sync.rows(
        """select array_agg(report order by report), array_agg(distinct control_totals), max(row_count)
        from ops.load_ledger where platform = 'meta_ads' and complete
            and report in ('account_daily', 'campaign_daily', 'ad_daily')
        group by account_id, date_day having max(row_count) = 0"""
    )
    nothing = {"spend": "0", "impressions": "0", "clicks": "0"}
    assert zeros
    assert all(row == (["account_daily", "ad_daily", "campaign_daily"], [nothing], 0) for row in zeros)


@pytest.mark.parametrize("platform", ["meta_ads", "google_ads"])
def test_campaigns_carry_the_names_of_the_world(ad_world: AdWorld, first_sync: Ingestion, platform: str) -> None:
    world = load_world(ad_world.directory / "state")
    as_set_up = {c.campaign_id: (a, c) for a in accounts_of(world) for c in a.campaigns}
    names = {key: on_day(c, local_day(a, START)).name for key, (a, c) in as_set_up.items()}
    loaded = dict(first_sync.rows(f"select campaign_id, name from raw_{platform}.campaigns"))
    assert len(loaded) >= 12
    assert loaded == {campaign_id: names[campaign_id] for campaign_id in loaded}


def test_the_accounts_carry_currency_and_time_zone(first_sync: Ingestion) -> None:
    assert first_sync.rows("select distinct currency, timezone_name from raw_meta_ads.accounts order by 1, 2") == [
        ("BRL", "America/Sao_Paulo"),
        ("USD", "America/New_York"),
    ]


def test_the_run_is_recorded_with_its_fence_and_leaves_no_landing_behind(first_sync: Ingestion) -> None:
    runs = first_sync.rows(
        "select platform, accounts_asked, accounts_loaded, finished_at = started_at from ops.load_run order by fence"
    )
    assert runs == [("meta_ads", 5, 4, True), ("google_ads", 4, 4, True)]
    assert first_sync.rows("select nspname from pg_namespace where nspname like 'landing%%'") == []
    assert list((first_sync.settings.work_dir / "dlt").iterdir()) == []


def test_nothing_is_due_after_the_sync_and_the_next_day_is_due_once_its_hours_have_passed(
    ad_world: AdWorld, first_sync: Ingestion
) -> None:
    assert first_sync.due("google_ads", START) == []
    # The 7th ends in Madrid at 22:00 UTC; Google's days are due three hours later.
    too_early = START.replace(hour=0) + timedelta(days=1, minutes=59)
    assert first_sync.due("google_ads", too_early) == []
    (task,) = first_sync.due("google_ads", too_early + timedelta(minutes=1))
    assert task.account.account_id == ad_world.accounts["google_ads", "olivar-viajes"]
    assert max(span.until for span in task.spans) == YESTERDAY + timedelta(days=1)


def test_the_same_instant_again_moves_nothing_but_verified_at(synced: Ingestion) -> None:
    before = synced.fingerprint()
    books = """select platform, account_id, report, date_day, version, content_hash, fetched_at
        from ops.load_ledger where complete"""
    ledger = sorted(synced.rows(books))
    later = START + timedelta(minutes=5)
    for platform, readable_accounts in (("meta_ads", 4), ("google_ads", 4)):
        report = synced.sync(platform, at=later, tasks=synced.requested(platform, FIRST_DAY, YESTERDAY))
        assert sum(outcome.proved_days for outcome in report.outcomes) == readable_accounts * DAYS
        assert sum(outcome.changed_days + outcome.restated_days for outcome in report.outcomes) == 0
    assert synced.fingerprint() == before
    assert sorted(synced.rows(books)) == ledger
    assert synced.rows("select distinct verified_at from ops.load_ledger where complete") == [(later,)]
    assert synced.rows("select * from ops.restatement") == []


def test_days_outside_the_range_asked_for_are_not_read(ad_world: AdWorld, fresh: Ingestion) -> None:
    """`mdp sync --from --to`: one account, a range that begins before the account and ends in the future."""
    account = ad_world.accounts["google_ads", "aurora-moda"]
    tasks = fresh.requested("google_ads", YESTERDAY - timedelta(days=2), YESTERDAY + timedelta(days=30), account)
    (outcome,) = fresh.sync("google_ads", tasks=tasks).outcomes
    assert outcome.proved_days == 3
    truth = ad_world.account_days("google_ads", [account])
    asked = {key: figures for key, figures in truth.items() if key[1] > YESTERDAY - timedelta(days=3)}
    assert fresh.loaded_days("google_ads") == asked
    assert fresh.requested("google_ads", FIRST_DAY - timedelta(days=90), FIRST_DAY - timedelta(days=1), account) == []
    with pytest.raises(ValueError, match=r"no active google_ads account 123; known: .*" + account):
        fresh.requested("google_ads", FIRST_DAY, YESTERDAY, "123")
