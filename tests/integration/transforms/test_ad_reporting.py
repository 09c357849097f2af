"""The schema ad_reporting: columns against the contract as written down, figures worked out by hand, settings."""

from datetime import date
from decimal import Decimal

import pytest

from tests.integration.transforms.ad_reporting_contract import VIEWS, type_of
from transforms import reports

pytestmark = pytest.mark.integration

DAY = date(2026, 11, 10)
MONTH = date(2026, 11, 1)
FIGURES = "clicks, impressions, spend, conversions, conversions_value"
OTHER_SETTINGS = {
    "linkedin_ads__use_local_currency": False,
    "linkedin_ads__conversion_fields": ["one_click_leads"],
    "facebook_ads__conversion_action_types": [
        {"pattern": "%purchase"},
        {"name": "onsite_conversion.lead_grouped", "where_sql": "source_relation = 'globex'"},
    ],
    "google_auto_tagging_enabled": True,
    "ad_reporting__url_report__using_null_filter": False,
    "ad_reporting__tiktok_ads_enabled": False,
}


@pytest.fixture
def all_platforms(two_clients):
    """two_clients, and what stands in optional reports, on TikTok, LinkedIn and Instagram."""
    insert, day = two_clients.insert, {"date_day": DAY}
    # A value of which Meta tells no count.
    insert("raw_meta_ads.ad_daily", account_id="101", **day, campaign_id="c1", adset_id="s1", ad_id="a3",
           account_currency="BRL",
           action_values=[{"action_type": "offsite_conversion.fb_pixel_purchase", "value": "9.50"}])  # fmt: skip
    actions = [
        {"action_type": "offsite_conversion.fb_pixel_lead", "value": "2"},
        {"action_type": "omni_purchase", "value": "4"},
    ]
    place = {"account_id": "101", **day, "campaign_id": "c1", "account_currency": "BRL", "impressions": 1400,
             "clicks": 45, "inline_link_clicks": 28, "spend": "19.00"}  # fmt: skip
    insert("raw_meta_ads.campaign_country_daily", **place, country="BR", actions=actions)
    insert("raw_meta_ads.campaign_region_daily", **place, region="São Paulo (state)")
    insert("raw_meta_ads.creatives", account_id="101", creative_id="k1", name="Clip", url_tags="utm_source=fb&x=1",
           link_url="https://shop.example/a?b=1")  # fmt: skip
    two_clients.run("update raw_meta_ads.ads set creative_id = 'k1', conversion_domain = 'shop.example'")

    google = {"account_id": "201", **day, "campaign_id": "g1", "ad_group_id": "ag"}
    insert("raw_google_ads.accounts", account_id="201", descriptive_name="Acme Search", auto_tagging_enabled=True)
    insert("raw_google_ads.campaigns", account_id="201", campaign_id="g1", name="Brand", status="ENABLED",
           advertising_channel_type="SEARCH")  # fmt: skip
    insert("raw_google_ads.ads", account_id="201", campaign_id="g1", ad_group_id="ag", ad_id="1", status="ENABLED",
           final_urls=["https://shop.example/g"])  # fmt: skip
    insert("raw_google_ads.keyword_daily", **google, criterion_id="77", impressions=50, clicks=5,
           cost_micros=1_500_000, conversions="1", conversions_value="20")  # fmt: skip
    insert("raw_google_ads.keywords", account_id="201", campaign_id="g1", ad_group_id="ag", criterion_id="77",
           keyword_text="shoes", match_type="EXACT")  # fmt: skip
    insert("raw_google_ads.search_term_daily", **google, search_term="red shoes", match_type="NEAR_EXACT",
           status="NONE", impressions=40, clicks=4, cost_micros=1_200_000, conversions="0.5",
           conversions_value="10")  # fmt: skip

    two_clients.account("globex", "tiktok_ads", "401", "EUR")
    two_clients.account("globex", "linkedin_ads", "501", "EUR")
    two_clients.account("globex", "instagram", "601", "EUR")
    tiktok = {"account_id": "401", **day, "currency": "EUR", "campaign_id": "t"}
    for ad_id, spend, conversion, reach in (("ta1", "10.00", 3, 700), ("ta2", "2.50", 1, 200)):
        insert("raw_tiktok_ads.ad_daily", **tiktok, adgroup_id="tg", ad_id=ad_id, spend=spend, conversion=conversion,
               impressions=750, clicks=10, real_time_conversion=2, total_purchase_value="55", likes=6,
               reach=reach)  # fmt: skip
    insert("raw_tiktok_ads.campaign_daily", **tiktok, spend="12.50", impressions=1500, clicks=20, reach=850)
    insert("raw_tiktok_ads.ads", account_id="401", campaign_id="t", adgroup_id="tg", ad_id="ta1", ad_name="Dance",
           landing_page_url="https://shop.example/t?utm_source=tiktok&utm_campaign=__CAMPAIGN_NAME__")  # fmt: skip
    insert("raw_tiktok_ads.campaigns", account_id="401", campaign_id="t", campaign_name="Spring")
    insert("raw_tiktok_ads.campaign_country_daily", account_id="401", **day, campaign_id="t", country_code="DE",
           spend="12.00", impressions=1490, clicks=19, conversion=4)  # fmt: skip

    linkedin = {"account_id": "501", **day, "campaign_group_id": "lg", "impressions": 300, "clicks": 6,
                "cost_in_local_currency": "7.00", "cost_in_usd": "8.40", "external_website_conversions": 2,
                "one_click_leads": 1}  # fmt: skip
    value = {"conversion_value_in_local_currency": "90"}
    insert("raw_linkedin_ads.creative_daily", **linkedin, **value, campaign_id="lc", creative_id="lk")
    insert("raw_linkedin_ads.campaign_group_daily", **linkedin, **value)
    insert("raw_linkedin_ads.campaign_member_country_daily", **linkedin, campaign_id="lc",
           member_country="urn:li:geo:101282230")  # fmt: skip
    insert("raw_linkedin_ads.campaigns", account_id="501", campaign_id="lc", campaign_group_id="lg", name="Engineers",
           status="PAUSED")  # fmt: skip

    insert("raw_instagram.account_daily", account_id="601", **day, views=1, total_interactions=1)
    insert("raw_instagram.accounts", account_id="601", username="globex.de", name="Globex")
    insert("raw_instagram.media", account_id="601", media_id="m1", permalink="https://www.instagram.com/reel/AbC/")
    insert("raw_instagram.media_insights", account_id="601", **day, media_id="m1", media_product_type="REELS",
           media_type="VIDEO", views=140, likes=9, reach=100)  # fmt: skip
    for platform, account_id in (("tiktok_ads", "401"), ("linkedin_ads", "501"), ("instagram", "601")):
        two_clients.proved(platform, account_id, DAY)
    two_clients.build_and_publish()
    return two_clients


def unified(warehouse, report, columns, where="true"):
    return warehouse.rows(
        f"select source_relation, platform, {columns} from ad_reporting.ad_reporting__{report}_report where {where} "
        f"order by source_relation, platform, {columns}"
    )


def test_views_have_the_contracts_columns_and_figures_and_follow_the_settings(all_platforms, tmp_path):
    define = {"target_dir": tmp_path, "now": all_platforms.now}
    assert set(reports.ensure_report_views(all_platforms.url, **define)) >= set(VIEWS)
    assert reports.ensure_report_views(all_platforms.url, **define) == ()

    columns_are_the_contracts(all_platforms)
    unified_figures_are_right(all_platforms)
    platform_figures_are_right(all_platforms)

    assert set(reports.ensure_report_views(all_platforms.url, settings=OTHER_SETTINGS, **define)) >= set(VIEWS)
    settings_are_followed(all_platforms)


def columns_are_the_contracts(warehouse):
    found = {}
    for view, column, type_name in warehouse.rows(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = 'ad_reporting' order by table_name, ordinal_position"
    ):
        found.setdefault(view, []).append((column, type_name))
    wanted = {view: [(name, type_of(view, name)) for name in columns.split()] for view, columns in VIEWS.items()}
    assert found == wanted


def unified_figures_are_right(warehouse):
    # Meta: link clicks; 3 pixel purchases and 2 lead forms, not the same orders under omni_purchase and purchase.
    acme_meta = ("acme", "facebook_ads", "101", 30, 1500, Decimal("20.00"), 5, Decimal("9.50"))
    # Performance Max is in the account: 3.000001 + 2.
    acme_google = ("acme", "google_ads", "201", 14, 270, Decimal("5.000001"), 3, 160)
    accounts = [
        acme_meta,
        acme_google,
        ("globex", "facebook_ads", "301", 1, 100, 5, 0, 0),
        ("globex", "facebook_ads", "302", 1, 100, 900, 0, 0),
        ("globex", "linkedin_ads", "501", 6, 300, 7, 3, 90),
        ("globex", "tiktok_ads", "401", 20, 1500, Decimal("12.50"), 4, 110),
    ]
    assert unified(warehouse, "account", f"account_id, {FIGURES}") == accounts
    # Every level adds up to the account, what Google reports of a campaign without ads by its own member.
    for level in ("campaign", "ad_group", "ad"):
        totals = warehouse.rows(
            "select source_relation, platform, account_id, sum(clicks), sum(impressions), sum(spend), "
            f"sum(conversions), sum(conversions_value) from ad_reporting.ad_reporting__{level}_report "
            "group by 1, 2, 3 order by 1, 2, 3"
        )
        assert totals == accounts, level
    assert unified(warehouse, "ad", "campaign_id, campaign_name, ad_group_id, ad_group_name, ad_id, ad_name, spend",
                   "source_relation = 'acme'") == [
        ("acme", "facebook_ads", "c1", "Spring", "s1", "Broad", "a1", "Video", Decimal("12.34")),
        ("acme", "facebook_ads", "c1", "Spring", "s1", "Broad", "a2", None, Decimal("7.66")),
        ("acme", "facebook_ads", "c1", "Spring", "s1", "Broad", "a3", None, 0),
        ("acme", "google_ads", "g1", "Brand", "ag", None, "1", None, Decimal("3.000001")),
        ("acme", "google_ads", "pmax", None, "not-at-ad-level", "Not at ad level", "not-at-ad-level/pmax",
         "Not at ad level", 2),
    ]  # fmt: skip
    # LinkedIn's campaign is the ad group of this contract.
    names = "account_name, campaign_id, ad_group_id, ad_group_name"
    assert unified(warehouse, "ad_group", names, "platform = 'linkedin_ads'") == [
        ("globex", "linkedin_ads", None, "lg", "lc", "Engineers")
    ]
    keyword = "account_name, keyword_id, keyword_text, keyword_match_type"
    assert unified(warehouse, "keyword", f"{keyword}, {FIGURES}") == [
        ("acme", "google_ads", "Acme Search", "77", "shoes", "EXACT", 5, 50, Decimal("1.5"), 1, 20)
    ]
    search = "keyword_id, search_query, search_match_type"
    assert unified(warehouse, "search", f"{search}, {FIGURES}") == [
        ("acme", "google_ads", None, "red shoes", "NEAR_EXACT", 4, 40, Decimal("1.2"), Decimal("0.5"), 10)
    ]
    assert unified(warehouse, "url", f"base_url, url_host, url_path, utm_source, utm_campaign, {FIGURES}") == [
        ("acme", "facebook_ads", "https://shop.example/a", "shop.example", "/a", "fb", None,
         30, 1000, Decimal("12.34"), 5, 0),
        ("acme", "google_ads", "https://shop.example/g", "shop.example", "/g", None, None,
         10, 200, Decimal("3.000001"), Decimal("1.5"), 80),
        ("globex", "tiktok_ads", "https://shop.example/t", "shop.example", "/t", "tiktok", "Spring",
         10, 750, 10, 3, 55),
    ]  # fmt: skip
    places = "date_month, campaign_id, country, country_code"
    assert unified(warehouse, "monthly_campaign_country", f"{places}, {FIGURES}") == [
        # Of Meta's actions the pixel's leads are among the chosen types.
        ("acme", "facebook_ads", MONTH, "c1", "Brazil", "BR", 28, 1400, 19, 2, 0),
        ("globex", "linkedin_ads", MONTH, "lg", "urn:li:geo:101282230", None, 6, 300, 7, 3, None),
        ("globex", "tiktok_ads", MONTH, "t", "Germany", "DE", 19, 1490, 12, 4, None),
    ]
    assert unified(warehouse, "monthly_campaign_region", f"date_month, campaign_id, region, {FIGURES}") == [
        ("acme", "facebook_ads", MONTH, "c1", "São Paulo (state)", 28, 1400, 19, None, None)
    ]


def platform_figures_are_right(warehouse):
    rows = warehouse.rows
    purchases = "offsite_conversion_fb_pixel_purchase_conversions"
    leads = "onsite_conversion_lead_grouped_conversions"
    assert rows(
        f"select ad_id, {purchases}, {purchases}_value, {leads}, conversion_domain "
        "from ad_reporting.facebook_ads__ad_report where source_relation = 'acme' order by ad_id"
    ) == [("a1", 3, 0, 2, "shop.example"), ("a2", 0, 0, 0, None), ("a3", 0, Decimal("9.50"), 0, None)]
    assert rows("select creative_id, key, value from ad_reporting.facebook_ads__url_tags order by key") == [
        ("k1", "utm_source", "fb"), ("k1", "x", "1"),
    ]  # fmt: skip
    pixel = "conversions, offsite_conversion_fb_pixel_lead_conversions, onsite_conversion_purchase_conversions"
    assert rows(f"select country_id, country, {pixel}, reach from ad_reporting.facebook_ads__country_report") == [
        ("BR", "Brazil", 2, 2, 0, None)
    ]
    assert rows("select region, spend, conversions from ad_reporting.facebook_ads__region_report") == [
        ("São Paulo (state)", 19, None)
    ]
    assert rows(
        "select campaign_id, advertising_channel_type, status, spend from ad_reporting.google_ads__campaign_report "
        "order by campaign_id"
    ) == [("g1", "SEARCH", "ENABLED", Decimal("3.000001")), ("pmax", "PERFORMANCE_MAX", None, 2)]
    # Reach is the campaign's own, not 700 + 200; the ratios are of the sums.
    tiktok = "reach, conversion, real_time_conversion, likes, total_conversion_value, daily_cpc"
    assert rows(
        f"select campaign_name, {tiktok}, round(daily_cpm, 6), round(daily_ctr, 6) "
        "from ad_reporting.tiktok_ads__campaign_report"
    ) == [("Spring", 850, 4, 4, 12, 110, Decimal("0.625"), Decimal("8.333333"), Decimal("1.333333"))]
    assert rows("select ad_id, ad_name, reach from ad_reporting.tiktok_ads__ad_report order by ad_id") == [
        ("ta1", "Dance", 700), ("ta2", None, 200),
    ]  # fmt: skip
    assert rows(
        "select campaign_group_id, campaign_id, campaign_status, cost, total_conversions, "
        "external_website_conversions, one_click_leads from ad_reporting.linkedin_ads__campaign_report"
    ) == [("lg", "lc", "PAUSED", 7, 3, 2, 1)]
    assert rows(
        "select account_name, post_id, is_story, shortcode, username, like_count, reel_views, reel_likes, "
        "video_photo_views, video_views from ad_reporting.instagram_business__posts"
    ) == [("Globex", "m1", False, "AbC", "globex.de", 9, 140, 9, None, None)]


def settings_are_followed(warehouse):
    assert unified(warehouse, "account", f"account_id, {FIGURES}") == [
        # 3 + 4 + 3 purchases of every name; the lead forms are chosen for another client alone.
        ("acme", "facebook_ads", "101", 30, 1500, 20, 10, Decimal("280.15")),
        ("acme", "google_ads", "201", 14, 270, Decimal("5.000001"), 3, 160),
        ("globex", "facebook_ads", "301", 1, 100, 5, 0, 0),
        ("globex", "facebook_ads", "302", 1, 100, 900, 0, 0),
        ("globex", "linkedin_ads", "501", 6, 300, Decimal("8.40"), 1, 90),
    ]
    tags = "base_url, utm_source, utm_medium, utm_campaign, utm_content, spend"
    assert unified(warehouse, "url", tags, "source_relation = 'acme' and platform = 'google_ads'") == [
        ("acme", "google_ads", "https://shop.example/g", "google", "cpc", "Brand", None, Decimal("3.000001")),
        ("acme", "google_ads", None, None, None, None, None, 2),
    ]
    assert warehouse.rows("select 1 from ad_reporting.tiktok_ads__ad_report") == []
