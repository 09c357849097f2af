{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}
{% set ad_group_key = account_key + ['campaign_id', 'ad_group_id'] %}
{% set ad_key = account_key + ['ad_group_id', 'ad_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        date_day,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as cost,
        sum(conversion_value_in_local_currency) as conversion_value_in_local_currency,
        sum(conversions) as total_conversions,
        sum(external_website_conversions)::bigint as external_website_conversions,
        sum(one_click_leads)::bigint as one_click_leads
    from {{ ref('int_ad_reporting__ad_days') }}
    where platform = 'linkedin_ads'
    group by client_id, platform, account_id, campaign_id, ad_group_id, ad_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id as campaign_group_id,
    campaign.campaign_name as campaign_group_name,
    totals.ad_group_id as campaign_id,
    ad_group.ad_group_name as campaign_name,
    totals.ad_id as creative_id,
    ad.configured_status as creative_status,
    ad.destination_url as click_uri,
    null::text as click_uri_type,
    totals.clicks,
    totals.impressions,
    totals.cost,
    totals.conversion_value_in_local_currency,
    totals.total_conversions,
    totals.external_website_conversions,
    totals.one_click_leads,
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
left join {{ ref('dim_ad') }} as ad
    on {{ join_key('totals', ad_key) }} = {{ join_key('ad', ad_key) }}
