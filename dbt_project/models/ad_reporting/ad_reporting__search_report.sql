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
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value
    from {{ ref('fct_search_terms_daily') }}
    where platform in ({{ ad_reporting_platforms(['google_ads']) }})
    group by
        client_id, platform, account_id, campaign_id, ad_group_id, date_day, search_term, match_type
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.platform,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id,
    campaign.campaign_name,
    totals.ad_group_id,
    ad_group.ad_group_name,
    null::text as keyword_id,
    null::text as keyword_text,
    totals.search_term as search_query,
    totals.match_type as search_match_type,
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
