-- One metric for each event and channel; no channel is the total of an event.
select
    account_id,
    date_day,
    campaign_id,
    adgroup_id as ad_group_id,
    ad_id,
    event || '.' || channel as conversion_action_id,
    channel,
    case attribution when 'all' then 'setting' else attribution end as attribution_window,
    conversions,
    conversion_value as conversions_value
from {{ source('raw_tiktok_ads', 'ad_conversions_daily') }}
