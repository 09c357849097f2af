-- An ad may point to a creative that the platform does not list: it is a member all the same.
with members as (
    select
        client_accounts.client_id,
        creatives.platform,
        creatives.account_id,
        creatives.creative_id
    from {{ ref('int_creatives') }} as creatives
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on creatives.platform = client_accounts.platform and creatives.account_id = client_accounts.account_id
    union distinct
    select
        client_id,
        platform,
        account_id,
        creative_id
    from {{ ref('dim_ad_history') }}
    where creative_id is not null
)

select
    members.client_id,
    members.platform,
    members.account_id,
    members.creative_id,
    creatives.creative_name,
    creatives.creative_type,
    coalesce(creatives.status, 'unknown') as status,
    creatives.title,
    creatives.body,
    creatives.call_to_action,
    creatives.headlines,
    creatives.descriptions,
    creatives.image_id,
    creatives.video_id,
    creatives.post_id,
    creatives.permalink_url,
    creatives.product_set_id,
    creatives.destination_url,
    creatives.url_tags,
    creatives.created_at,
    creatives.creative_id is not null and creatives.unlisted_since is null as is_listed,
    creatives.unlisted_since
from members
left join {{ ref('int_creatives') }} as creatives
    on
        members.platform = creatives.platform
        and members.account_id = creatives.account_id
        and members.creative_id = creatives.creative_id
