-- An account may come, leave and come back: one row per client and account, described by its latest range.
with ranges as (
    select
        *,
        row_number() over (
            partition by client_id, platform, account_id
            order by active_from desc
        ) as recency
    from {{ source('raw_registry', 'account') }}
),

bounds as (
    select
        client_id,
        platform,
        account_id,
        min(active_from) as active_from,
        case when count(*) = count(active_to) then max(active_to) end as active_to
    from {{ source('raw_registry', 'account') }}
    group by client_id, platform, account_id
)

select
    ranges.client_id,
    ranges.platform,
    ranges.account_id,
    ranges.name as account_name,
    ranges.currency as account_currency,
    ranges.timezone,
    bounds.active_from,
    bounds.active_to
from ranges
inner join bounds
    on
        ranges.client_id = bounds.client_id
        and ranges.platform = bounds.platform
        and ranges.account_id = bounds.account_id
where ranges.recency = 1
