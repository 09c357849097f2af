select
    facts.client_id,
    facts.platform,
    facts.account_id,
    facts.campaign_id,
    facts.ad_group_id,
    facts.ad_id,
    facts.date_day,
    urls.base_url,
    urls.url_host,
    urls.url_path,
    urls.utm_source,
    urls.utm_medium,
    urls.utm_campaign,
    urls.utm_content,
    urls.utm_term,
    facts.account_currency,
    facts.impressions,
    facts.clicks,
    facts.link_clicks,
    facts.spend,
    facts.conversions,
    facts.conversions_value,
    facts.reporting_currency,
    facts.spend_reporting,
    facts.conversions_value_reporting,
    facts.fx_reason
from {{ ref('fct_ad_performance_daily') }} as facts
left join {{ ref('ad_url') }} as urls
    on
        facts.client_id = urls.client_id
        and facts.platform = urls.platform
        and facts.account_id = urls.account_id
        and facts.ad_group_id = urls.ad_group_id
        and facts.ad_id = urls.ad_id
