-- TikTok's conversion is the event that each ad group is optimised for.
select
    account_id,
    date_day,
    campaign_id,
    age,
    gender,
    impressions,
    clicks,
    clicks as link_clicks,
    spend,
    conversion as conversions
from {{ source('raw_tiktok_ads', 'campaign_age_gender_daily') }}
