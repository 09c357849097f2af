"""One answer of every Google Ads table as it stands on the wire, and the columns that it lands as."""

from datetime import date
from typing import Any

import pytest

from ingestion.loading.batches import page_batch
from ingestion.platforms.google_ads.client import GoogleAdsClient
from ingestion.platforms.google_ads.reports import DEFINITION
from ingestion.reports import Report
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, ScriptedPlatform

ACCOUNT = account_of("google_ads", login_customer_id="77")
CAMPAIGN = {"resourceName": "customers/4242/campaigns/11", "id": "11"}
GROUP = {"resourceName": "customers/4242/adGroups/22", "id": "22"}
DAY = {"date": "2026-11-02"}
METRICS = {
    "impressions": "166", "clicks": "9", "costMicros": "36150000", "conversions": 1.5, "conversionsValue": 80.0,
}  # fmt: skip
LANDED = {
    "impressions": "166", "clicks": "9", "cost_micros": "36150000", "conversions": "1.5", "conversions_value": "80.0",
}  # fmt: skip

SAMPLES: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "account_daily": (
        {"customer": {"resourceName": "customers/4242", "currencyCode": "EUR"}, "segments": DAY, "metrics": METRICS},
        {"date_day": "2026-11-02", "currency_code": "EUR", **LANDED},
    ),
    "campaign_daily": (
        {
            "campaign": CAMPAIGN | {"advertisingChannelType": "PERFORMANCE_MAX"}, "segments": DAY,
            "metrics": METRICS | {
                "interactions": "12", "viewThroughConversions": "3", "allConversions": 2.25,
                "allConversionsValue": 91.5, "conversionsByConversionDate": 0.33, "engagements": "4",
                "videoTrueviewViews": "70", "videoQuartileP25Rate": 0.75, "videoQuartileP100Rate": 0.125,
                "searchImpressionShare": 0.0999,
            },
        },
        {
            "campaign_id": "11", "advertising_channel_type": "PERFORMANCE_MAX", **LANDED, "interactions": "12",
            "view_through_conversions": "3", "all_conversions": "2.25", "all_conversions_value": "91.5",
            "conversions_by_conversion_date": "0.33", "all_conversions_by_conversion_date": None, "engagements": "4",
            "video_trueview_views": "70", "video_quartile_p25_rate": "0.75", "video_quartile_p50_rate": None,
            "video_quartile_p100_rate": "0.125", "search_impression_share": "0.0999",
        },
    ),
    "ad_daily": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP, "segments": DAY, "metrics": METRICS,
            "adGroupAd": {"resourceName": "customers/4242/adGroupAds/22~33", "ad": {"id": "33"}},
        },
        {"date_day": "2026-11-02", "campaign_id": "11", "ad_group_id": "22", "ad_id": "33", **LANDED},
    ),
    "ad_group_daily": (
        {"campaign": CAMPAIGN, "adGroup": GROUP, "segments": DAY, "metrics": METRICS},
        {"campaign_id": "11", "ad_group_id": "22", **LANDED},
    ),
    "asset_group_daily": (
        {"campaign": CAMPAIGN, "assetGroup": {"id": "6001"}, "segments": DAY, "metrics": METRICS},
        {"campaign_id": "11", "asset_group_id": "6001", **LANDED},
    ),
    "keyword_daily": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP, "adGroupCriterion": {"criterionId": "10000000044"},
            "segments": DAY, "metrics": METRICS | {"historicalQualityScore": "7"},
        },
        {"ad_group_id": "22", "criterion_id": "10000000044", "historical_quality_score": "7", **LANDED},
    ),
    "search_term_daily": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP, "metrics": METRICS,
            "searchTermView": {"searchTerm": 'tênis "azul" 🔥', "status": "NONE"},
            "segments": DAY | {"searchTermMatchType": "NEAR_EXACT"},
        },
        {"ad_group_id": "22", "search_term": 'tênis "azul" 🔥', "match_type": "NEAR_EXACT", "status": "NONE", **LANDED},
    ),
    "campaign_search_term_daily": (
        {"campaign": CAMPAIGN, "campaignSearchTermView": {"searchTerm": "hotel"}, "segments": DAY, "metrics": METRICS},
        {"campaign_id": "11", "search_term": "hotel", **LANDED},
    ),
    "conversion_daily": (
        {
            "campaign": CAMPAIGN,
            "segments": DAY | {
                "conversionAction": "customers/4242/conversionActions/909", "conversionActionName": "Compra",
                "conversionActionCategory": "PURCHASE",
            },
            "metrics": {"conversions": 0.0, "conversionsValue": 0.0, "allConversions": 3.0, "allConversionsValue": 9.5},
        },
        {
            "campaign_id": "11", "conversion_action_id": "909", "conversion_action_name": "Compra",
            "conversion_action_category": "PURCHASE", "conversions": "0.0", "all_conversions": "3.0",
            "all_conversions_value": "9.5",
        },
    ),
    "campaign_device_network_daily": (
        {"campaign": CAMPAIGN, "segments": DAY | {"device": "MOBILE"}, "metrics": METRICS},
        {"campaign_id": "11", "device": "MOBILE", "ad_network_type": None, **LANDED},
    ),
    "campaign_reach_daily": (
        {"campaign": CAMPAIGN, "segments": DAY,
         "metrics": {"uniqueUsers": "1056", "averageImpressionFrequencyPerUser": 1.5}},
        {"campaign_id": "11", "unique_users": "1056", "average_impression_frequency_per_user": "1.5"},
    ),
    "campaign_country_daily": (
        {
            "campaign": CAMPAIGN, "segments": DAY, "metrics": METRICS,
            "geographicView": {"countryCriterionId": "2076", "locationType": "AREA_OF_INTEREST"},
        },
        {"campaign_id": "11", "country_criterion_id": "2076", "location_type": "AREA_OF_INTEREST", **LANDED},
    ),
    "campaign_hourly": (
        {"campaign": CAMPAIGN, "segments": DAY | {"hour": 0}, "metrics": METRICS},
        {"campaign_id": "11", "hour": "0", **LANDED},
    ),
    "ad_group_age_daily": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP, "segments": DAY, "metrics": METRICS,
            "adGroupCriterion": {"ageRange": {"type": "AGE_RANGE_65_UP"}},
        },
        {"ad_group_id": "22", "age_range": "AGE_RANGE_65_UP", **LANDED},
    ),
    "ad_group_gender_daily": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP, "segments": DAY, "metrics": METRICS,
            "adGroupCriterion": {"gender": {"type": "UNDETERMINED"}},
        },
        {"ad_group_id": "22", "gender": "UNDETERMINED", **LANDED},
    ),
    "accounts": (
        {"customer": {"descriptiveName": "Clínica | Ads", "currencyCode": "JPY", "timeZone": "Asia/Tokyo",
                      "status": "ENABLED", "manager": False, "autoTaggingEnabled": True}},
        {"descriptive_name": "Clínica | Ads", "currency_code": "JPY", "time_zone": "Asia/Tokyo", "status": "ENABLED",
         "manager": "false", "auto_tagging_enabled": "true", "final_url_suffix": None},
    ),
    "campaigns": (
        {
            "campaign": CAMPAIGN | {
                "name": "[PMAX] ação", "status": "REMOVED", "servingStatus": "ENDED", "primaryStatus": "REMOVED",
                "primaryStatusReasons": ["CAMPAIGN_REMOVED"], "biddingStrategyType": "TARGET_ROAS",
                "biddingStrategy": "customers/4242/biddingStrategies/5", "targetCpa": {"targetCpaMicros": "8200000"},
                "targetRoas": {"targetRoas": 3.5}, "startDateTime": "2026-10-01 00:00:00",
                "campaignBudget": "customers/4242/campaignBudgets/12",
                "networkSettings": {"targetGoogleSearch": True, "targetContentNetwork": False},
            },
            "campaignBudget": {"amountMicros": "12340000", "period": "DAILY", "explicitlyShared": True},
        },
        {
            "campaign_id": "11", "name": "[PMAX] ação", "status": "REMOVED", "serving_status": "ENDED",
            "primary_status": "REMOVED", "primary_status_reasons": '["CAMPAIGN_REMOVED"]', "budget": "12.34",
            "budget_kind": "daily", "budget_period": "DAILY", "budget_shared": "true", "budget_id": "12",
            "portfolio_bidding_strategy_id": "5", "bidding_strategy_type": "TARGET_ROAS", "target_cpa": "8.2",
            "target_roas": "3.5", "start_date_time": "2026-10-01 00:00:00", "end_date_time": None,
            "target_google_search": "true", "target_content_network": "false", "target_search_network": None,
        },
    ),
    "ad_groups": (
        {
            "campaign": CAMPAIGN,
            "adGroup": GROUP | {
                "name": "Marca", "status": "PAUSED", "primaryStatus": "PAUSED", "type": "SEARCH_STANDARD",
                "cpcBidMicros": "850000", "cpvBidMicros": "0", "targetCpaMicros": "4040000",
            },
        },
        {
            "campaign_id": "11", "ad_group_id": "22", "name": "Marca", "status": "PAUSED", "type": "SEARCH_STANDARD",
            "cpc_bid": "0.85", "cpv_bid": "0", "cpm_bid": None, "target_cpa": "4.04",
            "optimized_targeting_enabled": None,
        },
    ),
    "ads": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP,
            "adGroupAd": {
                "status": "ENABLED", "primaryStatus": "LIMITED", "adStrength": "GOOD",
                "policySummary": {"approvalStatus": "APPROVED_LIMITED"},
                "ad": {
                    "id": "33", "type": "RESPONSIVE_SEARCH_AD", "finalUrls": ["https://www.example.com/a?b=1"],
                    "trackingUrlTemplate": "{lpurl}?x={campaignid}", "finalUrlSuffix": "utm_source=google",
                    "responsiveSearchAd": {
                        "headlines": [{"text": "Olá", "pinnedField": "HEADLINE_1"}], "descriptions": [{"text": "Já"}],
                    },
                },
            },
        },
        {
            "ad_group_id": "22", "ad_id": "33", "name": None, "type": "RESPONSIVE_SEARCH_AD", "status": "ENABLED",
            "final_urls": '["https://www.example.com/a?b=1"]', "tracking_url_template": "{lpurl}?x={campaignid}",
            "final_url_suffix": "utm_source=google", "headlines": '[{"text":"Olá","pinnedField":"HEADLINE_1"}]',
            "descriptions": '[{"text":"Já"}]', "display_headlines": None, "ad_strength": "GOOD",
            "approval_status": "APPROVED_LIMITED",
        },
    ),
    "keywords": (
        {
            "campaign": CAMPAIGN, "adGroup": GROUP,
            "adGroupCriterion": {
                "criterionId": "44", "keyword": {"text": "tênis azul", "matchType": "PHRASE"}, "negative": False,
                "status": "REMOVED", "approvalStatus": "APPROVED", "effectiveCpcBidMicros": "10000",
                "qualityInfo": {"qualityScore": 8},
            },
        },
        {
            "ad_group_id": "22", "criterion_id": "44", "keyword_text": "tênis azul", "match_type": "PHRASE",
            "negative": "false", "status": "REMOVED", "effective_cpc_bid": "0.01", "quality_score": "8",
        },
    ),
    "asset_groups": (
        {"campaign": CAMPAIGN, "assetGroup": {"id": "6001", "name": "A", "status": "ENABLED", "adStrength": "GOOD",
                                              "finalUrls": ["https://www.example.com/"], "path1": "oferta"}},
        {"asset_group_id": "6001", "name": "A", "ad_strength": "GOOD", "final_urls": '["https://www.example.com/"]',
         "path1": "oferta", "path2": None},
    ),
    "conversion_actions": (
        {
            "conversionAction": {
                "id": "909", "name": "Compra", "status": "HIDDEN", "type": "WEBPAGE", "category": "PURCHASE",
                "origin": "WEBSITE", "countingType": "MANY_PER_CLICK", "primaryForGoal": True,
                "includeInConversionsMetric": False, "clickThroughLookbackWindowDays": "90",
                "viewThroughLookbackWindowDays": "1", "valueSettings": {"defaultValue": 1.0},
                "attributionModelSettings": {"attributionModel": "GOOGLE_ADS_LAST_CLICK"},
            },
        },
        {
            "conversion_action_id": "909", "name": "Compra", "status": "HIDDEN", "category": "PURCHASE",
            "counting_type": "MANY_PER_CLICK", "primary_for_goal": "true", "include_in_conversions_metric": "false",
            "click_through_lookback_window_days": "90", "view_through_lookback_window_days": "1",
            "attribution_model": "GOOGLE_ADS_LAST_CLICK", "default_value": "1.0",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", DEFINITION.tables, ids=lambda table: table.name)
def test_a_table_lands_as_it_stood_on_the_wire(google: GoogleAdsClient, platform: ScriptedPlatform, table: Any) -> None:
    wire, expected = SAMPLES[table.name]
    platform.script = lambda asked: Answer(
        {"access_token": "t", "expires_in": 3599} if asked.path == "/token" else [{"results": [wire]}]
    )
    if isinstance(table, Report):
        pages = google.report_pages(ACCOUNT, table, date(2026, 11, 1), date(2026, 11, 9))
    else:
        pages = google.entity_pages(ACCOUNT, table)
    (page,) = pages
    (landed,) = page_batch(page, table.columns, "4242").to_pylist()
    assert {name: landed[name] for name in expected} == expected
