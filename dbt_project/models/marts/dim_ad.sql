with listed as (
    {% for platform in var('ad_platforms') -%}
    select
        '{{ platform }}' as platform,
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        ad_name,
        status
    from {{ ref('stg_' ~ platform ~ '__ads') }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

members as (
    select
        client_accounts.client_id,
        listed.platform,
        listed.account_id,
        listed.campaign_id,
        listed.ad_group_id,
        listed.ad_id
    from listed
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on listed.platform = client_accounts.platform and listed.account_id = client_accounts.account_id
    union distinct
    select
        seen.client_id,
        seen.platform,
        seen.account_id,
        seen.campaign_id,
        seen.ad_group_id,
        seen.ad_id
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
    members.ad_id,
    case when members.ad_id like 'not-at-ad-level/%' then 'Not at ad level' else listed.ad_name end as ad_name,
    coalesce(listed.status, 'unknown') as status
from members
left join listed
    on
        members.platform = listed.platform
        and members.account_id = listed.account_id
        and members.campaign_id = listed.campaign_id
        and members.ad_group_id = listed.ad_group_id
        and members.ad_id = listed.ad_id
