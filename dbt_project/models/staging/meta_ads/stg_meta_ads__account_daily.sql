select
    account_id,
    date_day,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    reach,
    frequency
from {{ source('raw_meta_ads', 'account_daily') }}
