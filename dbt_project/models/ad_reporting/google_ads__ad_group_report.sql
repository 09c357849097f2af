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
        date_day,
        sum(spend) as spend,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value,
        sum(view_through_conversions)::bigint as view_through_conversions
    from {{ ref('int_ad_reporting__ad_days') }}
    where platform = 'google_ads'
    group by client_id, platform, account_id, campaign_id, ad_group_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    coalesce(account.platform_name, account.name) as account_name,
    totals.account_id,
    account.account_currency as currency_code,
    campaign.campaign_name,
    totals.campaign_id,
    ad_group.ad_group_name,
    totals.ad_group_id,
    ad_group.configured_status as ad_group_status,
    ad_group.ad_group_type,
    totals.spend,
    totals.clicks,
    totals.impressions,
    totals.conversions,
    totals.conversions_value,
    totals.view_through_conversions
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
left join {{ ref('dim_ad_group') }} as ad_group
    on {{ join_key('totals', ad_group_key) }} = {{ join_key('ad_group', ad_group_key) }}
