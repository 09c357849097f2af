{{ config(meta={'dagster': {'ref': {'name': 'fct_campaign_performance_daily'}}}) }}

-- What the platform tells wrongly at both levels adds up; only the day itself or the days before it give it away.
-- The bounds are far beyond what happens: overspending bugs and typing errors in budgets stay below a factor of ten.
with spans as (
    select
        client_id,
        platform,
        account_id,
        min(date_day) as first_day,
        max(date_day) as last_day
    from {{ source('ops', 'pending_account_day') }}
    group by client_id, platform, account_id
),

account_days as (
    select
        spans.client_id,
        spans.platform,
        spans.account_id,
        days.*
    from spans
    cross join lateral (
        select
            fact.date_day,
            sum(fact.spend) as spend,
            sum(fact.impressions) as impressions,
            sum(fact.clicks) as clicks,
            string_agg(
                concat_ws('/', fact.campaign_id, fact.spend, fact.impressions, fact.clicks), ' '
                order by fact.campaign_id
            ) as figures
        from {{ ref('fct_campaign_performance_daily') }} as fact
        where
            fact.client_id = spans.client_id
            and fact.platform = spans.platform
            and fact.account_id = spans.account_id
            and fact.date_day between spans.first_day - 28 and spans.last_day
        group by fact.date_day
    ) as days
),

with_history as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        spend,
        impressions,
        clicks,
        figures,
        lag(figures) over by_day as figures_before,
        lag(date_day) over by_day as day_before,
        array_agg(spend / impressions) filter (where spend > 0 and impressions >= 20) over weeks_before as unit_costs
    from account_days
    window
        by_day as (partition by client_id, platform, account_id order by date_day),
        weeks_before as (by_day rows between 28 preceding and 1 preceding)
),

judged as (
    select
        with_history.client_id,
        with_history.platform,
        with_history.account_id,
        with_history.date_day,
        case
            when with_history.spend = 0 and with_history.impressions >= 1000 and with_history.clicks >= 10
                then format(
                        '%s impressions and %s clicks cost nothing: a field of the answer may be missing',
                        with_history.impressions, with_history.clicks
                    )
            -- LinkedIn counts clicks on messages days after they were sent.
            when
                with_history.platform <> 'linkedin_ads'
                and with_history.clicks >= 50
                and with_history.clicks > 3 * with_history.impressions
                then format(
                        '%s clicks on %s impressions: the columns may have changed places',
                        with_history.clicks, with_history.impressions
                    )
            when
                with_history.impressions >= 1000
                and with_history.day_before = with_history.date_day - 1
                and with_history.figures = with_history.figures_before
                then 'every campaign has exactly the figures of the day before: the platform may have served a copy'
            when
                with_history.impressions >= 20
                and with_history.spend > 0
                and usual.days >= 5
                and greatest(
                    with_history.spend / with_history.impressions / usual.unit_cost,
                    usual.unit_cost * with_history.impressions / with_history.spend
                ) > 30
                then format(
                        '1,000 impressions cost %s, usually %s: the unit or the currency of spend may have changed',
                        round(1000 * with_history.spend / with_history.impressions, 2), round(1000 * usual.unit_cost, 2)
                    )
        end as detail
    from with_history
    cross join lateral (
        select
            count(*) as days,
            (percentile_cont(0.5) within group (order by listed.unit_cost))::numeric as unit_cost
        from unnest(with_history.unit_costs) as listed (unit_cost)
    ) as usual
)

select
    judged.client_id,
    judged.platform,
    judged.account_id,
    judged.date_day,
    judged.detail
from judged
inner join {{ source('ops', 'pending_account_day') }} as pending
    on
        judged.client_id = pending.client_id
        and judged.platform = pending.platform
        and judged.account_id = pending.account_id
        and judged.date_day = pending.date_day
where judged.detail is not null
