{{ config(
    materialized='incremental',
    incremental_strategy='account_day_replacement',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['client_id', 'platform', 'account_id', 'date_day']}],
    post_hook='{{ analyze_when_new() }}',
) }}

with unioned as (
    select
        pending.*,
        'search_term_view' as source,
        detail.campaign_id,
        detail.ad_group_id,
        detail.search_term,
        detail.search_term_match_type as match_type,
        detail.search_term_status as status,
        detail.impressions,
        detail.clicks,
        detail.spend,
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_google_ads__search_term_daily'), ['account_id', 'date_day']) }}
    where pending.platform = 'google_ads'
    union all
    -- Performance Max has no ad groups, and its view tells neither match type nor status.
    select
        pending.*,
        'campaign_search_term_view' as source,
        detail.campaign_id,
        'not-at-ad-level' as ad_group_id,
        detail.search_term,
        'not-told' as match_type,
        null as status,
        detail.impressions,
        detail.clicks,
        detail.spend,
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_google_ads__campaign_search_term_daily'), ['account_id', 'date_day']) }}
    where pending.platform = 'google_ads'
)

select
    unioned.client_id,
    unioned.platform,
    unioned.account_id,
    unioned.campaign_id,
    unioned.ad_group_id,
    unioned.date_day,
    unioned.source,
    unioned.search_term,
    unioned.match_type,
    unioned.status,
    unioned.account_timezone,
    case platform_rule.day_zone when 'account' then 'account_timezone' else platform_rule.day_zone end as date_basis,
    unioned.account_currency,
    unioned.impressions,
    unioned.clicks,
    unioned.spend,
    unioned.conversions,
    unioned.conversions_value,
    unioned.reporting_currency,
    unioned.fx_rate,
    unioned.fx_rate_date,
    unioned.fx_source,
    unioned.fx_reason,
    {{ in_reporting_currency('unioned.spend', 'unioned.fx_rate') }} as spend_reporting,
    unioned.finalizes_on,
    unioned.version
from unioned
inner join {{ source('ops', 'platform_rule') }} as platform_rule
    on unioned.platform = platform_rule.platform
