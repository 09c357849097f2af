-- TikTok's clicks lead to the destination; all clicks of any kind are its engagements.
select
    account_id,
    date_day,
    campaign_id,
    null::text as campaign_type,
    currency as account_currency,
    impressions,
    clicks,
    clicks as link_clicks,
    spend,
    {{ tiktok_conversions() }} as conversions,
    {{ tiktok_conversions_value() }} as conversions_value
from {{ source('raw_tiktok_ads', 'campaign_daily') }}
