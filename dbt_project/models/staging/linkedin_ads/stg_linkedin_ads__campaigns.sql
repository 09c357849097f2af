-- LinkedIn's campaign groups are what other platforms call campaigns.
select
    account_id,
    campaign_group_id as campaign_id,
    name as campaign_name,
    null::text as campaign_type,
    objective_type as objective,
    status
from {{ source('raw_linkedin_ads', 'campaign_groups') }}
