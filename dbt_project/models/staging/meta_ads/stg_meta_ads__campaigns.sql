select
    account_id,
    campaign_id,
    name as campaign_name,
    null::text as campaign_type,
    objective,
    effective_status as status
from {{ source('raw_meta_ads', 'campaigns') }}
