-- LinkedIn's creatives are what other platforms call ads; they name their campaign, which names its group.
-- Most refer to a post, which holds text and landing page; others hold theirs in `content`, under their kind's name.
with creatives as (
    select
        *,
        {{ first_key("content - 'reference'") }} as content_kind
    from {{ source('raw_linkedin_ads', 'creatives') }}
),

campaigns as (
    select * from {{ source('raw_linkedin_ads', 'campaigns') }}
),

posts as (
    select * from {{ ref('stg_linkedin_ads__posts') }}
)

select
    creatives.account_id,
    campaigns.campaign_group_id as campaign_id,
    creatives.campaign_id as ad_group_id,
    creatives.creative_id as ad_id,
    creatives.name as ad_name,
    creatives.intended_status as status,
    creatives.intended_status as configured_status,
    {{ words_of('creatives.serving_hold_reasons') }} as serving_status,
    campaigns.format as ad_type,
    creatives.review_status,
    creatives.creative_id,
    creatives.created_at,
    creatives.last_modified_at as updated_at,
    creatives._unlisted_since as unlisted_since,
    creatives.is_serving,
    creatives.is_test,
    creatives.reference as post_id,
    coalesce(creatives.content_kind, posts.post_type) as creative_type,
    coalesce(creatives.content -> creatives.content_kind ->> 'headline', posts.title) as title,
    coalesce(creatives.content -> creatives.content_kind ->> 'description', posts.commentary) as body,
    coalesce(
        creatives.leadgen_call_to_action ->> 'label',
        creatives.content -> creatives.content_kind ->> 'callToAction',
        posts.call_to_action
    ) as call_to_action,
    posts.media_urn,
    coalesce(creatives.landing_page, posts.destination_url) as destination_url
from creatives
inner join campaigns
    on creatives.account_id = campaigns.account_id
        and creatives.campaign_id = campaigns.campaign_id
left join posts
    on creatives.account_id = posts.account_id
        and creatives.reference = posts.post_id
