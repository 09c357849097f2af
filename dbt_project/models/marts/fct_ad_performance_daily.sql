{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}

with unioned as (
    select * from {{ ref('int_ad_days') }}
    union all
    select * from {{ ref('int_not_at_ad_level_days') }}
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    date_day,
    account_timezone,
    date_basis,
    account_currency,
    impressions,
    clicks,
    link_clicks,
    spend,
    conversions,
    conversions_value,
    reporting_currency,
    fx_rate,
    fx_rate_date,
    fx_source,
    fx_reason,
    spend_reporting,
    conversions_value_reporting,
    finalizes_on,
    version
from unioned
