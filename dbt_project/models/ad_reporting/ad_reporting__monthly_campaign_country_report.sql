{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}
{% set linkedin_in_dollars = not var('linkedin_ads__use_local_currency') %}

with split_days as (
    select
        *,
        client_id as source_relation,
        date_trunc('month', date_day)::date as date_month
    from {{ ref('fct_delivery_breakdown_daily') }}
    where
        breakdown in ('country', 'member_country')
        and platform in ({{ ad_reporting_platforms(['meta_ads', 'tiktok_ads', 'linkedin_ads']) }})
),

delivered as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_month,
        value_1,
        country_code,
        country_name,
        case platform when 'meta_ads' then coalesce(link_clicks, 0) else clicks end as clicks,
        impressions,
        {{ "case platform when 'linkedin_ads' then cost_in_usd else spend end" if linkedin_in_dollars else 'spend' }}
            as spend,
        case platform when 'meta_ads' then 0 else conversions end as conversions,
        case platform when 'meta_ads' then 0 end as conversions_value
    from split_days
    union all
    -- Meta names its conversions by action type, one event under several: only the chosen types are added.
    select
        split_days.client_id,
        split_days.platform,
        split_days.account_id,
        split_days.campaign_id,
        split_days.date_month,
        split_days.value_1,
        split_days.country_code,
        split_days.country_name,
        0 as clicks,
        0 as impressions,
        0 as spend,
        counted.conversions,
        counted.conversions_value
    from split_days
    {{ meta_actions_counted('split_days') }}
    where split_days.platform = 'meta_ads' and {{ is_chosen_action_type('counted.action_type') }}
),

totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_month,
        value_1,
        country_code,
        country_name,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value
    from delivered
    group by client_id, platform, account_id, campaign_id, date_month, value_1, country_code, country_name
)

select
    totals.client_id as source_relation,
    totals.date_month,
    {{ ad_reporting_platform_name('totals.platform') }} as platform,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id,
    campaign.campaign_name,
    coalesce(totals.country_name, totals.value_1) as country,
    totals.country_code,
    null::text as global_region,
    totals.clicks,
    totals.impressions,
    totals.spend,
    totals.conversions,
    totals.conversions_value
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
