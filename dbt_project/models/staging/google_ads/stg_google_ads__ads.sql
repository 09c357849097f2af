-- Google has no creative objects: the ad is the creative. One kind of ad fills one kind of headlines.
select
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    name as ad_name,
    status,
    status as configured_status,
    primary_status as serving_status,
    type as ad_type,
    approval_status as review_status,
    ad_id as creative_id,
    null::timestamptz as created_at,
    null::timestamptz as updated_at,
    _unlisted_since as unlisted_since,
    final_urls,
    final_urls ->> 0 as destination_url,
    tracking_url_template,
    final_url_suffix,
    coalesce(headlines, display_headlines, demand_gen_headlines) as headlines,
    coalesce(descriptions, display_descriptions, demand_gen_descriptions) as descriptions,
    ad_strength
from {{ source('raw_google_ads', 'ads') }}
