"""Google's resources as data: accounts, campaigns, ad groups, ads, keywords, asset groups, conversion actions."""

from ingestion.platforms.google_ads.requests import field, fields, id_in, money
from ingestion.reports import Column, Entity

CAMPAIGN = field("campaign.id", "campaign_id")
AD_GROUP = field("ad_group.id", "ad_group_id")
AD = field("ad_group_ad.ad.id", "ad_id")
ASSET_GROUP = field("asset_group.id", "asset_group_id")
# Unique within its ad group only.
CRITERION = field("ad_group_criterion.criterion_id", "criterion_id")
CHANNEL = field("campaign.advertising_channel_type")

ACCOUNTS = Entity(
    name="accounts",
    request={"resource": "customer"},
    columns=(
        *fields("customer.descriptive_name", "customer.currency_code", "customer.time_zone", "customer.status"),
        *fields("customer.manager", "customer.test_account", "customer.auto_tagging_enabled", sql_type="boolean"),
        *fields("customer.tracking_url_template", "customer.final_url_suffix"),
    ),
    key=(),
)
CAMPAIGNS = Entity(
    name="campaigns",
    request={"resource": "campaign", "also": ("campaign_budget.amount_micros", "campaign_budget.total_amount_micros")},
    columns=(
        CAMPAIGN,
        *fields("campaign.name", "campaign.status", "campaign.serving_status", "campaign.primary_status"),
        field("campaign.primary_status_reasons", sql_type="jsonb"),
        CHANNEL,
        *fields("campaign.advertising_channel_sub_type", "campaign.bidding_strategy_type"),
        id_in("campaign.bidding_strategy", "portfolio_bidding_strategy_id"),
        money("campaign.maximize_conversions.target_cpa_micros", "maximize_conversions_target_cpa"),
        field("campaign.maximize_conversion_value.target_roas", "maximize_conversion_value_target_roas", "numeric"),
        money("campaign.target_cpa.target_cpa_micros", "target_cpa"),
        field("campaign.target_roas.target_roas", sql_type="numeric"),
        *fields("campaign.start_date_time", "campaign.end_date_time"),
        id_in("campaign.campaign_budget", "budget_id"),
        Column("budget", ("budget",), "numeric"),
        Column("budget_kind", ("budgetKind",)),
        field("campaign_budget.period", "budget_period"),
        field("campaign_budget.explicitly_shared", "budget_shared", "boolean"),
        *fields("campaign.tracking_url_template", "campaign.final_url_suffix"),
        *fields(
            "campaign.network_settings.target_google_search", "campaign.network_settings.target_search_network",
            "campaign.network_settings.target_content_network", sql_type="boolean",
        ),
        field("campaign.geo_target_type_setting.positive_geo_target_type"),
    ),
    key=("campaign_id",),
)  # fmt: skip
AD_GROUPS = Entity(
    name="ad_groups",
    request={"resource": "ad_group"},
    columns=(
        CAMPAIGN,
        AD_GROUP,
        *fields("ad_group.name", "ad_group.status", "ad_group.primary_status", "ad_group.type"),
        money("ad_group.cpc_bid_micros", "cpc_bid"),
        money("ad_group.cpm_bid_micros", "cpm_bid"),
        money("ad_group.cpv_bid_micros", "cpv_bid"),
        money("ad_group.target_cpa_micros", "target_cpa"),
        field("ad_group.target_roas", sql_type="numeric"),
        *fields("ad_group.tracking_url_template", "ad_group.final_url_suffix"),
        field("ad_group.optimized_targeting_enabled", sql_type="boolean"),
    ),
    key=("ad_group_id",),
)
ADS = Entity(
    name="ads",
    request={"resource": "ad_group_ad"},
    columns=(
        CAMPAIGN, AD_GROUP, AD,
        *fields("ad_group_ad.ad.name", "ad_group_ad.ad.type", "ad_group_ad.status", "ad_group_ad.primary_status"),
        field("ad_group_ad.ad.final_urls", sql_type="jsonb"),
        *fields("ad_group_ad.ad.tracking_url_template", "ad_group_ad.ad.final_url_suffix"),
        *fields(
            "ad_group_ad.ad.responsive_search_ad.headlines", "ad_group_ad.ad.responsive_search_ad.descriptions",
            sql_type="jsonb",
        ),
        field("ad_group_ad.ad.responsive_display_ad.headlines", "display_headlines", "jsonb"),
        field("ad_group_ad.ad.responsive_display_ad.descriptions", "display_descriptions", "jsonb"),
        field("ad_group_ad.ad.demand_gen_multi_asset_ad.headlines", "demand_gen_headlines", "jsonb"),
        field("ad_group_ad.ad.demand_gen_multi_asset_ad.descriptions", "demand_gen_descriptions", "jsonb"),
        *fields("ad_group_ad.ad_strength", "ad_group_ad.policy_summary.approval_status"),
    ),
    key=("ad_group_id", "ad_id"),
)  # fmt: skip
KEYWORDS = Entity(
    name="keywords",
    request={"resource": "ad_group_criterion", "where": "ad_group_criterion.type = 'KEYWORD'"},
    columns=(
        CAMPAIGN,
        AD_GROUP,
        CRITERION,
        field("ad_group_criterion.keyword.text", "keyword_text"),
        field("ad_group_criterion.keyword.match_type"),
        field("ad_group_criterion.negative", sql_type="boolean"),
        *fields("ad_group_criterion.status", "ad_group_criterion.approval_status"),
        money("ad_group_criterion.effective_cpc_bid_micros", "effective_cpc_bid"),
        field("ad_group_criterion.quality_info.quality_score", sql_type="int"),
        field("ad_group_criterion.final_urls", sql_type="jsonb"),
    ),
    key=("ad_group_id", "criterion_id"),
)
ASSET_GROUPS = Entity(
    name="asset_groups",
    request={"resource": "asset_group"},
    columns=(
        CAMPAIGN,
        ASSET_GROUP,
        *fields("asset_group.name", "asset_group.status", "asset_group.primary_status", "asset_group.ad_strength"),
        field("asset_group.final_urls", sql_type="jsonb"),
        *fields("asset_group.path1", "asset_group.path2"),
    ),
    key=("asset_group_id",),
)
CONVERSION_ACTIONS = Entity(
    name="conversion_actions",
    request={"resource": "conversion_action"},
    columns=(
        field("conversion_action.id", "conversion_action_id"),
        *fields(
            "conversion_action.name", "conversion_action.status", "conversion_action.type",
            "conversion_action.category", "conversion_action.origin", "conversion_action.counting_type",
            "conversion_action.attribution_model_settings.attribution_model",
        ),
        *fields(
            "conversion_action.primary_for_goal", "conversion_action.include_in_conversions_metric",
            sql_type="boolean",
        ),
        *fields(
            "conversion_action.click_through_lookback_window_days",
            "conversion_action.view_through_lookback_window_days", sql_type="int",
        ),
        field("conversion_action.value_settings.default_value", sql_type="numeric"),
    ),
    key=("conversion_action_id",),
)  # fmt: skip
