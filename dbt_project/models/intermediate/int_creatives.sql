-- Creatives of all platforms in one shape. Google and TikTok have no creative objects, on LinkedIn the creative is the
-- ad: there the ad stands for its creative. Google may show one ad in several ad groups, with one content.
with google_ads as (
    select
        *,
        row_number() over (
            partition by account_id, creative_id
            order by unlisted_since asc nulls first, ad_group_id asc
        ) as place
    from {{ ref('stg_google_ads__ads') }}
)

select
    'meta_ads' as platform,
    account_id,
    creative_id,
    creative_name,
    creative_type,
    status,
    title,
    body,
    call_to_action,
    image_id,
    video_id,
    post_id,
    permalink_url,
    destination_url,
    url_tags,
    headlines,
    descriptions,
    product_set_id,
    null::timestamptz as created_at,
    unlisted_since
from {{ ref('stg_meta_ads__creatives') }}
union all
select
    'google_ads' as platform,
    account_id,
    creative_id,
    ad_name as creative_name,
    ad_type as creative_type,
    status,
    headlines -> 0 ->> 'text' as title,
    descriptions -> 0 ->> 'text' as body,
    null::text as call_to_action,
    null::text as image_id,
    null::text as video_id,
    null::text as post_id,
    null::text as permalink_url,
    destination_url,
    final_url_suffix as url_tags,
    headlines,
    descriptions,
    null::text as product_set_id,
    created_at,
    unlisted_since
from google_ads
where place = 1
union all
select
    'tiktok_ads' as platform,
    account_id,
    creative_id,
    ad_name as creative_name,
    ad_type as creative_type,
    status,
    null::text as title,
    ad_text as body,
    call_to_action,
    image_id,
    video_id,
    tiktok_item_id as post_id,
    null::text as permalink_url,
    destination_url,
    url_tags,
    null::jsonb as headlines,
    null::jsonb as descriptions,
    null::text as product_set_id,
    created_at,
    unlisted_since
from {{ ref('stg_tiktok_ads__ads') }}
union all
select
    'linkedin_ads' as platform,
    account_id,
    creative_id,
    ad_name as creative_name,
    creative_type,
    status,
    title,
    body,
    call_to_action,
    case when media_urn like 'urn:li:image:%' then media_urn end as image_id,
    case when media_urn like 'urn:li:video:%' then media_urn end as video_id,
    post_id,
    null::text as permalink_url,
    destination_url,
    null::text as url_tags,
    null::jsonb as headlines,
    null::jsonb as descriptions,
    null::text as product_set_id,
    created_at,
    unlisted_since
from {{ ref('stg_linkedin_ads__ads') }}
