select
    account_id,
    campaign_id,
    name as campaign_name,
    objective,
    effective_status as status
from {{ source('raw_meta_ads', 'campaigns') }}
