select
    account_id,
    date_day,
    campaign_id,
    country,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    actions,
    action_values
from {{ source('raw_meta_ads', 'campaign_country_daily') }}
