{{ config(materialized='ephemeral') }}

select
    account_id,
    campaign_id,
    name as campaign_name,
    effective_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_meta_ads', 'campaigns') }}
union all
select
    account_id,
    campaign_id,
    name as campaign_name,
    effective_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_meta_ads', 'campaigns_history') }}
