-- The same states of account-days as before, found day by day through the keys.
create or replace view analytics.account_day_state as
with expected as (
    select
        account.client_id, account.platform, account.account_id, account.timezone, day.date_day::date as date_day,
        coalesce(account.restatement_days, rule.restatement_days) as restatement_days, rule.retention_days,
        ((day.date_day::date + 1)::timestamp at time zone
            case rule.day_zone when 'utc' then 'UTC' when 'pacific' then 'America/Los_Angeles' else account.timezone end
        ) + make_interval(hours => rule.due_after_hours) as due_at,
        client.loaded_at as known_since
    from raw_registry.account
    inner join raw_registry.client using (client_id)
    inner join ops.platform_rule as rule using (platform)
    cross join lateral generate_series(
        account.active_from::timestamp,
        least(coalesce(account.active_to, 'infinity'::date), (ops.platform_now() at time zone account.timezone)::date)::timestamp,
        interval '1 day'
    ) as day (date_day)
    where client.status = 'active' or exists (
        select 1 from ops.published_day as kept
        where kept.client_id = account.client_id and kept.platform = account.platform
            and kept.account_id = account.account_id and kept.date_day = day.date_day::date
            and kept.superseded_at is null
    )
),
joined as (
    select
        expected.*,
        clock.now_at,
        -- The history of a client that is new or whose file was changed takes its time to read.
        case when expected.due_at >= expected.known_since then expected.due_at
            else expected.known_since + interval '3 days' end as owed_since,
        published.version,
        published.published_at,
        published.override_id,
        ledger.verified_at as data_as_of,
        case
            when quarantine.date_day is not null then quarantine.held_since
            when held.date_day is not null then held.held_since
            when health.status = 'failing'
                and (published.version is null or expected.date_day + expected.restatement_days > clock.now_at::date)
                then greatest(health.failing_since, expected.due_at)
        end as held_since,
        case
            when quarantine.date_day is not null then quarantine.reason
            when held.date_day is not null then held.reason
            when health.status = 'failing'
                and (published.version is null or expected.date_day + expected.restatement_days > clock.now_at::date)
                then health.message
        end as held_reason
    from expected
    -- Once a query: the function reads a table, and a row of the view asks up to six times.
    cross join (select ops.platform_now() as now_at offset 0) as clock
    -- offset 0: one index probe an account-day. The planner takes the keys of an account for independent of one another,
    -- expects seven days of it where there are a thousand, and would compare each day with all of them.
    left join lateral (
        select current_day.version, current_day.published_at, current_day.override_id
        from ops.published_day as current_day
        where current_day.client_id = expected.client_id and current_day.platform = expected.platform
            and current_day.account_id = expected.account_id and current_day.date_day = expected.date_day
            and current_day.superseded_at is null
        offset 0
    ) as published on true
    left join lateral (
        select proved_day.verified_at
        from ops.account_day as proved_day
        where proved_day.client_id = expected.client_id and proved_day.platform = expected.platform
            and proved_day.account_id = expected.account_id and proved_day.date_day = expected.date_day
        offset 0
    ) as ledger on true
    left join lateral (
        select unproved_day.date_day, unproved_day.held_since, unproved_day.reason
        from ops.quarantine as unproved_day
        where unproved_day.platform = expected.platform and unproved_day.account_id = expected.account_id
            and unproved_day.date_day = expected.date_day
        offset 0
    ) as quarantine on true
    left join lateral (
        select refused_day.date_day, refused_day.held_since, refused_day.reason
        from ops.held_day as refused_day
        where refused_day.client_id = expected.client_id and refused_day.platform = expected.platform
            and refused_day.account_id = expected.account_id and refused_day.date_day = expected.date_day
        offset 0
    ) as held on true
    left join ops.account_health as health
        on health.platform = expected.platform and health.account_id = expected.account_id
)
select
    client_id, platform, account_id, date_day,
    case
        when due_at > now_at and version is null then 'not_due'
        when version is null and date_day < (now_at at time zone timezone)::date - retention_days
            then 'out_of_reach'
        when joined.override_id is not null then 'overridden'
        when held_since is not null and now_at - held_since > interval '72 hours' then 'stale'
        when held_since is not null then 'held'
        when is_missing then 'missing'
        when version is null then 'pending'
        when date_day + restatement_days > (now_at at time zone timezone)::date then 'provisional'
        else 'final'
    end as state,
    version, data_as_of, published_at,
    case when is_missing and held_since is null then owed_since else held_since end as held_since,
    case
        when is_missing and held_since is null
            then format('due since %s UTC and never read', to_char(due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))
        else held_reason
    end as held_reason,
    gate_override.named_by as override_by, gate_override.reason as override_reason,
    gate_override.expires_at as override_until, due_at
from joined
cross join lateral (
    select
        version is null and data_as_of is null and now_at - owed_since > interval '6 hours' as is_missing
) as absence
left join (select override_id, named_by, reason, expires_at from ops.gate_override) as gate_override
    using (override_id);
