-- What reports call an ad of upgraded Smart+ is one of its creatives: it has the name of the ad that it belongs to.
with ads as (
    select * from {{ source('raw_tiktok_ads', 'ads') }}
),

smart_plus_ads as (
    select * from {{ source('raw_tiktok_ads', 'smart_plus_ads') }}
),

creatives as (
    select distinct on (smart_plus_ads.account_id, creative.entry ->> 'ad_material_id')
        smart_plus_ads.account_id,
        smart_plus_ads.campaign_id,
        smart_plus_ads.adgroup_id,
        creative.entry ->> 'ad_material_id' as ad_id,
        smart_plus_ads.ad_name,
        smart_plus_ads.secondary_status,
        smart_plus_ads.landing_page_url_list -> 0 ->> 'landing_page_url' as landing_page_url
    from smart_plus_ads
    cross join lateral jsonb_array_elements(smart_plus_ads.creative_list) as creative (entry)
    where creative.entry ->> 'ad_material_id' is not null
    order by smart_plus_ads.account_id, creative.entry ->> 'ad_material_id', smart_plus_ads.smart_plus_ad_id
)

select
    account_id,
    campaign_id,
    adgroup_id as ad_group_id,
    ad_id,
    ad_name,
    secondary_status as status,
    landing_page_url as destination_url
from ads
union all
select
    creatives.account_id,
    creatives.campaign_id,
    creatives.adgroup_id as ad_group_id,
    creatives.ad_id,
    creatives.ad_name,
    creatives.secondary_status as status,
    creatives.landing_page_url as destination_url
from creatives
left join ads
    on creatives.account_id = ads.account_id
        and creatives.ad_id = ads.ad_id
where ads.ad_id is null
