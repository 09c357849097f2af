with bounds as (
    select ops.platform_now()::date - {{ var('maturation_days') }} as since
),

-- Days whose window has passed, and that were read until it had, but for a few days.
final_days as (
    select
        fact.client_id,
        fact.platform,
        fact.account_id,
        fact.date_day,
        min(fact.account_timezone) as account_timezone,
        max(fact.finalizes_on) as finalizes_on,
        max(fact.finalizes_on) - fact.date_day as final_age,
        max(fact.fx_rate) as fx_rate
    from {{ ref('fct_campaign_performance_daily') }} as fact
    inner join bounds on fact.date_day >= bounds.since
    inner join {{ source('ops', 'account_day') }} as account_day
        on
            fact.client_id = account_day.client_id
            and fact.platform = account_day.platform
            and fact.account_id = account_day.account_id
            and fact.date_day = account_day.date_day
            and account_day.verified_at >= (fact.finalizes_on - 3)::timestamp at time zone fact.account_timezone
    where analytics.is_final(fact.finalizes_on, fact.account_timezone)
    group by fact.client_id, fact.platform, fact.account_id, fact.date_day
),

-- Every age that analytics has seen: before its first publication a day has none, as one that was filled in later.
account_ages as (
    select
        final_days.client_id,
        final_days.platform,
        final_days.account_id,
        final_days.date_day,
        final_days.fx_rate,
        final_days.final_age,
        ages.age_days
    from final_days
    inner join lateral (
        select min(published_day.published_at) as first_published_at
        from {{ source('ops', 'published_day') }} as published_day
        where
            published_day.client_id = final_days.client_id
            and published_day.platform = final_days.platform
            and published_day.account_id = final_days.account_id
            and published_day.date_day = final_days.date_day
    ) as publication on true
    cross join lateral generate_series(
        (publication.first_published_at at time zone final_days.account_timezone)::date - final_days.date_day,
        final_days.final_age
    ) as ages (age_days)
),

-- The row that stood at the end of an age's day is of that age.
row_spans as (
    select
        final_days.client_id,
        final_days.platform,
        final_days.account_id,
        final_days.date_day,
        {% for metric in var('maturing_metrics') -%}
        as_of.{{ metric }},
        {% endfor -%}
        (as_of.valid_from at time zone final_days.account_timezone)::date - final_days.date_day as from_age,
        least(
            (as_of.valid_to at time zone final_days.account_timezone)::date - final_days.date_day - 1,
            final_days.final_age
        ) as to_age
    from final_days
    inner join {{ source('analytics', 'fct_campaign_performance_as_of') }} as as_of
        on
            final_days.client_id = as_of.client_id
            and final_days.platform = as_of.platform
            and final_days.account_id = as_of.account_id
            and final_days.date_day = as_of.date_day
),

-- A figure that one row does not know is unknown, not smaller.
seen as (
    select
        row_spans.client_id,
        row_spans.platform,
        row_spans.account_id,
        row_spans.date_day,
        {% for metric in var('maturing_metrics') -%}
        case when count(*) = count(row_spans.{{ metric }}) then sum(row_spans.{{ metric }}) end as {{ metric }},
        {% endfor -%}
        ages.age_days
    from row_spans
    cross join lateral generate_series(row_spans.from_age, row_spans.to_age) as ages (age_days)
    group by
        row_spans.client_id, row_spans.platform, row_spans.account_id, row_spans.date_day, ages.age_days
),

-- What stood when the day became final is its final value: what a later mapping or model makes of it tells no lag.
account_values as (
    select
        account_ages.client_id,
        account_ages.platform,
        account_ages.account_id,
        account_ages.date_day,
        account_ages.age_days,
        account_ages.age_days = account_ages.final_age as is_final,
        {% for metric in var('maturing_metrics') -%}
        case when seen.client_id is null then 0 else seen.{{ metric }} end
        {%- if metric in var('maturing_money') %} * account_ages.fx_rate{% endif %} as {{ metric }},
        {% endfor -%}
        account_ages.final_age
    from account_ages
    left join seen
        on
            account_ages.client_id = seen.client_id
            and account_ages.platform = seen.platform
            and account_ages.account_id = seen.account_id
            and account_ages.date_day = seen.date_day
            and account_ages.age_days = seen.age_days
),

client_final_days as (
    select
        client_id,
        platform,
        date_day,
        {% for metric in var('maturing_metrics') -%}
        case when count(*) = count({{ metric }}) then sum({{ metric }}) end as {{ metric }},
        {% endfor -%}
        count(*) as accounts
    from account_values
    where is_final
    group by client_id, platform, date_day
),

client_ages as (
    select
        client_id,
        platform,
        date_day,
        age_days,
        {% for metric in var('maturing_metrics') -%}
        case when count(*) = count({{ metric }}) then sum({{ metric }}) end as {{ metric }},
        {% endfor -%}
        count(*) as accounts
    from account_values
    where not is_final
    group by client_id, platform, date_day, age_days
),

shares as (
    select
        client_ages.client_id,
        client_ages.platform,
        client_ages.age_days,
        figure.metric,
        figure.seen_value / nullif(figure.final_value, 0) as share
    from client_ages
    inner join client_final_days
        on
            client_ages.client_id = client_final_days.client_id
            and client_ages.platform = client_final_days.platform
            and client_ages.date_day = client_final_days.date_day
            and client_ages.accounts = client_final_days.accounts
    cross join lateral (
        values
        {% for metric in var('maturing_metrics') -%}
        ('{{ metric }}', client_ages.{{ metric }}, client_final_days.{{ metric }}){{ "," if not loop.last }}
        {% endfor -%}
    ) as figure (metric, seen_value, final_value)
)

select
    case when grouping(client_id) = 1 then 'platform' else 'client' end as basis,
    client_id,
    platform,
    metric,
    age_days,
    percentile_cont(0.5) within group (order by share)::numeric as median_share,
    percentile_cont(0.1) within group (order by share)::numeric as p10_share,
    percentile_cont(0.9) within group (order by share)::numeric as p90_share,
    count(share) as final_days,
    count(share) >= {{ var('maturation_least_final_days') }} as has_enough_history
from shares
where share is not null
group by grouping sets ((client_id, platform, metric, age_days), (platform, metric, age_days))
