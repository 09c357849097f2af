-- Post-click and post-view are parts of the website conversions and never added to them.
select
    account_id,
    date_day,
    campaign_group_id as campaign_id,
    campaign_id as ad_group_id,
    conversion_id as conversion_action_id,
    external_website_conversions as conversions,
    external_website_post_click_conversions as post_click_conversions,
    external_website_post_view_conversions as post_view_conversions,
    conversion_value_in_local_currency as conversions_value
from {{ source('raw_linkedin_ads', 'conversion_daily') }}
