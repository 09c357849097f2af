select
    account_id,
    date_day,
    campaign_id,
    device_platform,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    actions,
    action_values
from {{ source('raw_meta_ads', 'campaign_device_daily') }}
