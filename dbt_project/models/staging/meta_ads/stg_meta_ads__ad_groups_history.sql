{{ config(materialized='ephemeral') }}

select
    account_id,
    adset_id as ad_group_id,
    name as ad_group_name,
    effective_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_meta_ads', 'ad_sets') }}
union all
select
    account_id,
    adset_id as ad_group_id,
    name as ad_group_name,
    effective_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_meta_ads', 'ad_sets_history') }}
