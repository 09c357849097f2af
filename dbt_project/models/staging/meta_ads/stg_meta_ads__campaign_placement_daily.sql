select
    account_id,
    date_day,
    campaign_id,
    publisher_platform,
    platform_position,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    actions,
    action_values
from {{ source('raw_meta_ads', 'campaign_placement_daily') }}
