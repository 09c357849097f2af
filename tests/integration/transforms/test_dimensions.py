"""Names, settings and creatives of objects from hand-written raw rows, and the two reports that stand on them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quality.dbt_tests import required_tests
from transforms import building, reports

pytestmark = pytest.mark.integration
FIRST, RENAMED, LAST = date(2026, 11, 4), date(2026, 11, 11), date(2026, 11, 12)
# Ten in the evening of the 11th in Sao Paulo, the 12th already in UTC.
RENAMED_AT = datetime(2026, 11, 12, 1, tzinfo=UTC)
LISTED_AT = datetime(2026, 11, 5, 12, tzinfo=UTC)
REMOVED_AT = datetime(2026, 11, 12, 12, tzinfo=UTC)
NAME_ON_DAY = (
    "select date_day, campaign_name, campaign_name_on_day, spend, ctr, cpc, roas, is_final "
    "from analytics.campaign_performance_daily where campaign_id = 'c1' order by date_day"
)
MIXED_DAYS = "select account_id, detail from analytics_build.days_of_a_clients_ad_accounts_end_together order by 1"
LATE_DAYS = "select account_id, date_day, detail from analytics_build.ad_day_ads_were_listed"


def _meta(warehouse) -> None:
    """Campaign c1 is renamed and its ad gets another creative on the 11th; c2 was removed; an ad is not listed yet."""
    meta, account = "raw_meta_ads", {"account_id": "101"}
    warehouse.insert(
        f"{meta}.campaigns", **account, campaign_id="c1", name="Autumn", effective_status="ACTIVE",
        configured_status="ACTIVE", objective="OUTCOME_SALES", buying_type="AUCTION", daily_budget="119.00",
        bid_strategy="LOWEST_COST_WITHOUT_CAP", _version=2, _valid_from=RENAMED_AT,
    )  # fmt: skip
    warehouse.insert(
        f"{meta}.campaigns_history", **account, campaign_id="c1", name="Spring", effective_status="ACTIVE",
        _version=1, _valid_from=LISTED_AT, _valid_to=RENAMED_AT, _run_id="run",
    )  # fmt: skip
    warehouse.insert(
        f"{meta}.campaigns", **account, campaign_id="c2", name="Clearance", effective_status="DELETED",
        _valid_from=LISTED_AT, _unlisted_since=REMOVED_AT,
    )  # fmt: skip
    warehouse.insert(
        f"{meta}.ad_sets", **account, campaign_id="c1", adset_id="s1", name="Broad", effective_status="ACTIVE",
        optimization_goal="OFFSITE_CONVERSIONS", learning_stage_info={"status": "SUCCESS"}, _valid_from=LISTED_AT,
        promoted_object={"pixel_id": "p", "custom_event_type": "PURCHASE"},
    )  # fmt: skip
    ad = {
        **account,
        "campaign_id": "c1",
        "adset_id": "s1",
        "ad_id": "a1",
        "name": "Video",
        "effective_status": "PAUSED",
    }
    warehouse.insert(f"{meta}.ads", **ad, creative_id="k2", _version=2, _valid_from=RENAMED_AT)
    warehouse.insert(
        f"{meta}.ads_history", **ad, creative_id="k1", _version=1, _valid_from=LISTED_AT, _valid_to=RENAMED_AT,
        _run_id="run",
    )  # fmt: skip
    for creative_id, title in (("k1", "Ends Sunday"), ("k2", "Ends Monday")):
        warehouse.insert(
            f"{meta}.creatives", **account, creative_id=creative_id, name=f"{creative_id} name", title=title,
            status="ACTIVE", object_type="VIDEO", link_url="https://example.com/", url_tags="utm_source=facebook",
            call_to_action_type="SHOP_NOW", video_id=f"v-{creative_id}",
        )  # fmt: skip
    for day, impressions, clicks in ((FIRST, 1000, 40), (RENAMED, 500, 10), (LAST, 500, 5)):
        figures = {**account, "date_day": day, "campaign_id": "c1", "account_currency": "BRL"}
        amounts = {"impressions": impressions, "clicks": clicks, "inline_link_clicks": 1, "spend": "10"}
        warehouse.insert(f"{meta}.campaign_daily", **figures, **amounts)
        ad_id = "late" if day == LAST else "a1"
        warehouse.insert(f"{meta}.ad_daily", **figures, **amounts, adset_id="s1", ad_id=ad_id)
        warehouse.proved("meta_ads", "101", day)


def _tiktok(warehouse) -> None:
    """An upgraded Smart+ ad with two creatives, of which reports know one by its id."""
    figures = {"account_id": "401", "date_day": LAST, "campaign_id": "t", "spend": "5", "impressions": 100, "clicks": 4}
    warehouse.insert("raw_tiktok_ads.campaign_daily", **figures)
    warehouse.insert("raw_tiktok_ads.ad_daily", **figures, adgroup_id="g", ad_id="m1")
    video = {"ad_format": "SINGLE_VIDEO", "video_info": {"video_id": "v1"}}
    warehouse.insert(
        "raw_tiktok_ads.smart_plus_ads", account_id="401", campaign_id="t", adgroup_id="g", smart_plus_ad_id="sp",
        ad_name="Interests", secondary_status="AD_STATUS_DELIVERY_OK", _valid_from=LISTED_AT,
        creative_list=[{"ad_material_id": "m1", "creative_info": video}, {"ad_material_id": "m2"}],
        ad_text_list=[{"ad_text": "Free returns."}], landing_page_url_list=[{"landing_page_url": "https://example.com/s"}],
    )  # fmt: skip
    warehouse.proved("tiktok_ads", "401", LAST)


@pytest.fixture
def acme(warehouse):
    warehouse.client("acme", "BRL")
    warehouse.account("acme", "meta_ads", "101", "BRL", timezone="America/Sao_Paulo", restatement_days=10)
    warehouse.account("acme", "tiktok_ads", "401", "BRL", timezone="America/Sao_Paulo")
    _meta(warehouse)
    _tiktok(warehouse)
    warehouse.build_and_publish()
    return warehouse


def test_objects_have_their_settings_their_names_of_each_day_and_a_late_one_is_named_by_the_next_build(acme, tmp_path):
    reports.ensure_report_views(acme.url, target_dir=tmp_path, now=acme.now)
    # The 4th is before the first listing; the 11th ended after the rename. Ten days after the 4th it is the 14th.
    assert acme.rows(NAME_ON_DAY) == [
        (FIRST, "Autumn", "Spring", 10, Decimal("0.04"), Decimal("0.25"), 0, True),
        (RENAMED, "Autumn", "Autumn", 10, Decimal("0.02"), 1, 0, False),
        (LAST, "Autumn", "Autumn", 10, Decimal("0.01"), 2, 0, False),
    ]
    assert acme.rows(
        "select campaign_id, campaign_name, status, buying_type, daily_budget, is_listed, unlisted_since "
        "from analytics.dim_campaign where platform = 'meta_ads' order by 1"
    ) == [
        ("c1", "Autumn", "ACTIVE", "AUCTION", 119, True, None),
        ("c2", "Clearance", "DELETED", None, None, False, REMOVED_AT),
    ]
    assert acme.rows(
        "select ad_group_name, optimization_goal, optimization_event, pixel_id, learning_status "
        "from analytics.dim_ad_group where ad_group_id = 's1'"
    ) == [("Broad", "OFFSITE_CONVERSIONS", "PURCHASE", "p", "SUCCESS")]

    ads = (
        "select ad_id, ad_name, status, creative_id, destination_url, url_tags, is_listed "
        "from analytics.dim_ad order by 1"
    )
    listed = [
        ("a1", "Video", "PAUSED", "k2", "https://example.com/", "utm_source=facebook", True),
        ("late", None, "unknown", None, None, None, False),
        ("m1", "Interests", "AD_STATUS_DELIVERY_OK", "m1", "https://example.com/s", None, True),
        ("m2", "Interests", "AD_STATUS_DELIVERY_OK", "m2", "https://example.com/s", None, True),
    ]
    assert acme.rows(ads) == listed
    assert acme.rows(
        "select creative_id, creative_type, title, body, video_id from analytics.dim_creative order by 1"
    ) == [
        ("k1", "VIDEO", "Ends Sunday", None, "v-k1"),
        ("k2", "VIDEO", "Ends Monday", None, "v-k2"),
        ("m1", "SINGLE_VIDEO", None, "Free returns.", "v1"),
        ("m2", None, None, "Free returns.", None),
    ]
    # The late ad has no creative yet; its figures are there all the same.
    creatives = (
        "select creative_id, week_start, impressions, days_active, age_days from analytics.creative_performance "
        "where platform = 'meta_ads' order by week_start, creative_id"
    )
    week = date(2026, 11, 9)
    assert acme.rows(creatives) == [
        ("k1", date(2026, 11, 2), 1000, 1, 0), ("k2", week, 500, 1, 0), (None, week, 500, 1, 0),
    ]  # fmt: skip

    assert acme.rows(LATE_DAYS) == [("101", LAST, "1 rows of members that the platform has not listed yet: late")]
    assert acme.rows(MIXED_DAYS) == []
    required = required_tests(building.prepared_manifest(building.DBT_PROJECT_DIR))
    assert {"ad_day_ads_were_listed", "days_of_a_clients_ad_accounts_end_together"}.isdisjoint(required)

    # LinkedIn's days are UTC's, whatever zone the account has.
    acme.account("acme", "linkedin_ads", "501", "BRL", timezone="America/Sao_Paulo")
    acme.insert(
        "raw_meta_ads.ads", account_id="101", campaign_id="c1", adset_id="s1", ad_id="late", name="Carousel",
        effective_status="ACTIVE", creative_id="k1",
    )  # fmt: skip
    acme.proved("meta_ads", "101", LAST, "restated")
    facts = "select ad_id, spend from analytics.fct_ad_performance_daily order by 1, date_day"
    before = acme.rows(facts)
    acme.build_and_publish()

    named = ("late", "Carousel", "ACTIVE", "k1", "https://example.com/", "utm_source=facebook", True)
    assert acme.rows(ads) == [listed[0], named, *listed[2:]]
    assert acme.rows(LATE_DAYS) == []
    mixed = "days of this client's ad accounts end at midnights of America/Sao_Paulo, UTC"
    assert acme.rows(MIXED_DAYS) == [
        (account_id, f"its days end at midnight of {zone}; {mixed}")
        for account_id, zone in (("101", "America/Sao_Paulo"), ("401", "America/Sao_Paulo"), ("501", "UTC"))
    ]
    assert acme.rows(facts) == before
    # The earliest known name is that of the days before it.
    assert acme.rows("select valid_from_day, ad_name from analytics.dim_ad_history where ad_id = 'late'") == [
        (date(2026, 11, 1), "Carousel")
    ]
    assert acme.rows(creatives) == [
        ("k1", date(2026, 11, 2), 1000, 1, 0), ("k1", week, 500, 1, 8), ("k2", week, 500, 1, 0),
    ]  # fmt: skip
