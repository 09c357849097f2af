select
    account_id,
    date_day,
    campaign_id,
    ad_group_id,
    criterion_id,
    impressions,
    clicks,
    round(cost_micros::numeric / 1000000, 6) as spend,
    conversions,
    conversions_value,
    historical_quality_score
from {{ source('raw_google_ads', 'keyword_daily') }}
