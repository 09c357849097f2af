select
    account_id,
    date_day,
    campaign_id,
    adset_id as ad_group_id,
    ad_id,
    attribution_setting,
    account_currency,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    null::numeric as platform_conversions,
    null::numeric as platform_conversions_value
from {{ source('raw_meta_ads', 'ad_daily') }}
