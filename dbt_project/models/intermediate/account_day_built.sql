{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}
-- Built last: whoever finds an account-day here finds all its facts and dimensions of that version.
-- depends_on: {{ ref('fct_ad_performance_daily') }}
-- depends_on: {{ ref('fct_campaign_performance_daily') }}
-- depends_on: {{ ref('fct_conversions_daily') }}
-- depends_on: {{ ref('fct_instagram_account_daily') }}
-- depends_on: {{ ref('fct_instagram_media') }}
-- depends_on: {{ ref('dim_client') }}
-- depends_on: {{ ref('dim_account') }}
-- depends_on: {{ ref('dim_campaign') }}
-- depends_on: {{ ref('dim_ad_group') }}
-- depends_on: {{ ref('dim_ad') }}
-- depends_on: {{ ref('dim_creative') }}
-- depends_on: {{ ref('dim_campaign_history') }}
-- depends_on: {{ ref('dim_ad_group_history') }}
-- depends_on: {{ ref('dim_ad_history') }}
-- depends_on: {{ ref('dim_date') }}
select
    client_id,
    platform,
    account_id,
    date_day,
    version,
    finalizes_on,
    opened_at as built_at
from {{ source('ops', 'pending_account_day') }}
