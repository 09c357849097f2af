-- TikTok's conversion is the event that each ad group is optimised for.
select
    account_id,
    date_day,
    impressions,
    clicks,
    clicks as link_clicks,
    spend,
    conversion as conversions,
    reach,
    frequency
from {{ source('raw_tiktok_ads', 'account_daily') }}
