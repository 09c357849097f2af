-- TikTok's conversion is the event that each ad group is optimised for.
select
    account_id,
    date_day,
    campaign_id,
    adgroup_id as ad_group_id,
    impressions,
    clicks,
    clicks as link_clicks,
    spend,
    conversion as conversions,
    reach,
    frequency
from {{ source('raw_tiktok_ads', 'ad_group_daily') }}
