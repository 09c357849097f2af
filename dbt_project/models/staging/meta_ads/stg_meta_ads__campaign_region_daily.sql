select
    account_id,
    date_day,
    campaign_id,
    region,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend
from {{ source('raw_meta_ads', 'campaign_region_daily') }}
