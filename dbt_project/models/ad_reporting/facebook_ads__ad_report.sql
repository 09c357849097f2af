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
        sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions,
        sum(spend) as spend,
        sum(conversions) as conversions,
        sum(conversions_value) as conversions_value,
        sum(onsite_conversion_purchase_conversions) as onsite_conversion_purchase_conversions,
        sum(onsite_conversion_purchase_conversions_value) as onsite_conversion_purchase_conversions_value,
        sum(onsite_conversion_lead_grouped_conversions) as onsite_conversion_lead_grouped_conversions,
        sum(onsite_conversion_lead_grouped_conversions_value) as onsite_conversion_lead_grouped_conversions_value,
        sum(offsite_conversion_fb_pixel_purchase_conversions) as offsite_conversion_fb_pixel_purchase_conversions,
        sum(offsite_conversion_fb_pixel_purchase_conversions_value)
            as offsite_conversion_fb_pixel_purchase_conversions_value,
        sum(offsite_conversion_fb_pixel_lead_conversions) as offsite_conversion_fb_pixel_lead_conversions,
        sum(offsite_conversion_fb_pixel_lead_conversions_value) as offsite_conversion_fb_pixel_lead_conversions_value,
        sum(offsite_conversion_fb_pixel_custom_conversions) as offsite_conversion_fb_pixel_custom_conversions,
        sum(offsite_conversion_fb_pixel_custom_conversions_value)
            as offsite_conversion_fb_pixel_custom_conversions_value
    from {{ ref('int_ad_reporting__ad_days') }}
    where platform = 'meta_ads'
    group by client_id, platform, account_id, campaign_id, ad_group_id, ad_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.account_id,
    coalesce(account.platform_name, account.name) as account_name,
    totals.campaign_id,
    campaign.campaign_name,
    totals.ad_group_id as ad_set_id,
    ad_group.ad_group_name as ad_set_name,
    totals.ad_id,
    ad.ad_name,
    totals.clicks,
    totals.impressions,
    totals.spend,
    totals.conversions,
    totals.conversions_value,
    totals.onsite_conversion_purchase_conversions,
    totals.onsite_conversion_purchase_conversions_value,
    totals.onsite_conversion_lead_grouped_conversions,
    totals.onsite_conversion_lead_grouped_conversions_value,
    totals.offsite_conversion_fb_pixel_purchase_conversions,
    totals.offsite_conversion_fb_pixel_purchase_conversions_value,
    totals.offsite_conversion_fb_pixel_lead_conversions,
    totals.offsite_conversion_fb_pixel_lead_conversions_value,
    totals.offsite_conversion_fb_pixel_custom_conversions,
    totals.offsite_conversion_fb_pixel_custom_conversions_value,
    ad.conversion_domain
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
left join {{ ref('dim_ad_group') }} as ad_group
    on {{ join_key('totals', ad_group_key) }} = {{ join_key('ad_group', ad_group_key) }}
left join {{ ref('dim_ad') }} as ad
    on {{ join_key('totals', ad_key) }} = {{ join_key('ad', ad_key) }}
