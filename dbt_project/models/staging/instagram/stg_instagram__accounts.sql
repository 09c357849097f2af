select
    account_id,
    coalesce(name, username) as account_name,
    username,
    biography,
    website,
    _unlisted_since as unlisted_since
from {{ source('raw_instagram', 'accounts') }}
