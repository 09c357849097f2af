select
    account_id,
    date_day,
    campaign_id,
    age,
    gender,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    actions,
    action_values
from {{ source('raw_meta_ads', 'campaign_age_gender_daily') }}
