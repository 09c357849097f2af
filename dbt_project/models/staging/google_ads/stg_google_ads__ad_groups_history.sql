{{ config(materialized='ephemeral') }}

select
    account_id,
    ad_group_id,
    name as ad_group_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_google_ads', 'ad_groups') }}
union all
select
    account_id,
    ad_group_id,
    name as ad_group_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_google_ads', 'ad_groups_history') }}
