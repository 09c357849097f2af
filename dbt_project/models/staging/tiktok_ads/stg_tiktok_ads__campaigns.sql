select
    account_id,
    campaign_id,
    campaign_name,
    campaign_type,
    objective_type as objective,
    secondary_status as status
from {{ source('raw_tiktok_ads', 'campaigns') }}
