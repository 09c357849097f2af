select
    account_id,
    date_day,
    period,
    reach
from {{ source('raw_instagram', 'reach_daily') }}
