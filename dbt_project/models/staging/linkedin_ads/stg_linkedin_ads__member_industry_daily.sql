-- Our campaign is LinkedIn's campaign group, our ad group its campaign.
select
    account_id,
    date_day,
    campaign_group_id as campaign_id,
    campaign_id as ad_group_id,
    member_industry,
    impressions,
    clicks,
    landing_page_clicks as link_clicks,
    cost_in_local_currency as spend,
    cost_in_usd,
    external_website_conversions + one_click_leads as conversions
from {{ source('raw_linkedin_ads', 'campaign_member_industry_daily') }}
