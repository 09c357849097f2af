select
    account_id,
    date_day,
    campaign_id,
    null::text as campaign_type,
    account_currency,
    impressions,
    clicks,
    inline_link_clicks as link_clicks,
    spend,
    null::numeric as platform_conversions,
    null::numeric as platform_conversions_value,
    actions,
    action_values
from {{ source('raw_meta_ads', 'campaign_daily') }}
