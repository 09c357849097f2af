{{ config(materialized='ephemeral') }}

select
    account_id,
    campaign_group_id as campaign_id,
    name as campaign_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_linkedin_ads', 'campaign_groups') }}
union all
select
    account_id,
    campaign_group_id as campaign_id,
    name as campaign_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_linkedin_ads', 'campaign_groups_history') }}
