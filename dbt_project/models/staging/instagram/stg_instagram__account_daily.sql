select
    totals.account_id,
    totals.date_day,
    totals.reach,
    totals.views,
    totals.accounts_engaged,
    totals.total_interactions,
    totals.likes,
    totals.comments,
    totals.shares,
    totals.saves,
    totals.replies,
    totals.reposts,
    totals.profile_links_taps,
    (
        select sum(part.value)
        from {{ source('raw_instagram', 'account_breakdown_daily') }} as part
        where
            part.account_id = totals.account_id and part.date_day = totals.date_day
            and part.metric = 'follows_and_unfollows' and part.dimension = 'follow_type'
            and part.dimension_value = 'FOLLOWER'
    ) as follows,
    (
        select sum(part.value)
        from {{ source('raw_instagram', 'account_breakdown_daily') }} as part
        where
            part.account_id = totals.account_id and part.date_day = totals.date_day
            and part.metric = 'follows_and_unfollows' and part.dimension = 'follow_type'
            and part.dimension_value = 'NON_FOLLOWER'
    ) as unfollows,
    profiles.followers_count,
    profiles.media_count
from {{ source('raw_instagram', 'account_daily') }} as totals
left join {{ source('raw_instagram', 'profile_daily') }} as profiles
    on totals.account_id = profiles.account_id and totals.date_day = profiles.date_day
