select
    account_id,
    campaign_id,
    adgroup_id as ad_group_id,
    adgroup_name as ad_group_name,
    secondary_status as status
from {{ source('raw_tiktok_ads', 'ad_groups') }}
