{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}
{% set account_day = ['client_id', 'platform', 'account_id', 'date_day'] %}
{% set campaign_day = account_day + ['campaign_id'] %}

-- Meta and TikTok tell conversions of campaigns; elsewhere those of the campaign's parts are added.
with campaign_conversions as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        campaign_id,
        sum(conversions) filter (where conversion_family = 'purchase') as purchases,
        sum(conversions_value) filter (where conversion_family = 'purchase') as purchases_value,
        sum(conversions) filter (where conversion_family = 'lead') as leads,
        sum(conversions) filter (where counts_in_conversions) as conversions,
        sum(conversions_value) filter (where counts_in_conversions) as conversions_value
    from {{ ref('int_conversion_days') }}
    where
        counts_in_family
        and is_default_attribution
        and (level = 'campaign' or platform in ('google_ads', 'linkedin_ads'))
    group by client_id, platform, account_id, date_day, campaign_id
),

-- Only ads (Meta) and ad groups (TikTok) have a setting; a campaign has one where all of its ads share it.
settings as (
    select
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.date_day,
        detail.campaign_id,
        case
            when min(detail.attribution_setting) = max(detail.attribution_setting) then min(detail.attribution_setting)
            when count(detail.attribution_setting) > 0 then 'mixed'
        end as attribution_setting
    from {{ pending_rows(ref('fct_ad_performance_daily')) }}
    group by detail.client_id, detail.platform, detail.account_id, detail.date_day, detail.campaign_id
),

counted as (
    select
        campaign_days.*,
        case
            when campaign_days.platform in ('google_ads', 'linkedin_ads') then 'per_conversion_action'
            else settings.attribution_setting
        end as attribution_setting,
        case campaign_days.platform when 'meta_ads' then 'mixed' else 'interaction_date' end as conversion_date_basis,
        case
            when account_days.uses_platform_total then campaign_days.platform_conversions
            when account_days.has_actions then coalesce(campaign_conversions.conversions, 0)
        end as conversions,
        case
            when account_days.uses_platform_total then campaign_days.platform_conversions_value
            when account_days.has_actions then coalesce(campaign_conversions.conversions_value, 0)
        end as conversions_value,
        case when account_days.has_actions then coalesce(campaign_conversions.purchases, 0) end as purchases,
        case when account_days.has_actions then coalesce(campaign_conversions.purchases_value, 0) end
            as purchases_value,
        case when account_days.has_actions then coalesce(campaign_conversions.leads, 0) end as leads
    from {{ ref('int_campaign_days') }} as campaign_days
    inner join {{ ref('int_conversion_account_days') }} as account_days
        on {{ join_key('campaign_days', account_day) }} = {{ join_key('account_days', account_day) }}
    left join campaign_conversions
        on {{ join_key('campaign_days', campaign_day) }} = {{ join_key('campaign_conversions', campaign_day) }}
    left join settings
        on {{ join_key('campaign_days', campaign_day) }} = {{ join_key('settings', campaign_day) }}
)

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
    {{ in_reporting_currency('conversions_value') }} as conversions_value_reporting,
    finalizes_on,
    version,
    attribution_setting,
    conversion_date_basis,
    purchases,
    purchases_value,
    {{ in_reporting_currency('purchases_value') }} as purchases_value_reporting,
    leads
from counted
