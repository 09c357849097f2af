select
    account_id,
    name as account_name,
    status,
    currency as account_currency,
    display_timezone as timezone
from {{ source('raw_tiktok_ads', 'accounts') }}
