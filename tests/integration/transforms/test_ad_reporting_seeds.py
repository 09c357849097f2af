"""What the public test data of a widely used loader's packages adds up to, by their documented rules and by our views.

Their rules are worked out here in pandas from the same files. Where both differ, the difference stands here by name: a
defect of theirs (D1 to D14 of the interface contract) or a gap of ours.
"""

from datetime import date

import pandas
import pytest

from foundation.database import connect, transaction
from tests.integration.transforms import ad_reporting_seeds as seeds
from tests.integration.transforms.conftest import NOW, Warehouse
from tests.scratch import database_copy
from transforms import reports

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not all(folder.is_dir() for folder in seeds.FOLDERS),
        reason="the loader's public test data is not beside the repository (../shared/fixtures)",
    ),
]

FIGURES = ["clicks", "impressions", "spend", "conversions", "conversions_value"]
LEVELS = ("account", "campaign", "ad_group", "ad")


@pytest.fixture(scope="module")
def published(postgres, raw_template, tmp_path_factory):
    directory, raw = tmp_path_factory.mktemp("seeds"), seeds.load_all()
    with (
        database_copy(postgres.url("postgres"), "ad_reporting_seeds", raw_template) as url,
        connect(url) as connection,
    ):
        with transaction(connection) as cursor:
            cursor.execute("insert into ops.clock values (true, %s)", (NOW,))
        warehouse = Warehouse(url, connection, directory / "dbt")
        for client in {client for client, _, _ in raw.accounts}:
            warehouse.client(client, "USD")
        for (client, platform, account), currency in raw.accounts.items():
            warehouse.account(client, platform, account, currency)
        warehouse.run("update raw_registry.client set active_from = '2019-01-01'")
        warehouse.run("update raw_registry.account set active_from = '2019-01-01'")
        for table, rows in raw.rows.items():
            for row in rows:
                warehouse.insert(table, **row)
        for platform, account, day in raw.account_days():
            warehouse.proved(platform, account, day)
        warehouse.build_and_publish()
        reports.ensure_report_views(warehouse.url, target_dir=directory / "reports", now=NOW)
        yield warehouse


def ours(published, report, client, *keys):
    """Figures of a unified report of one client by these keys."""
    names = ", ".join(keys)
    query = (
        f"select {names}, sum(clicks), sum(impressions), sum(spend), sum(conversions), sum(conversions_value) "
        f"from ad_reporting.ad_reporting__{report}_report where source_relation = %s group by {names}"
    )
    return by_key(pandas.DataFrame(published.rows(query, client), columns=[*keys, *FIGURES]), *keys)


def by_key(frame, *keys):
    """Figures as floats by key, days and members without any figure left out."""
    frame = frame.assign(**{name: pandas.to_numeric(frame[name], errors="coerce").fillna(0.0) for name in FIGURES})
    grouped = frame.groupby(list(keys))[FIGURES].sum().astype(float).round(6)
    grouped = grouped[(grouped != 0).any(axis=1)].sort_index()
    return {key: tuple(row) for key, row in zip(grouped.index, grouped.to_numpy().tolist(), strict=True)}


def differences(left, right):
    """Keys whose figures differ, with what the left has more than the right."""
    none = (0.0,) * len(FIGURES)
    return {
        key: tuple(round(a - b, 6) for a, b in zip(left.get(key, none), right.get(key, none), strict=True))
        for key in {*left, *right}
        if left.get(key, none) != right.get(key, none)
    }


def days(column):
    return column.str[:10].map(date.fromisoformat)


def google_rules(level):
    """Cost in micros by a million; clicks, impressions, conversions and their value as they stand."""
    stats = seeds.table(seeds.GOOGLE, f"{level}_stats_data")
    return pandas.DataFrame({
        "date_day": days(stats["date"]),
        "campaign_id": stats["id"] if level == "campaign" else stats.get("campaign_id"),
        "clicks": stats["clicks"],
        "impressions": stats["impressions"],
        "spend": pandas.to_numeric(stats["cost_micros"]) / 1_000_000,
        "conversions": stats.get("conversions", "0"),
        "conversions_value": stats.get("conversions_value", "0"),
    })  # fmt: skip


def tiktok_rules(level):
    """Hours cast to days; conversion; value of purchases and of leads together."""
    hours = seeds.table(seeds.TIKTOK, f"tiktok_{level}_report_hourly_data")
    values = [pandas.to_numeric(hours[name]) for name in ("total_purchase_value", "total_sales_lead_value")]
    return pandas.DataFrame({
        "date_day": days(hours["stat_time_hour"]), "campaign_id": hours.get("campaign_id"), "ad_id": hours.get("ad_id"),
        "clicks": hours["clicks"], "impressions": hours["impressions"], "spend": hours["spend"],
        "conversions": hours["conversion"], "conversions_value": sum(values),
    })  # fmt: skip


def linkedin_rules(cost):
    """Cost in dollars by default, value in local currency; website conversions and lead forms added."""
    stats = seeds.table(seeds.LINKEDIN, "linkedin_ad_analytics_by_campaign_data")
    fields = [pandas.to_numeric(stats[name]).fillna(0) for name in ("external_website_conversions", "one_click_leads")]
    return pandas.DataFrame({
        "date_day": days(stats["day"]), "ad_group_id": stats["campaign_id"], "clicks": stats["clicks"],
        "impressions": stats["impressions"], "spend": stats[cost], "conversions": sum(fields),
        "conversions_value": stats["conversion_value_in_local_currency"],
    })  # fmt: skip


META_TYPES = (
    "onsite_conversion.purchase", "onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_purchase",
    "offsite_conversion.fb_pixel_lead", "offsite_conversion.fb_pixel_custom",
)  # fmt: skip


def meta_rules():
    """Link clicks; the five default action types, joined to days on which the ad delivered."""
    delivery = seeds.table(seeds.META, "facebook_ads_basic_ad_data")
    actions = seeds.table(seeds.META, "facebook_ads_basic_ad_actions_data")
    actions = actions[actions["action_type"].isin(META_TYPES)].assign(value=lambda rows: pandas.to_numeric(rows.value))
    counted = actions.groupby(["ad_id", "date"])["value"].sum().rename("conversions").reset_index()
    joined = delivery.merge(counted, on=["ad_id", "date"], how="left")
    return pandas.DataFrame({
        "date_day": days(joined["date"]), "ad_id": joined["ad_id"], "clicks": joined["inline_link_clicks"],
        "impressions": joined["impressions"], "spend": joined["spend"], "conversions": joined["conversions"],
        "conversions_value": 0,
    })  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
def test_google_totals_are_theirs_at_every_level(published, level):
    theirs = by_key(google_rules(level), "date_day")
    assert theirs
    for report in LEVELS:
        assert ours(published, report, f"google_{level}", "date_day") == theirs, report


def test_google_campaigns_are_theirs(published):
    theirs = by_key(google_rules("campaign"), "campaign_id", "date_day")
    assert ours(published, "campaign", "google_campaign", "campaign_id", "date_day") == theirs


def test_google_ads_with_a_landing_page_are_theirs(published):
    # Every listed ad of the seed has an address, so that their filter on missing ones takes nothing away.
    theirs = by_key(google_rules("ad"), "date_day")
    assert ours(published, "url", "google_ad", "date_day") == theirs
    addresses = published.rows(
        "select distinct base_url, url_host, url_path from ad_reporting.ad_reporting__url_report "
        "where source_relation = 'google_ad'"
    )
    assert addresses == [("https://www.fivetran.com/signup", "www.fivetran.com", "/signup")]


@pytest.mark.parametrize("level", ["campaign", "ad"])
def test_tiktok_totals_are_theirs_but_for_the_value_of_leads(published, level):
    key = f"{level}_id"
    theirs = by_key(tiktok_rules(level), key, "date_day")
    # GAP, ours: total_sales_lead_value is not read; the second member has 0.01 of it beside 0.01 of purchases.
    gap = {("2", date(2021, 9, 15)): (0, 0, 0, 0, -0.01)}
    assert differences(ours(published, level, f"tiktok_{level}", key, "date_day"), theirs) == gap
    for report in LEVELS:
        total = ours(published, report, f"tiktok_{level}", "date_day")
        assert differences(total, by_key(tiktok_rules(level), "date_day")) == {
            date(2021, 9, 15): (0, 0, 0, 0, -0.01)
        }, report


def test_tiktok_ads_all_have_a_landing_page(published):
    total = ours(published, "url", "tiktok_ad", "date_day")
    assert differences(total, by_key(tiktok_rules("ad"), "date_day")) == {date(2021, 9, 15): (0, 0, 0, 0, -0.01)}


def test_linkedin_totals_are_theirs_at_every_level(published):
    theirs = by_key(linkedin_rules("cost_in_usd"), "ad_group_id", "date_day")
    assert theirs
    # D1: their cost is in dollars and ours local; the account of the seed bills in dollars, so that both agree.
    assert ours(published, "ad_group", "linkedin_campaign", "ad_group_id", "date_day") == theirs
    for report in LEVELS:
        assert ours(published, report, "linkedin_campaign", "date_day") == by_key(
            linkedin_rules("cost_in_local_currency"), "date_day"
        ), report


def test_meta_delivery_is_theirs_and_no_conversion_is_lost(published):
    theirs = by_key(meta_rules(), "ad_id", "date_day")
    pixel_leads = {
        # D5: conversions joined to delivery are lost on days on which the ad delivered nothing.
        ("6229007992271", date(2020, 12, 2)): (0, 0, 0, 2, 0),
        ("6229007992271", date(2020, 12, 6)): (0, 0, 0, 2, 0),
        ("6229007992271", date(2020, 12, 10)): (0, 0, 0, 2, 0),
        # D6: the ad stands in no list of theirs.
        ("6317039926871", date(2020, 12, 5)): (0, 0, 0, 1, 0),
    }
    assert differences(ours(published, "ad", "meta", "ad_id", "date_day"), theirs) == pixel_leads
    more = {day: figures for (_, day), figures in pixel_leads.items()}
    for report in LEVELS:
        assert differences(ours(published, report, "meta", "date_day"), by_key(meta_rules(), "date_day")) == more


def test_meta_has_no_landing_pages_in_the_seed(published):
    # The creatives of the seed belong to none of its ads: their report is empty, too.
    creatives = seeds.table(seeds.META, "facebook_ads_creative_history_json_data")["id"]
    ads = seeds.table(seeds.META, "facebook_ads_ad_history_data")["creative_id"]
    assert not set(creatives) & set(ads)
    assert ours(published, "url", "meta", "date_day") == {}


def test_no_public_seed_tells_keywords_searches_or_places(published):
    for report in ("keyword", "search", "monthly_campaign_country", "monthly_campaign_region"):
        assert published.rows(f"select 1 from ad_reporting.ad_reporting__{report}_report") == [], report
