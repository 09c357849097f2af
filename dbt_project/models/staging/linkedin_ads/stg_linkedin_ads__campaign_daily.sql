-- Website conversions and lead forms; post-click and post-view are parts of the former and never added to it.
select
    account_id,
    date_day,
    campaign_group_id as campaign_id,
    null::text as campaign_type,
    impressions,
    clicks,
    landing_page_clicks as link_clicks,
    cost_in_local_currency as spend,
    external_website_conversions + one_click_leads as platform_conversions,
    conversion_value_in_local_currency as platform_conversions_value
from {{ source('raw_linkedin_ads', 'campaign_group_daily') }}
