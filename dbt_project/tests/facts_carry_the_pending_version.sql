{{ config(meta={'dagster': {'ref': {'name': 'account_day_built'}}}) }}

with versions as (
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        pending.version as pending_version,
        detail.version
    from {{ pending_rows(ref('fct_ad_performance_daily')) }}
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        pending.version as pending_version,
        detail.version
    from {{ pending_rows(ref('fct_campaign_performance_daily')) }}
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        pending.version as pending_version,
        detail.version
    from {{ pending_rows(ref('fct_conversions_daily')) }}
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        pending.version as pending_version,
        detail.version
    from {{ pending_rows(ref('fct_instagram_account_daily')) }}
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        pending.version as pending_version,
        built.version
    from {{ source('ops', 'pending_account_day') }} as pending
    left join {{ ref('account_day_built') }} as built
        on
            pending.client_id = built.client_id
            and pending.platform = built.platform
            and pending.account_id = built.account_id
            and pending.date_day = built.date_day
)

select
    client_id,
    platform,
    account_id,
    date_day,
    'rows of another version than ' || pending_version as detail
from versions
where version is distinct from pending_version
group by client_id, platform, account_id, date_day, pending_version
