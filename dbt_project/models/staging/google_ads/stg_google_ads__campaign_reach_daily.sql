select
    account_id,
    date_day,
    campaign_id,
    unique_users as reach,
    average_impression_frequency_per_user as frequency
from {{ source('raw_google_ads', 'campaign_reach_daily') }}
