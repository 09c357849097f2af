{{ config(materialized='table', post_hook='analyze {{ this }}') }}
{% set action_day = [
    'client_id', 'platform', 'date_day', 'conversion_action_id', 'conversion_action_name', 'conversion_category',
] %}

-- Conversions of the pending account-days with the family that the client, or else the product, counts them to.
with events as (
    select * from {{ ref('int_conversion_events') }}
),

actions as (
    select distinct {{ action_day | join(', ') }}
    from events
),

-- exactness: an id says more than a name, a name more than a category, each more than a pattern, a client more than
-- the product where only the category fits; * alone is what nothing else claims.
candidates as (
    select
        actions.*,
        rule.family,
        rule.tier,
        rule.counts,
        case
            when not rule.is_pattern and rule.event = actions.conversion_action_id then 1
            when not rule.is_pattern and rule.event = actions.conversion_action_name then 2
            when not rule.is_pattern then 3
            when rule.event <> '*' then 4
            else 6
        end as exactness
    from actions
    inner join {{ source('raw_registry', 'conversion_rule') }} as rule
        on
            actions.client_id = rule.client_id
            and actions.platform = rule.platform
            and actions.date_day >= rule.active_from
            and (rule.active_to is null or actions.date_day <= rule.active_to)
            and (
                actions.conversion_action_id like rule.event_pattern
                or actions.conversion_action_name like rule.event_pattern
                or actions.conversion_category like rule.event_pattern
            )
    where rule.event <> ''
    union all
    select
        actions.*,
        known.family,
        known.tier,
        known.counts,
        case when known.event = actions.conversion_action_id then 1 else 5 end as exactness
    from actions
    inner join {{ ref('conversion_defaults') }} as known
        on
            actions.platform = known.platform
            and known.event in (actions.conversion_action_id, actions.conversion_category)
    where not exists (
            select 1
            from {{ source('raw_registry', 'conversion_rule') }} as rule
            where
                rule.client_id = actions.client_id
                and rule.platform = actions.platform
                and rule.family = known.family
                and actions.date_day >= rule.active_from
                and (rule.active_to is null or actions.date_day <= rule.active_to)
        )
),

fitting as (
    select
        *,
        row_number() over (partition by {{ action_day | join(', ') }} order by exactness, tier, family) as place,
        min(family) over (partition by {{ (action_day + ['exactness']) | join(', ') }}) as first_family,
        max(family) over (partition by {{ (action_day + ['exactness']) | join(', ') }}) as last_family
    from candidates
),

ranked as (
    select * from fitting
    where place = 1
),

mapped as (
    select
        events.client_id,
        events.platform,
        events.account_id,
        events.date_day,
        events.level,
        events.campaign_id,
        events.ad_group_id,
        events.ad_id,
        events.conversion_action_id,
        nullif(events.conversion_action_name, '') as conversion_action_name,
        coalesce(ranked.family, 'other') as conversion_family,
        events.channel,
        events.attribution_window,
        events.attribution_setting,
        events.conversion_date_basis,
        events.conversions,
        events.conversions_value,
        coalesce(ranked.first_family <> ranked.last_family, false) as is_ambiguous,
        ranked.tier,
        coalesce(ranked.counts, true) as counts,
        -- Nobody knows which unmapped events of Meta and TikTok overlap; actions of Google and LinkedIn never do.
        ranked.family is not null or events.platform in ('google_ads', 'linkedin_ads') as may_count,
        min(ranked.tier) over (
            partition by
                events.client_id, events.platform, events.account_id, events.date_day, events.level,
                events.campaign_id, events.ad_group_id, events.ad_id, ranked.family, events.attribution_window
        ) as counting_tier
    from events
    left join ranked
        on {{ join_key('events', action_day) }} = {{ join_key('ranked', action_day) }}
    where ranked.family is distinct from 'engagement'
)

select
    client_id,
    platform,
    account_id,
    date_day,
    level,
    campaign_id,
    ad_group_id,
    ad_id,
    conversion_action_id,
    conversion_action_name,
    conversion_family,
    channel,
    attribution_window,
    attribution_window = 'setting' as is_default_attribution,
    may_count and coalesce(tier, 0) = coalesce(counting_tier, 0) as counts_in_family,
    may_count and counts and coalesce(tier, 0) = coalesce(counting_tier, 0) as counts_in_conversions,
    attribution_setting,
    conversion_date_basis,
    conversions,
    conversions_value,
    is_ambiguous
from mapped
