"""Every published table and report, and who works out what it must hold."""

from collections.abc import Callable, Mapping

from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import (
    budgets,
    changes,
    conversions,
    dimensions,
    engagement,
    facts,
    reports,
    splits,
    unified,
    urls,
)
from tests.marts_truth.expected.truth import Truth

TABLES: Mapping[str, Callable[[Truth], Expected]] = {
    "dim_client": dimensions.clients,
    "dim_account": dimensions.accounts,
    "dim_date": dimensions.dates,
    "dim_campaign": dimensions.campaigns,
    "dim_ad_group": dimensions.ad_groups,
    "dim_ad": dimensions.ads,
    "dim_creative": dimensions.creatives,
    "dim_campaign_history": dimensions.campaign_history,
    "dim_ad_group_history": dimensions.ad_group_history,
    "dim_ad_history": dimensions.ad_history,
    "fct_ad_performance_daily": facts.ad_performance,
    "fct_campaign_performance_daily": facts.campaign_performance,
    "fct_conversions_daily": conversions.conversions_daily,
    "fct_ad_engagement_daily": engagement.ad_engagement,
    "fct_reach": engagement.reach,
    "fct_delivery_breakdown_daily": splits.delivery_breakdown,
    "fct_keyword_daily": splits.keywords,
    "fct_search_terms_daily": splits.search_terms,
    "fct_instagram_account_daily": facts.instagram_account,
    "fct_instagram_media": facts.instagram_media,
    "fct_restatement": changes.restatement,
    "fct_campaign_restatement": changes.campaign_restatement,
    "account_day_state": changes.account_day_state,
    "client_performance_daily": reports.client_performance,
    "campaign_performance_daily": reports.campaign_performance,
    "creative_performance": reports.creative_performance,
    "ad_url": urls.ad_url,
    "url_performance": urls.url_performance,
    "tracking_audit": urls.tracking_audit,
    "budget_pacing": budgets.budget_pacing,
    "conversion_maturation": reports.maturation,
    "expected_final_daily": reports.expected_final,
}

# Of the schema ad_reporting; the other reports there have tests of their own.
UNIFIED: Mapping[str, Callable[[Truth], Expected]] = {
    "ad_reporting__account_report": unified.account_report,
    "ad_reporting__campaign_report": unified.campaign_report,
    "ad_reporting__ad_group_report": unified.ad_group_report,
    "ad_reporting__ad_report": unified.ad_report,
}
# Views that are compared at an instant of the past: what they show at each reading is what was published then.
AS_OF: Mapping[str, Callable[[Truth], Expected]] = {
    "ad_performance_at": facts.ad_performance,
    "campaign_performance_at": facts.campaign_performance,
}
# What no frame is worked out for, and what tests it.
ELSEWHERE: Mapping[str, str] = {
    "fct_ad_performance_history": "superseded rows: read through ad_performance_at",
    "fct_ad_performance_as_of": "all rows with their spans: read through ad_performance_at",
    "fct_campaign_performance_history": "superseded rows: read through campaign_performance_at",
    "fct_campaign_performance_as_of": "all rows with their spans: read through campaign_performance_at",
    "anomaly": "warnings: tests/integration/transforms/test_anomaly_warnings.py and tests/gate/anomalies",
    "reported_total": "certified totals: tests/integration/quality",
    "object_naming": "parts of names by convention: tests/integration/transforms/test_naming.py and dbt unit tests",
    "naming_violation": "parts of names by convention: tests/integration/transforms/test_naming.py and dbt unit tests",
}
