-- Counts are exact. Spend is proved by the certificate, to half a smallest unit per row.
with ads as (
    select
        detail.client_id,
        detail.platform,
        detail.account_id,
        detail.date_day,
        detail.campaign_id,
        sum(detail.impressions) as impressions,
        sum(detail.clicks) as clicks
    from {{ pending_rows(ref('fct_ad_performance_daily')) }}
    group by detail.client_id, detail.platform, detail.account_id, detail.date_day, detail.campaign_id
),

campaigns as (
    select detail.*
    from {{ pending_rows(ref('fct_campaign_performance_daily')) }}
)

select
    client_id,
    platform,
    account_id,
    date_day,
    'campaigns whose ads do not add up: ' || string_agg(campaign_id, ', ' order by campaign_id) as detail
from campaigns
full outer join ads using (client_id, platform, account_id, date_day, campaign_id)
where
    coalesce(campaigns.impressions, 0) <> coalesce(ads.impressions, 0)
    or coalesce(campaigns.clicks, 0) <> coalesce(ads.clicks, 0)
group by client_id, platform, account_id, date_day
