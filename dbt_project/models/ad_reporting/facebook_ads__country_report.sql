{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set action_types = [
    'onsite_conversion.purchase',
    'onsite_conversion.lead_grouped',
    'offsite_conversion.fb_pixel_purchase',
    'offsite_conversion.fb_pixel_lead',
    'offsite_conversion.fb_pixel_custom',
] %}

with split_days as (
    select
        *,
        client_id as source_relation
    from {{ ref('fct_delivery_breakdown_daily') }}
    where breakdown = 'country' and platform in ({{ ad_reporting_platforms(['meta_ads']) }})
),

chosen_actions as (
    select
        split_days.*,
        counted.action_type,
        counted.conversions as events,
        {{ is_chosen_action_type('counted.action_type') }} as is_chosen
    from split_days
    {{ meta_actions_counted('split_days') }}
),

told as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        value_1,
        country_name,
        coalesce(link_clicks, 0) as clicks,
        impressions,
        spend,
        {% for action_type in action_types -%}
        0 as {{ action_type | replace('.', '_') }}_conversions,
        {% endfor -%}
        0 as conversions
    from split_days
    union all
    select
        counted.client_id,
        counted.platform,
        counted.account_id,
        counted.date_day,
        counted.value_1,
        counted.country_name,
        0 as clicks,
        0 as impressions,
        0 as spend,
        {% for action_type in action_types -%}
        case when counted.action_type = '{{ action_type }}' then counted.events else 0 end
            as {{ action_type | replace('.', '_') }}_conversions,
        {% endfor -%}
        case when counted.is_chosen then counted.events else 0 end as conversions
    from chosen_actions as counted
),

totals as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        value_1,
        country_name,
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend,
        sum(conversions) as conversions,
        sum(onsite_conversion_purchase_conversions) as onsite_conversion_purchase_conversions,
        sum(onsite_conversion_lead_grouped_conversions) as onsite_conversion_lead_grouped_conversions,
        sum(offsite_conversion_fb_pixel_purchase_conversions) as offsite_conversion_fb_pixel_purchase_conversions,
        sum(offsite_conversion_fb_pixel_lead_conversions) as offsite_conversion_fb_pixel_lead_conversions,
        sum(offsite_conversion_fb_pixel_custom_conversions) as offsite_conversion_fb_pixel_custom_conversions
    from told
    group by client_id, platform, account_id, date_day, value_1, country_name
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.clicks,
    totals.impressions,
    totals.spend,
    totals.conversions,
    totals.onsite_conversion_purchase_conversions,
    totals.onsite_conversion_lead_grouped_conversions,
    totals.offsite_conversion_fb_pixel_purchase_conversions,
    totals.offsite_conversion_fb_pixel_lead_conversions,
    totals.offsite_conversion_fb_pixel_custom_conversions,
    null::text as account_business_country_code,
    account.account_currency,
    account.timezone as account_timezone,
    account.timezone_offset_hours_utc as account_timezone_offset_hours_utc,
    null::numeric as account_min_daily_budget,
    totals.value_1 as country_id,
    coalesce(totals.country_name, totals.value_1) as country,
    null::numeric as frequency,
    null::bigint as reach
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
