{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}
{% set account_day = ['client_id', 'platform', 'account_id', 'date_day'] %}
{% set ad_day = account_day + ['campaign_id', 'ad_group_id', 'ad_id'] %}

with ad_days as (
    select * from {{ ref('int_ad_days') }}
    union all
    select * from {{ ref('int_not_at_ad_level_days') }}
),

-- Google Ads and LinkedIn name no conversion of an ad: there only their own total is known.
ad_conversions as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        campaign_id,
        ad_group_id,
        ad_id,
        sum(conversions) filter (where conversion_family = 'purchase') as purchases,
        sum(conversions_value) filter (where conversion_family = 'purchase') as purchases_value,
        sum(conversions) filter (where conversion_family = 'lead') as leads,
        sum(conversions) filter (where counts_in_conversions) as conversions,
        sum(conversions_value) filter (where counts_in_conversions) as conversions_value
    from {{ ref('int_conversion_days') }}
    where counts_in_family and is_default_attribution and level = 'object'
    group by client_id, platform, account_id, date_day, campaign_id, ad_group_id, ad_id
),

counted as (
    select
        ad_days.*,
        coalesce(ad_days.attribution_setting, tiktok_ad_groups.attribution_setting) as own_attribution_setting,
        case ad_days.platform when 'meta_ads' then 'mixed' else 'interaction_date' end as conversion_date_basis,
        case
            when ad_days.platform in ('meta_ads', 'tiktok_ads') then coalesce(ad_conversions.conversions, 0)
            when account_days.uses_platform_total then ad_days.platform_conversions
        end as conversions,
        case
            when ad_days.platform in ('meta_ads', 'tiktok_ads') then coalesce(ad_conversions.conversions_value, 0)
            when account_days.uses_platform_total then ad_days.platform_conversions_value
        end as conversions_value,
        case when ad_days.platform in ('meta_ads', 'tiktok_ads') then coalesce(ad_conversions.purchases, 0) end
            as purchases,
        case when ad_days.platform in ('meta_ads', 'tiktok_ads') then coalesce(ad_conversions.purchases_value, 0) end
            as purchases_value,
        case when ad_days.platform in ('meta_ads', 'tiktok_ads') then coalesce(ad_conversions.leads, 0) end as leads
    from ad_days
    inner join {{ ref('int_conversion_account_days') }} as account_days
        on {{ join_key('ad_days', account_day) }} = {{ join_key('account_days', account_day) }}
    left join ad_conversions
        on {{ join_key('ad_days', ad_day) }} = {{ join_key('ad_conversions', ad_day) }}
    left join {{ ref('stg_tiktok_ads__ad_groups') }} as tiktok_ad_groups
        on
            ad_days.platform = 'tiktok_ads'
            and ad_days.account_id = tiktok_ad_groups.account_id
            and ad_days.ad_group_id = tiktok_ad_groups.ad_group_id
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
    {{ in_reporting_currency('conversions_value') }} as conversions_value_reporting,
    finalizes_on,
    version,
    own_attribution_setting as attribution_setting,
    conversion_date_basis,
    purchases,
    purchases_value,
    {{ in_reporting_currency('purchases_value') }} as purchases_value_reporting,
    leads
from counted
