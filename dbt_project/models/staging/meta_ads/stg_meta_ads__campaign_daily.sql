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
    {{ meta_conversions('actions') }} as conversions,
    {{ meta_conversions('action_values') }} as conversions_value
from {{ source('raw_meta_ads', 'campaign_daily') }}
