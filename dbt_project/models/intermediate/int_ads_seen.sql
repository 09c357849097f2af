{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}

-- Grows only, as int_campaigns_seen; reads the facts so that the "not at ad level" rows have their members too.
with pending_ads as (
    select
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.campaign_id,
        detail.ad_group_id,
        detail.ad_id
    from {{ pending_rows(ref('fct_ad_performance_daily')) }}
    union distinct
    select
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.campaign_id,
        detail.ad_group_id,
        detail.ad_id
    from {{ pending_rows(ref('fct_conversions_daily')) }}
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
except
select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id
from {{ this }}
{% endif %}
