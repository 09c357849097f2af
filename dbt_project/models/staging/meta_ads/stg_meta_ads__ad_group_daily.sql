select
    account_id,
    date_day,
    campaign_id,
    adset_id as ad_group_id,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    reach,
    frequency
from {{ source('raw_meta_ads', 'ad_set_daily') }}
