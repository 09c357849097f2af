with meta_ads as (
    select
        pending.*,
        detail.campaign_id,
        null::text as campaign_type,
        detail.impressions,
        detail.clicks,
        detail.link_clicks,
        detail.spend,
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_meta_ads__campaign_daily'), ['account_id', 'date_day']) }}
    where pending.platform = 'meta_ads'
),

google_ads as (
    select
        pending.*,
        detail.campaign_id,
        detail.campaign_type,
        detail.impressions,
        detail.clicks,
        null::bigint as link_clicks,
        detail.spend,
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_google_ads__campaign_daily'), ['account_id', 'date_day']) }}
    where pending.platform = 'google_ads'
),

unioned as (
    select * from meta_ads
    union all
    select * from google_ads
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    campaign_type,
    date_day,
    account_currency,
    impressions,
    clicks,
    link_clicks,
    spend,
    conversions,
    conversions_value,
    reporting_currency,
    fx_rate,
    fx_rate_date,
    {{ in_reporting_currency('spend') }} as spend_reporting,
    finalizes_on,
    version
from unioned
