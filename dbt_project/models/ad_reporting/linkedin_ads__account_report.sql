{% set account_key = ['client_id', 'platform', 'account_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as cost,
        sum(conversion_value_in_local_currency) as conversion_value_in_local_currency,
        sum(conversions) as total_conversions,
        sum(external_website_conversions)::bigint as external_website_conversions,
        sum(one_click_leads)::bigint as one_click_leads
    from {{ ref('int_ad_reporting__campaign_days') }}
    where platform = 'linkedin_ads'
    group by client_id, platform, account_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.clicks,
    totals.impressions,
    totals.cost,
    totals.conversion_value_in_local_currency,
    totals.total_conversions,
    totals.external_website_conversions,
    totals.one_click_leads,
    account.updated_at as last_modified_at,
    account.created_at,
    account.account_currency as currency,
    account.version_tag,
    account.status,
    account.account_type as type
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
