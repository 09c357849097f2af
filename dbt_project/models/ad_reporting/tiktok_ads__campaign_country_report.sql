{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_day,
        value_1,
        country_code,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(spend) as spend,
        sum(conversions) as conversion
    from {{ ref('fct_delivery_breakdown_daily') }}
    where breakdown = 'country' and platform in ({{ ad_reporting_platforms(['tiktok_ads']) }})
    group by client_id, platform, account_id, campaign_id, date_day, value_1, country_code
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.campaign_id,
    campaign.campaign_name,
    campaign.campaign_type,
    campaign.created_at,
    coalesce(totals.country_code, totals.value_1) as country_code,
    totals.account_id as advertiser_id,
    coalesce(account.platform_name, account.name) as advertiser_name,
    account.account_currency as currency,
    campaign.objective as objective_type,
    campaign.status,
    null::text as split_test_variable,
    coalesce(campaign.daily_budget, campaign.lifetime_budget) as budget,
    campaign.budget_mode,
    totals.impressions,
    totals.clicks,
    totals.spend,
    totals.conversion,
    totals.spend / nullif(totals.clicks, 0) as daily_cpc,
    totals.spend * 1000 / nullif(totals.impressions, 0) as daily_cpm,
    totals.clicks * 100.0 / nullif(totals.impressions, 0) as daily_ctr,
    null::numeric as real_time_conversion
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
