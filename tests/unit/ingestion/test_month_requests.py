"""How each platform is asked for a whole month: a call that shares neither filter nor time dimension with any other."""

from datetime import date

from ingestion.platforms import PLATFORMS
from ingestion.platforms.google_ads.requests import report_query
from ingestion.platforms.linkedin_ads.requests import analytics_queries
from ingestion.platforms.meta_ads.requests import insights_parameters
from ingestion.platforms.tiktok_ads.requests import report_parameters
from ingestion.reports import Report

JULY, LAST = date(2026, 7, 1), date(2026, 7, 31)


def monthly(platform: str) -> Report:
    month = PLATFORMS[platform].definition.month_total
    assert month is not None
    return month.report


def test_meta_adds_up_the_month_at_the_account_without_a_filter() -> None:
    assert insights_parameters(monthly("meta_ads"), JULY, LAST) == {
        "level": "account",
        "time_increment": "monthly",
        "time_range": '{"since":"2026-07-01","until":"2026-07-31"}',
        "fields": "account_id,spend,impressions,clicks",
    }


def test_google_segments_the_customer_by_month() -> None:
    assert report_query(monthly("google_ads"), JULY, LAST) == (
        "SELECT segments.month, metrics.cost_micros, metrics.impressions, metrics.clicks FROM customer "
        "WHERE segments.date BETWEEN '2026-07-01' AND '2026-07-31'"
    )


def test_tiktok_gets_no_time_dimension_so_that_31_days_are_one_call() -> None:
    assert report_parameters(monthly("tiktok_ads"), "7002", JULY, LAST) == {
        "advertiser_id": "7002",
        "report_type": "BASIC",
        "data_level": "AUCTION_ADVERTISER",
        "dimensions": '["advertiser_id"]',
        "metrics": '["spend","impressions","clicks"]',
        "start_date": "2026-07-01",
        "end_date": "2026-07-31",
        "page_size": "1000",
    }


def test_linkedin_is_asked_by_month_and_not_for_all() -> None:
    assert analytics_queries(monthly("linkedin_ads"), "508", JULY, LAST) == [
        "q=analytics&pivot=ACCOUNT&timeGranularity=MONTHLY"
        "&dateRange=(start:(year:2026,month:7,day:1),end:(year:2026,month:7,day:31))"
        "&accounts=List(urn%3Ali%3AsponsoredAccount%3A508)"
        "&fields=costInLocalCurrency,impressions,clicks,dateRange,pivotValues"
    ]
