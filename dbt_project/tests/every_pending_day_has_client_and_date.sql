{{ config(meta={'dagster': {'ref': {'name': 'dim_client'}}}) }}

with clients as (
    select
        client_id,
        count(*) as members
    from {{ ref('dim_client') }}
    group by client_id
),

calendar as (
    select
        date_day,
        count(*) as members
    from {{ ref('dim_date') }}
    group by date_day
)

select
    pending.client_id,
    pending.platform,
    pending.account_id,
    pending.date_day,
    'dim_client has ' || coalesce(clients.members, 0) || ' rows of the client, dim_date '
    || coalesce(calendar.members, 0) || ' of the day; one of each is right' as detail
from {{ source('ops', 'pending_account_day') }} as pending
left join clients
    on pending.client_id = clients.client_id
left join calendar
    on pending.date_day = calendar.date_day
where clients.members is distinct from 1 or calendar.members is distinct from 1
