-- LinkedIn's campaigns are what other platforms call ad groups.
select
    account_id,
    campaign_group_id as campaign_id,
    campaign_id as ad_group_id,
    name as ad_group_name,
    status
from {{ source('raw_linkedin_ads', 'campaigns') }}
