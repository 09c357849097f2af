with looks as (
    select
        insights.account_id,
        insights.media_id,
        insights.product_type,
        insights.media_type,
        insights.published_at,
        media.permalink,
        media.caption,
        insights.snapshot_day,
        insights.views,
        insights.reach::bigint as reach,
        insights.total_interactions,
        insights.likes,
        insights.comments,
        insights.shares,
        insights.saves,
        null::bigint as replies,
        insights.reposts,
        insights.follows,
        insights.profile_visits,
        insights.avg_watch_time_ms
    from {{ ref('stg_instagram__media_insights') }} as insights
    left join {{ ref('stg_instagram__media') }} as media
        on
            insights.account_id = media.account_id
            and insights.media_id = media.media_id
    union all
    select
        account_id,
        media_id,
        'STORY' as product_type,
        media_type,
        published_at,
        permalink,
        null::text as caption,
        snapshot_day,
        views,
        reach::bigint as reach,
        total_interactions,
        null::bigint as likes,
        null::bigint as comments,
        shares,
        null::bigint as saves,
        replies,
        null::bigint as reposts,
        follows,
        profile_visits,
        null::bigint as avg_watch_time_ms
    from {{ ref('stg_instagram__stories') }}
),

-- A client sees the last look that was taken while the account was the client's.
snapshots as (
    select
        client_accounts.client_id,
        looks.*,
        row_number() over (
            partition by client_accounts.client_id, looks.account_id, looks.media_id
            order by looks.snapshot_day desc
        ) as recency
    from looks
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on
            client_accounts.platform = 'instagram'
            and looks.account_id = client_accounts.account_id
            and looks.snapshot_day
            between client_accounts.active_from and coalesce(client_accounts.active_to, 'infinity')
)

select
    client_id,
    'instagram' as platform,
    account_id,
    media_id,
    product_type,
    media_type,
    published_at,
    permalink,
    caption,
    snapshot_day,
    views,
    reach,
    total_interactions,
    likes,
    comments,
    shares,
    saves,
    replies,
    reposts,
    follows,
    profile_visits,
    avg_watch_time_ms
from snapshots
where recency = 1
