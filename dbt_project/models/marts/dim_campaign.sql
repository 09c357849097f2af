with listed as (
    {% for platform in var('ad_platforms') -%}
    select
        '{{ platform }}' as platform,
        account_id,
        campaign_id,
        campaign_name,
        status,
        campaign_type,
        objective
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
    listed.objective
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
