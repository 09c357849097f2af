{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}

-- Grows only, as int_campaigns_seen; reads the fact so that the "not at ad level" rows have their members too.
with pending_ads as (
    select distinct
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.campaign_id,
        detail.ad_group_id,
        detail.ad_id
    from {{ pending_rows(ref('fct_ad_performance_daily')) }}
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id
from pending_ads
{% if is_incremental() %}
where not exists (
    select 1
    from {{ this }} as seen
    where
        pending_ads.client_id = seen.client_id
        and pending_ads.platform = seen.platform
        and pending_ads.account_id = seen.account_id
        and pending_ads.campaign_id = seen.campaign_id
        and pending_ads.ad_group_id = seen.ad_group_id
        and pending_ads.ad_id = seen.ad_id
)
{% endif %}
