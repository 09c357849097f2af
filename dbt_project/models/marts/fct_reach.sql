{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}

-- A report: platform, staging model, level of its objects.
{% set reports = [
    ('meta_ads', 'account_daily', 'account'),
    ('meta_ads', 'campaign_daily', 'campaign'),
    ('meta_ads', 'ad_group_daily', 'ad_group'),
    ('google_ads', 'campaign_reach_daily', 'campaign'),
    ('tiktok_ads', 'account_daily', 'account'),
    ('tiktok_ads', 'campaign_daily', 'campaign'),
    ('tiktok_ads', 'ad_group_daily', 'ad_group'),
    ('tiktok_ads', 'ad_daily', 'ad'),
    ('linkedin_ads', 'account_reach', 'account'),
    ('linkedin_ads', 'campaign_reach', 'campaign'),
    ('instagram', 'reach_daily', 'account'),
] %}

with unioned as (
    {% for platform, report, level in reports -%}
    select
        pending.*,
        '{{ level }}' as level,
        {{ 'detail.' ~ level ~ '_id' if level != 'account' else 'pending.account_id' }} as object_id,
        {{ 'detail.campaign_id' if level != 'account' else 'null as campaign_id' }},
        {{ 'detail.ad_group_id' if level in ('ad_group', 'ad') else 'null as ad_group_id' }},
        {{ 'detail.ad_id' if level == 'ad' else 'null as ad_id' }},
        {{ 'detail.period' if platform in ('linkedin_ads', 'instagram') else "'day'" }} as period,
        {{ 'detail.period_end' if platform == 'linkedin_ads' else 'pending.date_day' }} as period_end,
        detail.reach,
        {{ 'null::numeric' if platform in ('linkedin_ads', 'instagram') else 'detail.frequency' }} as told_frequency,
        {{ 'null::bigint' if platform in ('google_ads', 'instagram') else 'detail.impressions::bigint' }} as impressions
    from {{ pending_rows(ref('stg_' ~ platform ~ '__' ~ report), ['account_id', 'date_day']) }}
    where pending.platform = '{{ platform }}' and detail.reach is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    unioned.client_id,
    unioned.platform,
    unioned.account_id,
    unioned.date_day,
    unioned.level,
    unioned.object_id,
    unioned.campaign_id,
    unioned.ad_group_id,
    unioned.ad_id,
    unioned.period,
    unioned.period_end,
    unioned.account_timezone,
    case platform_rule.day_zone when 'account' then 'account_timezone' else platform_rule.day_zone end as date_basis,
    unioned.reach::public.distinct_people as reach,
    coalesce(
        unioned.told_frequency, round(unioned.impressions::numeric / nullif(unioned.reach, 0), 6)
    ) as frequency,
    unioned.impressions,
    unioned.finalizes_on,
    unioned.version
from unioned
inner join {{ source('ops', 'platform_rule') }} as platform_rule
    on unioned.platform = platform_rule.platform
