select
    account_id,
    media_id,
    ig_id,
    media_product_type as product_type,
    media_type,
    caption,
    permalink,
    shortcode,
    published_at,
    _unlisted_since as unlisted_since
from {{ source('raw_instagram', 'media') }}
