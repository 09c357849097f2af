{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_trunc('month', date_day)::date as date_month,
        value_1 as region,
        coalesce(sum(link_clicks), 0)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend
    from {{ ref('fct_delivery_breakdown_daily') }}
    where breakdown = 'region' and platform in ({{ ad_reporting_platforms(['meta_ads']) }})
    group by client_id, platform, account_id, campaign_id, date_month, value_1
)

select
    totals.client_id as source_relation,
    totals.date_month,
    {{ ad_reporting_platform_name('totals.platform') }} as platform,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id,
    campaign.campaign_name,
    totals.region,
    totals.clicks,
    totals.impressions,
    totals.spend,
    null::numeric as conversions,
    null::numeric as conversions_value
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
