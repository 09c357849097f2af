"""TikTok's lists as data: advertisers, campaigns, ad groups, ads. Budgets are in major units on the wire."""

from ingestion.reports import Column, Entity


def computed(name: str, sql_type: str = "text") -> Column:
    """A column that rows.py works out of other values of the row."""
    return Column(name, ("computed", name), sql_type)


def _field(name: str, sql_type: str = "text") -> Column:
    return Column(name, (name,), sql_type)


_STATUS = (_field("operation_status"), _field("secondary_status"))
_TIMES = (_field("create_time", "timestamptz"), _field("modify_time", "timestamptz"))
_BUDGET = (_field("budget", "numeric"), _field("budget_mode"), computed("budget_kind"))
TARGETING_FIELDS = (
    "location_ids", "gender", "age_groups", "languages", "operating_systems", "interest_category_ids", "audience_ids",
    "excluded_audience_ids",
)  # fmt: skip

ACCOUNTS = Entity(
    name="accounts",
    columns=(
        _field("name"), _field("status"), _field("currency"), _field("timezone"), _field("display_timezone"),
        _field("country"), _field("company"), _field("balance", "numeric"), _field("create_time", "timestamptz"),
    ),
    key=(),
)  # fmt: skip
CAMPAIGNS = Entity(
    name="campaigns",
    columns=(
        _field("campaign_id"), _field("campaign_name"), _field("campaign_type"), _field("objective_type"), *_BUDGET,
        _field("budget_optimize_on", "boolean"), _field("bid_type"), _field("optimization_goal"),
        _field("app_promotion_type"), _field("is_smart_performance_campaign", "boolean"),
        _field("campaign_system_origin"), *_STATUS, *_TIMES,
    ),
    key=("campaign_id",),
    # Left out unless asked for by themselves: TopView, and what was promoted from within the TikTok app.
    request={"path": "campaign/get", "only_in": ({"campaign_system_origins": ["PROMOTE"]},)},
)  # fmt: skip
AD_GROUPS = Entity(
    name="ad_groups",
    columns=(
        _field("campaign_id"), _field("adgroup_id"), _field("adgroup_name"), _field("placement_type"),
        _field("placements", "jsonb"), _field("promotion_type"), _field("pixel_id"), _field("app_id"),
        _field("optimization_goal"), _field("optimization_event"), _field("billing_event"), _field("bid_type"),
        _field("bid_price", "numeric"), _field("conversion_bid_price", "numeric"), *_BUDGET, _field("schedule_type"),
        _field("schedule_start_time", "timestamptz"), _field("schedule_end_time", "timestamptz"),
        _field("click_attribution_window"), _field("view_attribution_window"),
        _field("engaged_view_attribution_window"), _field("attribution_event_count"),
        computed("targeting", "jsonb"), *_STATUS, *_TIMES,
    ),
    key=("adgroup_id",),
    request={"path": "adgroup/get", "also_fields": TARGETING_FIELDS},
)  # fmt: skip
ADS = Entity(
    name="ads",
    columns=(
        _field("campaign_id"), _field("adgroup_id"), _field("ad_id"), _field("ad_name"), _field("ad_text"),
        _field("ad_format"), _field("video_id"), _field("image_ids", "jsonb"), _field("tiktok_item_id"),
        _field("identity_id"), _field("call_to_action"), _field("landing_page_url"), _field("utm_params", "jsonb"),
        _field("display_name"), _field("is_aco", "boolean"), *_STATUS, *_TIMES,
    ),
    key=("ad_id",),
    request={"path": "ad/get"},
)  # fmt: skip
# An ad of upgraded Smart+ is a set of creatives; what reports call its ad_id is one of these creatives.
SMART_PLUS_ADS = Entity(
    name="smart_plus_ads",
    columns=(
        _field("campaign_id"), _field("adgroup_id"), _field("smart_plus_ad_id"), _field("ad_name"),
        _field("creative_list", "jsonb"), _field("ad_text_list", "jsonb"), _field("landing_page_url_list", "jsonb"),
        *_STATUS, *_TIMES,
    ),
    key=("smart_plus_ad_id",),
    request={"path": "smart_plus/ad/get", "page_size": 100, "all_fields": True, "absent_codes": ("40001", "40008")},
)  # fmt: skip
