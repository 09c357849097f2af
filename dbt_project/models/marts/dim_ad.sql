with listed as (
    {% for platform in var('ad_platforms') -%}
    select
        '{{ platform }}' as platform,
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        ad_name,
        status,
        configured_status,
        serving_status,
        ad_type,
        review_status,
        creative_id,
        created_at,
        updated_at,
        unlisted_since
    from {{ ref('stg_' ~ platform ~ '__ads') }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- What Performance Max shows belongs to asset groups; their address is the campaign's where they share one.
asset_groups as (
    select
        account_id,
        campaign_id,
        case when count(distinct final_urls ->> 0) = 1 then min(final_urls ->> 0) end as destination_url
    from {{ ref('stg_google_ads__asset_groups') }}
    where unlisted_since is null
    group by account_id, campaign_id
),

known as (
    select
        client_accounts.client_id,
        listed.platform,
        listed.account_id,
        listed.campaign_id,
        listed.ad_group_id,
        listed.ad_id,
        true as is_of_the_list
    from listed
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on listed.platform = client_accounts.platform and listed.account_id = client_accounts.account_id
    union all
    select
        seen.client_id,
        seen.platform,
        seen.account_id,
        seen.campaign_id,
        seen.ad_group_id,
        seen.ad_id,
        false as is_of_the_list
    from {{ ref('int_ads_seen') }} as seen
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on
            seen.client_id = client_accounts.client_id
            and seen.platform = client_accounts.platform
            and seen.account_id = client_accounts.account_id
),

-- LinkedIn lets a campaign move to another group, its earlier figures keep the former one: the ad is one member.
members as (
    select
        client_id,
        platform,
        account_id,
        ad_group_id,
        ad_id,
        coalesce(max(campaign_id) filter (where is_of_the_list), max(campaign_id)) as campaign_id
    from known
    group by client_id, platform, account_id, ad_group_id, ad_id
)

select
    members.client_id,
    members.platform,
    members.account_id,
    members.campaign_id,
    members.ad_group_id,
    members.ad_id,
    case when members.ad_id like 'not-at-ad-level/%' then 'Not at ad level' else listed.ad_name end as ad_name,
    coalesce(listed.status, 'unknown') as status,
    listed.configured_status,
    listed.serving_status,
    listed.ad_type,
    listed.review_status,
    coalesce(
        listed.creative_id,
        case when members.platform <> 'meta_ads' and members.ad_id not like 'not-at-ad-level/%' then members.ad_id end
    ) as creative_id,
    coalesce(google.destination_url, creatives.destination_url, asset_groups.destination_url) as destination_url,
    coalesce(
        google.final_url_suffix,
        google_ad_groups.final_url_suffix,
        google_campaigns.final_url_suffix,
        google_accounts.final_url_suffix,
        -- A creative of Google is an ad of perhaps another ad group: what that one appends is not this one's.
        case when members.platform <> 'google_ads' then creatives.url_tags end
    ) as url_tags,
    coalesce(
        google.tracking_url_template,
        google_ad_groups.tracking_url_template,
        google_campaigns.tracking_url_template,
        google_accounts.tracking_url_template
    ) as tracking_url_template,
    listed.created_at,
    listed.updated_at,
    meta.conversion_domain,
    meta.source_ad_id,
    google.final_urls,
    google.ad_strength,
    tiktok.smart_plus_ad_id,
    tiktok.is_automated_creative,
    tiktok.identity_id,
    tiktok.display_name,
    linkedin.is_serving,
    linkedin.is_test,
    case
        when members.ad_id not like 'not-at-ad-level/%' then listed.ad_id is not null and listed.unlisted_since is null
    end as is_listed,
    listed.unlisted_since
from members
left join listed
    on
        members.platform = listed.platform
        and members.account_id = listed.account_id
        and members.ad_group_id = listed.ad_group_id
        and members.ad_id = listed.ad_id
left join {{ ref('int_creatives') }} as creatives
    on
        listed.platform = creatives.platform
        and listed.account_id = creatives.account_id
        and listed.creative_id = creatives.creative_id
left join asset_groups
    on
        members.platform = 'google_ads'
        and members.ad_id like 'not-at-ad-level/%'
        and members.account_id = asset_groups.account_id
        and members.campaign_id = asset_groups.campaign_id
left join {{ ref('stg_google_ads__accounts') }} as google_accounts
    on members.platform = 'google_ads' and members.account_id = google_accounts.account_id
left join {{ ref('stg_google_ads__campaigns') }} as google_campaigns
    on
        members.platform = 'google_ads'
        and members.account_id = google_campaigns.account_id
        and members.campaign_id = google_campaigns.campaign_id
left join {{ ref('stg_google_ads__ad_groups') }} as google_ad_groups
    on
        members.platform = 'google_ads'
        and members.account_id = google_ad_groups.account_id
        and members.ad_group_id = google_ad_groups.ad_group_id
left join {{ ref('stg_meta_ads__ads') }} as meta
    on
        members.platform = 'meta_ads'
        and members.account_id = meta.account_id
        and members.ad_group_id = meta.ad_group_id
        and members.ad_id = meta.ad_id
left join {{ ref('stg_google_ads__ads') }} as google
    on
        members.platform = 'google_ads'
        and members.account_id = google.account_id
        and members.ad_group_id = google.ad_group_id
        and members.ad_id = google.ad_id
left join {{ ref('stg_tiktok_ads__ads') }} as tiktok
    on
        members.platform = 'tiktok_ads'
        and members.account_id = tiktok.account_id
        and members.ad_group_id = tiktok.ad_group_id
        and members.ad_id = tiktok.ad_id
left join {{ ref('stg_linkedin_ads__ads') }} as linkedin
    on
        members.platform = 'linkedin_ads'
        and members.account_id = linkedin.account_id
        and members.ad_group_id = linkedin.ad_group_id
        and members.ad_id = linkedin.ad_id
