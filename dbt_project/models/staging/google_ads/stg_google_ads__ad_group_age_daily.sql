select
    account_id,
    date_day,
    campaign_id,
    ad_group_id,
    age_range,
    impressions,
    clicks,
    round(cost_micros::numeric / 1000000, 6) as spend,
    conversions,
    conversions_value
from {{ source('raw_google_ads', 'ad_group_age_daily') }}
