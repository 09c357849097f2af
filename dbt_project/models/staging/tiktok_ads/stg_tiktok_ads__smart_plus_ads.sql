-- What reports call an ad of upgraded Smart+ is one of the ad's creatives: one row for each that the ad ever had.
-- The same creative in two ads belongs to the older one; one that was taken out keeps its row, unlisted since then.
with ads as (
    select
        account_id,
        campaign_id,
        adgroup_id,
        smart_plus_ad_id,
        ad_name,
        secondary_status,
        creative_list,
        ad_text_list,
        landing_page_url_list,
        create_time,
        modify_time,
        _unlisted_since as unlisted_since,
        false as is_former,
        null::timestamptz as valid_to
    from {{ source('raw_tiktok_ads', 'smart_plus_ads') }}
    union all
    select
        account_id,
        campaign_id,
        adgroup_id,
        smart_plus_ad_id,
        ad_name,
        secondary_status,
        creative_list,
        ad_text_list,
        landing_page_url_list,
        create_time,
        modify_time,
        _valid_to as unlisted_since,
        true as is_former,
        _valid_to as valid_to
    from {{ source('history_tiktok_ads', 'smart_plus_ads_history') }}
),

creatives as (
    select
        ads.*,
        creative.entry,
        creative.entry ->> 'ad_material_id' as ad_id
    from ads
    cross join lateral jsonb_array_elements(ads.creative_list) as creative (entry)
    where creative.entry ->> 'ad_material_id' is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, ad_id
            order by is_former asc, smart_plus_ad_id asc, valid_to desc
        ) as place
    from creatives
)

select
    account_id,
    campaign_id,
    adgroup_id as ad_group_id,
    ad_id,
    smart_plus_ad_id,
    ad_name,
    secondary_status as status,
    entry ->> 'material_operation_status' as configured_status,
    entry #>> '{creative_info,ad_format}' as ad_format,
    entry #>> '{creative_info,video_info,video_id}' as video_id,
    entry #>> '{creative_info,image_info,0,web_uri}' as image_id,
    entry #>> '{creative_info,tiktok_item_id}' as tiktok_item_id,
    ad_text_list -> 0 ->> 'ad_text' as ad_text,
    landing_page_url_list -> 0 ->> 'landing_page_url' as destination_url,
    create_time as created_at,
    modify_time as updated_at,
    unlisted_since
from ranked
where place = 1
