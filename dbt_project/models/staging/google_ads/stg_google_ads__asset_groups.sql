select
    account_id,
    campaign_id,
    asset_group_id,
    name as asset_group_name,
    status,
    primary_status as serving_status,
    ad_strength,
    final_urls,
    path1,
    path2,
    _unlisted_since as unlisted_since
from {{ source('raw_google_ads', 'asset_groups') }}
