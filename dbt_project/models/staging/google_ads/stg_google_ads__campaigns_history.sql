{{ config(materialized='ephemeral') }}

select
    account_id,
    campaign_id,
    name as campaign_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_google_ads', 'campaigns') }}
union all
select
    account_id,
    campaign_id,
    name as campaign_name,
    status,
    _version as version,
    _valid_from as valid_from
from {{ source('history_google_ads', 'campaigns_history') }}
