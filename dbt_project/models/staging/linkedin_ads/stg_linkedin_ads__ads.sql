-- LinkedIn's creatives are what other platforms call ads; they name their campaign, which names its group.
-- Most refer to a post, which holds their landing page.
with creatives as (
    select * from {{ source('raw_linkedin_ads', 'creatives') }}
),

campaigns as (
    select * from {{ source('raw_linkedin_ads', 'campaigns') }}
),

posts as (
    select * from {{ source('raw_linkedin_ads', 'posts') }}
)

select
    creatives.account_id,
    campaigns.campaign_group_id as campaign_id,
    creatives.campaign_id as ad_group_id,
    creatives.creative_id as ad_id,
    creatives.name as ad_name,
    creatives.intended_status as status,
    coalesce(creatives.landing_page, posts.landing_page) as destination_url
from creatives
inner join campaigns
    on creatives.account_id = campaigns.account_id
        and creatives.campaign_id = campaigns.campaign_id
left join posts
    on creatives.account_id = posts.account_id
        and creatives.reference = posts.post
