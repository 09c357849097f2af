{{ config(meta={'dagster': {'ref': {'name': 'fct_conversions_daily'}}}) }}

-- The files are checked when they are read, but only the platform's rows tell which names a pattern fits.
select
    client_id,
    platform,
    account_id,
    date_day,
    'two families fit equally well, give each a rule that names it: '
    || string_agg(distinct conversion_action_id, ', ' order by conversion_action_id) as detail
from {{ ref('int_conversion_days') }}
where is_ambiguous
group by client_id, platform, account_id, date_day
