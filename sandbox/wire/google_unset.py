"""Fields that exist in the API and that nobody in this world has set: accepted in queries, absent in answers.

What independent connectors select. Lists by resource and type; a star marks repeated fields.
"""

from dataclasses import replace

from sandbox.wire.google_fields import Fields, unset

_NAMES = {
    "ad_group": {
        "DOUBLE": "effective_target_roas target_roas",
        "ENUM": "display_custom_bid_dimension effective_target_cpa_source effective_target_roas_source",
        "ENUM*": "excluded_parent_asset_field_types",
        "INT64": "percent_cpc_bid_micros",
        "MESSAGE*": "targeting_setting.target_restrictions url_custom_parameters",
        "STRING": "final_url_suffix tracking_url_template",
        "STRING*": "labels",
    },
    "ad_group_ad": {
        "BOOLEAN": (
            "ad.legacy_responsive_display_ad.allow_flexible_color ad.responsive_display_ad.allow_flexible_color "
            "ad.responsive_display_ad.control_spec.enable_asset_enhancements "
            "ad.responsive_display_ad.control_spec.enable_autogen_video"
        ),
        "ENUM": (
            "ad.device_preference ad.display_upload_ad.display_upload_product_type ad.image_ad.mime_type "
            "ad.legacy_responsive_display_ad.format_setting ad.responsive_display_ad.format_setting "
            "ad.system_managed_resource_source"
        ),
        "INT64": (
            "ad.image_ad.pixel_height ad.image_ad.pixel_width ad.image_ad.preview_pixel_height "
            "ad.image_ad.preview_pixel_width"
        ),
        "MESSAGE": (
            "ad.app_ad.mandatory_ad_text ad.demand_gen_carousel_ad.headline ad.display_upload_ad.media_bundle "
            "ad.hotel_ad ad.legacy_app_install_ad ad.responsive_display_ad.long_headline ad.shopping_product_ad "
            "ad.shopping_smart_ad"
        ),
        "MESSAGE*": (
            "ad.app_ad.descriptions ad.app_ad.headlines ad.app_ad.html5_media_bundles ad.app_ad.images "
            "ad.app_ad.youtube_videos ad.app_engagement_ad.descriptions ad.app_engagement_ad.headlines "
            "ad.app_engagement_ad.images ad.app_engagement_ad.videos "
            "ad.demand_gen_video_responsive_ad.descriptions ad.demand_gen_video_responsive_ad.headlines "
            "ad.final_app_urls ad.local_ad.call_to_actions ad.local_ad.descriptions ad.local_ad.headlines "
            "ad.local_ad.logo_images ad.local_ad.marketing_images ad.local_ad.videos "
            "ad.responsive_display_ad.logo_images ad.responsive_display_ad.marketing_images "
            "ad.responsive_display_ad.square_logo_images ad.responsive_display_ad.square_marketing_images "
            "ad.responsive_display_ad.youtube_videos ad.smart_campaign_ad.descriptions "
            "ad.smart_campaign_ad.headlines ad.url_collections ad.url_custom_parameters "
            "ad.video_responsive_ad.call_to_actions ad.video_responsive_ad.companion_banners "
            "ad.video_responsive_ad.descriptions ad.video_responsive_ad.headlines "
            "ad.video_responsive_ad.long_headlines ad.video_responsive_ad.videos "
            "policy_summary.policy_topic_entries"
        ),
        "STRING": (
            "ad.display_url ad.expanded_dynamic_search_ad.description ad.expanded_dynamic_search_ad.description2 "
            "ad.expanded_text_ad.description ad.expanded_text_ad.description2 ad.expanded_text_ad.headline_part1 "
            "ad.expanded_text_ad.headline_part2 ad.expanded_text_ad.headline_part3 ad.expanded_text_ad.path1 "
            "ad.expanded_text_ad.path2 ad.image_ad.image_url ad.image_ad.name ad.image_ad.preview_image_url "
            "ad.legacy_responsive_display_ad.accent_color ad.legacy_responsive_display_ad.business_name "
            "ad.legacy_responsive_display_ad.call_to_action_text ad.legacy_responsive_display_ad.description "
            "ad.legacy_responsive_display_ad.logo_image ad.legacy_responsive_display_ad.long_headline "
            "ad.legacy_responsive_display_ad.main_color ad.legacy_responsive_display_ad.marketing_image "
            "ad.legacy_responsive_display_ad.price_prefix ad.legacy_responsive_display_ad.promo_text "
            "ad.legacy_responsive_display_ad.short_headline ad.legacy_responsive_display_ad.square_logo_image "
            "ad.legacy_responsive_display_ad.square_marketing_image ad.local_ad.path1 ad.local_ad.path2 "
            "ad.responsive_display_ad.accent_color ad.responsive_display_ad.business_name "
            "ad.responsive_display_ad.call_to_action_text ad.responsive_display_ad.main_color "
            "ad.responsive_display_ad.price_prefix ad.responsive_display_ad.promo_text "
            "ad.responsive_search_ad.path1 ad.responsive_search_ad.path2 "
            "ad.shopping_comparison_listing_ad.headline ad.text_ad.description1 ad.text_ad.description2 "
            "ad.text_ad.headline ad.video_ad.in_feed.description1 ad.video_ad.in_feed.description2 "
            "ad.video_ad.in_feed.headline ad.video_ad.in_stream.action_button_label "
            "ad.video_ad.in_stream.action_headline ad.video_ad.out_stream.description "
            "ad.video_ad.out_stream.headline"
        ),
        "STRING*": "ad.final_mobile_urls labels",
    },
    "ad_group_ad_label": {
        "RESOURCE_NAME": "resource_name",
    },
    "ad_group_criterion": {
        "DOUBLE": "bid_modifier webpage.coverage_percentage",
        "ENUM": (
            "app_payment_model.type effective_cpc_bid_source effective_cpm_bid_source effective_cpv_bid_source "
            "effective_percent_cpc_bid_source income_range.type listing_group.case_value.product_category.level "
            "listing_group.case_value.product_channel.channel "
            "listing_group.case_value.product_channel_exclusivity.channel_exclusivity "
            "listing_group.case_value.product_condition.condition "
            "listing_group.case_value.product_custom_attribute.index listing_group.case_value.product_type.level "
            "listing_group.type parental_status.type quality_info.creative_quality_score "
            "quality_info.post_click_quality_score quality_info.search_predicted_ctr system_serving_status"
        ),
        "INT64": (
            "cpm_bid_micros cpv_bid_micros effective_cpm_bid_micros effective_cpv_bid_micros "
            "effective_percent_cpc_bid_micros listing_group.case_value.activity_rating.value "
            "listing_group.case_value.hotel_class.value listing_group.case_value.product_category.category_id "
            "percent_cpc_bid_micros position_estimates.estimated_add_clicks_at_first_position_cpc "
            "position_estimates.estimated_add_cost_at_first_position_cpc position_estimates.first_page_cpc_micros "
            "position_estimates.first_position_cpc_micros position_estimates.top_of_page_cpc_micros"
        ),
        "MESSAGE*": "url_custom_parameters webpage.conditions",
        "STRING": (
            "audience.audience combined_audience.combined_audience custom_affinity.custom_affinity "
            "custom_audience.custom_audience custom_intent.custom_intent display_name final_url_suffix "
            "listing_group.case_value.activity_country.value listing_group.case_value.activity_id.value "
            "listing_group.case_value.hotel_city.city_criterion "
            "listing_group.case_value.hotel_country_region.country_region_criterion "
            "listing_group.case_value.hotel_id.value listing_group.case_value.hotel_state.state_criterion "
            "listing_group.case_value.product_brand.value listing_group.case_value.product_custom_attribute.value "
            "listing_group.case_value.product_item_id.value listing_group.case_value.product_type.value "
            "listing_group.parent_ad_group_criterion mobile_app_category.mobile_app_category_constant "
            "mobile_application.app_id mobile_application.name placement.url topic.topic_constant "
            "tracking_url_template user_interest.user_interest_category user_list.user_list "
            "webpage.criterion_name youtube_channel.channel_id youtube_video.video_id"
        ),
        "STRING*": "disapproval_reasons final_mobile_urls labels topic.path webpage.sample.sample_urls",
    },
    "ad_group_criterion_label": {
        "RESOURCE_NAME": "resource_name",
        "STRING": "ad_group_criterion label",
    },
    "ad_group_label": {
        "RESOURCE_NAME": "resource_name",
    },
    "audience": {
        "ENUM": "status",
        "INT64": "id",
        "MESSAGE": "exclusion_dimension",
        "MESSAGE*": "dimensions",
        "RESOURCE_NAME": "resource_name",
        "STRING": "description name",
    },
    "bidding_strategy": {
        "DOUBLE": "maximize_conversion_value.target_roas target_roas.target_roas",
        "ENUM": "status target_impression_share.location type",
        "INT64": (
            "aligned_campaign_budget_id campaign_count id maximize_conversion_value.cpc_bid_ceiling_micros "
            "maximize_conversion_value.cpc_bid_floor_micros maximize_conversions.cpc_bid_ceiling_micros "
            "maximize_conversions.cpc_bid_floor_micros maximize_conversions.target_cpa_micros "
            "non_removed_campaign_count target_cpa.cpc_bid_ceiling_micros target_cpa.cpc_bid_floor_micros "
            "target_cpa.target_cpa_micros target_impression_share.cpc_bid_ceiling_micros "
            "target_impression_share.location_fraction_micros target_roas.cpc_bid_ceiling_micros "
            "target_roas.cpc_bid_floor_micros target_spend.cpc_bid_ceiling_micros "
            "target_spend.target_spend_micros"
        ),
        "MESSAGE": "enhanced_cpc",
        "RESOURCE_NAME": "resource_name",
        "STRING": "currency_code effective_currency_code name",
    },
    "campaign": {
        "BOOLEAN": (
            "dynamic_search_ads_setting.use_supplied_urls_only manual_cpc.enhanced_cpc_enabled "
            "percent_cpc.enhanced_cpc_enabled real_time_bidding_setting.opt_in shopping_setting.enable_local"
        ),
        "DOUBLE": "optimization_score target_roas.target_roas",
        "ENUM": (
            "app_campaign_setting.app_store app_campaign_setting.bidding_strategy_goal_type "
            "local_campaign_setting.location_source_type target_cpm.target_frequency_goal.time_unit "
            "target_impression_share.location vanity_pharma.vanity_pharma_display_url_mode "
            "vanity_pharma.vanity_pharma_text"
        ),
        "ENUM*": "excluded_parent_asset_field_types optimization_goal_setting.optimization_goal_types",
        "INT32": "shopping_setting.campaign_priority",
        "INT64": (
            "commission.commission_rate_micros hotel_setting.hotel_center_id percent_cpc.cpc_bid_ceiling_micros "
            "shopping_setting.merchant_id target_cpa.cpc_bid_ceiling_micros target_cpa.cpc_bid_floor_micros "
            "target_cpm.target_frequency_goal.target_count target_impression_share.cpc_bid_ceiling_micros "
            "target_impression_share.location_fraction_micros target_roas.cpc_bid_ceiling_micros "
            "target_roas.cpc_bid_floor_micros target_spend.cpc_bid_ceiling_micros "
            "target_spend.target_spend_micros"
        ),
        "MESSAGE": "manual_cpm manual_cpv",
        "MESSAGE*": "frequency_caps targeting_setting.target_restrictions url_custom_parameters",
        "STRING": (
            "accessible_bidding_strategy app_campaign_setting.app_id base_campaign bidding_strategy "
            "campaign_group dynamic_search_ads_setting.domain_name dynamic_search_ads_setting.language_code "
            "final_url_suffix tracking_setting.tracking_url"
        ),
        "STRING*": "labels selective_optimization.conversion_actions",
    },
    "campaign_budget": {
        "INT64": (
            "aligned_bidding_strategy_id recommended_budget_amount_micros "
            "recommended_budget_estimated_change_weekly_clicks "
            "recommended_budget_estimated_change_weekly_cost_micros "
            "recommended_budget_estimated_change_weekly_interactions "
            "recommended_budget_estimated_change_weekly_views"
        ),
    },
    "campaign_criterion": {
        "ENUM": "age_range.type keyword.match_type",
        "FLOAT": "bid_modifier",
        "STRING": (
            "display_name keyword.text mobile_application.name youtube_channel.channel_id youtube_video.video_id"
        ),
    },
    "campaign_label": {
        "RESOURCE_NAME": "resource_name",
    },
    "click_view": {
        "ENUM": "keyword_info.match_type",
        "STRING": "ad_group_ad gclid keyword keyword_info.text",
    },
    "conversion_action": {
        "INT64": "phone_call_duration_seconds",
        "STRING": "app_id value_settings.default_currency_code",
    },
    "customer": {
        "BOOLEAN": (
            "call_reporting_setting.call_conversion_reporting_enabled "
            "call_reporting_setting.call_reporting_enabled has_partners_badge"
        ),
        "DOUBLE": "optimization_score optimization_score_weight",
        "ENUM*": "pay_per_conversion_eligibility_failure_reasons",
        "INT64": (
            "conversion_tracking_setting.conversion_tracking_id "
            "conversion_tracking_setting.cross_account_conversion_tracking_id"
        ),
        "STRING": "call_reporting_setting.call_conversion_action remarketing_setting.google_global_site_tag",
    },
    "customer_label": {
        "RESOURCE_NAME": "resource_name",
        "STRING": "customer label",
    },
    "label": {
        "ENUM": "status",
        "INT64": "id",
        "RESOURCE_NAME": "resource_name",
        "STRING": "name text_label.background_color text_label.description",
    },
    "metrics": {
        "DOUBLE": (
            "absolute_top_impression_percentage average_page_views average_time_on_site bounce_rate "
            "content_budget_lost_impression_share content_impression_share content_rank_lost_impression_share "
            "cost_per_current_model_attributed_conversion current_model_attributed_conversions "
            "current_model_attributed_conversions_value invalid_click_rate orders percent_new_visitors "
            "search_budget_lost_top_impression_share search_click_share search_exact_match_impression_share "
            "search_rank_lost_top_impression_share top_impression_percentage "
            "value_per_current_model_attributed_conversion"
        ),
        "INT64": (
            "gmail_forwards gmail_saves gmail_secondary_clicks invalid_clicks phone_calls revenue_micros "
            "video_watch_time_duration_millis"
        ),
        "STRING": "optimization_score_url",
    },
    "segments": {
        "BOOLEAN": "conversion_adjustment",
        "ENUM": (
            "click_type conversion_lag_bucket external_conversion_source keyword.info.match_type "
            "mobile_device_platform new_versus_returning_customers product_channel product_channel_exclusivity "
            "product_condition slot"
        ),
        "INT64": "product_aggregator_id product_merchant_id",
        "STRING": (
            "geo_target_city geo_target_country geo_target_metro geo_target_most_specific_location "
            "geo_target_region geo_target_state keyword.ad_group_criterion keyword.info.text product_brand "
            "product_category_level1 product_category_level2 product_category_level3 product_category_level4 "
            "product_category_level5 product_country product_custom_attribute0 product_custom_attribute1 "
            "product_custom_attribute2 product_custom_attribute3 product_custom_attribute4 product_item_id "
            "product_language product_store_id product_title product_type_l1 product_type_l2 product_type_l3 "
            "product_type_l4 product_type_l5"
        ),
    },
    "topic_view": {
        "RESOURCE_NAME": "resource_name",
    },
    "user_interest": {
        "BOOLEAN": "launched_to_all",
        "ENUM": "taxonomy_type",
        "INT64": "user_interest_id",
        "MESSAGE*": "availabilities",
        "RESOURCE_NAME": "resource_name",
        "STRING": "name user_interest_parent",
    },
}
# What came or went between the versions that are served.
_VERSIONS = {
    "asset_group.final_url_suffix": range(25, 27),
    "asset_group.tracking_url_template": range(25, 27),
    "campaign.video_brand_safety_suitability": range(23, 24),
}
_CHANGING = unset("asset_group", {"STRING": "final_url_suffix tracking_url_template"}) | unset(
    "campaign", {"ENUM": "video_brand_safety_suitability"}
)

UNSET: Fields = {
    **{name: known for prefix, names in _NAMES.items() for name, known in unset(prefix, names).items()},
    **{name: replace(known, versions=_VERSIONS[name]) for name, known in _CHANGING.items()},
}
