{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}

select
    pending.client_id,
    pending.platform,
    pending.account_id,
    pending.date_day,
    detail.views,
    detail.reach::bigint as reach,
    detail.accounts_engaged::bigint as accounts_engaged,
    detail.total_interactions,
    detail.likes,
    detail.comments,
    detail.shares,
    detail.saves,
    detail.replies,
    detail.reposts,
    detail.follows::bigint as follows,
    detail.unfollows::bigint as unfollows,
    detail.profile_links_taps,
    pending.finalizes_on,
    pending.version
from {{ pending_rows(ref('stg_instagram__account_daily'), ['account_id', 'date_day']) }}
where pending.platform = 'instagram'
