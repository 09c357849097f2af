-- What the platform reports for a campaign but for none of its ads. A type that has ads gets no such row:
-- there a difference is an error that the certificate must see.
with campaign_days as (
    select *
    from {{ ref('int_campaign_days') }}
    where
        platform = 'google_ads'
        and campaign_type in ({{ text_list(var('google_campaign_types_without_ads')) }})
),

ad_totals as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_day,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(spend) as spend,
        sum(platform_conversions) as platform_conversions,
        sum(platform_conversions_value) as platform_conversions_value
    from {{ ref('int_ad_days') }}
    where platform = 'google_ads'
    group by client_id, platform, account_id, campaign_id, date_day
),

remainders as (
    select
        campaign_days.client_id,
        campaign_days.platform,
        campaign_days.account_id,
        campaign_days.campaign_id,
        campaign_days.date_day,
        campaign_days.account_timezone,
        campaign_days.date_basis,
        campaign_days.account_currency,
        campaign_days.link_clicks,
        campaign_days.reporting_currency,
        campaign_days.fx_rate,
        campaign_days.fx_rate_date,
        campaign_days.fx_source,
        campaign_days.fx_reason,
        campaign_days.finalizes_on,
        campaign_days.version,
        campaign_days.impressions - coalesce(ad_totals.impressions, 0) as impressions,
        campaign_days.clicks - coalesce(ad_totals.clicks, 0) as clicks,
        campaign_days.spend - coalesce(ad_totals.spend, 0) as spend,
        campaign_days.platform_conversions - coalesce(ad_totals.platform_conversions, 0) as platform_conversions,
        campaign_days.platform_conversions_value - coalesce(ad_totals.platform_conversions_value, 0)
            as platform_conversions_value
    from campaign_days
    left join ad_totals
        on
            campaign_days.client_id = ad_totals.client_id
            and campaign_days.platform = ad_totals.platform
            and campaign_days.account_id = ad_totals.account_id
            and campaign_days.campaign_id = ad_totals.campaign_id
            and campaign_days.date_day = ad_totals.date_day
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    'not-at-ad-level' as ad_group_id,
    'not-at-ad-level/' || campaign_id as ad_id,
    date_day,
    account_timezone,
    date_basis,
    account_currency,
    'per_conversion_action' as attribution_setting,
    impressions,
    clicks,
    link_clicks,
    spend,
    platform_conversions,
    platform_conversions_value,
    reporting_currency,
    fx_rate,
    fx_rate_date,
    fx_source,
    fx_reason,
    {{ in_reporting_currency('spend') }} as spend_reporting,
    finalizes_on,
    version
from remainders
where
    impressions <> 0 or clicks <> 0 or spend <> 0 or platform_conversions <> 0 or platform_conversions_value <> 0
