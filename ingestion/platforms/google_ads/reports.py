"""Google Ads as data. Facts: Google Ads API v26, GAQL; int64 are strings on the wire, money is micros.

A new metric, segment or field is one line: its GAQL name. What the API does not give: age by gender (one view each,
never crossed), ads and ad groups of Performance Max, search terms that too few people used, video quartiles as counts.
"""

from datetime import date

from ingestion.platforms.google_ads.requests import ID_OF, MAJOR_UNITS, wire_path
from ingestion.reports import (
    ApiVersion,
    Column,
    Entity,
    Level,
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


def _field(field: str, name: str | None = None, sql_type: str = "text") -> Column:
    """An attribute, by its GAQL name; the column is called like its last part."""
    return Column(name or field.rpartition(".")[2], wire_path(field), sql_type)


def _fields(*fields: str, sql_type: str = "text") -> tuple[Column, ...]:
    return tuple(_field(field, sql_type=sql_type) for field in fields)


def _money(field: str, name: str) -> Column:
    """A field in micros as an amount in major units of the account's currency."""
    return Column(name, (MAJOR_UNITS, *wire_path(field)), "numeric")


def _id_in(field: str, name: str) -> Column:
    """The id in a field that holds a resource name."""
    return Column(name, (ID_OF, *wire_path(field)))


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


_DAY = _field("segments.date", "date_day", "date")
_CAMPAIGN = _field("campaign.id", "campaign_id")
_AD_GROUP = _field("ad_group.id", "ad_group_id")
_AD = _field("ad_group_ad.ad.id", "ad_id")
_ASSET_GROUP = _field("asset_group.id", "asset_group_id")
# Unique within its ad group only.
_CRITERION = _field("ad_group_criterion.criterion_id", "criterion_id")
_CHANNEL = _field("campaign.advertising_channel_type")

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
    attributes=(_field("customer.currency_code"),),
    metrics=(*_DELIVERY, *_BY_CONVERSION_DATE, *_counts("engagements", "video_trueview_views")),
    measures=_MEASURES,
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    request={"resource": "campaign"},
    day=_DAY,
    ids=(_CAMPAIGN,),
    attributes=(_CHANNEL,),
    metrics=(*_DELIVERY, *_BY_CONVERSION_DATE, *_VIDEO, *_IMPRESSION_SHARE),
    measures=_MEASURES,
)
AD_DAILY = Report(
    name="ad_daily",
    level=Level.AD,
    proved_by=ProvedBy.OWN_CAMPAIGN,
    request={"resource": "ad_group_ad"},
    day=_DAY,
    ids=(_AD_GROUP, _AD),
    attributes=(_CAMPAIGN,),
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
    ids=(_AD_GROUP,), attributes=(_CAMPAIGN,), metrics=(*_DELIVERY, *_VIDEO),
)  # fmt: skip
ASSET_GROUP_DAILY = _optional(
    "asset_group_daily", Level.ASSET_GROUP, "asset_group", ids=(_ASSET_GROUP,), attributes=(_CAMPAIGN,)
)
# Everything that no keyword triggered is missing (dynamic search ads, Performance Max, display).
KEYWORD_DAILY = _optional(
    "keyword_daily", Level.KEYWORD, "keyword_view",
    ids=(_AD_GROUP, _CRITERION), attributes=(_CAMPAIGN,),
    metrics=(*_BASIC, *_ratios("historical_quality_score")),
)  # fmt: skip
SEARCH_TERM_DAILY = _optional(
    "search_term_daily", Level.SEARCH_TERM, "search_term_view",
    ids=(_AD_GROUP,),
    breakdowns=(_split("search_term_view.search_term"), _split("segments.search_term_match_type", "match_type")),
    attributes=(_CAMPAIGN, _field("search_term_view.status")),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
# The view above has no Performance Max, this one has nothing else.
CAMPAIGN_SEARCH_TERM_DAILY = _optional(
    "campaign_search_term_daily", Level.SEARCH_TERM, "campaign_search_term_view",
    where="campaign.advertising_channel_type = 'PERFORMANCE_MAX'",
    ids=(_CAMPAIGN,), breakdowns=(_split("campaign_search_term_view.search_term"),),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
# Cost and clicks may not stand beside a conversion action. Windows and counting: entity conversion_actions.
CONVERSION_DAILY = _optional(
    "conversion_daily", Level.CAMPAIGN, "campaign",
    ids=(_CAMPAIGN,), breakdowns=(_split_by_id_in("segments.conversion_action", "conversion_action_id"),),
    attributes=(
        _field("segments.conversion_action_name"),
        _field("segments.conversion_action_category"),
    ),
    metrics=(
        *_amounts("conversions", "conversions_value", "all_conversions", "all_conversions_value"),
        *_BY_CONVERSION_DATE,
    ),
    measures={"conversions": "conversions", "all_conversions": "all_conversions"},
)  # fmt: skip
CAMPAIGN_DEVICE_NETWORK_DAILY = _optional(
    "campaign_device_network_daily", Level.CAMPAIGN, "campaign",
    ids=(_CAMPAIGN,), breakdowns=(_split("segments.device"), _split("segments.ad_network_type")),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
# People reached are no sum of days or campaigns, and are told for at most 92 days and some campaign types only.
CAMPAIGN_REACH_DAILY = _optional(
    "campaign_reach_daily", Level.CAMPAIGN, "campaign",
    ids=(_CAMPAIGN,), metrics=_ratios("unique_users", "average_impression_frequency_per_user"), measures={},
    retention_days=SPLIT_RETENTION_DAYS, longest_request_days=92,
)  # fmt: skip
# Countries are geo target constants: 2000 + the number of ISO 3166-1.
CAMPAIGN_COUNTRY_DAILY = _optional(
    "campaign_country_daily", Level.CAMPAIGN, "geographic_view",
    ids=(_CAMPAIGN,),
    breakdowns=(_split("geographic_view.country_criterion_id"), _split("geographic_view.location_type")),
    retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
CAMPAIGN_HOURLY = _optional(
    "campaign_hourly", Level.CAMPAIGN, "campaign",
    ids=(_CAMPAIGN,), breakdowns=(_split("segments.hour", "hour", "int"),),
    restatement_days=HOURLY_RESTATEMENT_DAYS, retention_days=HOURLY_RETENTION_DAYS,
)  # fmt: skip
AD_GROUP_AGE_DAILY = _optional(
    "ad_group_age_daily", Level.AD_GROUP, "age_range_view",
    ids=(_AD_GROUP,), breakdowns=(_split("ad_group_criterion.age_range.type", "age_range"),),
    attributes=(_CAMPAIGN,), retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip
AD_GROUP_GENDER_DAILY = _optional(
    "ad_group_gender_daily", Level.AD_GROUP, "gender_view",
    ids=(_AD_GROUP,), breakdowns=(_split("ad_group_criterion.gender.type", "gender"),),
    attributes=(_CAMPAIGN,), retention_days=SPLIT_RETENTION_DAYS,
)  # fmt: skip

ACCOUNTS = Entity(
    name="accounts",
    request={"resource": "customer"},
    columns=(
        *_fields("customer.descriptive_name", "customer.currency_code", "customer.time_zone", "customer.status"),
        *_fields("customer.manager", "customer.test_account", "customer.auto_tagging_enabled", sql_type="boolean"),
        *_fields("customer.tracking_url_template", "customer.final_url_suffix"),
    ),
    key=(),
)
CAMPAIGNS = Entity(
    name="campaigns",
    request={"resource": "campaign", "also": ("campaign_budget.amount_micros", "campaign_budget.total_amount_micros")},
    columns=(
        _CAMPAIGN,
        *_fields("campaign.name", "campaign.status", "campaign.serving_status", "campaign.primary_status"),
        _field("campaign.primary_status_reasons", sql_type="jsonb"),
        _CHANNEL,
        *_fields("campaign.advertising_channel_sub_type", "campaign.bidding_strategy_type"),
        _id_in("campaign.bidding_strategy", "portfolio_bidding_strategy_id"),
        _money("campaign.maximize_conversions.target_cpa_micros", "maximize_conversions_target_cpa"),
        _field("campaign.maximize_conversion_value.target_roas", "maximize_conversion_value_target_roas", "numeric"),
        _money("campaign.target_cpa.target_cpa_micros", "target_cpa"),
        _field("campaign.target_roas.target_roas", sql_type="numeric"),
        *_fields("campaign.start_date_time", "campaign.end_date_time"),
        _id_in("campaign.campaign_budget", "budget_id"),
        Column("budget", ("budget",), "numeric"),
        Column("budget_kind", ("budgetKind",)),
        _field("campaign_budget.period", "budget_period"),
        _field("campaign_budget.explicitly_shared", "budget_shared", "boolean"),
        *_fields("campaign.tracking_url_template", "campaign.final_url_suffix"),
        *_fields(
            "campaign.network_settings.target_google_search", "campaign.network_settings.target_search_network",
            "campaign.network_settings.target_content_network", sql_type="boolean",
        ),
        _field("campaign.geo_target_type_setting.positive_geo_target_type"),
    ),
    key=("campaign_id",),
)  # fmt: skip
AD_GROUPS = Entity(
    name="ad_groups",
    request={"resource": "ad_group"},
    columns=(
        _CAMPAIGN,
        _AD_GROUP,
        *_fields("ad_group.name", "ad_group.status", "ad_group.primary_status", "ad_group.type"),
        _money("ad_group.cpc_bid_micros", "cpc_bid"),
        _money("ad_group.cpm_bid_micros", "cpm_bid"),
        _money("ad_group.cpv_bid_micros", "cpv_bid"),
        _money("ad_group.target_cpa_micros", "target_cpa"),
        _field("ad_group.target_roas", sql_type="numeric"),
        *_fields("ad_group.tracking_url_template", "ad_group.final_url_suffix"),
        _field("ad_group.optimized_targeting_enabled", sql_type="boolean"),
    ),
    key=("ad_group_id",),
)
ADS = Entity(
    name="ads",
    request={"resource": "ad_group_ad"},
    columns=(
        _CAMPAIGN, _AD_GROUP, _AD,
        *_fields("ad_group_ad.ad.name", "ad_group_ad.ad.type", "ad_group_ad.status", "ad_group_ad.primary_status"),
        _field("ad_group_ad.ad.final_urls", sql_type="jsonb"),
        *_fields("ad_group_ad.ad.tracking_url_template", "ad_group_ad.ad.final_url_suffix"),
        *_fields(
            "ad_group_ad.ad.responsive_search_ad.headlines", "ad_group_ad.ad.responsive_search_ad.descriptions",
            sql_type="jsonb",
        ),
        _field("ad_group_ad.ad.responsive_display_ad.headlines", "display_headlines", "jsonb"),
        _field("ad_group_ad.ad.responsive_display_ad.descriptions", "display_descriptions", "jsonb"),
        _field("ad_group_ad.ad.demand_gen_multi_asset_ad.headlines", "demand_gen_headlines", "jsonb"),
        _field("ad_group_ad.ad.demand_gen_multi_asset_ad.descriptions", "demand_gen_descriptions", "jsonb"),
        *_fields("ad_group_ad.ad_strength", "ad_group_ad.policy_summary.approval_status"),
    ),
    key=("ad_group_id", "ad_id"),
)  # fmt: skip
KEYWORDS = Entity(
    name="keywords",
    request={"resource": "ad_group_criterion", "where": "ad_group_criterion.type = 'KEYWORD'"},
    columns=(
        _CAMPAIGN,
        _AD_GROUP,
        _CRITERION,
        _field("ad_group_criterion.keyword.text", "keyword_text"),
        _field("ad_group_criterion.keyword.match_type"),
        _field("ad_group_criterion.negative", sql_type="boolean"),
        *_fields("ad_group_criterion.status", "ad_group_criterion.approval_status"),
        _money("ad_group_criterion.effective_cpc_bid_micros", "effective_cpc_bid"),
        _field("ad_group_criterion.quality_info.quality_score", sql_type="int"),
        _field("ad_group_criterion.final_urls", sql_type="jsonb"),
    ),
    key=("ad_group_id", "criterion_id"),
)
ASSET_GROUPS = Entity(
    name="asset_groups",
    request={"resource": "asset_group"},
    columns=(
        _CAMPAIGN,
        _ASSET_GROUP,
        *_fields("asset_group.name", "asset_group.status", "asset_group.primary_status", "asset_group.ad_strength"),
        _field("asset_group.final_urls", sql_type="jsonb"),
        *_fields("asset_group.path1", "asset_group.path2"),
    ),
    key=("asset_group_id",),
)
CONVERSION_ACTIONS = Entity(
    name="conversion_actions",
    request={"resource": "conversion_action"},
    columns=(
        _field("conversion_action.id", "conversion_action_id"),
        *_fields(
            "conversion_action.name", "conversion_action.status", "conversion_action.type",
            "conversion_action.category", "conversion_action.origin", "conversion_action.counting_type",
            "conversion_action.attribution_model_settings.attribution_model",
        ),
        *_fields(
            "conversion_action.primary_for_goal", "conversion_action.include_in_conversions_metric",
            sql_type="boolean",
        ),
        *_fields(
            "conversion_action.click_through_lookback_window_days",
            "conversion_action.view_through_lookback_window_days", sql_type="int",
        ),
        _field("conversion_action.value_settings.default_value", sql_type="numeric"),
    ),
    key=("conversion_action_id",),
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
    childless_campaign_types=frozenset({"PERFORMANCE_MAX", "SMART", "LOCAL", "HOTEL", "LOCAL_SERVICES", "TRAVEL"}),
    # A major version lives about a year; months that are only planned count from their first day.
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
