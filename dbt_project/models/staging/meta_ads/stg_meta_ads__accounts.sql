select
    account_id,
    name as account_name,
    account_status as status,
    currency as account_currency,
    timezone_name as timezone
from {{ source('raw_meta_ads', 'accounts') }}
