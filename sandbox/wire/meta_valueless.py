"""Real fields of Meta's nodes for which this world has no value: asked for, they are absent, not an error.

Names as in Meta's own SDK; those that running connectors ask for by default.
"""

_ALL = frozenset({"adlabels"})

CAMPAIGN = _ALL | {
    "ads", "boosted_object_id", "budget_rebalance_flag", "issues_info", "special_ad_category",
    "special_ad_category_country",
}  # fmt: skip
AD_SET = _ALL | {"bid_constraints", "bid_info", "learning_stage_info", "promoted_object"}
AD = _ALL | {
    "bid_amount", "bid_info", "bid_type", "conversion_specs", "last_updated_by_app_id", "recommendations", "targeting",
}  # fmt: skip
CREATIVE = _ALL | {
    "actor_id", "applink_treatment", "call_to_action", "image_crops", "instagram_branded_content", "instagram_story_id",
    "link_og_id", "object_id", "object_story_id", "object_url", "platform_customizations", "product_set_id",
    "source_instagram_media_id", "template_url", "template_url_spec", "use_page_actor_override",
}  # fmt: skip
ACCOUNT = _ALL | {
    "age", "agency_client_declaration", "business_city", "business_country_code", "business_name", "business_state",
    "business_street", "business_street2", "business_zip", "can_create_brand_lift_study", "capabilities",
    "end_advertiser", "end_advertiser_name", "extended_credit_invoice_group", "failed_delivery_checks", "fb_entity",
    "funding_source", "funding_source_details", "has_migrated_permissions", "io_number", "is_direct_deals_enabled",
    "is_in_3ds_authorization_enabled_market", "is_notifications_enabled", "is_personal", "is_prepay_account",
    "is_tax_id_required", "line_numbers", "media_agency", "min_campaign_group_spend_cap", "min_daily_budget",
    "offsite_pixels_tos_accepted", "owner", "partner", "rf_spec", "tax_id", "tax_id_status", "tax_id_type",
    "tos_accepted", "user_tasks", "user_tos_accepted",
}  # fmt: skip
# Metrics that this world does not have, and costs and rates that follow from others.
INSIGHTS = frozenset(
    {"ad_click_actions", "ad_impression_actions", "adset_end", "adset_start", "age_targeting", "auction_bid",
     "auction_competitiveness", "auction_max_competitor_bid", "canvas_avg_view_percent", "canvas_avg_view_time",
     "catalog_segment_actions", "catalog_segment_value", "catalog_segment_value_mobile_purchase_roas",
     "catalog_segment_value_omni_purchase_roas", "catalog_segment_value_website_purchase_roas", "conversion_values",
     "conversions", "converted_product_quantity", "converted_product_value", "cost_per_15_sec_video_view",
     "cost_per_2_sec_continuous_video_view", "cost_per_ad_click", "cost_per_conversion",
     "cost_per_estimated_ad_recallers", "cost_per_inline_link_click", "cost_per_inline_post_engagement",
     "cost_per_one_thousand_ad_impression", "cost_per_outbound_click", "cost_per_result", "cost_per_thruplay",
     "cost_per_unique_action_type", "cost_per_unique_click", "cost_per_unique_conversion",
     "cost_per_unique_inline_link_click", "cost_per_unique_outbound_click", "created_time",
     "estimated_ad_recall_rate", "estimated_ad_recall_rate_lower_bound", "estimated_ad_recall_rate_upper_bound",
     "estimated_ad_recallers", "estimated_ad_recallers_lower_bound", "estimated_ad_recallers_upper_bound",
     "full_view_impressions", "full_view_reach", "gender_targeting", "instant_experience_clicks_to_open",
     "instant_experience_clicks_to_start", "instant_experience_outbound_clicks", "labels", "location",
     "mobile_app_purchase_roas", "outbound_clicks_ctr", "qualifying_question_qualify_answer_rate", "results",
     "shops_assisted_purchases", "social_spend", "unique_actions", "unique_conversions", "unique_ctr",
     "unique_inline_link_click_ctr", "unique_inline_link_clicks", "unique_link_clicks_ctr", "unique_outbound_clicks",
     "unique_outbound_clicks_ctr", "updated_time", "video_continuous_2_sec_watched_actions", "video_play_curve_actions",
     "video_play_retention_0_to_15s_actions", "video_play_retention_20_to_60s_actions",
     "video_play_retention_graph_actions", "video_time_watched_actions", "website_ctr", "wish_bid"}
)  # fmt: skip
