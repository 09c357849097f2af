-- Website conversions and lead forms; post-click and post-view are parts of the former and never added to it.
select
    account_id,
    date_day,
    campaign_group_id as campaign_id,
    campaign_id as ad_group_id,
    creative_id as ad_id,
    'per_conversion_action' as attribution_setting,
    impressions,
    clicks,
    landing_page_clicks as link_clicks,
    cost_in_local_currency as spend,
    external_website_conversions + one_click_leads as platform_conversions,
    conversion_value_in_local_currency as platform_conversions_value,
    one_click_leads
from {{ source('raw_linkedin_ads', 'creative_daily') }}
