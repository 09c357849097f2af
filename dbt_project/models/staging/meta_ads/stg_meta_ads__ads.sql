select
    account_id,
    campaign_id,
    adset_id as ad_group_id,
    ad_id,
    name as ad_name,
    effective_status as status
from {{ source('raw_meta_ads', 'ads') }}
