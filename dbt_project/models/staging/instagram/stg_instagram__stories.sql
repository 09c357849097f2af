with looks as (
    select
        account_id,
        date_day,
        media_id,
        reach,
        views,
        total_interactions,
        replies,
        shares,
        follows,
        profile_visits,
        profile_activity,
        taps_forward,
        taps_back,
        swipes_forward,
        exits,
        row_number() over (partition by account_id, media_id order by date_day desc) as looks_back
    from {{ source('raw_instagram', 'story_insights') }}
)

select
    stories.account_id,
    stories.media_id,
    stories.media_type,
    stories.permalink,
    stories.published_at,
    stories.published_at + interval '24 hours' as vanished_at,
    looks.date_day as snapshot_day,
    looks.reach,
    looks.views,
    looks.total_interactions,
    looks.replies,
    looks.shares,
    looks.follows,
    looks.profile_visits,
    looks.profile_activity,
    looks.taps_forward,
    looks.taps_back,
    looks.swipes_forward,
    looks.exits
from {{ source('raw_instagram', 'stories') }} as stories
left join looks
    on stories.account_id = looks.account_id and stories.media_id = looks.media_id and looks.looks_back = 1
