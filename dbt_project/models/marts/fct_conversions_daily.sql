{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}
{% set account_day = ['client_id', 'platform', 'account_id', 'date_day'] %}

select
    days.client_id,
    days.platform,
    days.account_id,
    days.campaign_id,
    days.ad_group_id,
    days.ad_id,
    days.date_day,
    days.conversion_action_id,
    days.attribution_window,
    pending.account_timezone,
    case platform_rule.day_zone when 'account' then 'account_timezone' else platform_rule.day_zone end as date_basis,
    days.conversion_action_name,
    days.conversion_family,
    days.channel,
    days.is_default_attribution,
    days.counts_in_family,
    days.counts_in_conversions,
    days.attribution_setting,
    days.conversion_date_basis,
    days.conversions,
    days.conversions_value,
    pending.account_currency,
    pending.reporting_currency,
    pending.fx_rate,
    {{ in_reporting_currency('days.conversions_value', 'pending.fx_rate') }} as conversions_value_reporting,
    pending.finalizes_on,
    pending.version
from {{ ref('int_conversion_days') }} as days
inner join {{ source('ops', 'pending_account_day') }} as pending
    on {{ join_key('days', account_day) }} = {{ join_key('pending', account_day) }}
inner join {{ source('ops', 'platform_rule') }} as platform_rule
    on days.platform = platform_rule.platform
where days.level = 'object'
