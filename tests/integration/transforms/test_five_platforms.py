"""TikTok, LinkedIn and Instagram from hand-written raw rows through certificate and gate to what analysts read."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cli.overview import read_overview, read_restatements
from transforms import reports

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
TIKTOK = {"spend": "12.50", "impressions": "1500", "clicks": "25"}
LINKEDIN = {"spend": "7.12", "impressions": "300", "clicks": "6"}
INSTAGRAM = {"views": "1200", "total_interactions": "75"}
FACTS = (
    "select platform, campaign_id, impressions, clicks, link_clicks, spend, conversions, conversions_value, "
    "spend_reporting, finalizes_on from {table} order by platform"
)
REEL_VIEWS = "select views from analytics.fct_instagram_media where media_id = 'm1'"


@pytest.fixture
def globex(warehouse):
    """A client that reads in EUR, with a TikTok account in USD, a LinkedIn account in EUR and an Instagram account."""
    warehouse.client("globex", "EUR")
    warehouse.account("globex", "tiktok_ads", "401", "USD")
    warehouse.account("globex", "linkedin_ads", "501", "EUR", timezone="Europe/Berlin")
    warehouse.account("globex", "instagram", "601", "EUR", timezone="Europe/Berlin")
    warehouse.run("insert into raw_fx.rate values (%s, 'USD', 1.25, 'ECB', %s)", DAY, warehouse.now)

    tiktok = {"account_id": "401", "date_day": DAY, "campaign_id": "t"}
    warehouse.insert(
        "raw_tiktok_ads.ad_daily", **tiktok, adgroup_id="tg", ad_id="ta1", spend="10.00", impressions=1000, clicks=20,
        conversion=9, complete_payment=1, onsite_shopping=1, form=1, total_complete_payment_rate="50.25",
        total_onsite_shopping_value="4.75",
    )  # fmt: skip
    warehouse.insert(
        "raw_tiktok_ads.ad_daily", **tiktok, adgroup_id="tg", ad_id="ta2", spend="2.50", impressions=500, clicks=5
    )  # fmt: skip
    warehouse.insert(
        "raw_tiktok_ads.campaign_daily", **tiktok, spend="12.50", impressions=1500, clicks=25, conversion=9,
        complete_payment=1, onsite_shopping=1, form=1, total_complete_payment_rate="50.25",
        total_onsite_shopping_value="4.75",
    )  # fmt: skip
    warehouse.insert(
        "raw_tiktok_ads.campaigns", account_id="401", campaign_id="t", campaign_name="Sparks",
        campaign_type="REGULAR_CAMPAIGN", objective_type="WEB_CONVERSIONS", secondary_status="CAMPAIGN_STATUS_ENABLE",
    )  # fmt: skip

    linkedin = {
        "account_id": "501", "date_day": DAY, "campaign_group_id": "lg", "impressions": 300, "clicks": 6,
        "cost_in_local_currency": "7.123456", "landing_page_clicks": 4, "external_website_conversions": 2,
        "one_click_leads": 1, "conversion_value_in_local_currency": "90",
    }  # fmt: skip
    warehouse.insert("raw_linkedin_ads.creative_daily", **linkedin, campaign_id="lc", creative_id="lk")
    warehouse.insert("raw_linkedin_ads.campaign_group_daily", **linkedin)
    warehouse.insert(
        "raw_linkedin_ads.campaign_groups", account_id="501", campaign_group_id="lg", name="Hiring", status="ACTIVE",
        objective_type="LEAD_GENERATION",
    )  # fmt: skip
    warehouse.insert(
        "raw_linkedin_ads.campaigns", account_id="501", campaign_id="lc", campaign_group_id="lg", name="Engineers",
        status="PAUSED",
    )  # fmt: skip
    warehouse.insert(
        "raw_linkedin_ads.creatives", account_id="501", creative_id="lk", campaign_id="lc", name="Office",
        intended_status="ACTIVE",
    )  # fmt: skip

    warehouse.insert(
        "raw_instagram.account_daily", account_id="601", date_day=DAY, views=1200, reach=800, accounts_engaged=60,
        total_interactions=75, likes=50, comments=10, shares=5, saves=8, replies=2, profile_links_taps=0,
    )  # fmt: skip
    for kind, people in (("FOLLOWER", 7), ("NON_FOLLOWER", 3)):
        warehouse.insert(
            "raw_instagram.account_breakdown_daily", account_id="601", date_day=DAY, metric="follows_and_unfollows",
            dimension="follow_type", dimension_value=kind, value=people,
        )  # fmt: skip
    warehouse.insert("raw_instagram.accounts", account_id="601", username="globex.de")
    warehouse.insert("raw_instagram.media", account_id="601", media_id="m1", caption="Behind the scenes")
    warehouse.insert("raw_instagram.stories", account_id="601", media_id="s1", permalink="https://instagram.example/s1")
    warehouse.insert("raw_instagram.stories", account_id="601", media_id="unseen")
    reel = {"account_id": "601", "media_id": "m1", "media_product_type": "REELS", "media_type": "VIDEO"}
    for day, views in ((DAY - timedelta(days=1), 100), (DAY, 140)):
        warehouse.insert("raw_instagram.media_insights", **reel, date_day=day, views=views, saved=4)
    warehouse.insert(
        "raw_instagram.story_insights", account_id="601", media_id="s1", media_type="IMAGE",
        date_day=DAY - timedelta(days=1), views=30, replies=2,
    )  # fmt: skip
    warehouse.proved("tiktok_ads", "401", DAY, **TIKTOK)
    warehouse.proved("linkedin_ads", "501", DAY, **LINKEDIN)
    warehouse.proved("instagram", "601", DAY, **INSTAGRAM)
    return warehouse


def test_every_platform_is_certified_on_its_own_metrics_and_published(globex, tmp_path):
    flow = globex.audit_and_publish()

    certificates, gate = flow.certificates, flow.gate
    assert (certificates.account_days, certificates.certified_days) == (3, 3), certificates.detail
    assert (gate.publish, gate.held) == (3, 0), globex.rows("select platform, reason from ops.held_day")
    difference = "select metric, difference from ops.certificate where platform = %s order by metric"
    assert globex.rows(difference, "instagram") == [("total_interactions", 0), ("views", 0)]
    # LinkedIn's decimals are rounded by its account total: a third of a cent, less than the cent that is allowed.
    assert globex.rows(difference, "linkedin_ads") == [
        ("ad_clicks", 0), ("ad_impressions", 0), ("ad_spend", Decimal("0.003456")),
        ("clicks", 0), ("impressions", 0), ("spend", Decimal("0.003456")),
    ]  # fmt: skip
    assert flow.published.account_days == 3

    # 12.50 USD at 1.25 USD per EUR; windows of 29 days on TikTok and 31 on LinkedIn.
    campaigns = [
        ("linkedin_ads", "lg", 300, 6, 4, Decimal("7.123456"), 3, 90, Decimal("7.123456"), date(2026, 12, 11)),
        ("tiktok_ads", "t", 1500, 25, 25, Decimal("12.50"), 3, 55, 10, date(2026, 12, 9)),
    ]
    assert globex.rows(FACTS.format(table="analytics.fct_campaign_performance_daily")) == campaigns
    ads = "select campaign_id, ad_group_id, ad_id, spend, conversions, conversions_value from {} order by ad_id"
    assert globex.rows(ads.format("analytics.fct_ad_performance_daily")) == [
        ("lg", "lc", "lk", Decimal("7.123456"), 3, 90),
        ("t", "tg", "ta1", 10, 3, 55),
        ("t", "tg", "ta2", Decimal("2.50"), 0, 0),
    ]
    instagram = "select * from analytics.fct_instagram_account_daily"
    [(client_id, platform, account_id, day, *figures, finalizes_on, _version, _published_at)] = globex.rows(instagram)
    assert (client_id, platform, account_id, day, finalizes_on) == (
        "globex", "instagram", "601", DAY, date(2026, 11, 13),
    )  # fmt: skip
    # Reposts that Instagram does not tell stay unknown, a tap that did not happen stays zero.
    assert figures == [1200, 800, 60, 75, 50, 10, 5, 8, 2, None, 7, 3, 0]
    media = (
        "select media_id, product_type, caption, permalink, snapshot_day, views, saves, replies "
        "from analytics.fct_instagram_media order by media_id"
    )
    assert globex.rows(media) == [
        ("m1", "REELS", "Behind the scenes", None, DAY, 140, 4, None),
        ("s1", "STORY", None, "https://instagram.example/s1", DAY - timedelta(days=1), 30, None, 2),
    ]

    reports.ensure_report_views(globex.url, target_dir=tmp_path / "reports", now=globex.now)
    client_report = (
        "select platform, link_clicks, spend_reporting, conversions from analytics.client_performance_daily order by 1"
    )
    assert globex.rows(client_report) == [("linkedin_ads", 4, Decimal("7.123456"), 3), ("tiktok_ads", 25, 10, 3)]

    screen = [
        (row.platform, row.ad_days, row.spend, row.spend_reporting, row.views, row.interactions)
        for row in read_overview(globex.connection)
    ]
    assert screen == [
        ("instagram", None, None, None, 1200, 75),
        ("linkedin_ads", 1, Decimal("7.123456"), Decimal("7.123456"), None, None),
        ("tiktok_ads", 2, Decimal("12.50"), 10, None, None),
    ]


def test_before_the_first_publication_the_screen_shows_no_figures_of_any_platform(globex):
    screen = [(row.platform, row.spend, row.views) for row in read_overview(globex.connection)]
    assert screen == [("instagram", None, 0), ("linkedin_ads", 0, None), ("tiktok_ads", 0, None)]


def test_restated_days_are_told_once_by_the_level_that_the_account_total_proves(globex):
    for number, (platform, account_id, report, metric, old, new) in enumerate(
        (
            ("linkedin_ads", "501", "campaign_group_daily", "spend", "7.00", "7.12"),
            ("linkedin_ads", "501", "creative_daily", "spend", "7.00", "7.12"),
            ("linkedin_ads", "501", "campaign_daily", "spend", "7.00", "7.12"),
            ("instagram", "601", "account_daily", "views", "1100", "1200"),
        ),
        start=1,
    ):
        globex.insert(
            "ops.restatement", platform=platform, account_id=account_id, report=report, date_day=DAY, metric=metric,
            old_value=old, new_value=new, old_version=1, new_version=2, detected_at=globex.now,
            run_id=f"run-{number // 4}",
        )  # fmt: skip
    # The newest run restated views alone, which have no place among amounts of money.
    found = [(day.platform, day.old_spend, day.new_spend) for day in read_restatements(globex.connection, None)]
    assert found == [("linkedin_ads", Decimal("7.00"), Decimal("7.12"))]


def test_objects_of_every_platform_have_their_place_among_campaigns_ad_groups_and_ads(globex):
    globex.build()
    assert globex.rows(
        "select platform, campaign_id, campaign_name, status, campaign_type, objective "
        "from analytics_build.dim_campaign order by platform"
    ) == [
        ("linkedin_ads", "lg", "Hiring", "ACTIVE", None, "LEAD_GENERATION"),
        ("tiktok_ads", "t", "Sparks", "CAMPAIGN_STATUS_ENABLE", "REGULAR_CAMPAIGN", "WEB_CONVERSIONS"),
    ]
    assert globex.rows(
        "select campaign_id, ad_group_id, ad_group_name, status from analytics_build.dim_ad_group order by platform"
    ) == [("lg", "lc", "Engineers", "PAUSED"), ("t", "tg", None, "unknown")]
    assert globex.rows(
        "select campaign_id, ad_group_id, ad_id, ad_name, status from analytics_build.dim_ad order by ad_id"
    ) == [
        ("lg", "lc", "lk", "Office", "ACTIVE"),
        ("t", "tg", "ta1", None, "unknown"),
        ("t", "tg", "ta2", None, "unknown"),
    ]
    assert globex.rows("select platform, name from analytics_build.dim_account order by platform") == [
        ("instagram", "globex.de"), ("linkedin_ads", None), ("tiktok_ads", None),
    ]  # fmt: skip


def test_an_instagram_day_that_differs_by_one_view_is_held_and_readers_keep_the_last_good_one(globex):
    globex.audit_and_publish()
    globex.run("update raw_instagram.account_daily set views = 1300")
    globex.run("update raw_instagram.media_insights set views = 150 where date_day = %s", DAY)
    globex.proved("instagram", "601", DAY, "restated", views="1301", total_interactions="75")

    flow = globex.audit_and_publish()
    assert (flow.certificates.account_days, flow.certificates.held_days, flow.gate.held) == (1, 1, 1)
    assert flow.published.account_days == 0

    [(platform, reason)] = globex.rows("select platform, reason from ops.held_day")
    assert platform == "instagram"
    assert "views: the build adds up to 1300, the platform says 1301 (difference -1, tolerance 0)" in reason
    # The account's media move with it: a held account keeps those that fit its published days.
    assert globex.rows("select views from analytics.fct_instagram_account_daily") == [(1200,)]
    assert globex.rows(REEL_VIEWS) == [(140,)]
    states = "select platform, state from analytics.account_day_state where date_day = %s order by platform"
    assert globex.rows(states, DAY) == [
        ("instagram", "held"), ("linkedin_ads", "provisional"), ("tiktok_ads", "provisional"),
    ]  # fmt: skip

    globex.proved("instagram", "601", DAY, "read again", views="1300", total_interactions="75")
    flow = globex.audit_and_publish()
    assert (flow.gate.released, flow.published.account_days) == (1, 1)
    assert globex.rows("select views from analytics.fct_instagram_account_daily") == [(1300,)]
    assert globex.rows(REEL_VIEWS) == [(150,)]


def test_a_linkedin_campaign_group_that_its_creatives_do_not_add_up_to_holds_that_account_alone(globex):
    globex.run("update raw_linkedin_ads.creative_daily set clicks = 5")
    gate = globex.audit_and_publish().gate
    assert (gate.publish, gate.held) == (2, 1)
    [(platform, reason)] = globex.rows("select platform, reason from ops.held_day")
    assert platform == "linkedin_ads"
    assert "campaigns whose ads do not add up: lg" in reason
    assert "ad_clicks: the build adds up to 5, the platform says 6" in reason


def test_a_former_client_keeps_the_media_as_they_stood_when_the_account_left(globex):
    globex.client("initech", "EUR")
    globex.run("update raw_registry.account set active_to = %s where platform = 'instagram'", DAY - timedelta(days=1))
    globex.run(
        "insert into raw_registry.account (client_id, platform, account_id, currency, timezone, credential, "
        "active_from, content_hash, loaded_at) "
        "values ('initech', 'instagram', '601', 'EUR', 'UTC', 'agency', %s, 'h', %s)",
        DAY, globex.now,
    )  # fmt: skip
    globex.build()
    media = "select client_id, media_id, views from analytics_build.fct_instagram_media order by client_id, media_id"
    assert globex.rows(media) == [("globex", "m1", 100), ("globex", "s1", 30), ("initech", "m1", 140)]
