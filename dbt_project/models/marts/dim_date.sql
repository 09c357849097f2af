with bounds as (
    select
        min(active_from) as first_day,
        (extract(year from ops.platform_now()) + 1)::text || '-12-31' as last_day
    from {{ source('raw_registry', 'client') }}
),

days as (
    {{ days_between('(select first_day from bounds)', '(select last_day from bounds)') }}
)

select
    date_day,
    extract(isoyear from date_day)::int as iso_year,
    extract(week from date_day)::int as iso_week,
    extract(year from date_day)::int as year,
    extract(quarter from date_day)::int as quarter,
    extract(month from date_day)::int as month,
    {{ calendar_text('date_day', 'FMMonth') }} as month_name,
    extract(day from date_day)::int as day_of_month,
    extract(isodow from date_day)::int as iso_weekday,
    {{ calendar_text('date_day', 'FMDay') }} as weekday_name,
    extract(isodow from date_day) in (6, 7) as is_weekend,
    date_trunc('week', date_day)::date as week_start,
    date_trunc('month', date_day)::date as month_start
from days
