{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}

-- Grows only: an id that once had figures keeps its dimension row, also after the platform forgot the campaign.
with pending_campaigns as (
    select distinct
        client_id,
        platform,
        account_id,
        campaign_id,
        campaign_type
    from {{ ref('int_campaign_days') }}
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    max(campaign_type) as campaign_type
from pending_campaigns
{% if is_incremental() %}
where not exists (
    select 1
    from {{ this }} as seen
    where
        pending_campaigns.client_id = seen.client_id
        and pending_campaigns.platform = seen.platform
        and pending_campaigns.account_id = seen.account_id
        and pending_campaigns.campaign_id = seen.campaign_id
)
{% endif %}
group by client_id, platform, account_id, campaign_id
