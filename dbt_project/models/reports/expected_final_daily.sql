with provisional as (
    select
        fact.client_id,
        fact.platform,
        fact.account_id,
        fact.date_day,
        {% for metric in var('maturing_metrics') -%}
        {% if metric in var('maturing_money') -%}
        case when count(fact.{{ metric }} * fact.fx_rate) = count(*) then sum(fact.{{ metric }} * fact.fx_rate) end
            as {{ metric }},
        {% else -%}
        case when count(fact.{{ metric }}) = count(*) then sum(fact.{{ metric }}) end as {{ metric }},
        {% endif -%}
        {% endfor -%}
        min(fact.reporting_currency) as reporting_currency,
        bool_and(analytics.is_final(fact.finalizes_on, fact.account_timezone)) as is_final,
        min(fact.account_timezone) as account_timezone
    from {{ ref('fct_campaign_performance_daily') }} as fact
    where fact.finalizes_on >= ops.platform_now()::date - 1
    group by fact.client_id, fact.platform, fact.account_id, fact.date_day
),

-- A held account shows what it showed when it was last published: its figures are as old as that reading.
aged as (
    select
        provisional.*,
        (
            case
                when account_day.version = published_day.version then account_day.verified_at
                else published_day.published_at
            end at time zone provisional.account_timezone
        )::date - provisional.date_day as age_days
    from provisional
    left join {{ source('ops', 'published_day') }} as published_day
        on
            provisional.client_id = published_day.client_id
            and provisional.platform = published_day.platform
            and provisional.account_id = published_day.account_id
            and provisional.date_day = published_day.date_day
            and published_day.superseded_at is null
    left join {{ source('ops', 'account_day') }} as account_day
        on
            provisional.client_id = account_day.client_id
            and provisional.platform = account_day.platform
            and provisional.account_id = account_day.account_id
            and provisional.date_day = account_day.date_day
),

figures as (
    select
        aged.client_id,
        aged.platform,
        aged.account_id,
        aged.date_day,
        aged.reporting_currency,
        aged.is_final,
        aged.age_days,
        figure.metric,
        figure.is_money,
        figure.value
    from aged
    cross join lateral (
        values
        {% for metric in var('maturing_metrics') -%}
        ('{{ metric }}', {{ metric in var('maturing_money') }}, aged.{{ metric }}){{ "," if not loop.last }}
        {% endfor -%}
    ) as figure (metric, is_money, value)
),

curve as materialized (
    select * from {{ ref('conversion_maturation') }}
    where has_enough_history
),

-- The client's own curve where it has enough final days, else that of all clients on the platform.
estimated as (
    select
        figures.*,
        coalesce(own.basis, pooled.basis) as basis,
        coalesce(own.final_days, pooled.final_days) as final_days,
        case when figures.is_final then 1 else coalesce(own.median_share, pooled.median_share) end as median_share,
        case when figures.is_final then 1 else coalesce(own.p10_share, pooled.p10_share) end as p10_share,
        case when figures.is_final then 1 else coalesce(own.p90_share, pooled.p90_share) end as p90_share
    from figures
    left join curve as own
        on
            own.basis = 'client'
            and figures.client_id = own.client_id
            and figures.platform = own.platform
            and figures.metric = own.metric
            and figures.age_days = own.age_days
    left join curve as pooled
        on
            pooled.basis = 'platform'
            and figures.platform = pooled.platform
            and figures.metric = pooled.metric
            and figures.age_days = pooled.age_days
),

client_days as (
    select
        client_id,
        platform,
        date_day,
        metric,
        min(case when is_money then reporting_currency end) as currency,
        case when count(value) = count(*) then trim_scale(sum(value)) end as provisional,
        count(*) = count(value) as is_known,
        count(*) = count(median_share) as has_enough_history,
        bool_and(median_share > 0 and p10_share > 0) as is_seen,
        trim_scale(round(sum(value / nullif(median_share, 0)), 6)) as expected_final,
        trim_scale(round(sum(value / nullif(p90_share, 0)), 6)) as low,
        trim_scale(round(sum(value / nullif(p10_share, 0)), 6)) as high,
        min(age_days) filter (where not is_final) as age_days,
        -- Of several accounts, the weaker ground.
        max(basis) filter (where not is_final) as basis,
        min(final_days) filter (where not is_final) as final_days
    from estimated
    group by client_id, platform, date_day, metric
    having not bool_and(is_final)
)

select
    client_id,
    platform,
    date_day,
    metric,
    currency,
    provisional,
    case when is_known and has_enough_history and is_seen then expected_final end as expected_final,
    case when is_known and has_enough_history and is_seen then low end as low,
    case when is_known and has_enough_history and is_seen then high end as high,
    age_days,
    case when has_enough_history then basis end as basis,
    case when has_enough_history then final_days end as final_days,
    has_enough_history,
    case
        when not is_known then 'an account has no FX rate or does not tell this figure on this day'
        when not has_enough_history
            then 'fewer than {{ var("maturation_least_final_days") }} final days of the platform were seen at this age'
        when not is_seen then 'too little of the final value is seen at this age'
    end as reason
from client_days
