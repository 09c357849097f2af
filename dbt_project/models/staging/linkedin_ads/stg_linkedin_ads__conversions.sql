select
    account_id,
    conversion_id as conversion_action_id,
    name as conversion_action_name,
    type as conversion_category,
    post_click_attribution_window_size || 'd_click_' || view_through_attribution_window_size || 'd_view'
        as attribution_setting
from {{ source('raw_linkedin_ads', 'conversions') }}
