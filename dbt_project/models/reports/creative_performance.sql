-- Figures go to the creative that the ad showed on the day, not to the one that it shows now.
with creative_days as (
    select
        facts.client_id,
        facts.platform,
        facts.account_id,
        shown.creative_id,
        facts.date_day,
        facts.account_currency,
        facts.reporting_currency,
        sum(facts.impressions) as impressions,
        sum(facts.clicks) as clicks,
        sum(facts.link_clicks) as link_clicks,
        -- Untold conversions of one ad make the sum unknown, not smaller; so does a missing rate.
        case when count(facts.conversions) = count(*) then sum(facts.conversions) end as conversions,
        sum(facts.spend) as spend,
        case when count(facts.conversions_value) = count(*) then sum(facts.conversions_value) end as conversions_value,
        sum(facts.spend_reporting) as spend_reporting,
        bool_or(facts.fx_rate is null and facts.spend <> 0) as spend_is_unknown,
        bool_and(facts.finalizes_on <= {{ day_in_zone('ops.platform_now()', 'facts.account_timezone') }}) as is_final
    from {{ ref('fct_ad_performance_daily') }} as facts
    inner join {{ ref('dim_ad_history') }} as shown
        on
            facts.client_id = shown.client_id
            and facts.platform = shown.platform
            and facts.account_id = shown.account_id
            and facts.ad_group_id = shown.ad_group_id
            and facts.ad_id = shown.ad_id
            and facts.date_day >= shown.valid_from_day
            and facts.date_day < coalesce(shown.valid_to_day, 'infinity')
    where facts.ad_id not like 'not-at-ad-level/%'
    group by
        facts.client_id, facts.platform, facts.account_id, shown.creative_id, facts.date_day,
        facts.account_currency, facts.reporting_currency
),

-- delivery_day counts days with impressions: 1 is the first, a day without keeps the number of the one before.
numbered as (
    select
        *,
        count(*) filter (where impressions > 0) over (
            partition by client_id, platform, account_id, creative_id
            order by date_day
        ) as delivery_day
    from creative_days
),

compared as (
    select
        *,
        min(date_day) filter (where impressions > 0) over creative as first_delivery_day,
        sum(impressions) filter (where delivery_day <= 7) over creative as first_impressions,
        sum(clicks) filter (where delivery_day <= 7) over creative as first_clicks
    from numbered
    window creative as (partition by client_id, platform, account_id, creative_id)
),

weeks as (
    select
        client_id,
        platform,
        account_id,
        creative_id,
        date_trunc('week', date_day)::date as week_start,
        account_currency,
        reporting_currency,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(link_clicks)::bigint as link_clicks,
        case when count(conversions) = count(*) then sum(conversions) end as conversions,
        sum(spend) as spend,
        case when count(conversions_value) = count(*) then sum(conversions_value) end as conversions_value,
        case when not bool_or(spend_is_unknown) then coalesce(sum(spend_reporting), 0) end as spend_reporting,
        count(*) filter (where impressions > 0) as days_active,
        min(delivery_day) filter (where impressions > 0) as earliest_delivery_day,
        max(date_day) filter (where impressions > 0) as last_delivery_day,
        max(first_delivery_day) as first_delivery_day,
        max(first_impressions) as first_impressions,
        max(first_clicks) as first_clicks,
        bool_and(is_final) as is_final
    from compared
    group by
        client_id, platform, account_id, creative_id, date_trunc('week', date_day)::date,
        account_currency, reporting_currency
)

select
    weeks.client_id,
    weeks.platform,
    weeks.account_id,
    weeks.creative_id,
    creative.creative_name,
    creative.creative_type,
    creative.title,
    creative.destination_url,
    weeks.week_start,
    weeks.impressions,
    weeks.clicks,
    weeks.link_clicks,
    weeks.conversions,
    weeks.account_currency,
    weeks.spend,
    weeks.conversions_value,
    weeks.reporting_currency,
    weeks.spend_reporting,
    weeks.clicks::numeric / nullif(weeks.impressions, 0) as ctr,
    weeks.spend * 1000 / nullif(weeks.impressions, 0) as cpm,
    weeks.spend / nullif(weeks.conversions, 0) as cost_per_conversion,
    weeks.days_active::int as days_active,
    weeks.first_delivery_day,
    weeks.last_delivery_day - weeks.first_delivery_day as age_days,
    weeks.first_impressions::bigint as first_7_days_impressions,
    weeks.first_clicks / nullif(weeks.first_impressions, 0) as first_7_days_ctr,
    case
        when weeks.creative_id is not null and weeks.earliest_delivery_day > 7
            then
                (weeks.clicks::numeric / nullif(weeks.impressions, 0))
                / nullif(weeks.first_clicks / nullif(weeks.first_impressions, 0), 0) - 1
    end as ctr_change,
    weeks.is_final
from weeks
left join {{ ref('dim_creative') }} as creative
    on
        weeks.client_id = creative.client_id
        and weeks.platform = creative.platform
        and weeks.account_id = creative.account_id
        and weeks.creative_id = creative.creative_id
