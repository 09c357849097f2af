select
    account_id,
    campaign_id,
    name as campaign_name,
    advertising_channel_type as campaign_type,
    null::text as objective,
    status
from {{ source('raw_google_ads', 'campaigns') }}
