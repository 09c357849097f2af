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
        sum(clicks) as clicks,
        sum(impressions) as impressions,
        sum(spend) as spend,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value
    from {{ ref('int_ad_reporting__ad_days') }}
    group by client_id, platform, account_id, campaign_id, ad_group_id, ad_id, date_day
),

addressed as (
    select
        totals.*,
        coalesce(account.platform_name, account.name) as account_name,
        campaign.campaign_name,
        ad_group.ad_group_name,
        url.base_url,
        url.url_host,
        url.url_path,
        {{ google_tagged('utm_source', "'google'") }},
        {{ google_tagged('utm_medium', "'cpc'") }},
        {{ google_tagged('utm_campaign', "campaign.campaign_name") }},
        {{ google_tagged('utm_content', "ad_group.ad_group_name") }},
        url.utm_term
    from totals
    left join {{ ref('dim_account') }} as account
        on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
    left join {{ ref('dim_campaign') }} as campaign
        on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
    left join {{ ref('dim_ad_group') }} as ad_group
        on {{ join_key('totals', ad_group_key) }} = {{ join_key('ad_group', ad_group_key) }}
    left join {{ ref('ad_url') }} as url
        on {{ join_key('totals', ad_key) }} = {{ join_key('url', ad_key) }}
    {% if var('ad_reporting__url_report__using_null_filter') -%}
    where url.base_url is not null
    {%- endif %}
)

select
    client_id as source_relation,
    date_day,
    {{ ad_reporting_platform_name('platform') }} as platform,
    account_id,
    account_name,
    campaign_id,
    campaign_name,
    ad_group_id,
    ad_group_name,
    base_url,
    url_host,
    url_path,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    utm_term,
    sum(clicks)::bigint as clicks,
    sum(impressions)::bigint as impressions,
    sum(spend) as spend,
    sum(conversions) as conversions,
    sum(conversions_value) as conversions_value
from addressed
group by
    client_id, platform, date_day, account_id, account_name, campaign_id, campaign_name, ad_group_id, ad_group_name,
    base_url, url_host, url_path, utm_source, utm_medium, utm_campaign, utm_content, utm_term
