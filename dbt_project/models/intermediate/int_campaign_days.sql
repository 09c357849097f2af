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
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_' ~ platform ~ '__campaign_daily'), ['account_id', 'date_day']) }}
    where pending.platform = '{{ platform }}'
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    campaign_type,
    date_day,
    account_currency,
    impressions,
    clicks,
    link_clicks,
    spend,
    conversions,
    conversions_value,
    reporting_currency,
    fx_rate,
    fx_rate_date,
    {{ in_reporting_currency('spend') }} as spend_reporting,
    finalizes_on,
    version
from unioned
