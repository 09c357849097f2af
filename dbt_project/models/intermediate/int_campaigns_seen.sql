{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}

-- Grows only: an id that once had figures keeps its dimension row, also after the platform forgot the campaign.
select distinct
    client_id,
    platform,
    account_id,
    campaign_id,
    campaign_type
from {{ ref('int_campaign_days') }}
{% if is_incremental() %}
except
select
    client_id,
    platform,
    account_id,
    campaign_id,
    campaign_type
from {{ this }}
{% endif %}
