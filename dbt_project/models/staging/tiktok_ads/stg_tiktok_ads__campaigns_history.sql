{{ config(materialized='ephemeral') }}

select
    account_id,
    campaign_id,
    campaign_name,
    secondary_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_tiktok_ads', 'campaigns') }}
union all
select
    account_id,
    campaign_id,
    campaign_name,
    secondary_status as status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_tiktok_ads', 'campaigns_history') }}
