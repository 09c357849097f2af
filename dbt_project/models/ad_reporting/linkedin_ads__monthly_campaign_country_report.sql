{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}
{% set ad_group_key = account_key + ['campaign_id', 'ad_group_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        ad_group_id,
        value_1,
        date_trunc('month', date_day)::date as date_month,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum({{ 'spend' if var('linkedin_ads__use_local_currency') else 'cost_in_usd' }}) as cost,
        sum(conversions) as total_conversions
    from {{ ref('fct_delivery_breakdown_daily') }}
    where breakdown = 'member_country' and platform in ({{ ad_reporting_platforms(['linkedin_ads']) }})
    group by client_id, platform, account_id, campaign_id, ad_group_id, value_1, date_month
)

select
    totals.client_id as source_relation,
    totals.date_month,
    totals.value_1 as country_name,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id as campaign_group_id,
    campaign.campaign_name as campaign_group_name,
    totals.ad_group_id as campaign_id,
    ad_group.ad_group_name as campaign_name,
    totals.clicks,
    totals.impressions,
    totals.cost,
    null::numeric as conversion_value_in_local_currency,
    totals.total_conversions,
    null::bigint as external_website_conversions,
    null::bigint as one_click_leads,
    campaign.configured_status as campaign_group_status,
    ad_group.configured_status as campaign_status,
    ad_group.version_tag,
    ad_group.ad_group_type as type,
    ad_group.billing_event as cost_type,
    ad_group.creative_selection,
    ad_group.daily_budget as daily_budget_amount,
    case when ad_group.daily_budget is not null then account.account_currency end as daily_budget_currency_code,
    ad_group.bid_amount as unit_cost_amount,
    case when ad_group.bid_amount is not null then account.account_currency end as unit_cost_currency_code,
    account.account_currency as currency,
    ad_group.format,
    ad_group.locale_country,
    ad_group.locale_language,
    ad_group.objective as objective_type,
    ad_group.optimization_goal as optimization_target_type,
    ad_group.is_audience_expansion_enabled,
    ad_group.is_offsite_delivery_enabled,
    ad_group.start_at as run_schedule_start_at,
    ad_group.end_at as run_schedule_end_at,
    ad_group.updated_at as last_modified_at,
    ad_group.created_at
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
left join {{ ref('dim_ad_group') }} as ad_group
    on {{ join_key('totals', ad_group_key) }} = {{ join_key('ad_group', ad_group_key) }}
