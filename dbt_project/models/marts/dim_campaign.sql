with listed as (
    {% for platform in var('ad_platforms') -%}
    select
        '{{ platform }}' as platform,
        account_id,
        campaign_id,
        campaign_name,
        status,
        configured_status,
        serving_status,
        campaign_type,
        campaign_sub_type,
        objective,
        bid_strategy,
        start_at,
        end_at,
        daily_budget,
        lifetime_budget,
        created_at,
        updated_at,
        unlisted_since
    from {{ ref('stg_' ~ platform ~ '__campaigns') }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- A campaign whose type changed was seen once per type.
seen as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        max(campaign_type) as campaign_type
    from {{ ref('int_campaigns_seen') }}
    group by client_id, platform, account_id, campaign_id
),

members as (
    select
        client_accounts.client_id,
        listed.platform,
        listed.account_id,
        listed.campaign_id
    from listed
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on listed.platform = client_accounts.platform and listed.account_id = client_accounts.account_id
    union distinct
    select
        seen.client_id,
        seen.platform,
        seen.account_id,
        seen.campaign_id
    from seen
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
    listed.campaign_name,
    coalesce(listed.status, 'unknown') as status,
    coalesce(listed.campaign_type, seen.campaign_type) as campaign_type,
    listed.objective,
    listed.configured_status,
    listed.serving_status,
    listed.campaign_sub_type,
    listed.bid_strategy,
    listed.start_at,
    listed.end_at,
    listed.daily_budget,
    listed.lifetime_budget,
    listed.created_at,
    listed.updated_at,
    meta.buying_type,
    meta.budget_remaining,
    meta.spend_cap,
    meta.special_ad_categories,
    meta.source_campaign_id,
    google.serving_status_reasons,
    google.portfolio_bidding_strategy_id,
    google.target_cpa,
    google.target_roas,
    google.budget_id,
    google.budget_period,
    google.is_budget_shared,
    google.targets_google_search,
    google.targets_search_network,
    google.targets_content_network,
    google.positive_geo_target_type,
    google.tracking_url_template,
    google.final_url_suffix,
    tiktok.budget_mode,
    tiktok.is_budget_optimized,
    tiktok.optimization_goal,
    tiktok.is_smart_campaign,
    tiktok.system_origin,
    linkedin.is_backfilled,
    linkedin.is_test,
    listed.campaign_id is not null and listed.unlisted_since is null as is_listed,
    listed.unlisted_since
from members
left join listed
    on
        members.platform = listed.platform
        and members.account_id = listed.account_id
        and members.campaign_id = listed.campaign_id
left join seen
    on
        members.client_id = seen.client_id
        and members.platform = seen.platform
        and members.account_id = seen.account_id
        and members.campaign_id = seen.campaign_id
left join {{ ref('stg_meta_ads__campaigns') }} as meta
    on
        members.platform = 'meta_ads'
        and members.account_id = meta.account_id
        and members.campaign_id = meta.campaign_id
left join {{ ref('stg_google_ads__campaigns') }} as google
    on
        members.platform = 'google_ads'
        and members.account_id = google.account_id
        and members.campaign_id = google.campaign_id
left join {{ ref('stg_tiktok_ads__campaigns') }} as tiktok
    on
        members.platform = 'tiktok_ads'
        and members.account_id = tiktok.account_id
        and members.campaign_id = tiktok.campaign_id
left join {{ ref('stg_linkedin_ads__campaigns') }} as linkedin
    on
        members.platform = 'linkedin_ads'
        and members.account_id = linkedin.account_id
        and members.campaign_id = linkedin.campaign_id
