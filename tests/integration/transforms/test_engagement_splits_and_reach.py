"""Hand-written raw rows against engagement, splits, keywords, search terms and reach worked out by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest

from foundation.database import connect, transaction
from foundation.embedded_postgres import EmbeddedPostgres
from tests.integration.transforms.conftest import NOW, Warehouse
from tests.scratch import database_copy

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
NEXT = date(2026, 11, 11)
EARLIER = NOW - timedelta(hours=6)


@pytest.fixture(scope="module")
def published(
    postgres: EmbeddedPostgres, raw_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """acme reads in BRL; its Google account 201 bills in USD at 4.96 BRL. One build and publication for all tests."""
    with (
        database_copy(postgres.url("postgres"), "engagement_splits_and_reach", raw_template) as url,
        connect(url) as connection,
    ):
        warehouse = Warehouse(url, connection, tmp_path_factory.mktemp("dbt"))
        warehouse.run("insert into ops.clock values (true, %s)", NOW)
        _write(warehouse)
        warehouse.build_and_publish()
        yield warehouse


def _write(warehouse: Warehouse) -> None:
    warehouse.client("acme", "BRL")
    for platform, account_id, currency in (
        ("meta_ads", "101", "BRL"), ("google_ads", "201", "USD"), ("tiktok_ads", "401", "BRL"),
        ("linkedin_ads", "501", "BRL"), ("instagram", "601", "BRL"),
    ):  # fmt: skip
        warehouse.account("acme", platform, account_id, currency)
        warehouse.proved(platform, account_id, DAY)
    warehouse.proved("linkedin_ads", "501", NEXT)
    for currency, units in (("BRL", "6.20"), ("USD", "1.25")):
        warehouse.run("insert into raw_fx.rate values (%s, %s, %s, 'ECB', %s)", DAY, currency, units, NOW)
    _write_meta(warehouse)
    _write_google(warehouse)
    _write_tiktok(warehouse)
    _write_linkedin(warehouse)
    for period, reach in (("day", 40), ("week", 150), ("days_28", None)):
        warehouse.insert("raw_instagram.reach_daily", account_id="601", date_day=DAY, period=period, reach=reach)
    warehouse.insert("raw_instagram.account_daily", account_id="601", date_day=DAY, views=90, total_interactions=3)


def _write_meta(warehouse: Warehouse) -> None:
    row = {"account_id": "101", "date_day": DAY, "campaign_id": "c1", "account_currency": "BRL"}
    delivery = {"impressions": 1000, "clicks": 40, "inline_link_clicks": 30, "spend": "12.34"}
    warehouse.insert(
        "raw_meta_ads.ad_daily", adset_id="s1", ad_id="a1", video_plays=600, video_views_3_sec=300,
        video_p100_watched=70, post_reactions=9, comments=2, outbound_clicks=28, instagram_profile_visits=4,
        **row, **delivery,
    )  # fmt: skip
    warehouse.insert("raw_meta_ads.campaign_daily", reach=800, frequency="1.25", **row, **delivery)
    actions = [{"action_type": "omni_purchase", "value": "4"}]
    for country, impressions, spend in (("BR", 900, "10.00"), ("unknown", 150, "2.00")):
        warehouse.insert(
            "raw_meta_ads.campaign_country_daily", country=country, impressions=impressions, clicks=3,
            inline_link_clicks=2, spend=spend, actions=actions if country == "BR" else None, **row,
        )  # fmt: skip


def _write_google(warehouse: Warehouse) -> None:
    row = {"account_id": "201", "date_day": DAY}
    warehouse.insert(
        "raw_google_ads.ad_daily", campaign_id="g1", ad_group_id="ag", ad_id="1", impressions=200, clicks=10,
        cost_micros=3_000_001, video_trueview_views=97, video_quartile_p25_rate="0.41", view_through_conversions=2,
        all_conversions="2.5", all_conversions_value="90", **row,
    )  # fmt: skip
    for campaign_id, channel in (("g1", "SEARCH"), ("g2", "DISPLAY")):
        warehouse.insert(
            "raw_google_ads.campaign_daily", campaign_id=campaign_id, advertising_channel_type=channel,
            impressions=200, clicks=10, cost_micros=3_000_001, **row,
        )  # fmt: skip
    split = {"clicks": 5, "cost_micros": 1_000_000, "conversions": "0.5", "conversions_value": "20"}
    # g1 adds up to its 200 impressions and 10 clicks, g2 lacks 80.
    for campaign_id, device, impressions in (("g1", "MOBILE", 150), ("g1", "DESKTOP", 50), ("g2", "MOBILE", 60),
                                             ("g2", "DESKTOP", 60)):  # fmt: skip
        warehouse.insert(
            "raw_google_ads.campaign_device_network_daily", campaign_id=campaign_id, device=device,
            ad_network_type="SEARCH", impressions=impressions, **split, **row,
        )  # fmt: skip
    # The hours were read before the campaigns moved: they prove nothing against them.
    warehouse.insert("raw_google_ads.campaign_hourly", campaign_id="g1", hour=7, impressions=1, **split, **row)
    for report, read_at in (("campaign_device_network_daily", NOW), ("campaign_hourly", EARLIER)):
        warehouse.run(
            "insert into ops.load_ledger values ('google_ads', '201', %s, %s, 1, 'content', 0, '{}', '{}', true, "
            "%s, %s, %s, 'run', 1)",
            report, DAY, read_at, read_at, read_at,
        )  # fmt: skip
    for criterion in ("2076", "2999"):
        warehouse.insert(
            "raw_google_ads.campaign_country_daily", campaign_id="g1", country_criterion_id=criterion,
            location_type="LOCATION_OF_PRESENCE", impressions=100, **split, **row,
        )  # fmt: skip
    warehouse.insert(
        "raw_google_ads.keyword_daily", campaign_id="g1", ad_group_id="ag", criterion_id="k1", impressions=120,
        historical_quality_score=7, **split, **row,
    )  # fmt: skip
    warehouse.insert(
        "raw_google_ads.keyword_daily", campaign_id="g1", ad_group_id="ag", criterion_id="late", impressions=1, **row
    )
    warehouse.insert(
        "raw_google_ads.keywords", account_id="201", campaign_id="g1", ad_group_id="ag", criterion_id="k1",
        keyword_text="hiking boots", match_type="PHRASE",
    )  # fmt: skip
    warehouse.insert(
        "raw_google_ads.search_term_daily", campaign_id="g1", ad_group_id="ag", search_term="best hiking boots",
        match_type="NEAR_PHRASE", status="NONE", impressions=80, **split, **row,
    )  # fmt: skip
    warehouse.insert(
        "raw_google_ads.campaign_search_term_daily", campaign_id="pmax", search_term="boots", impressions=70, **split,
        **row,
    )  # fmt: skip
    warehouse.insert(
        "raw_google_ads.campaign_reach_daily", campaign_id="g1", unique_users=160,
        average_impression_frequency_per_user="1.25", **row,
    )  # fmt: skip


def _write_tiktok(warehouse: Warehouse) -> None:
    row = {"account_id": "401", "date_day": DAY, "campaign_id": "t1", "currency": "BRL"}
    warehouse.insert(
        "raw_tiktok_ads.ad_daily", adgroup_id="tg", ad_id="ta", impressions=500, clicks=20, spend="7.5", conversion=3,
        real_time_conversion=2, video_play_actions=450, video_watched_2s=200, video_watched_6s=90, likes=11,
        engagements=33, total_purchase_value="99.90", reach=410, frequency="1.22", **row,
    )  # fmt: skip
    warehouse.insert("raw_tiktok_ads.campaign_daily", impressions=500, clicks=20, spend="7.5", **row)
    warehouse.insert(
        "raw_tiktok_ads.campaign_country_daily", account_id="401", date_day=DAY, campaign_id="t1", country_code="PT",
        impressions=500, clicks=20, spend="7.5", conversion=3,
    )  # fmt: skip


def _write_linkedin(warehouse: Warehouse) -> None:
    row = {"account_id": "501", "date_day": DAY, "campaign_group_id": "lg"}
    money = {"cost_in_local_currency": "50.00", "cost_in_usd": "10.00"}
    figures = {"impressions": 300, "clicks": 6, "external_website_conversions": 3, "one_click_leads": 2} | money
    warehouse.insert(
        "raw_linkedin_ads.creative_daily", campaign_id="lc", creative_id="l1", video_starts=40, video_views=30,
        external_website_post_click_conversions=1, external_website_post_view_conversions=2, **figures, **row,
    )  # fmt: skip
    warehouse.insert("raw_linkedin_ads.campaign_group_daily", **figures, **row)
    warehouse.insert(
        "raw_linkedin_ads.campaign_member_seniority_daily", campaign_id="lc", member_seniority="4", **figures, **row
    )
    warehouse.insert(
        "raw_linkedin_ads.account_reach", account_id="501", date_day=NEXT, period_days=7, approximate_member_reach=300,
        period_impressions=1000,
    )  # fmt: skip


def test_engagement_has_each_platforms_own_figures_and_null_where_there_is_none(published: Warehouse) -> None:
    rows = published.rows(
        "select platform, ad_id, video_plays, video_views_2s, video_views_3s, video_views_6s, video_trueview_views, "
        "video_p100, reactions, likes, comments, profile_visits, outbound_clicks, engagements "
        "from analytics.fct_ad_engagement_daily order by platform"
    )
    assert rows == [
        ("google_ads", "1", None, None, None, None, 97, None, None, None, None, None, None, 0),
        ("linkedin_ads", "l1", 40, 30, None, None, None, 0, 0, 0, 0, None, None, 0),
        ("meta_ads", "a1", 600, None, 300, None, None, 70, 9, None, 2, 4, 28, None),
        ("tiktok_ads", "ta", 450, 200, None, 90, None, 0, None, 11, 0, 0, None, 33),
    ]


def test_what_only_one_platform_counts_stands_under_its_own_name(published: Warehouse) -> None:
    def of(platform: str, columns: str) -> tuple[Any, ...]:
        return published.rows(f"select {columns} from analytics.fct_ad_engagement_daily where platform = %s", platform)[
            0
        ]

    google = "video_p25_rate, view_through_conversions, all_conversions, all_conversions_value"
    assert of("google_ads", google) == (Decimal("0.41"), 2, Decimal("2.5"), Decimal(90))
    tiktok = "optimization_event_conversions, optimization_event_conversions_real_time, total_purchase_value"
    assert of("tiktok_ads", tiktok) == (Decimal(3), Decimal(2), Decimal("99.90"))
    linkedin = (
        "cost_in_usd, external_website_conversions, external_website_post_click_conversions, "
        "external_website_post_view_conversions, one_click_leads"
    )
    assert of("linkedin_ads", linkedin) == (Decimal(10), 3, 1, 2, 2)


def test_splits_name_countries_by_iso_code_and_convert_spend(published: Warehouse) -> None:
    rows = published.rows(
        "select platform, value_1, value_2, country_code, country_name, coverage, impressions, spend, spend_reporting "
        "from analytics.fct_delivery_breakdown_daily where breakdown = 'country' order by platform, value_1"
    )
    presence = "LOCATION_OF_PRESENCE"
    # 4.96 BRL per USD.
    assert rows == [
        ("google_ads", "2999", presence, None, None, "partial", 100, Decimal(1), Decimal("4.96")),
        ("google_ads", "BR", presence, "BR", "Brazil", "partial", 100, Decimal(1), Decimal("4.96")),
        ("meta_ads", "BR", "all", "BR", "Brazil", "estimate", 900, Decimal(10), Decimal(10)),
        ("meta_ads", "unknown", "all", None, None, "estimate", 150, Decimal(2), Decimal(2)),
        ("tiktok_ads", "PT", "all", "PT", "Portugal", "partial", 500, Decimal("7.5"), Decimal("7.5")),
    ]


def test_splits_carry_the_conversions_that_their_report_tells(published: Warehouse) -> None:
    rows = published.rows(
        "select source_report, ad_group_id, value_1, link_clicks, conversions, actions, cost_in_usd "
        "from analytics.fct_delivery_breakdown_daily where value_1 in ('BR', '07', 'PT', '4') order by platform, 1"
    )
    purchase = [{"value": "4", "action_type": "omni_purchase"}]
    assert rows == [
        ("campaign_country_daily", "all", "BR", None, Decimal("0.5"), None, None),
        ("campaign_hourly", "all", "07", None, Decimal("0.5"), None, None),
        ("campaign_member_seniority_daily", "lc", "4", 0, Decimal(5), None, Decimal(10)),
        ("campaign_country_daily", "all", "BR", 2, None, purchase, None),
        ("campaign_country_daily", "all", "PT", 20, Decimal(3), None, None),
    ]


def test_a_complete_split_that_lacks_something_warns_unless_its_campaign_was_read_later(published: Warehouse) -> None:
    assert published.rows("select account_id, date_day, detail from analytics_build.complete_breakdowns_add_up") == [
        ("201", DAY, "splits that do not add up: campaign_device_network_daily of g2")
    ]


def test_keywords_have_their_text_and_a_late_one_keeps_its_figures(published: Warehouse) -> None:
    assert published.rows(
        "select criterion_id, keyword_text, match_type, quality_score, impressions, spend_reporting "
        "from analytics.fct_keyword_daily order by criterion_id"
    ) == [
        ("k1", "hiking boots", "PHRASE", 7, 120, Decimal("4.96")),
        ("late", None, None, None, 1, Decimal(0)),
    ]


def test_search_terms_of_both_views_stand_in_one_table(published: Warehouse) -> None:
    assert published.rows(
        "select source, campaign_id, ad_group_id, search_term, match_type, status, impressions "
        "from analytics.fct_search_terms_daily order by source"
    ) == [
        ("campaign_search_term_view", "pmax", "not-at-ad-level", "boots", "not-told", None, 70),
        ("search_term_view", "g1", "ag", "best hiking boots", "NEAR_PHRASE", "NONE", 80),
    ]


def test_reach_stands_by_level_and_period_and_has_no_row_where_none_was_told(published: Warehouse) -> None:
    assert published.rows(
        "select platform, level, object_id, period, date_day, period_end, reach, frequency, impressions "
        "from analytics.fct_reach order by platform, level, period"
    ) == [
        ("google_ads", "campaign", "g1", "day", DAY, DAY, 160, Decimal("1.25"), None),
        ("instagram", "account", "601", "day", DAY, DAY, 40, None, None),
        ("instagram", "account", "601", "week", DAY, DAY, 150, None, None),
        ("linkedin_ads", "account", "501", "week", NEXT, DAY, 300, Decimal("3.333333"), 1000),
        ("meta_ads", "campaign", "c1", "day", DAY, DAY, 800, Decimal("1.25"), 1000),
        ("tiktok_ads", "ad", "ta", "day", DAY, DAY, 410, Decimal("1.22"), 500),
    ]


def test_reach_refuses_to_be_summed_and_says_what_to_do(published: Warehouse) -> None:
    for expression in ("sum(reach)", "sum(distinct reach)", "sum(reach) over (order by date_day)"):
        with pytest.raises(psycopg2.errors.FeatureNotSupported, match=r"reach cannot be summed") as refusal:
            published.rows(f"select {expression} from analytics.fct_reach")
        assert "reach::bigint" in refusal.value.diag.message_hint
        published.connection.rollback()


def test_reach_is_an_integer_in_every_other_respect(published: Warehouse) -> None:
    with transaction(published.connection) as cursor:
        cursor.execute("select reach, max(reach) over (), reach::bigint from analytics.fct_reach where reach > 500")
        assert cursor.fetchall() == [(800, 800, 800)]
        assert cursor.description is not None
        assert cursor.description[0].type_code == 20  # int8: drivers and BI tools see the domain's base type
