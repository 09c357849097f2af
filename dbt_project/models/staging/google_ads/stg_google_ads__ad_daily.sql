select
    account_id,
    date_day,
    campaign_id,
    ad_group_id,
    ad_id,
    'per_conversion_action' as attribution_setting,
    impressions,
    clicks,
    null::bigint as link_clicks,
    round(cost_micros::numeric / 1000000, 6) as spend,
    conversions as platform_conversions,
    conversions_value as platform_conversions_value
from {{ source('raw_google_ads', 'ad_daily') }}
