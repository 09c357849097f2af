select
    account_id,
    campaign_id,
    ad_group_id,
    criterion_id,
    keyword_text,
    match_type,
    negative,
    status,
    quality_score
from {{ source('raw_google_ads', 'keywords') }}
