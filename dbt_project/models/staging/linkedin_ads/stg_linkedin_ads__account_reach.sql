-- A snapshot of the days before the one on which it was read.
select
    account_id,
    date_day,
    case period_days when 7 then 'week' else 'days_' || period_days end as period,
    date_day - 1 as period_end,
    period_impressions as impressions,
    approximate_member_reach as reach
from {{ source('raw_linkedin_ads', 'account_reach') }}
