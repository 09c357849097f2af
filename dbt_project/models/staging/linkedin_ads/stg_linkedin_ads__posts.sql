select
    account_id,
    post as post_id,
    lifecycle_state as status,
    commentary,
    nullif(content #>> '{article,title}', '') as title,
    {{ first_key('content') }} as post_type,
    coalesce(content #>> '{media,id}', content #>> '{article,thumbnail}') as media_urn,
    landing_page as destination_url,
    call_to_action,
    created_at,
    last_modified_at as updated_at
from {{ source('raw_linkedin_ads', 'posts') }}
