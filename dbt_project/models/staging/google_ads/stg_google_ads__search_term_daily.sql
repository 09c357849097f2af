select
    account_id,
    date_day,
    campaign_id,
    ad_group_id,
    search_term,
    match_type as search_term_match_type,
    status as search_term_status,
    impressions,
    clicks,
    round(cost_micros::numeric / 1000000, 6) as spend,
    conversions,
    conversions_value
from {{ source('raw_google_ads', 'search_term_daily') }}
