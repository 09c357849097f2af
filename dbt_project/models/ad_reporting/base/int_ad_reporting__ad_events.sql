-- What only some platforms tell of an ad's day; 0 where a platform has no such figure, so that all may be summed.
-- Conversions of Google Ads are null here: they come with its delivery, which may not know them, and 0 would hide that.
{{ config(materialized='ephemeral', contract={'enforced': false}) }}
{% set action_types = [
    'onsite_conversion.purchase',
    'onsite_conversion.lead_grouped',
    'offsite_conversion.fb_pixel_purchase',
    'offsite_conversion.fb_pixel_lead',
    'offsite_conversion.fb_pixel_custom',
] %}
{% set engagement = [
    'view_through_conversions', 'optimization_event_conversions', 'optimization_event_conversions_real_time',
    'total_purchase_value', 'likes', 'comments', 'shares', 'profile_visits', 'follows', 'video_views_2s',
    'video_views_6s', 'video_p25', 'video_p50', 'video_p75', 'conversion_value_in_local_currency',
    'external_website_conversions', 'one_click_leads', 'cost_in_usd',
] %}

with actions as (
    select
        client_id,
        client_id as source_relation,
        platform,
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        date_day,
        conversion_action_id as action_type,
        conversions,
        coalesce(conversions_value, 0) as conversions_value
    from {{ ref('fct_conversions_daily') }}
    where platform in ({{ ad_reporting_platforms(['meta_ads']) }}) and is_default_attribution
),

chosen_actions as (
    select
        *,
        {{ is_chosen_action_type('action_type') }} as is_chosen
    from actions
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    date_day,
    {% for action_type in action_types -%}
    {% set slug = action_type | replace('.', '_') -%}
    case when action_type = '{{ action_type }}' then conversions else 0 end as {{ slug }}_conversions,
    case when action_type = '{{ action_type }}' then conversions_value else 0 end as {{ slug }}_conversions_value,
    {% endfor -%}
    {% for figure in engagement -%}
    0 as {{ figure }},
    {% endfor -%}
    case when is_chosen then conversions else 0 end as conversions,
    case when is_chosen then conversions_value else 0 end as conversions_value
from chosen_actions
union all
select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    date_day,
    {% for action_type in action_types -%}
    {% set slug = action_type | replace('.', '_') -%}
    0 as {{ slug }}_conversions,
    0 as {{ slug }}_conversions_value,
    {% endfor -%}
    {% for figure in engagement -%}
    coalesce({{ figure }}, 0) as {{ figure }},
    {% endfor -%}
    case platform
        when 'tiktok_ads' then coalesce(optimization_event_conversions, 0)
        when 'linkedin_ads' then {{ sum_of(var('linkedin_ads__conversion_fields')) }}
    end as conversions,
    case platform
        when 'tiktok_ads' then coalesce(total_purchase_value, 0)
        when 'linkedin_ads' then coalesce(conversion_value_in_local_currency, 0)
    end as conversions_value
from {{ ref('fct_ad_engagement_daily') }}
where platform in ({{ ad_reporting_platforms(['google_ads', 'tiktok_ads', 'linkedin_ads']) }})
