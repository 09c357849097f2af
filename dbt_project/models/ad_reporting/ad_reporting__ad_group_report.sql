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
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value
    from {{ ref('int_ad_reporting__ad_days') }}
    group by client_id, platform, account_id, campaign_id, ad_group_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    {{ ad_reporting_platform_name('totals.platform') }} as platform,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id,
    campaign.campaign_name,
    totals.ad_group_id,
    ad_group.ad_group_name,
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
left join {{ ref('dim_ad_group') }} as ad_group
    on {{ join_key('totals', ad_group_key) }} = {{ join_key('ad_group', ad_group_key) }}
