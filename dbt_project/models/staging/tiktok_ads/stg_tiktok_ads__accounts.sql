select
    account_id,
    name as account_name,
    status,
    currency as account_currency,
    display_timezone as timezone,
    country,
    company,
    balance,
    create_time as created_at,
    _unlisted_since as unlisted_since
from {{ source('raw_tiktok_ads', 'accounts') }}
