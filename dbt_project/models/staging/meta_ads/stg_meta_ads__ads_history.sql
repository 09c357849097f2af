{{ config(materialized='ephemeral') }}

select
    account_id,
    adset_id as ad_group_id,
    ad_id,
    name as ad_name,
    effective_status as status,
    creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_meta_ads', 'ads') }}
union all
select
    account_id,
    adset_id as ad_group_id,
    ad_id,
    name as ad_name,
    effective_status as status,
    creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('history_meta_ads', 'ads_history') }}
