"""Hand-written conversions of four platforms against families, headline and windows worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from foundation.conversion_mapping import ConversionRule, refuse_overlaps, rule_rows

pytestmark = pytest.mark.integration
DAY, NEXT_DAY = date(2026, 11, 10), date(2026, 11, 11)
PIXEL, CUSTOM = "offsite_conversion.fb_pixel_purchase", "offsite_conversion.custom.7"
HEADLINE = (
    "select platform, campaign_id, conversions, conversions_value, purchases, purchases_value, leads "
    "from analytics.fct_campaign_performance_daily where date_day = %s order by 1, 2"
)
BY_AD = (
    "select platform, ad_id, conversions, purchases, leads from analytics.fct_ad_performance_daily "
    "where date_day = %s order by 1, 2"
)


def meta_day(warehouse, day: date) -> None:
    counts = [
        {"action_type": "link_click", "value": "9", "7d_click": "9"},
        {"action_type": "omni_purchase", "value": "4", "7d_click": "3", "1d_view": "1"},
        {"action_type": "purchase", "value": "3"},
        {"action_type": PIXEL, "value": "3", "28d_click": "6"},
        {"action_type": "offsite_conversion.fb_pixel_lead", "value": "1"},
        {"action_type": "onsite_conversion.lead_grouped", "value": "2"},
        {"action_type": CUSTOM, "value": "5"},
    ]
    values = [{"action_type": "purchase", "value": "120.55"}, {"action_type": "omni_purchase", "value": "150.10"}]
    row = {
        "account_id": "101", "date_day": day, "campaign_id": "c", "account_currency": "EUR", "impressions": 10,
        "clicks": 2, "spend": "5", "actions": counts, "action_values": values,
    }  # fmt: skip
    warehouse.insert(
        "raw_meta_ads.ad_daily", **row, adset_id="s", ad_id="a", attribution_setting="7d_click_1d_view"
    )  # fmt: skip
    warehouse.insert("raw_meta_ads.campaign_daily", **row)


def google_day(warehouse, day: date, *, by_action: bool) -> None:
    row = {"account_id": "201", "date_day": day, "impressions": 10, "clicks": 2, "cost_micros": 4_000_000,
           "campaign_id": "g", "conversions": "1.75", "conversions_value": "80"}  # fmt: skip
    warehouse.insert("raw_google_ads.ad_daily", **row, ad_group_id="ag", ad_id="1")
    warehouse.insert("raw_google_ads.campaign_daily", **row, advertising_channel_type="SEARCH")
    if not by_action:
        return
    for action, name, category, clicked, worth, happened in (
        ("7", "Shop", "PURCHASE", "1", "80", "0.5"), ("8", "Call", "PHONE_CALL_LEAD", "0.5", "0", "0.5"),
        ("9", "Brochure", "DOWNLOAD", "0.25", "0", "0"), ("6", "Cart", "ADD_TO_CART", "0", "0", "0"),
    ):  # fmt: skip
        warehouse.insert(
            "raw_google_ads.conversion_daily", account_id="201", date_day=day, campaign_id="g",
            conversion_action_id=action, conversion_action_name=name, conversion_action_category=category,
            conversions=clicked, conversions_value=worth, conversions_by_conversion_date=happened,
            conversions_value_by_conversion_date="0",
        )  # fmt: skip
    read_to_its_end(warehouse, "google_ads", "201", day)


def read_to_its_end(warehouse, platform: str, account_id: str, day: date) -> None:
    """The ledger's word for the optional report of conversions by action."""
    warehouse.run(
        "insert into ops.load_ledger values (%s, %s, 'conversion_daily', %s, 1, 'h', 0, '{}', '{}', true, %s, %s, %s, "
        "'run', 1)",
        platform, account_id, day, *[warehouse.now] * 3,
    )  # fmt: skip


@pytest.fixture
def four_platforms(warehouse):
    """acme reads in EUR. Two days on Meta and Google, the second without the report by action; one day elsewhere."""
    warehouse.client("acme", "EUR")
    for platform, account_id, currency in (
        ("meta_ads", "101", "EUR"), ("google_ads", "201", "USD"), ("tiktok_ads", "401", "EUR"),
        ("linkedin_ads", "501", "EUR"),
    ):  # fmt: skip
        warehouse.account("acme", platform, account_id, currency)
    warehouse.run("insert into raw_fx.rate values (%s, 'USD', 1.25, 'ECB', %s)", DAY, warehouse.now)
    for day in (DAY, NEXT_DAY):
        meta_day(warehouse, day)
        google_day(warehouse, day, by_action=day == DAY)
        warehouse.proved("meta_ads", "101", day)
        warehouse.proved("google_ads", "201", day)
    warehouse.insert(
        "raw_google_ads.conversion_actions", account_id="201", conversion_action_id="7", name="Shop",
        click_through_lookback_window_days=30, view_through_lookback_window_days=1,
    )  # fmt: skip

    tiktok = {"account_id": "401", "date_day": DAY, "campaign_id": "t", "spend": "3", "impressions": 20, "clicks": 3,
              "complete_payment": 1, "onsite_shopping": 1, "form": 1, "total_complete_payment_rate": "50.25",
              "total_onsite_shopping_value": "4.75"}  # fmt: skip
    events = {"complete_payment": "1", "web_event_add_to_cart": "6", "conversion": "9", "cta_conversion": "4"}
    warehouse.insert("raw_tiktok_ads.ad_daily", **tiktok, adgroup_id="tg", ad_id="ta", events=events)
    warehouse.insert("raw_tiktok_ads.campaign_daily", **tiktok)
    warehouse.insert(
        "raw_tiktok_ads.ad_groups", account_id="401", campaign_id="t", adgroup_id="tg", adgroup_name="Group",
        click_attribution_window="TWENTY_EIGHT_DAYS", view_attribution_window="OFF",
        engaged_view_attribution_window="ONE_DAY",
    )  # fmt: skip
    warehouse.proved("tiktok_ads", "401", DAY)

    linkedin = {"account_id": "501", "date_day": DAY, "campaign_group_id": "lg", "impressions": 30, "clicks": 1,
                "cost_in_local_currency": "7", "external_website_conversions": 2, "one_click_leads": 1,
                "conversion_value_in_local_currency": "90"}  # fmt: skip
    warehouse.insert("raw_linkedin_ads.creative_daily", **linkedin, campaign_id="lc", creative_id="lk")
    warehouse.insert("raw_linkedin_ads.campaign_group_daily", **linkedin)
    warehouse.insert(
        "raw_linkedin_ads.conversion_daily", account_id="501", date_day=DAY, campaign_group_id="lg", campaign_id="lc",
        conversion_id="77", external_website_conversions=2, external_website_post_click_conversions=2,
        conversion_value_in_local_currency="90",
    )  # fmt: skip
    warehouse.insert(
        "raw_linkedin_ads.conversions", account_id="501", conversion_id="77", name="Order", type="PURCHASE",
        post_click_attribution_window_size=30, view_through_attribution_window_size=7,
    )  # fmt: skip
    warehouse.proved("linkedin_ads", "501", DAY)
    read_to_its_end(warehouse, "linkedin_ads", "501", DAY)
    return warehouse


def map_conversions(warehouse, *rules: ConversionRule) -> None:
    """The rules of acme's file as the registry loads them; its accounts get another hash by them."""
    refuse_overlaps(rules)
    columns = "platform rule_no family tier event event_pattern is_pattern active_from active_to counts sets_headline"
    for row in rule_rows(rules, date(2026, 11, 1)):
        named = dict(zip(columns.split(), row, strict=True))
        warehouse.insert("raw_registry.conversion_rule", client_id="acme", **named, loaded_at=warehouse.now)
    warehouse.run(
        "update raw_registry.account set content_hash = 'mapped' where platform in ('meta_ads', 'google_ads')"
    )


def test_families_headline_and_windows_by_default_and_by_the_clients_own_rules(four_platforms):
    four_platforms.build_and_publish()

    # Meta: the four of omni_purchase alone; leads of website and of forms, which no total joins, are 1 + 2.
    # LinkedIn: two orders and one lead form. TikTok: website and shop, 50.25 + 4.75, and one form.
    meta = ("meta_ads", "c", 7, Decimal("150.10"), 4, Decimal("150.10"), 3)
    google = ("google_ads", "g", Decimal("1.75"), 80, 1, 80, Decimal("0.5"))
    others = [("linkedin_ads", "lg", 3, 90, 2, 90, 1), meta, ("tiktok_ads", "t", 3, 55, 2, 55, 1)]
    assert four_platforms.rows(HEADLINE, DAY) == [google, *others]
    assert four_platforms.rows(BY_AD, DAY) == [
        ("google_ads", "1", Decimal("1.75"), None, None), ("linkedin_ads", "lk", 3, None, None),
        ("meta_ads", "a", 7, 4, 3), ("tiktok_ads", "ta", 3, 2, 1),
    ]  # fmt: skip
    # Without the report by action Google's total is known, its parts are not: unknown is not zero.
    untold = ("google_ads", "g", Decimal("1.75"), 80, None, None, None)
    assert four_platforms.rows(HEADLINE, NEXT_DAY) == [untold, meta]
    assert four_platforms.rows(
        "select platform, attribution_setting, conversion_date_basis, purchases_value_reporting "
        "from analytics.fct_campaign_performance_daily where date_day = %s order by 1", DAY,
    ) == [
        ("google_ads", "per_conversion_action", "interaction_date", 64),
        ("linkedin_ads", "per_conversion_action", "interaction_date", 90),
        ("meta_ads", "7d_click_1d_view", "mixed", Decimal("150.10")),
        ("tiktok_ads", "28d_click_1d_engaged_view", "interaction_date", 55),
    ]  # fmt: skip

    conversions = (
        "select conversion_action_id, attribution_window, conversion_family, counts_in_family, conversions, "
        "conversion_date_basis from analytics.fct_conversions_daily "
        "where platform = %s and date_day = %s order by conversion_action_id, attribution_window"
    )
    # The pixel's 28 days stand beside omni_purchase, which tells none: there they are what counts.
    assert four_platforms.rows(conversions, "meta_ads", DAY) == [
        (CUSTOM, "setting", "other", False, 5, "conversion_date"),
        ("offsite_conversion.fb_pixel_lead", "setting", "lead", True, 1, "conversion_date"),
        (PIXEL, "28d_click", "purchase", True, 6, "conversion_date"),
        (PIXEL, "setting", "purchase", False, 3, "conversion_date"),
        ("omni_purchase", "1d_view", "purchase", True, 1, "mixed"),
        ("omni_purchase", "7d_click", "purchase", True, 3, "mixed"),
        ("omni_purchase", "setting", "purchase", True, 4, "mixed"),
        ("onsite_conversion.lead_grouped", "setting", "lead", True, 2, "interaction_date"),
        ("purchase", "setting", "purchase", False, 3, "mixed"),
    ]
    assert four_platforms.rows(conversions, "google_ads", DAY) == [
        ("7", "by_conversion_date", "purchase", True, Decimal("0.5"), "conversion_date"),
        ("7", "setting", "purchase", True, 1, "interaction_date"),
        ("8", "by_conversion_date", "lead", True, Decimal("0.5"), "conversion_date"),
        ("8", "setting", "lead", True, Decimal("0.5"), "interaction_date"),
        ("9", "setting", "app_install", True, Decimal("0.25"), "interaction_date"),
    ]
    assert four_platforms.rows(conversions, "tiktok_ads", DAY) == [
        ("add_to_cart.website", "setting", "add_to_cart", True, 6, "interaction_date"),
        ("form.website", "setting", "lead", True, 1, "interaction_date"),
        ("optimization_event.every", "click", "other", False, 4, "interaction_date"),
        ("optimization_event.every", "setting", "other", False, 9, "interaction_date"),
        ("purchase.shop", "setting", "purchase", True, 1, "interaction_date"),
        ("purchase.website", "setting", "purchase", True, 1, "interaction_date"),
    ]
    assert four_platforms.rows(
        "select ad_group_id, ad_id, conversion_action_name, attribution_window, attribution_setting, conversions, "
        "conversions_value from analytics.fct_conversions_daily where platform = 'linkedin_ads' order by 2, 4"
    ) == [
        ("lc", "lk", "Lead forms sent on LinkedIn", "setting", None, 1, 0),
        ("lc", "not-at-ad-level/lc", "Order", "post_click", "30d_click_7d_view", 2, None),
        ("lc", "not-at-ad-level/lc", "Order", "setting", "30d_click_7d_view", 2, 90),
    ]
    assert four_platforms.rows(
        "select ad_id, ad_name from analytics.dim_ad where ad_id like 'not-at-ad-level%%' order by 1"
    ) == [("not-at-ad-level/g", "Not at ad level"), ("not-at-ad-level/lc", "Not at ad level")]

    map_conversions(
        four_platforms,
        ConversionRule.model_validate(
            {"family": "lead", "platform": "meta_ads", "pattern": "offsite_conversion.custom.*", "to": DAY}
        ),
        ConversionRule.model_validate(
            {"family": "lead", "platform": "google_ads", "events": [8], "from": DAY, "to": DAY, "counts": False}
        ),
    )  # fmt: skip
    assert four_platforms.build().account_days == 4
    four_platforms.judge()
    four_platforms.publish()

    # Leads are the five custom conversions, 4 + 5 count; Google without the calls: 1 purchase and 0.25 downloads.
    google = ("google_ads", "g", Decimal("1.25"), 80, 1, 80, Decimal("0.5"))
    others[1] = ("meta_ads", "c", 9, Decimal("150.10"), 4, Decimal("150.10"), 5)
    assert four_platforms.rows(HEADLINE, DAY) == [google, *others]
    assert four_platforms.rows(HEADLINE, NEXT_DAY) == [untold, meta]
    # No ad of Google's is said to have had this conversion or that, so its share is unknown.
    assert four_platforms.rows(BY_AD, DAY)[0] == ("google_ads", "1", None, None, None)
    assert four_platforms.rows(BY_AD, NEXT_DAY)[0] == ("google_ads", "1", Decimal("1.75"), None, None)
    failing = "select count(*) from analytics_build.{}"
    for test in ("conversion_day_grain_is_unique", "ad_day_conversions_are_told", "conversion_events_have_one_family"):
        assert four_platforms.value(failing.format(test)) == 0
