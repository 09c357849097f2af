select
    account_id,
    date_day,
    campaign_id,
    device,
    ad_network_type,
    impressions,
    clicks,
    round(cost_micros::numeric / 1000000, 6) as spend,
    conversions,
    conversions_value
from {{ source('raw_google_ads', 'campaign_device_network_daily') }}
