{{ config(materialized='ephemeral') }}

select
    account_id,
    adgroup_id as ad_group_id,
    adgroup_name as ad_group_name,
    secondary_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_tiktok_ads', 'ad_groups') }}
union all
select
    account_id,
    adgroup_id as ad_group_id,
    adgroup_name as ad_group_name,
    secondary_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_tiktok_ads', 'ad_groups_history') }}
