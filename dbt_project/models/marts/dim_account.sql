with platform_accounts as (
    {% for platform in var('ad_platforms') | list + ['instagram'] -%}
    select
        '{{ platform }}' as platform,
        account_id,
        account_name
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
    client_accounts.active_to
from {{ ref('int_client_accounts') }} as client_accounts
left join platform_accounts
    on
        client_accounts.platform = platform_accounts.platform
        and client_accounts.account_id = platform_accounts.account_id
