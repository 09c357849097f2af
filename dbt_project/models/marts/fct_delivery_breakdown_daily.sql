{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}

-- LinkedIn's campaign reports are of our ad groups, so their staging models are named without that word.
-- A split: platform, report, its breakdown, the columns of its one or two values, its coverage.
{% set splits = [
    ('meta_ads', 'campaign_country_daily', 'country', 'country', none, 'estimate'),
    ('meta_ads', 'campaign_region_daily', 'region', 'region', none, 'estimate'),
    ('meta_ads', 'campaign_device_daily', 'device', 'device_platform', none, 'estimate'),
    ('meta_ads', 'campaign_placement_daily', 'placement', 'publisher_platform', 'platform_position', 'estimate'),
    ('meta_ads', 'campaign_age_gender_daily', 'age_gender', 'age', 'gender', 'estimate'),
    ('meta_ads', 'campaign_hourly', 'hour', 'hour', none, 'estimate'),
    ('google_ads', 'campaign_device_network_daily', 'device_network', 'device', 'ad_network_type', 'complete'),
    ('google_ads', 'campaign_country_daily', 'country', 'country_criterion_id', 'location_type', 'partial'),
    ('google_ads', 'campaign_hourly', 'hour', 'hour', none, 'complete'),
    ('google_ads', 'ad_group_age_daily', 'age', 'age_range', none, 'partial'),
    ('google_ads', 'ad_group_gender_daily', 'gender', 'gender', none, 'partial'),
    ('tiktok_ads', 'campaign_country_daily', 'country', 'country_code', none, 'partial'),
    ('tiktok_ads', 'campaign_age_gender_daily', 'age_gender', 'age', 'gender', 'partial'),
    ('tiktok_ads', 'campaign_platform_daily', 'operating_system', 'platform', none, 'partial'),
    ('tiktok_ads', 'campaign_placement_daily', 'placement', 'placement', none, 'partial'),
    ('tiktok_ads', 'campaign_hourly', 'hour', 'hour', none, 'complete'),
    ('linkedin_ads', 'campaign_impression_device_type_daily', 'device', 'impression_device_type', none, 'partial'),
    ('linkedin_ads', 'campaign_placement_name_daily', 'placement', 'placement_name', none, 'partial'),
    ('linkedin_ads', 'campaign_member_country_daily', 'member_country', 'member_country', none, 'estimate'),
    ('linkedin_ads', 'campaign_member_job_function_daily', 'member_job_function', 'member_job_function', none, 'estimate'),
    ('linkedin_ads', 'campaign_member_industry_daily', 'member_industry', 'member_industry', none, 'estimate'),
    ('linkedin_ads', 'campaign_member_seniority_daily', 'member_seniority', 'member_seniority', none, 'estimate'),
    ('linkedin_ads', 'campaign_member_company_size_daily', 'member_company_size', 'member_company_size', none, 'estimate'),
] %}
{% set by_ad_group = ['ad_group_age_daily', 'ad_group_gender_daily'] %}
{% set without_actions = ['campaign_region_daily', 'campaign_hourly'] %}

with unioned as (
    {% for platform, report, breakdown, value_1, value_2, coverage in splits -%}
    {% set staged = report | replace('campaign_', '') if platform == 'linkedin_ads' else report -%}
    select
        pending.*,
        detail.campaign_id,
        {{ 'detail.ad_group_id' if platform == 'linkedin_ads' or report in by_ad_group else "'all' as ad_group_id" }},
        '{{ breakdown }}' as breakdown,
        {{ "lpad(detail.hour::text, 2, '0')" if breakdown == 'hour' else 'detail.' ~ value_1 }} as platform_value_1,
        {{ 'detail.' ~ value_2 if value_2 else "'all'" }} as value_2,
        '{{ coverage }}' as coverage,
        '{{ report }}' as source_report,
        detail.impressions,
        detail.clicks,
        {{ 'null::bigint as link_clicks' if platform == 'google_ads' else 'detail.link_clicks' }},
        detail.spend,
        {{ 'null::numeric as conversions' if platform == 'meta_ads' else 'detail.conversions' }},
        {{ 'detail.conversions_value' if platform == 'google_ads' else 'null::numeric as conversions_value' }},
        {% if platform == 'meta_ads' and report not in without_actions -%}
        detail.actions,
        detail.action_values,
        {%- else -%}
        null::jsonb as actions,
        null::jsonb as action_values,
        {%- endif %}
        {{ 'detail.cost_in_usd' if platform == 'linkedin_ads' else 'null::numeric as cost_in_usd' }}
    from {{ pending_rows(ref('stg_' ~ platform ~ '__' ~ staged), ['account_id', 'date_day']) }}
    where pending.platform = '{{ platform }}'
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    unioned.client_id,
    unioned.platform,
    unioned.account_id,
    unioned.campaign_id,
    unioned.ad_group_id,
    unioned.date_day,
    unioned.breakdown,
    coalesce(numbered.country_code, unioned.platform_value_1) as value_1,
    unioned.value_2,
    coalesce(numbered.country_code, coded.country_code) as country_code,
    coalesce(numbered.country_name, coded.country_name) as country_name,
    unioned.coverage,
    unioned.source_report,
    unioned.account_timezone,
    case platform_rule.day_zone when 'account' then 'account_timezone' else platform_rule.day_zone end as date_basis,
    unioned.account_currency,
    unioned.impressions,
    unioned.clicks,
    unioned.link_clicks,
    unioned.spend,
    unioned.conversions,
    unioned.conversions_value,
    unioned.actions,
    unioned.action_values,
    unioned.cost_in_usd,
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
-- Google's countries are 2000 plus the ISO number, the others' are the ISO code.
left join {{ ref('countries') }} as numbered
    on
        unioned.breakdown = 'country'
        and unioned.platform = 'google_ads'
        and unioned.platform_value_1 = '2' || numbered.numeric_code
left join {{ ref('countries') }} as coded
    on
        unioned.breakdown = 'country'
        and unioned.platform <> 'google_ads'
        and unioned.platform_value_1 = coded.country_code
