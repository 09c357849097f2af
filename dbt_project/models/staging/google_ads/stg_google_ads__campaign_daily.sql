select
    account_id,
    date_day,
    campaign_id,
    advertising_channel_type as campaign_type,
    impressions,
    clicks,
    null::bigint as link_clicks,
    round(cost_micros::numeric / 1000000, 6) as spend,
    conversions as platform_conversions,
    conversions_value as platform_conversions_value
from {{ source('raw_google_ads', 'campaign_daily') }}
