"""Columns of every view of ad_reporting in their order, written down from the interface contract, not from our models.

Types: figures and amounts as named here, days and instants by their ending, all other columns text.
"""

MONEY_AND_FRACTIONS = "numeric"
COUNT = "bigint"

_UNIFIED = "clicks impressions spend conversions conversions_value"
_URL = "base_url url_host url_path utm_source utm_medium utm_campaign utm_content utm_term"
_ACCOUNT = "source_relation date_day platform account_id account_name"
_CAMPAIGN = f"{_ACCOUNT} campaign_id campaign_name"
_AD_GROUP = f"{_CAMPAIGN} ad_group_id ad_group_name"
_MONTH = "source_relation date_month platform account_id account_name campaign_id campaign_name"

_META_TYPES = (
    "onsite_conversion_purchase",
    "onsite_conversion_lead_grouped",
    "offsite_conversion_fb_pixel_purchase",
    "offsite_conversion_fb_pixel_lead",
    "offsite_conversion_fb_pixel_custom",
)
_META_FIGURES = f"{_UNIFIED} " + " ".join(f"{name}_conversions {name}_conversions_value" for name in _META_TYPES)
_META_COUNTS = " ".join(f"{name}_conversions" for name in _META_TYPES)
_META = "source_relation date_day account_id account_name"
_META_CAMPAIGN = f"{_META} campaign_id campaign_name"
_META_AD_SET = f"{_META_CAMPAIGN} ad_set_id ad_set_name"
_META_AD = f"{_META_AD_SET} ad_id ad_name"
_META_SPLIT = f"{_META} clicks impressions spend conversions {_META_COUNTS} account_business_country_code"
_META_SPLIT_ACCOUNT = "account_currency account_timezone account_timezone_offset_hours_utc account_min_daily_budget"

_GOOGLE_FIGURES = "spend clicks impressions conversions conversions_value view_through_conversions"
_GOOGLE = "source_relation date_day account_name account_id currency_code"
_GOOGLE_CAMPAIGN = f"{_GOOGLE} campaign_name campaign_id"
_GOOGLE_AD_GROUP = f"{_GOOGLE_CAMPAIGN} ad_group_name ad_group_id"

_TIKTOK_FIGURES = (
    "impressions clicks spend reach conversion likes comments shares profile_visits follows video_watched_2_s "
    "video_watched_6_s video_views_p_25 video_views_p_50 video_views_p_75 real_time_conversion total_purchase_value "
    "total_sales_lead_value total_conversion_value daily_cpc daily_cpm daily_ctr"
)
_TIKTOK = "source_relation date_day"
_TIKTOK_AD_GROUP = (
    "ad_group_id ad_group_name campaign_id campaign_name advertiser_id advertiser_name currency audience_type budget "
    "category gender"
)

_LINKEDIN_FIGURES = (
    "clicks impressions cost conversion_value_in_local_currency total_conversions external_website_conversions "
    "one_click_leads"
)
_LINKEDIN = "source_relation date_day account_id account_name"
_LINKEDIN_GROUP = f"{_LINKEDIN} campaign_group_id campaign_group_name"
_LINKEDIN_CAMPAIGN = f"{_LINKEDIN_GROUP} campaign_id campaign_name"
_LINKEDIN_CREATIVE = f"{_LINKEDIN_CAMPAIGN} creative_id creative_status click_uri click_uri_type"
_LINKEDIN_SETTINGS = (
    "campaign_group_status campaign_status version_tag type cost_type creative_selection daily_budget_amount "
    "daily_budget_currency_code unit_cost_amount unit_cost_currency_code currency format locale_country "
    "locale_language objective_type optimization_target_type is_audience_expansion_enabled "
    "is_offsite_delivery_enabled run_schedule_start_at run_schedule_end_at last_modified_at created_at"
)
_LINKEDIN_MONTH = "account_id account_name campaign_group_id campaign_group_name campaign_id campaign_name"

VIEWS = {
    "ad_reporting__account_report": f"{_ACCOUNT} {_UNIFIED}",
    "ad_reporting__campaign_report": f"{_CAMPAIGN} {_UNIFIED}",
    "ad_reporting__ad_group_report": f"{_AD_GROUP} {_UNIFIED}",
    "ad_reporting__ad_report": f"{_AD_GROUP} ad_id ad_name {_UNIFIED}",
    "ad_reporting__keyword_report": f"{_AD_GROUP} keyword_id keyword_text keyword_match_type {_UNIFIED}",
    "ad_reporting__search_report": f"{_AD_GROUP} keyword_id keyword_text search_query search_match_type {_UNIFIED}",
    "ad_reporting__url_report": f"{_AD_GROUP} {_URL} {_UNIFIED}",
    "ad_reporting__monthly_campaign_country_report": f"{_MONTH} country country_code global_region {_UNIFIED}",
    "ad_reporting__monthly_campaign_region_report": f"{_MONTH} region {_UNIFIED}",
    "facebook_ads__account_report": (
        f"{_META} {_META_FIGURES} account_status business_country_code created_at currency timezone_name"
    ),
    "facebook_ads__campaign_report": (
        f"{_META_CAMPAIGN} {_META_FIGURES} start_at end_at daily_budget budget_remaining lifetime_budget status"
    ),
    "facebook_ads__ad_set_report": (
        f"{_META_AD_SET} {_META_FIGURES} optimization_goal start_at end_at bid_strategy daily_budget budget_remaining"
    ),
    "facebook_ads__ad_report": f"{_META_AD} {_META_FIGURES} conversion_domain",
    "facebook_ads__url_report": f"{_META_AD} creative_id creative_name {_URL} {_META_FIGURES}",
    "facebook_ads__url_tags": "source_relation _fivetran_id creative_id key value type",
    "facebook_ads__country_report": f"{_META_SPLIT} {_META_SPLIT_ACCOUNT} country_id country frequency reach",
    "facebook_ads__region_report": (
        f"{_META_SPLIT} account_business_state {_META_SPLIT_ACCOUNT} region_id region frequency reach"
    ),
    "google_ads__account_report": (
        "source_relation date_day account_name account_id time_zone currency_code auto_tagging_enabled "
        f"{_GOOGLE_FIGURES}"
    ),
    "google_ads__campaign_report": (
        f"{_GOOGLE_CAMPAIGN} advertising_channel_type advertising_channel_subtype status {_GOOGLE_FIGURES}"
    ),
    "google_ads__ad_group_report": f"{_GOOGLE_AD_GROUP} ad_group_status ad_group_type {_GOOGLE_FIGURES}",
    "google_ads__ad_report": (
        f"{_GOOGLE_AD_GROUP} ad_id display_url source_final_urls ad_status ad_type {_GOOGLE_FIGURES}"
    ),
    "google_ads__keyword_report": (
        f"{_GOOGLE_AD_GROUP} criterion_id type status keyword_match_type keyword_text {_GOOGLE_FIGURES}"
    ),
    "google_ads__search_term_report": (
        f"{_GOOGLE_AD_GROUP} search_term keyword_text search_term_match_type status criterion_id {_GOOGLE_FIGURES}"
    ),
    "google_ads__url_report": f"{_GOOGLE_AD_GROUP} ad_id {_URL} {_GOOGLE_FIGURES}",
    "tiktok_ads__advertiser_report": f"{_TIKTOK} advertiser_name advertiser_id currency {_TIKTOK_FIGURES}",
    "tiktok_ads__campaign_report": (
        f"{_TIKTOK} campaign_id campaign_name currency advertiser_id advertiser_name {_TIKTOK_FIGURES}"
    ),
    "tiktok_ads__ad_group_report": f"{_TIKTOK} {_TIKTOK_AD_GROUP} {_TIKTOK_FIGURES}",
    "tiktok_ads__ad_report": f"{_TIKTOK} ad_id ad_name {_TIKTOK_AD_GROUP} {_TIKTOK_FIGURES}",
    "tiktok_ads__url_report": f"{_TIKTOK} ad_id ad_name {_TIKTOK_AD_GROUP} {_URL} {_TIKTOK_FIGURES}",
    "tiktok_ads__campaign_country_report": (
        f"{_TIKTOK} campaign_id campaign_name campaign_type created_at country_code advertiser_id advertiser_name "
        "currency objective_type status split_test_variable budget budget_mode impressions clicks spend conversion "
        "daily_cpc daily_cpm daily_ctr real_time_conversion"
    ),
    "linkedin_ads__account_report": (
        f"{_LINKEDIN} {_LINKEDIN_FIGURES} last_modified_at created_at currency version_tag status type"
    ),
    "linkedin_ads__campaign_group_report": (
        f"{_LINKEDIN_GROUP} {_LINKEDIN_FIGURES} is_backfilled run_schedule_start_at run_schedule_end_at status currency"
    ),
    "linkedin_ads__campaign_report": f"{_LINKEDIN_CAMPAIGN} {_LINKEDIN_FIGURES} {_LINKEDIN_SETTINGS}",
    "linkedin_ads__creative_report": f"{_LINKEDIN_CREATIVE} {_LINKEDIN_FIGURES} {_LINKEDIN_SETTINGS}",
    "linkedin_ads__url_report": f"{_LINKEDIN_CREATIVE} {_URL} {_LINKEDIN_FIGURES} {_LINKEDIN_SETTINGS}",
    "linkedin_ads__monthly_campaign_country_report": (
        f"source_relation date_month country_name {_LINKEDIN_MONTH} {_LINKEDIN_FIGURES} {_LINKEDIN_SETTINGS}"
    ),
    "linkedin_ads__monthly_campaign_region_report": (
        f"source_relation date_month region_name {_LINKEDIN_MONTH} {_LINKEDIN_FIGURES} {_LINKEDIN_SETTINGS}"
    ),
    "instagram_business__posts": (
        "source_relation account_name user_id post_caption created_timestamp post_id is_comment_enabled is_story "
        "media_type media_url post_url shortcode thumbnail_url username carousel_album_engagement "
        "carousel_album_reach carousel_album_saved carousel_album_shares carousel_album_views comment_count "
        "like_count story_exits story_reach story_replies story_taps_back story_taps_forward story_shares "
        "story_views video_photo_engagement video_photo_reach video_photo_saved video_photo_shares "
        "video_photo_views reel_comments reel_likes reel_reach reel_shares reel_total_interactions reel_views "
        "carousel_album_impressions carousel_album_video_views story_impressions video_photo_impressions "
        "video_views reel_plays"
    ),
}  # fmt: skip

_BOOLEAN = ["auto_tagging_enabled", "is_backfilled", "is_comment_enabled", "is_story"]
_INSTAGRAM_COUNTS = ("carousel_album_", "story_", "video_photo_", "reel_", "video_views", "comment_count", "like_count")
_COUNTS = (
    "clicks impressions reach view_through_conversions likes comments shares profile_visits follows "
    "video_watched_2_s video_watched_6_s video_views_p_25 video_views_p_50 video_views_p_75 "
    "external_website_conversions one_click_leads"
)
_NUMERIC = (
    "spend cost conversions conversions_value conversion real_time_conversion total_purchase_value "
    "total_sales_lead_value total_conversion_value total_conversions conversion_value_in_local_currency daily_cpc "
    "daily_cpm daily_ctr daily_budget lifetime_budget budget_remaining budget daily_budget_amount unit_cost_amount "
    "frequency account_timezone_offset_hours_utc account_min_daily_budget"
)


def type_of(view: str, column: str) -> str:
    """PostgreSQL's name of a column's type."""
    if column in ("date_day", "date_month"):
        return "date"
    if column.endswith("_at") or column == "created_timestamp":
        return "timestamp with time zone"
    if column in _BOOLEAN or (column.startswith("is_") and column.endswith("_enabled")):
        return "boolean"
    if column in _COUNTS.split() or (view.startswith("instagram") and column.startswith(_INSTAGRAM_COUNTS)):
        return COUNT
    if column in _NUMERIC.split() or column.endswith(("_conversions", "_conversions_value")):
        return MONEY_AND_FRACTIONS
    return "text"
