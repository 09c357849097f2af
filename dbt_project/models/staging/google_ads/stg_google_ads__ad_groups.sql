select
    account_id,
    campaign_id,
    ad_group_id,
    name as ad_group_name,
    status
from {{ source('raw_google_ads', 'ad_groups') }}
