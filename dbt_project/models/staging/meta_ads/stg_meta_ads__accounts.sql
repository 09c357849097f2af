-- Meta tells an account's status as a number.
select
    account_id,
    name as account_name,
    case account_status
        when '1' then 'ACTIVE'
        when '2' then 'DISABLED'
        when '3' then 'UNSETTLED'
        when '7' then 'PENDING_RISK_REVIEW'
        when '8' then 'PENDING_SETTLEMENT'
        when '9' then 'IN_GRACE_PERIOD'
        when '100' then 'PENDING_CLOSURE'
        when '101' then 'CLOSED'
        else account_status
    end as status,
    currency as account_currency,
    timezone_name as timezone,
    timezone_offset_hours_utc,
    amount_spent,
    balance,
    spend_cap,
    disable_reason,
    created_time as created_at,
    _unlisted_since as unlisted_since
from {{ source('raw_meta_ads', 'accounts') }}
