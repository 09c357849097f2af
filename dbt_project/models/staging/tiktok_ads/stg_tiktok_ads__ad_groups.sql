select
    account_id,
    campaign_id,
    adgroup_id as ad_group_id,
    adgroup_name as ad_group_name,
    secondary_status as status,
    concat_ws(
        '_',
        {{ tiktok_window_days('click_attribution_window') }} || 'd_click',
        {{ tiktok_window_days('view_attribution_window') }} || 'd_view',
        {{ tiktok_window_days('engaged_view_attribution_window') }} || 'd_engaged_view'
    ) as attribution_setting
from {{ source('raw_tiktok_ads', 'ad_groups') }}
