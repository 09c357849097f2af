-- Days are UTC days whatever zone the account shows in Campaign Manager; the API does not name that zone.
select
    account_id,
    name as account_name,
    status,
    currency as account_currency,
    'UTC' as timezone
from {{ source('raw_linkedin_ads', 'accounts') }}
