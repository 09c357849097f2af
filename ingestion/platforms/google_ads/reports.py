"""Google Ads as data. Facts: Google Ads API v26, GAQL; int64 are strings on the wire, money is micros.

A new metric, segment or field is one line: its GAQL name. What the API does not give: age by gender (one view each,
never crossed), ads and ad groups of Performance Max, search terms that too few people used, video quartiles as counts.
"""

from datetime import date

from ingestion.platforms.google_ads.entities import (
    ACCOUNTS,
    AD,
    AD_GROUP,
    AD_GROUPS,
    ADS,
    ASSET_GROUP,
    ASSET_GROUPS,
    CAMPAIGN,
    CAMPAIGNS,
    CHANNEL,
    CONVERSION_ACTIONS,
    CRITERION,
    KEYWORDS,
)
from ingestion.platforms.google_ads.requests import ID_OF, field, money, wire_path
from ingestion.reports import (
    ApiVersion,
    Column,
    Level,
    MonthTotal,
    PlatformDefinition,
    ProvedBy,
    Report,
    amount,
    breakdown,
    count,
    ratio,
)

# Click corrections move cost for about a month, conversions for the click window, by default 30 days after the day.
RESTATEMENT_DAYS = 30 + 1
# The longest window that an account may set for a click to convert.
DEEP_PASS_DAYS = 90
# Days are kept for 37 months; should Google count the current one as the first, so many days are still sure.
RETENTION_DAYS = 3 * 365
# Splits of a campaign: a year and a month to compare with; the whole history would cost a day's operations.
SPLIT_RETENTION_DAYS = 400
# Hours are looked at while they are new, and are up to 24 times the rows of a day.
HOURLY_RESTATEMENT_DAYS, HOURLY_RETENTION_DAYS = 7, 92
# Clicks and impressions settle about three hours after midnight in the account's zone.
DUE_AFTER_HOURS = 3


def _split_by_id_in(field: str, name: str) -> Column:
    """The id in a field that holds a resource name, as part of the key."""
    return breakdown(name, ID_OF, *wire_path(field))


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(count(name, *wire_path(f"metrics.{name}")) for name in names)


def _amounts(*names: str) -> tuple[Column, ...]:
    return tuple(amount(name, *wire_path(f"metrics.{name}")) for name in names)


def _ratios(*names: str) -> tuple[Column, ...]:
    return tuple(ratio(name, *wire_path(f"metrics.{name}")) for name in names)


def _split(field: str, name: str | None = None, sql_type: str = "text") -> Column:
    """A field that is part of the key."""
    return breakdown(name or field.rpartition(".")[2], *wire_path(field), sql_type=sql_type)


_DAY = field("segments.date", "date_day", "date")
_BASIC = (*_counts("impressions", "clicks", "cost_micros"), *_amounts("conversions", "conversions_value"))
# By the day of the ad's click or view, as all conversions are where nothing else is said.
_DELIVERY = (
    *_BASIC,
    *_counts("interactions", "view_through_conversions"),
    *_amounts("all_conversions", "all_conversions_value"),
)
_BY_CONVERSION_DATE = _amounts(
    "conversions_by_conversion_date", "conversions_value_by_conversion_date",
    "all_conversions_by_conversion_date", "all_conversions_value_by_conversion_date",
)  # fmt: skip
# Quartiles are shares of the views, not counts.
_VIDEO = (
    *_counts("engagements", "video_trueview_views"),
    *_ratios(
        "video_quartile_p25_rate", "video_quartile_p50_rate", "video_quartile_p75_rate", "video_quartile_p100_rate"
    ),
)
_IMPRESSION_SHARE = _ratios(
    "search_impression_share", "search_top_impression_share", "search_absolute_top_impression_share",
    "search_budget_lost_impression_share", "search_rank_lost_impression_share",
)  # fmt: skip
_MEASURES = {
    "spend": "cost_micros / 1000000.0",
    "impressions": "impressions",
    "clicks": "clicks",
    "conversions": "conversions",
}

# A row comes only where one of the metrics that were asked for is not zero: a control that asked for fewer than
# campaign_daily would lack days that have nothing but a late conversion.
ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    request={"resource": "customer"},
    day=_DAY,
    attributes=(field("customer.currency_code"),),
    metrics=(*_DELIVERY, *_BY_CONVERSION_DATE, *_counts("engagements", "video_trueview_views")),
    measures=_MEASURES,
)
# Months may be asked for eleven years back, but the days that narrow the question only as far as daily figures.
ACCOUNT_MONTHLY = Report(
    name="account_monthly",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    request={"resource": "customer"},
    day=field("segments.month", "date_day", "date"),
    metrics=(money("metrics.cost_micros", "spend"), *_counts("impressions", "clicks")),
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    request={"resource": "campaign"},
    day=_DAY,
    ids=(CAMPAIGN,),
    attributes=(CHANNEL,),
    metrics=(*_DELIVERY, *_BY_CONVERSION_DATE, *_VIDEO, *_IMPRESSION_SHARE),
    measures=_MEASURES,
)
AD_DAILY = Report(
    name="ad_daily",
    level=Level.AD,
    proved_by=ProvedBy.OWN_CAMPAIGN,
    request={"resource": "ad_group_ad"},
    day=_DAY,
    ids=(AD_GROUP, AD),
    attributes=(CAMPAIGN,),
    metrics=(*_DELIVERY, *_VIDEO),
    measures=_MEASURES,
)


def _optional(name: str, level: Level, resource: str, *, where: str | None = None, **parts: object) -> Report:
    """A report that no account-day waits for; its sums may lie below the account's."""
    request = {"resource": resource} | ({"where": where} if where else {})
    settings = {"metrics": _BASIC, "measures": _MEASURES} | parts
    return Report(
        name=name, level=level, proved_by=ProvedBy.COMPLETENESS, request=request, day=_DAY, required=False,
        **settings,  # type: ignore[arg-type]
    )  # fmt: skip


AD_GROUP_DAILY = _optional(
    "ad_group_daily", Level.AD_GROUP, "ad_group",
    ids=(AD_GROUP,), attributes=(CAMPAIGN,), metrics=(*_DELIVERY, *_VIDEO),
)  # fmt: skip
ASSET_GROUP_DAILY = _optional(
    "asset_group_daily", Level.ASSET_GROUP, "asset_group", ids=(ASSET_GROUP,), attributes=(CAMPAIGN,)
)
# Everything that no keyword triggered is missing (dynamic search ads, Performance Max, display).
KEYWORD_DAILY = _optional(
    "keyword_daily", Level.KEYWORD, "keyword_view",
    ids=(AD_GROUP, CRITERION), attributes=(CAMPAIGN,),
    metrics=(*_BASIC, *_ratios("historical_quality_score")),
)  # fmt: skip
SEARCH_TERM_DAILY = _optional(
    "search_term_daily", Level.SEARCH_TERM, "search_term_view",
    ids=(AD_GROUP,),
    breakdowns=(_split("search_term_view.search_term"), _split("segments.search_term_match_type", "match_type")),
    attributes=(CAMPAIGN, field("search_term_view.status")),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
# The view above has no Performance Max, this one has nothing else.
CAMPAIGN_SEARCH_TERM_DAILY = _optional(
    "campaign_search_term_daily", Level.SEARCH_TERM, "campaign_search_term_view",
    where="campaign.advertising_channel_type = 'PERFORMANCE_MAX'",
    ids=(CAMPAIGN,), breakdowns=(_split("campaign_search_term_view.search_term"),),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
# Cost and clicks may not stand beside a conversion action. Windows and counting: entity conversion_actions.
CONVERSION_DAILY = _optional(
    "conversion_daily", Level.CAMPAIGN, "campaign",
    ids=(CAMPAIGN,), breakdowns=(_split_by_id_in("segments.conversion_action", "conversion_action_id"),),
    attributes=(
        field("segments.conversion_action_name"),
        field("segments.conversion_action_category"),
    ),
    metrics=(
        *_amounts("conversions", "conversions_value", "all_conversions", "all_conversions_value"),
        *_BY_CONVERSION_DATE,
    ),
    measures={"conversions": "conversions", "all_conversions": "all_conversions"},
)  # fmt: skip
CAMPAIGN_DEVICE_NETWORK_DAILY = _optional(
    "campaign_device_network_daily", Level.CAMPAIGN, "campaign",
    ids=(CAMPAIGN,), breakdowns=(_split("segments.device"), _split("segments.ad_network_type")),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
# People reached are no sum of days or campaigns, and are told for at most 92 days and some campaign types only.
CAMPAIGN_REACH_DAILY = _optional(
    "campaign_reach_daily", Level.CAMPAIGN, "campaign",
    ids=(CAMPAIGN,), metrics=_ratios("unique_users", "average_impression_frequency_per_user"), measures={},
    retention_days=SPLIT_RETENTION_DAYS, longest_request_days=92,
)  # fmt: skip
# Countries are geo target constants: 2000 + the number of ISO 3166-1.
CAMPAIGN_COUNTRY_DAILY = _optional(
    "campaign_country_daily", Level.CAMPAIGN, "geographic_view",
    ids=(CAMPAIGN,),
    breakdowns=(_split("geographic_view.country_criterion_id"), _split("geographic_view.location_type")),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
CAMPAIGN_HOURLY = _optional(
    "campaign_hourly", Level.CAMPAIGN, "campaign",
    ids=(CAMPAIGN,), breakdowns=(_split("segments.hour", "hour", "int"),),
    restatement_days=HOURLY_RESTATEMENT_DAYS, retention_days=HOURLY_RETENTION_DAYS,
)  # fmt: skip
AD_GROUP_AGE_DAILY = _optional(
    "ad_group_age_daily", Level.AD_GROUP, "age_range_view",
    ids=(AD_GROUP,), breakdowns=(_split("ad_group_criterion.age_range.type", "age_range"),),
    attributes=(CAMPAIGN,), retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
AD_GROUP_GENDER_DAILY = _optional(
    "ad_group_gender_daily", Level.AD_GROUP, "gender_view",
    ids=(AD_GROUP,), breakdowns=(_split("ad_group_criterion.gender.type", "gender"),),
    attributes=(CAMPAIGN,), retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip

_SUNSET_PLAN = "developers.google.com/ads/blog/posts/2025/09/more-frequent-releases-coming-for"
_SUNSET_DATES = "developers.google.com/google-ads/api/docs/sunset-dates"
DEFINITION = PlatformDefinition(
    name="google_ads",
    title="Google Ads",
    restatement_days=RESTATEMENT_DAYS,
    deep_pass_days=DEEP_PASS_DAYS,
    retention_days=RETENTION_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    day_zone="account",
    control=ACCOUNT_DAILY,
    details=(
        CAMPAIGN_DAILY, AD_DAILY, AD_GROUP_DAILY, ASSET_GROUP_DAILY, KEYWORD_DAILY, SEARCH_TERM_DAILY,
        CAMPAIGN_SEARCH_TERM_DAILY, CONVERSION_DAILY, CAMPAIGN_DEVICE_NETWORK_DAILY, CAMPAIGN_COUNTRY_DAILY,
        CAMPAIGN_REACH_DAILY, CAMPAIGN_HOURLY, AD_GROUP_AGE_DAILY, AD_GROUP_GENDER_DAILY,
    ),
    entities=(ACCOUNTS, CAMPAIGNS, AD_GROUPS, ADS, KEYWORDS, ASSET_GROUPS, CONVERSION_ACTIONS),
    account_path=None,
    currency_path=("customer", "currencyCode"),
    timezone_path=("customer", "timeZone"),
    campaign_type_column="advertising_channel_type",
    month_total=MonthTotal(ACCOUNT_MONTHLY, RETENTION_DAYS),
    childless_campaign_types=frozenset({"PERFORMANCE_MAX", "SMART", "LOCAL", "HOTEL", "LOCAL_SERVICES", "TRAVEL"}),
    # A major version lives about a year; months that are only planned count from their first day.
    # What was selected is in every row, zeros too; only impression shares are left out where they cannot be told.
    always_sent=frozenset(
        {"date_day", "campaign_id", "ad_group_id", "ad_id", "currency_code", "impressions", "clicks", "cost_micros"}
    ),
    also_sent=frozenset({"resourceName", "keywordView", "ageRangeView", "genderView", "conversionAction"}),
    api_versions=(
        ApiVersion("v26", None, _SUNSET_DATES),
        ApiVersion("v25", date(2027, 8, 1), _SUNSET_PLAN),
        ApiVersion("v24", date(2027, 5, 1), _SUNSET_PLAN),
        ApiVersion("v23", date(2027, 2, 1), _SUNSET_PLAN),
        ApiVersion("v22", date(2026, 10, 7), _SUNSET_DATES),
        ApiVersion("v21", date(2026, 8, 5), _SUNSET_DATES),
        ApiVersion("v20", date(2026, 6, 10), _SUNSET_DATES),
    ),
)  # fmt: skip
