{% set account_key = ['client_id', 'platform', 'account_id'] %}
{% set campaign_key = account_key + ['campaign_id'] %}

with totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_day,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(spend) as spend,
        sum(optimization_event_conversions) as conversion,
        sum(likes)::bigint as likes,
        sum(comments)::bigint as comments,
        sum(shares)::bigint as shares,
        sum(profile_visits)::bigint as profile_visits,
        sum(follows)::bigint as follows,
        sum(video_views_2s)::bigint as video_watched_2_s,
        sum(video_views_6s)::bigint as video_watched_6_s,
        sum(video_p25)::bigint as video_views_p_25,
        sum(video_p50)::bigint as video_views_p_50,
        sum(video_p75)::bigint as video_views_p_75,
        sum(optimization_event_conversions_real_time) as real_time_conversion,
        sum(total_purchase_value) as total_purchase_value
    from {{ ref('int_ad_reporting__campaign_days') }}
    where platform = 'tiktok_ads'
    group by client_id, platform, account_id, campaign_id, date_day
)

select
    totals.client_id as source_relation,
    totals.date_day,
    totals.campaign_id,
    campaign.campaign_name,
    account.account_currency as currency,
    totals.account_id as advertiser_id,
    coalesce(account.platform_name, account.name) as advertiser_name,
    totals.impressions,
    totals.clicks,
    totals.spend,
    reach.reach::bigint as reach,
    totals.conversion,
    totals.likes,
    totals.comments,
    totals.shares,
    totals.profile_visits,
    totals.follows,
    totals.video_watched_2_s,
    totals.video_watched_6_s,
    totals.video_views_p_25,
    totals.video_views_p_50,
    totals.video_views_p_75,
    totals.real_time_conversion,
    totals.total_purchase_value,
    null::numeric as total_sales_lead_value,
    totals.total_purchase_value as total_conversion_value,
    totals.spend / nullif(totals.clicks, 0) as daily_cpc,
    totals.spend * 1000 / nullif(totals.impressions, 0) as daily_cpm,
    totals.clicks * 100.0 / nullif(totals.impressions, 0) as daily_ctr
from totals
left join {{ ref('dim_account') }} as account
    on {{ join_key('totals', account_key) }} = {{ join_key('account', account_key) }}
left join {{ ref('dim_campaign') }} as campaign
    on {{ join_key('totals', campaign_key) }} = {{ join_key('campaign', campaign_key) }}
left join {{ ref('fct_reach') }} as reach
    on
        totals.client_id = reach.client_id
        and totals.platform = reach.platform
        and totals.account_id = reach.account_id
        and totals.date_day = reach.date_day
        and totals.campaign_id = reach.object_id
        and reach.level = 'campaign'
        and reach.period = 'day'
