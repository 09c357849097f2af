{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_day,
        sum(spend) as spend,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value,
        sum(view_through_conversions)::bigint as view_through_conversions
    from {{ ref('int_ad_reporting__campaign_days') }}
    where platform = 'google_ads'
    group by client_id, platform, account_id, campaign_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    coalesce(account.platform_name, account.name) as account_name,
    totals.account_id,
    account.account_currency as currency_code,
    campaign.campaign_name,
    totals.campaign_id,
    campaign.campaign_type as advertising_channel_type,
    campaign.campaign_sub_type as advertising_channel_subtype,
    campaign.configured_status as status,
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
