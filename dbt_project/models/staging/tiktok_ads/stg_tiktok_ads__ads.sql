-- With the creatives of upgraded Smart+ that reports call ads. TikTok has no creative objects: the ad is the creative.
with ads as (
    select * from {{ source('raw_tiktok_ads', 'ads') }}
),

smart_plus_ads as (
    select * from {{ ref('stg_tiktok_ads__smart_plus_ads') }}
)

select
    account_id,
    campaign_id,
    adgroup_id as ad_group_id,
    ad_id,
    ad_name,
    secondary_status as status,
    operation_status as configured_status,
    null::text as serving_status,
    ad_format as ad_type,
    null::text as review_status,
    ad_id as creative_id,
    create_time as created_at,
    modify_time as updated_at,
    _unlisted_since as unlisted_since,
    null::text as smart_plus_ad_id,
    is_aco as is_automated_creative,
    identity_id,
    display_name,
    ad_text,
    call_to_action,
    video_id,
    image_ids ->> 0 as image_id,
    tiktok_item_id,
    landing_page_url as destination_url,
    {{ query_string('utm_params') }} as url_tags
from ads
union all
select
    smart_plus_ads.account_id,
    smart_plus_ads.campaign_id,
    smart_plus_ads.ad_group_id,
    smart_plus_ads.ad_id,
    smart_plus_ads.ad_name,
    smart_plus_ads.status,
    smart_plus_ads.configured_status,
    null::text as serving_status,
    smart_plus_ads.ad_format as ad_type,
    null::text as review_status,
    smart_plus_ads.ad_id as creative_id,
    smart_plus_ads.created_at,
    smart_plus_ads.updated_at,
    smart_plus_ads.unlisted_since,
    smart_plus_ads.smart_plus_ad_id,
    true as is_automated_creative,
    null::text as identity_id,
    null::text as display_name,
    smart_plus_ads.ad_text,
    null::text as call_to_action,
    smart_plus_ads.video_id,
    smart_plus_ads.image_id,
    smart_plus_ads.tiktok_item_id,
    smart_plus_ads.destination_url,
    null::text as url_tags
from smart_plus_ads
left join ads
    on smart_plus_ads.account_id = ads.account_id
        and smart_plus_ads.ad_id = ads.ad_id
where ads.ad_id is null
