{% set money = 2 %}

with clients as (
    select
        client_id,
        reporting_currency,
        active_from,
        coalesce(active_to, 'infinity'::date) as active_to,
        ({{ platform_now() }} at time zone timezone)::date as today
    from {{ ref('dim_client') }}
),

months as (
    select
        clients.client_id,
        clients.reporting_currency,
        calendar.month_start as month,
        min(calendar.date_day) as first_day,
        least((calendar.month_start + interval '1 month')::date - 1, clients.active_to) as last_day
    from clients
    inner join {{ ref('dim_date') }} as calendar
        on calendar.date_day between clients.active_from and least(clients.today, clients.active_to)
    group by clients.client_id, clients.reporting_currency, clients.active_to, calendar.month_start
),

-- Where a scope is all platforms or all campaigns the text is empty: nulls would keep the joins from being hashed.
budgets as (
    select
        client_id,
        coalesce(platform, '') as platform,
        coalesce(campaign_group, '') as campaign_group,
        amount,
        currency,
        first_month,
        coalesce(last_month, 'infinity'::date) as last_month,
        campaign_ids,
        name_patterns,
        part,
        part_values
    from {{ source('raw_registry', 'budget') }}
),

-- Every client and every platform of it has a row a month, with a budget or without; groups of campaigns have one
-- where a budget names them. Scopes contain one another: their rows never add up.
scopes as (
    select
        client_id,
        '' as platform,
        '' as campaign_group
    from clients
    union distinct
    select
        client_id,
        platform,
        '' as campaign_group
    from {{ ref('dim_account') }}
    where platform in ({{ text_list(var('ad_platforms')) }})
    union distinct
    select
        client_id,
        platform,
        campaign_group
    from budgets
),

account_days as (
    select
        client_id,
        platform,
        account_id,
        date_day,
        state in ('not_due', 'pending', 'missing') as is_awaited,
        version is not null as is_published,
        state in ('provisional', 'final') as is_current,
        -- The newest published day of an account and month tells how old its figures are.
        date_day = max(date_day) filter (where version is not null) over account_month as is_newest_published,
        data_as_of
    from {{ source('analytics', 'account_day_state') }}
    where platform in ({{ text_list(var('ad_platforms')) }})
    window account_month as (partition by client_id, platform, account_id, date_trunc('month', date_day))
),

settled as (
    select
        scopes.client_id,
        scopes.platform,
        scopes.campaign_group,
        months.month,
        months.first_day,
        months.last_day,
        months.reporting_currency,
        bool_or(account_days.is_published) as has_figures,
        min(account_days.date_day) filter (where account_days.is_awaited) - 1 as before_awaited,
        max(account_days.date_day) as newest_day
    from scopes
    inner join months
        on scopes.client_id = months.client_id
    left join account_days
        on
            scopes.client_id = account_days.client_id
            and scopes.platform in ('', account_days.platform)
            and account_days.date_day between months.first_day and months.last_day
    where
        scopes.campaign_group = ''
        or exists (
            select 1
            from budgets
            where
                budgets.client_id = scopes.client_id
                and budgets.platform = scopes.platform
                and budgets.campaign_group = scopes.campaign_group
                and months.month between budgets.first_month and budgets.last_month
        )
    group by
        scopes.client_id,
        scopes.platform,
        scopes.campaign_group,
        months.month,
        months.first_day,
        months.last_day,
        months.reporting_currency
),

-- The last day up to which no account is still on its way; an account that is held does not stop the others.
scope_months as (
    select
        client_id,
        platform,
        campaign_group,
        month,
        first_day,
        last_day,
        reporting_currency,
        case when has_figures then coalesce(before_awaited, newest_day) end as data_through
    from settled
),

certified as (
    select
        scope_months.client_id,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.month,
        count(distinct account_days.platform || account_days.account_id) as accounts_expected,
        count(distinct account_days.platform || account_days.account_id)
        filter (where not account_days.is_current) as accounts_behind,
        -- What stands in the sum is as old as its stalest account.
        min(account_days.data_as_of) filter (where account_days.is_newest_published) as data_as_of
    from scope_months
    inner join account_days
        on
            scope_months.client_id = account_days.client_id
            and scope_months.platform in ('', account_days.platform)
            and account_days.date_day
            between scope_months.first_day and coalesce(scope_months.data_through, scope_months.last_day)
    group by scope_months.client_id, scope_months.platform, scope_months.campaign_group, scope_months.month
),

-- Read once: a view inside a condition would be read anew for each campaign.
campaign_parts as materialized (
    select
        naming.client_id,
        naming.platform,
        naming.account_id,
        naming.campaign_id,
        to_jsonb(naming) as parts
    from {{ ref('object_naming') }} as naming
    where naming.level = 'campaign'
),

group_campaigns as (
    select distinct
        budgets.client_id,
        budgets.platform,
        budgets.campaign_group,
        campaigns.platform as campaign_platform,
        campaigns.account_id,
        campaigns.campaign_id
    from budgets
    inner join {{ ref('dim_campaign') }} as campaigns
        on budgets.client_id = campaigns.client_id and budgets.platform in ('', campaigns.platform)
    where
        campaigns.campaign_id = any(budgets.campaign_ids)
        or normalize(campaigns.campaign_name) ilike any(budgets.name_patterns)
        or (
            budgets.part is not null
            and exists (
                select 1
                from campaign_parts
                where
                    campaign_parts.client_id = campaigns.client_id
                    and campaign_parts.platform = campaigns.platform
                    and campaign_parts.account_id = campaigns.account_id
                    and campaign_parts.campaign_id = campaigns.campaign_id
                    and campaign_parts.parts ->> ('part_' || budgets.part) = any(budgets.part_values)
            )
        )
),

figures as (
    select
        facts.client_id,
        facts.platform,
        facts.account_id,
        facts.campaign_id,
        facts.date_day,
        facts.spend_reporting,
        facts.spend <> 0
        and (facts.spend_reporting is null or facts.reporting_currency <> clients.reporting_currency) as is_unknown
    from {{ ref('fct_campaign_performance_daily') }} as facts
    inner join clients
        on facts.client_id = clients.client_id
),

daily_spend as (
    select
        client_id,
        coalesce(platform, '') as platform,
        '' as campaign_group,
        date_day,
        sum(spend_reporting) as spend,
        bool_or(is_unknown) as is_unknown
    from figures
    group by grouping sets ((client_id, date_day), (client_id, platform, date_day))
    union all
    select
        figures.client_id,
        group_campaigns.platform,
        group_campaigns.campaign_group,
        figures.date_day,
        sum(figures.spend_reporting) as spend,
        bool_or(figures.is_unknown) as is_unknown
    from figures
    inner join group_campaigns
        on
            figures.client_id = group_campaigns.client_id
            and figures.platform = group_campaigns.campaign_platform
            and figures.account_id = group_campaigns.account_id
            and figures.campaign_id = group_campaigns.campaign_id
    group by figures.client_id, group_campaigns.platform, group_campaigns.campaign_group, figures.date_day
),

published as (
    select
        client_id,
        coalesce(platform, '') as platform,
        date_day
    from account_days
    where is_published
    group by grouping sets ((client_id, date_day), (client_id, platform, date_day))
),

-- Every published day of a scope; a day without delivery counts as zero.
scope_days as (
    select
        scopes.client_id,
        scopes.platform,
        scopes.campaign_group,
        published.date_day,
        coalesce(daily_spend.spend, 0) as spend,
        coalesce(daily_spend.is_unknown, false) as is_unknown
    from scopes
    inner join published
        on scopes.client_id = published.client_id and scopes.platform = published.platform
    left join daily_spend
        on
            scopes.client_id = daily_spend.client_id
            and scopes.platform = daily_spend.platform
            and scopes.campaign_group = daily_spend.campaign_group
            and published.date_day = daily_spend.date_day
),

to_date as (
    select
        scope_months.client_id,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.month,
        sum(scope_days.spend) filter (where scope_days.date_day >= scope_months.first_day) as spend,
        count(*) filter (where scope_days.is_unknown and scope_days.date_day >= scope_months.first_day)
            as unknown_days,
        avg(scope_days.spend) filter (where scope_days.date_day > scope_months.data_through - 7) as spend_7_days,
        bool_or(scope_days.is_unknown) filter (where scope_days.date_day > scope_months.data_through - 7)
            as is_unknown_7_days
    from scope_months
    inner join scope_days
        on
            scope_months.client_id = scope_days.client_id
            and scope_months.platform = scope_days.platform
            and scope_months.campaign_group = scope_days.campaign_group
            and scope_days.date_day
            between least(scope_months.first_day, scope_months.data_through - 6) and scope_months.data_through
    group by scope_months.client_id, scope_months.platform, scope_months.campaign_group, scope_months.month
),

-- What a weekday usually takes, of the eight weeks to data_through; a month that is over needs no weights.
weekdays as (
    select
        scope_months.client_id,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.month,
        extract(isodow from scope_days.date_day) as weekday,
        avg(scope_days.spend) as weight,
        count(*) as days,
        bool_or(scope_days.is_unknown) as is_unknown
    from scope_months
    inner join scope_days
        on
            scope_months.client_id = scope_days.client_id
            and scope_months.platform = scope_days.platform
            and scope_months.campaign_group = scope_days.campaign_group
            and scope_days.date_day between scope_months.data_through - 55 and scope_months.data_through
    where scope_months.data_through < scope_months.last_day
    group by
        scope_months.client_id,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.month,
        extract(isodow from scope_days.date_day)
),

-- Under four weeks of history a weekday's average is chance.
weighted as (
    select
        client_id,
        platform,
        campaign_group,
        month
    from weekdays
    group by client_id, platform, campaign_group, month
    having count(*) = 7 and sum(days) >= 28 and not bool_or(is_unknown)
),

weekday_shares as (
    select
        scope_months.client_id,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.month,
        sum(weekdays.weight) filter (where calendar.date_day <= scope_months.data_through)
        / nullif(sum(weekdays.weight), 0) as share
    from scope_months
    inner join weighted
        on
            scope_months.client_id = weighted.client_id
            and scope_months.platform = weighted.platform
            and scope_months.campaign_group = weighted.campaign_group
            and scope_months.month = weighted.month
    inner join {{ ref('dim_date') }} as calendar
        on calendar.date_day between scope_months.first_day and scope_months.last_day
    inner join weekdays
        on
            scope_months.client_id = weekdays.client_id
            and scope_months.platform = weekdays.platform
            and scope_months.campaign_group = weekdays.campaign_group
            and scope_months.month = weekdays.month
            and calendar.iso_weekday = weekdays.weekday
    group by scope_months.client_id, scope_months.platform, scope_months.campaign_group, scope_months.month
),

-- A plan does not move with the exchange rate: the rate of the month's first day holds for the whole month.
quoted as (
    select
        rate_date,
        currency,
        units_per_eur
    from {{ source('raw_fx', 'rate') }}
    where currency <> 'EUR'
    union all
    select distinct
        rate_date,
        'EUR' as currency,
        1::numeric as units_per_eur
    from {{ source('raw_fx', 'rate') }}
),

planned as (
    select
        scope_months.client_id,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.month,
        budgets.amount,
        budgets.currency,
        case
            when budgets.currency = scope_months.reporting_currency then budgets.amount
            else round(budgets.amount * best.rate, {{ money }})
        end as planned_budget
    from scope_months
    inner join budgets
        on
            scope_months.client_id = budgets.client_id
            and scope_months.platform = budgets.platform
            and scope_months.campaign_group = budgets.campaign_group
            and scope_months.month between budgets.first_month and budgets.last_month
    left join lateral (
        select reporting.units_per_eur / own.units_per_eur as rate
        from quoted as own
        inner join quoted as reporting
            on own.rate_date = reporting.rate_date
        where
            own.currency = budgets.currency
            and reporting.currency = scope_months.reporting_currency
            and own.rate_date between scope_months.month - 5 and scope_months.month
        order by own.rate_date desc
        limit 1
    ) as best on true
),

measured as (
    select
        scope_months.client_id,
        scope_months.month,
        scope_months.platform,
        scope_months.campaign_group,
        scope_months.reporting_currency,
        scope_months.data_through,
        scope_months.last_day - scope_months.first_day + 1 as days_in_month,
        coalesce(scope_months.data_through - scope_months.first_day + 1, 0) as days_elapsed,
        planned.client_id is not null as has_budget,
        planned.amount,
        planned.currency,
        planned.planned_budget,
        case when coalesce(to_date.unknown_days, 0) = 0 then to_date.spend end as spend_to_date,
        coalesce(to_date.unknown_days, 0) as unknown_days,
        case when not to_date.is_unknown_7_days then to_date.spend_7_days end as spend_7_days,
        weekday_shares.share as weekday_share,
        certified.data_as_of,
        coalesce(certified.accounts_expected, 0) as accounts_expected,
        coalesce(certified.accounts_expected - certified.accounts_behind, 0) as accounts_current
    from scope_months
    left join planned
        on
            scope_months.client_id = planned.client_id
            and scope_months.platform = planned.platform
            and scope_months.campaign_group = planned.campaign_group
            and scope_months.month = planned.month
    left join to_date
        on
            scope_months.client_id = to_date.client_id
            and scope_months.platform = to_date.platform
            and scope_months.campaign_group = to_date.campaign_group
            and scope_months.month = to_date.month
    left join weekday_shares
        on
            scope_months.client_id = weekday_shares.client_id
            and scope_months.platform = weekday_shares.platform
            and scope_months.campaign_group = weekday_shares.campaign_group
            and scope_months.month = weekday_shares.month
    left join certified
        on
            scope_months.client_id = certified.client_id
            and scope_months.platform = certified.platform
            and scope_months.campaign_group = certified.campaign_group
            and scope_months.month = certified.month
),

shares as (
    select
        *,
        days_elapsed::numeric / days_in_month as elapsed_share,
        coalesce(weekday_share, days_elapsed::numeric / days_in_month) as expected_share,
        weekday_share is not null as is_weekday_weighted
    from measured
),

paced as (
    select
        *,
        planned_budget * expected_share as expected_to_date,
        spend_to_date / nullif(elapsed_share, 0) as projection_straight_line,
        spend_to_date / nullif(expected_share, 0) as projection_weekday_weighted,
        days_in_month - days_elapsed as days_left,
        -- greatest() alone would take zero for what is unknown.
        case when planned_budget - spend_to_date is not null then greatest(planned_budget - spend_to_date, 0) end
            as budget_left
    from shares
)

select
    client_id,
    month,
    case
        when campaign_group <> '' then 'campaign_group'
        when platform <> '' then 'platform'
        else 'client'
    end as scope,
    nullif(platform, '') as platform,
    nullif(campaign_group, '') as campaign_group,
    reporting_currency,
    planned_budget,
    amount as budget_amount,
    currency as budget_currency,
    spend_to_date,
    data_through,
    days_in_month::int as days_in_month,
    days_elapsed::int as days_elapsed,
    round(elapsed_share, 6) as share_of_month_elapsed,
    round(expected_share, 6) as share_of_spend_expected,
    is_weekday_weighted,
    round(expected_to_date, {{ money }}) as expected_to_date,
    round(spend_to_date - expected_to_date, {{ money }}) as over_delivery,
    round(spend_to_date / nullif(expected_to_date, 0) - 1, 6) as over_delivery_share,
    round(projection_straight_line, {{ money }}) as projection_straight_line,
    round(projection_weekday_weighted, {{ money }}) as projection_weekday_weighted,
    round(spend_7_days, {{ money }}) as daily_spend_last_7_days,
    case when days_left > 0 then round(budget_left / nullif(spend_7_days, 0), 1) end as days_to_exhaustion,
    case when days_left > 0 then round(budget_left / days_left, {{ money }}) end as required_daily_spend,
    case
        when not has_budget then 'no_budget'
        when planned_budget is null or spend_to_date is null then 'unknown'
        when days_left > 0 and spend_to_date >= planned_budget then 'exhausted'
        when expected_to_date = 0 then case when spend_to_date > 0 then 'over' else 'on_track' end
        when spend_to_date > expected_to_date * 1.05 then 'over'
        when spend_to_date < expected_to_date * 0.95 then 'under'
        else 'on_track'
    end as status,
    case
        when data_through is null or days_elapsed <= 0 then 'no day of the month is certified yet'
        when unknown_days > 0 then 'no exchange rate for the spend of ' || unknown_days || ' days'
        when has_budget and planned_budget is null
            then 'no ECB rate of ' || currency || ' and ' || reporting_currency || ' in the 5 days to ' || month
    end as reason,
    data_as_of,
    accounts_expected::int as accounts_expected,
    accounts_current::int as accounts_current
from paced
