{{ config(materialized='ephemeral') }}

select
    account_id,
    ad_group_id,
    ad_id,
    name as ad_name,
    status,
    ad_id as creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_google_ads', 'ads') }}
union all
select
    account_id,
    ad_group_id,
    ad_id,
    name as ad_name,
    status,
    ad_id as creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('history_google_ads', 'ads_history') }}
