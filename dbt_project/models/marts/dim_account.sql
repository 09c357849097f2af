with platform_accounts as (
    {% for platform in var('ad_platforms') | list + ['instagram'] -%}
    select
        '{{ platform }}' as platform,
        account_id,
        account_name,
        unlisted_since
    from {{ ref('stg_' ~ platform ~ '__accounts') }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    client_accounts.client_id,
    client_accounts.platform,
    client_accounts.account_id,
    coalesce(client_accounts.account_name, platform_accounts.account_name) as name,
    client_accounts.account_currency,
    client_accounts.timezone,
    client_accounts.active_from,
    client_accounts.active_to,
    platform_accounts.account_name as platform_name,
    coalesce(meta.status, google.status, tiktok.status, linkedin.status) as status,
    linkedin.serving_status,
    linkedin.account_type,
    tiktok.country,
    tiktok.company,
    coalesce(meta.created_at, tiktok.created_at, linkedin.created_at) as created_at,
    linkedin.updated_at,
    coalesce(meta.balance, tiktok.balance) as balance,
    meta.amount_spent,
    meta.spend_cap,
    meta.disable_reason,
    meta.timezone_offset_hours_utc,
    google.auto_tagging_enabled,
    google.tracking_url_template,
    google.final_url_suffix,
    coalesce(google.is_test, linkedin.is_test) as is_test,
    linkedin.owner_urn,
    linkedin.version_tag,
    instagram.username,
    instagram.website,
    platform_accounts.account_id is not null and platform_accounts.unlisted_since is null as is_listed,
    platform_accounts.unlisted_since
from {{ ref('int_client_accounts') }} as client_accounts
left join platform_accounts
    on
        client_accounts.platform = platform_accounts.platform
        and client_accounts.account_id = platform_accounts.account_id
left join {{ ref('stg_meta_ads__accounts') }} as meta
    on client_accounts.platform = 'meta_ads' and client_accounts.account_id = meta.account_id
left join {{ ref('stg_google_ads__accounts') }} as google
    on client_accounts.platform = 'google_ads' and client_accounts.account_id = google.account_id
left join {{ ref('stg_tiktok_ads__accounts') }} as tiktok
    on client_accounts.platform = 'tiktok_ads' and client_accounts.account_id = tiktok.account_id
left join {{ ref('stg_linkedin_ads__accounts') }} as linkedin
    on client_accounts.platform = 'linkedin_ads' and client_accounts.account_id = linkedin.account_id
left join {{ ref('stg_instagram__accounts') }} as instagram
    on client_accounts.platform = 'instagram' and client_accounts.account_id = instagram.account_id
