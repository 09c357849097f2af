-- A listing is read once a day or more often: the last one of a day names the day. Days before the first listing
-- have the earliest known name, so that every fact of the client finds exactly one row.
with listings as (
    {% for platform in var('ad_platforms') -%}
    select
        '{{ platform }}' as platform,
        account_id,
        campaign_id,
        campaign_name,
        status,
        version,
        valid_from,
        row_number() over listed_object as place,
        lag(campaign_name) over listed_object as former_campaign_name,
        lag(status) over listed_object as former_status
    from {{ ref('stg_' ~ platform ~ '__campaigns_history') }}
    window
        listed_object as (
            partition by account_id, campaign_id
            order by version
        )
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- Most listings that differ from the one before differ in a budget alone.
changes as (
    select *
    from listings
    where
        place = 1
        or campaign_name is distinct from former_campaign_name
        or status is distinct from former_status
),

members as (
    select
        members.client_id,
        members.platform,
        members.account_id,
        members.campaign_id,
        client_accounts.active_from,
        client_accounts.active_to,
        case platform_rule.day_zone when 'account' then client_accounts.timezone else 'UTC' end as day_zone
    from {{ ref('dim_campaign') }} as members
    inner join {{ ref('int_client_accounts') }} as client_accounts
        on
            members.client_id = client_accounts.client_id
            and members.platform = client_accounts.platform
            and members.account_id = client_accounts.account_id
    inner join {{ source('ops', 'platform_rule') }} as platform_rule
        on members.platform = platform_rule.platform
),

listed_days as (
    select
        members.*,
        changes.campaign_name,
        changes.status,
        changes.version,
        changes.valid_from,
        {{ day_in_zone('changes.valid_from', 'members.day_zone') }} as listed_day
    from members
    left join changes
        on
            members.platform = changes.platform
            and members.account_id = changes.account_id
            and members.campaign_id = changes.campaign_id
),

last_of_day as (
    select
        *,
        row_number() over (
            partition by client_id, platform, account_id, campaign_id, listed_day
            order by valid_from desc, version desc
        ) as recency
    from listed_days
),

compared as (
    select
        *,
        lag(campaign_name) over account_object as former_campaign_name,
        lag(status) over account_object as former_status,
        row_number() over account_object as place
    from last_of_day
    where recency = 1
    window
        account_object as (
            partition by client_id, platform, account_id, campaign_id
            order by listed_day
        )
),

spans as (
    select
        *,
        case when place = 1 then active_from else greatest(listed_day, active_from) end as valid_from_day,
        lead(listed_day) over (
            partition by client_id, platform, account_id, campaign_id
            order by listed_day
        ) as valid_to_day
    from compared
    where
        place = 1
        or campaign_name is distinct from former_campaign_name
        or status is distinct from former_status
)

-- What happened before or after the client had the account is not the client's.
select
    client_id,
    platform,
    account_id,
    campaign_id,
    campaign_name,
    coalesce(status, 'unknown') as status,
    valid_from_day,
    case when valid_to_day <= coalesce(active_to, 'infinity') then valid_to_day end as valid_to_day
from spans
where
    valid_from_day <= coalesce(active_to, 'infinity')
    and coalesce(valid_to_day, 'infinity') > active_from
