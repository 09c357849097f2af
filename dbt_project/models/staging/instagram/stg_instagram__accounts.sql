select
    account_id,
    coalesce(name, username) as account_name,
    username,
    biography,
    website
from {{ source('raw_instagram', 'accounts') }}
