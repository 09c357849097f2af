select
    account_id,
    date_day,
    campaign_id,
    conversion_action_id,
    conversion_action_name,
    conversion_action_category as conversion_category,
    conversions,
    conversions_value,
    conversions_by_conversion_date,
    conversions_value_by_conversion_date
from {{ source('raw_google_ads', 'conversion_daily') }}
