-- Days are UTC days whatever zone the account shows in Campaign Manager; the API does not name that zone.
select
    account_id,
    name as account_name,
    status,
    {{ words_of('serving_statuses') }} as serving_status,
    currency as account_currency,
    'UTC' as timezone,
    type as account_type,
    reference as owner_urn,
    test as is_test,
    version_tag,
    created_at,
    last_modified_at as updated_at,
    _unlisted_since as unlisted_since
from {{ source('raw_linkedin_ads', 'accounts') }}
