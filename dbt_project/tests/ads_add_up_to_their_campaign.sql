{{ config(meta={'dagster': {'ref': {'name': 'fct_ad_performance_daily'}}}) }}

-- Counts are exact. Spend is proved by the certificate, to half a smallest unit per row.
with both_levels as (
    select
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.date_day,
        detail.campaign_id,
        detail.impressions,
        detail.clicks
    from {{ pending_rows(ref('fct_campaign_performance_daily')) }}
    union all
    select
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.date_day,
        detail.campaign_id,
        -detail.impressions as impressions,
        -detail.clicks as clicks
    from {{ pending_rows(ref('fct_ad_performance_daily')) }}
),

differences as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        campaign_id
    from both_levels
    group by client_id, platform, account_id, date_day, campaign_id
    having sum(impressions) <> 0 or sum(clicks) <> 0
)

select
    client_id,
    platform,
    account_id,
    date_day,
    'campaigns whose ads do not add up: ' || string_agg(campaign_id, ', ' order by campaign_id) as detail
from differences
group by client_id, platform, account_id, date_day
