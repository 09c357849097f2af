with unioned as (
    {% for platform in var('ad_platforms') -%}
    select
        pending.*,
        detail.campaign_id,
        detail.campaign_type,
        detail.impressions,
        detail.clicks,
        detail.link_clicks,
        detail.spend,
        detail.platform_conversions,
        detail.platform_conversions_value
    from {{ pending_rows(ref('stg_' ~ platform ~ '__campaign_daily'), ['account_id', 'date_day']) }}
    where pending.platform = '{{ platform }}'
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    unioned.client_id,
    unioned.platform,
    unioned.account_id,
    unioned.campaign_id,
    unioned.campaign_type,
    unioned.date_day,
    unioned.account_timezone,
    case platform_rule.day_zone when 'account' then 'account_timezone' else platform_rule.day_zone end as date_basis,
    unioned.account_currency,
    unioned.impressions,
    unioned.clicks,
    unioned.link_clicks,
    unioned.spend,
    unioned.platform_conversions,
    unioned.platform_conversions_value,
    unioned.reporting_currency,
    unioned.fx_rate,
    unioned.fx_rate_date,
    unioned.fx_source,
    unioned.fx_reason,
    {{ in_reporting_currency('unioned.spend', 'unioned.fx_rate') }} as spend_reporting,
    unioned.finalizes_on,
    unioned.version
from unioned
inner join {{ source('ops', 'platform_rule') }} as platform_rule
    on unioned.platform = platform_rule.platform
