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
        detail.campaign_id,
        detail.ad_group_id,
        detail.criterion_id,
        keyword.keyword_text,
        keyword.match_type,
        detail.historical_quality_score as quality_score,
        detail.impressions,
        detail.clicks,
        detail.spend,
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_google_ads__keyword_daily'), ['account_id', 'date_day']) }}
    -- Text and match type of a keyword never change: another text is another keyword.
    left join {{ ref('stg_google_ads__keywords') }} as keyword
        on
            detail.account_id = keyword.account_id
            and detail.ad_group_id = keyword.ad_group_id
            and detail.criterion_id = keyword.criterion_id
    where pending.platform = 'google_ads'
)

select
    unioned.client_id,
    unioned.platform,
    unioned.account_id,
    unioned.campaign_id,
    unioned.ad_group_id,
    unioned.criterion_id,
    unioned.date_day,
    unioned.keyword_text,
    unioned.match_type,
    unioned.quality_score::int as quality_score,
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
