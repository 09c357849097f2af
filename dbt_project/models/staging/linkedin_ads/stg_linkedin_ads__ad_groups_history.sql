{{ config(materialized='ephemeral') }}

select
    account_id,
    campaign_id as ad_group_id,
    name as ad_group_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_linkedin_ads', 'campaigns') }}
union all
select
    account_id,
    campaign_id as ad_group_id,
    name as ad_group_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_linkedin_ads', 'campaigns_history') }}
