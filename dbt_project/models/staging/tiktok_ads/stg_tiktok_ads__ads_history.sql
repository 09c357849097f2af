{{ config(materialized='ephemeral') }}

select
    account_id,
    adgroup_id as ad_group_id,
    ad_id,
    ad_name,
    secondary_status as status,
    ad_id as creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('raw_tiktok_ads', 'ads') }}
union all
select
    account_id,
    adgroup_id as ad_group_id,
    ad_id,
    ad_name,
    secondary_status as status,
    ad_id as creative_id,
    _version as version,
    _valid_from as valid_from
from {{ source('history_tiktok_ads', 'ads_history') }}
union all
select
    ads.account_id,
    ads.adgroup_id as ad_group_id,
    owner.ad_id,
    ads.ad_name,
    ads.secondary_status as status,
    owner.ad_id as creative_id,
    ads._version as version,
    ads._valid_from as valid_from
from {{ source('raw_tiktok_ads', 'smart_plus_ads') }} as ads
cross join lateral jsonb_array_elements(ads.creative_list) as creative (entry)
inner join {{ ref('stg_tiktok_ads__smart_plus_ads') }} as owner
    on ads.account_id = owner.account_id
        and ads.smart_plus_ad_id = owner.smart_plus_ad_id
        and creative.entry ->> 'ad_material_id' = owner.ad_id
union all
select
    ads.account_id,
    ads.adgroup_id as ad_group_id,
    owner.ad_id,
    ads.ad_name,
    ads.secondary_status as status,
    owner.ad_id as creative_id,
    ads._version as version,
    ads._valid_from as valid_from
from {{ source('history_tiktok_ads', 'smart_plus_ads_history') }} as ads
cross join lateral jsonb_array_elements(ads.creative_list) as creative (entry)
inner join {{ ref('stg_tiktok_ads__smart_plus_ads') }} as owner
    on ads.account_id = owner.account_id
        and ads.smart_plus_ad_id = owner.smart_plus_ad_id
        and creative.entry ->> 'ad_material_id' = owner.ad_id
