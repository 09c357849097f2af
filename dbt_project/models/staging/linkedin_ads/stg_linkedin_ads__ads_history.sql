{{ config(materialized='ephemeral') }}

select
    account_id,
    campaign_id as ad_group_id,
    creative_id as ad_id,
    name as ad_name,
    intended_status as status,
    creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_linkedin_ads', 'creatives') }}
union all
select
    account_id,
    campaign_id as ad_group_id,
    creative_id as ad_id,
    name as ad_name,
    intended_status as status,
    creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('history_linkedin_ads', 'creatives_history') }}
