{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set action_types = [
    'onsite_conversion_purchase',
    'onsite_conversion_lead_grouped',
    'offsite_conversion_fb_pixel_purchase',
    'offsite_conversion_fb_pixel_lead',
    'offsite_conversion_fb_pixel_custom',
] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        value_1 as region,
        coalesce(sum(link_clicks), 0)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend
    from {{ ref('fct_delivery_breakdown_daily') }}
    where breakdown = 'region' and platform in ({{ ad_reporting_platforms(['meta_ads']) }})
    group by client_id, platform, account_id, date_day, value_1
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.clicks,
    totals.impressions,
    totals.spend,
    null::numeric as conversions,
    {% for action_type in action_types -%}
    null::numeric as {{ action_type }}_conversions,
    {% endfor -%}
    null::text as account_business_country_code,
    null::text as account_business_state,
    account.account_currency,
    account.timezone as account_timezone,
    account.timezone_offset_hours_utc as account_timezone_offset_hours_utc,
    null::numeric as account_min_daily_budget,
    totals.region as region_id,
    totals.region,
    null::numeric as frequency,
    null::bigint as reach
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
