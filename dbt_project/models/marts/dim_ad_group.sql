with listed as (
    {% for platform in var('ad_platforms') -%}
    select
        '{{ platform }}' as platform,
        account_id,
        campaign_id,
        ad_group_id,
        ad_group_name,
        status,
        configured_status,
        serving_status,
        ad_group_type,
        bid_strategy,
        optimization_goal,
        billing_event,
        bid_amount,
        start_at,
        end_at,
        daily_budget,
        lifetime_budget,
        targeting,
        created_at,
        updated_at,
        unlisted_since
    from {{ ref('stg_' ~ platform ~ '__ad_groups') }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

members as (
    select
        client_accounts.client_id,
        listed.platform,
        listed.account_id,
        listed.campaign_id,
        listed.ad_group_id
    from listed
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on listed.platform = client_accounts.platform and listed.account_id = client_accounts.account_id
    union distinct
    select
        seen.client_id,
        seen.platform,
        seen.account_id,
        seen.campaign_id,
        seen.ad_group_id
    from {{ ref('int_ads_seen') }} as seen
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on
            seen.client_id = client_accounts.client_id
            and seen.platform = client_accounts.platform
            and seen.account_id = client_accounts.account_id
)

select
    members.client_id,
    members.platform,
    members.account_id,
    members.campaign_id,
    members.ad_group_id,
    case when members.ad_group_id = 'not-at-ad-level' then 'Not at ad level' else listed.ad_group_name end
        as ad_group_name,
    coalesce(listed.status, 'unknown') as status,
    listed.configured_status,
    listed.serving_status,
    listed.ad_group_type,
    listed.bid_strategy,
    listed.optimization_goal,
    coalesce(meta.optimization_event, tiktok.optimization_event) as optimization_event,
    listed.billing_event,
    listed.bid_amount,
    listed.start_at,
    listed.end_at,
    listed.daily_budget,
    listed.lifetime_budget,
    listed.targeting,
    listed.created_at,
    listed.updated_at,
    coalesce(meta.pixel_id, tiktok.pixel_id) as pixel_id,
    meta.budget_remaining,
    meta.destination_type,
    meta.learning_status,
    google.cpm_bid,
    google.cpv_bid,
    google.target_cpa,
    google.target_roas,
    google.is_optimized_targeting_enabled,
    google.tracking_url_template,
    google.final_url_suffix,
    tiktok.budget_mode,
    tiktok.app_id,
    tiktok.placement_type,
    tiktok.placements,
    linkedin.objective,
    linkedin.format,
    linkedin.pacing_strategy,
    linkedin.creative_selection,
    linkedin.locale_country,
    linkedin.locale_language,
    linkedin.associated_entity,
    linkedin.is_audience_expansion_enabled,
    linkedin.is_offsite_delivery_enabled,
    linkedin.is_connected_tv_only,
    linkedin.is_test,
    linkedin.version_tag,
    case
        when members.ad_group_id <> 'not-at-ad-level'
            then listed.ad_group_id is not null and listed.unlisted_since is null
    end as is_listed,
    listed.unlisted_since
from members
-- By its own id alone: LinkedIn lets a campaign move to another group, its earlier figures keep the former one.
left join listed
    on
        members.platform = listed.platform
        and members.account_id = listed.account_id
        and members.ad_group_id = listed.ad_group_id
left join {{ ref('stg_meta_ads__ad_groups') }} as meta
    on
        members.platform = 'meta_ads'
        and members.account_id = meta.account_id
        and members.ad_group_id = meta.ad_group_id
left join {{ ref('stg_google_ads__ad_groups') }} as google
    on
        members.platform = 'google_ads'
        and members.account_id = google.account_id
        and members.ad_group_id = google.ad_group_id
left join {{ ref('stg_tiktok_ads__ad_groups') }} as tiktok
    on
        members.platform = 'tiktok_ads'
        and members.account_id = tiktok.account_id
        and members.ad_group_id = tiktok.ad_group_id
left join {{ ref('stg_linkedin_ads__ad_groups') }} as linkedin
    on
        members.platform = 'linkedin_ads'
        and members.account_id = linkedin.account_id
        and members.ad_group_id = linkedin.ad_group_id
