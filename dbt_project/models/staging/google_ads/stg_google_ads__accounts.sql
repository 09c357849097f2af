select
    account_id,
    descriptive_name as account_name,
    status,
    currency_code as account_currency,
    time_zone as timezone
from {{ source('raw_google_ads', 'accounts') }}
