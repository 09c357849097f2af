with first_publication as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        min(published_at) as first_published_at
    from {{ source('ops', 'published_day') }}
    group by client_id, platform, account_id, date_day
),

-- A row that was superseded in the instant of its publication was never seen: clocks that stand still make such rows.
stood as (
    select
        as_of.*,
        {% for metric in var('restated_metrics') -%}
        lag(as_of.{{ metric }}) over rows_of_the_key as previous_{{ metric }},
        {% endfor -%}
        lag(as_of.valid_to) over rows_of_the_key as previous_valid_to,
        lead(as_of.valid_from) over rows_of_the_key as next_valid_from
    from {{ source('analytics', 'fct_campaign_performance_as_of') }} as as_of
    where as_of.valid_to is null or as_of.valid_to > as_of.valid_from
    window
        rows_of_the_key as (
            partition by as_of.client_id, as_of.platform, as_of.account_id, as_of.date_day, as_of.campaign_id
            order by as_of.valid_from
        )
),

came as (
    select
        stood.client_id,
        stood.platform,
        stood.account_id,
        stood.campaign_id,
        stood.date_day,
        stood.account_timezone,
        stood.finalizes_on,
        stood.valid_from as published_at,
        figure.metric,
        case when stood.previous_valid_to = stood.valid_from then figure.previous_value end as old_value,
        figure.value as new_value
    from stood
    inner join first_publication
        on
            stood.client_id = first_publication.client_id
            and stood.platform = first_publication.platform
            and stood.account_id = first_publication.account_id
            and stood.date_day = first_publication.date_day
            and stood.valid_from > first_publication.first_published_at
    cross join lateral (
        values
        {% for metric in var('restated_metrics') -%}
        ('{{ metric }}', stood.{{ metric }}::numeric, stood.previous_{{ metric }}::numeric){{ "," if not loop.last }}
        {% endfor -%}
    ) as figure (metric, value, previous_value)
),

vanished as (
    select
        stood.client_id,
        stood.platform,
        stood.account_id,
        stood.campaign_id,
        stood.date_day,
        stood.account_timezone,
        stood.finalizes_on,
        stood.valid_to as published_at,
        figure.metric,
        figure.value as old_value,
        null::numeric as new_value
    from stood
    inner join lateral (
        values
        {% for metric in var('restated_metrics') -%}
        ('{{ metric }}', stood.{{ metric }}::numeric){{ "," if not loop.last }}
        {% endfor -%}
    ) as figure (metric, value) on true
    where stood.valid_to is not null and stood.next_valid_from is distinct from stood.valid_to
),

changed as (
    select * from came
    union all
    select * from vanished
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    date_day,
    metric,
    old_value,
    new_value,
    coalesce(new_value, 0) - coalesce(old_value, 0) as difference,
    trim_scale(round((coalesce(new_value, 0) - old_value) / nullif(old_value, 0), 6)) as share,
    published_at,
    (published_at at time zone account_timezone)::date - date_day as age_days,
    analytics.is_final(finalizes_on + 1, account_timezone, published_at) as after_window
from changed
where coalesce(new_value, 0) <> coalesce(old_value, 0)
