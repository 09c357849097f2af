select
    account_id,
    campaign_id,
    adset_id as ad_group_id,
    ad_id,
    name as ad_name,
    effective_status as status,
    configured_status,
    null::text as serving_status,
    null::text as ad_type,
    null::text as review_status,
    creative_id,
    created_time as created_at,
    updated_time as updated_at,
    _unlisted_since as unlisted_since,
    conversion_domain,
    nullif(source_ad_id, '0') as source_ad_id
from {{ source('raw_meta_ads', 'ads') }}
