{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}

select
    client_id,
    platform,
    account_id,
    campaign_id,
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
from {{ ref('int_campaign_days') }}
