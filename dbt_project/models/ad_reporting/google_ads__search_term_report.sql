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
        search_term,
        match_type,
        status,
        sum(spend) as spend,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value
    from {{ ref('fct_search_terms_daily') }}
    where platform in ({{ ad_reporting_platforms(['google_ads']) }})
    group by
        client_id, platform, account_id, campaign_id, ad_group_id, date_day, search_term, match_type, status
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
    totals.search_term,
    null::text as keyword_text,
    totals.match_type as search_term_match_type,
    totals.status,
    null::text as criterion_id,
    totals.spend,
    totals.clicks,
    totals.impressions,
    totals.conversions,
    totals.conversions_value,
    null::bigint as view_through_conversions
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
left join {{ ref('dim_ad_group') }} as ad_group
    on {{ join_key('totals', ad_group_key) }} = {{ join_key('ad_group', ad_group_key) }}
