{% set account_key = ['client_id', 'platform', 'account_id'] %}

with media as (
    select
        *,
        case
            when product_type = 'STORY' then 'story'
            when product_type = 'REELS' then 'reel'
            when media_type = 'CAROUSEL_ALBUM' then 'carousel_album'
            else 'video_photo'
        end as kind
    from {{ ref('fct_instagram_media') }}
)

select
    media.client_id as source_relation,
    coalesce(account.platform_name, account.name) as account_name,
    media.account_id as user_id,
    media.caption as post_caption,
    media.published_at as created_timestamp,
    media.media_id as post_id,
    null::boolean as is_comment_enabled,
    media.product_type = 'STORY' as is_story,
    media.media_type,
    null::text as media_url,
    media.permalink as post_url,
    substring(media.permalink from '/(?:p|reel|tv)/([^/?]+)') as shortcode,
    null::text as thumbnail_url,
    account.username,
    case when media.kind = 'carousel_album' then media.total_interactions end as carousel_album_engagement,
    case when media.kind = 'carousel_album' then media.reach end as carousel_album_reach,
    case when media.kind = 'carousel_album' then media.saves end as carousel_album_saved,
    case when media.kind = 'carousel_album' then media.shares end as carousel_album_shares,
    case when media.kind = 'carousel_album' then media.views end as carousel_album_views,
    media.comments as comment_count,
    media.likes as like_count,
    null::bigint as story_exits,
    case when media.kind = 'story' then media.reach end as story_reach,
    case when media.kind = 'story' then media.replies end as story_replies,
    null::bigint as story_taps_back,
    null::bigint as story_taps_forward,
    case when media.kind = 'story' then media.shares end as story_shares,
    case when media.kind = 'story' then media.views end as story_views,
    case when media.kind = 'video_photo' then media.total_interactions end as video_photo_engagement,
    case when media.kind = 'video_photo' then media.reach end as video_photo_reach,
    case when media.kind = 'video_photo' then media.saves end as video_photo_saved,
    case when media.kind = 'video_photo' then media.shares end as video_photo_shares,
    case when media.kind = 'video_photo' then media.views end as video_photo_views,
    case when media.kind = 'reel' then media.comments end as reel_comments,
    case when media.kind = 'reel' then media.likes end as reel_likes,
    case when media.kind = 'reel' then media.reach end as reel_reach,
    case when media.kind = 'reel' then media.shares end as reel_shares,
    case when media.kind = 'reel' then media.total_interactions end as reel_total_interactions,
    case when media.kind = 'reel' then media.views end as reel_views,
    null::bigint as carousel_album_impressions,
    null::bigint as carousel_album_video_views,
    null::bigint as story_impressions,
    null::bigint as video_photo_impressions,
    null::bigint as video_views,
    null::bigint as reel_plays
from media
left join {{ ref('dim_account') }} as account
    on {{ join_key('media', account_key) }} = {{ join_key('account', account_key) }}
