with published as (
    select
        published_day.client_id,
        published_day.platform,
        published_day.account_id,
        published_day.date_day,
        published_day.date_day + coalesce(registered.restatement_days, platform_rule.restatement_days) as finalizes_on
    from {{ source('ops', 'published_day') }} as published_day
    inner join {{ source('ops', 'platform_rule') }} as platform_rule
        on published_day.platform = platform_rule.platform
    left join {{ source('raw_registry', 'account') }} as registered
        on
            published_day.client_id = registered.client_id
            and published_day.platform = registered.platform
            and published_day.account_id = registered.account_id
            and published_day.date_day between registered.active_from and coalesce(registered.active_to, 'infinity')
    where
        published_day.superseded_at is null
        and published_day.platform in ({{ text_list(var('ad_platforms')) }})
),

figures as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(link_clicks)::bigint as link_clicks,
        sum(conversions) as conversions,
        sum(spend_reporting) as spend_reporting,
        sum({{ in_reporting_currency('conversions_value') }}) as conversions_value_reporting,
        min(reporting_currency) as reporting_currency,
        max(finalizes_on) as finalizes_on,
        count(*) filter (where fx_rate is null and spend <> 0) as spend_without_rate,
        count(*) filter (where fx_rate is null and conversions_value <> 0) as value_without_rate
    from {{ ref('fct_campaign_performance_daily') }}
    group by client_id, platform, account_id, date_day
),

account_days as (
    select
        published.client_id,
        published.platform,
        published.date_day,
        figures.impressions,
        figures.clicks,
        figures.link_clicks,
        figures.conversions,
        figures.spend_reporting,
        figures.conversions_value_reporting,
        client.reporting_currency,
        -- A rate that is missing, or of the currency the client had before, makes the whole sum unknown, not smaller.
        (figures.spend_without_rate > 0 or figures.reporting_currency <> client.reporting_currency)
            as spend_is_unknown,
        (figures.value_without_rate > 0 or figures.reporting_currency <> client.reporting_currency)
            as value_is_unknown,
        analytics.is_final(coalesce(figures.finalizes_on, published.finalizes_on), account.timezone) as is_final
    from published
    inner join {{ ref('dim_client') }} as client
        on published.client_id = client.client_id
    inner join {{ ref('dim_account') }} as account
        on
            published.client_id = account.client_id
            and published.platform = account.platform
            and published.account_id = account.account_id
    left join figures
        on
            published.client_id = figures.client_id
            and published.platform = figures.platform
            and published.account_id = figures.account_id
            and published.date_day = figures.date_day
),

client_days as (
    select
        client_id,
        platform,
        date_day,
        case when not coalesce(bool_or(spend_is_unknown), false) then coalesce(sum(spend_reporting), 0) end
            as spend_reporting,
        coalesce(sum(impressions), 0)::bigint as impressions,
        coalesce(sum(clicks), 0)::bigint as clicks,
        case
            when platform in ({{ text_list(var('platforms_with_link_clicks')) }})
                then coalesce(sum(link_clicks), 0)::bigint
        end as link_clicks,
        coalesce(sum(conversions), 0) as conversions,
        case when not coalesce(bool_or(value_is_unknown), false) then coalesce(sum(conversions_value_reporting), 0) end
            as conversions_value_reporting,
        min(reporting_currency) as reporting_currency,
        count(*) as accounts_published,
        bool_and(is_final) as is_final
    from account_days
    group by client_id, platform, date_day
),

expected as (
    select
        client_id,
        platform,
        date_day,
        count(*) as accounts_expected,
        count(*) filter (where state in ('provisional', 'final')) as accounts_current
    from {{ source('analytics', 'account_day_state') }}
    group by client_id, platform, date_day
)

select
    client_days.client_id,
    client_days.platform,
    client_days.date_day,
    client_days.spend_reporting,
    client_days.impressions,
    client_days.clicks,
    client_days.link_clicks,
    client_days.conversions,
    client_days.conversions_value_reporting,
    client_days.reporting_currency,
    coalesce(expected.accounts_expected, client_days.accounts_published)::int as accounts_expected,
    coalesce(expected.accounts_current, client_days.accounts_published)::int as accounts_current,
    (client_days.is_final and coalesce(expected.accounts_current = expected.accounts_expected, false)) as is_final
from client_days
left join expected
    on
        client_days.client_id = expected.client_id
        and client_days.platform = expected.platform
        and client_days.date_day = expected.date_day
