select
    account_id,
    conversion_action_id,
    click_through_lookback_window_days || 'd_click_' || view_through_lookback_window_days || 'd_view'
        as attribution_setting
from {{ source('raw_google_ads', 'conversion_actions') }}
