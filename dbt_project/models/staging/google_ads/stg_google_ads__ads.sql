select
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    name as ad_name,
    status
from {{ source('raw_google_ads', 'ads') }}
