-- The channel decides the booking day: what happens off Meta stands on the day of the conversion, the rest on the
-- day of the impression; totals over channels hold both.
with actions as (
    select
        *,
        case
            when action_type like 'omni\_%' or action_type like '%\_total' then 'all'
            when action_type like 'offsite\_conversion.%' or action_type like '%\_website' then 'website'
            when
                action_type like 'app\_custom\_event.%' or action_type like '%\_mobile\_app'
                or action_type = 'mobile_app_install'
                then 'app'
            when action_type like 'onsite\_%' or action_type like 'leadgen%' then 'on_meta'
            when action_type like '%\_offline' then 'offline'
            else 'all'
        end as channel
    from {{ source('raw_meta_ads', 'ad_conversions_daily') }}
)

select
    account_id,
    date_day,
    campaign_id,
    adset_id as ad_group_id,
    ad_id,
    action_type as conversion_action_id,
    channel,
    attribution_window,
    attribution_setting,
    case channel when 'all' then 'mixed' when 'on_meta' then 'interaction_date' else 'conversion_date' end
        as conversion_date_basis,
    conversions,
    conversion_value as conversions_value
from actions
