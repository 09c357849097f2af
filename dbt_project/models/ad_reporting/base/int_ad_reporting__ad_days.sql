-- What every ad did on a day, in the words of this contract. Rows are to be summed: delivery and events of one day
-- stand in rows of their own, so that neither needs the other to count.
{{ config(materialized='ephemeral', contract={'enforced': false}) }}
{% set event_figures = [
    'view_through_conversions', 'optimization_event_conversions', 'optimization_event_conversions_real_time',
    'total_purchase_value', 'likes', 'comments', 'shares', 'profile_visits', 'follows', 'video_views_2s',
    'video_views_6s', 'video_p25', 'video_p50', 'video_p75', 'conversion_value_in_local_currency',
    'external_website_conversions', 'one_click_leads', 'onsite_conversion_purchase_conversions',
    'onsite_conversion_purchase_conversions_value', 'onsite_conversion_lead_grouped_conversions',
    'onsite_conversion_lead_grouped_conversions_value', 'offsite_conversion_fb_pixel_purchase_conversions',
    'offsite_conversion_fb_pixel_purchase_conversions_value', 'offsite_conversion_fb_pixel_lead_conversions',
    'offsite_conversion_fb_pixel_lead_conversions_value', 'offsite_conversion_fb_pixel_custom_conversions',
    'offsite_conversion_fb_pixel_custom_conversions_value',
] %}
{% set linkedin_in_dollars = not var('linkedin_ads__use_local_currency') %}

select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    date_day,
    case platform when 'meta_ads' then coalesce(link_clicks, 0) else clicks end as clicks,
    impressions,
    {{ "case platform when 'linkedin_ads' then 0 else spend end" if linkedin_in_dollars else 'spend' }} as spend,
    {% for figure in event_figures -%}
    0 as {{ figure }},
    {% endfor -%}
    case platform when 'google_ads' then conversions else 0 end as conversions,
    case platform when 'google_ads' then conversions_value else 0 end as conversions_value
from {{ ref('fct_ad_performance_daily') }}
where platform in ({{ ad_reporting_platforms(var('ad_platforms')) }})
union all
select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    date_day,
    0 as clicks,
    0 as impressions,
    {{ 'cost_in_usd' if linkedin_in_dollars else '0' }} as spend,
    {% for figure in event_figures -%}
    {{ figure }},
    {% endfor -%}
    conversions,
    conversions_value
from {{ ref('int_ad_reporting__ad_events') }}
