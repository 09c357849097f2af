-- Only a decision that the gate took in publication's own transaction is published; see transforms/publication.py.
alter table ops.gate_decision add column decided_in xid8 not null default pg_current_xact_id();
comment on column ops.gate_decision.decided_in is
    'The transaction that decided. Publication takes decisions of its own transaction alone, so none can be left over.';

create table ops.gate_override (
    override_id bigint generated always as identity primary key,
    client_id text not null,
    platform text not null,
    account_id text not null,
    first_day date not null,
    last_day date not null,
    named_by text not null check (length(btrim(named_by)) > 1),
    reason text not null check (array_length(regexp_split_to_array(btrim(reason), '\s+'), 1) >= 3),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_by text,
    check (first_day <= last_day),
    check (expires_at > created_at and expires_at <= created_at + interval '30 days'),
    check ((revoked_at is null) = (revoked_by is null))
);
comment on table ops.gate_override is
    'Account-days that a named person publishes although checks failed, until expires_at or revoked_at. Kept for good.';

create function ops.keep_gate_override() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.revoked_at is null and new.revoked_at is not null
        and to_jsonb(new) - 'revoked_at' - 'revoked_by' = to_jsonb(old) - 'revoked_at' - 'revoked_by' then
        return new;
    end if;
    raise exception 'an override is recorded for good: it can be revoked once, never changed or deleted';
end;
$$;
create trigger gate_override_is_kept before update or delete on ops.gate_override
for each row execute function ops.keep_gate_override();
create trigger gate_override_is_not_emptied before truncate on ops.gate_override
for each statement execute function ops.keep_gate_override();

alter table ops.gate_decision add column override_id bigint references ops.gate_override;
comment on column ops.gate_decision.override_id is
    'The override under which the day is published; reasons are then those for which it would be held.';
alter table ops.published_day add column override_id bigint references ops.gate_override;
comment on column ops.published_day.override_id is
    'Null for certified figures. Else they are taken back when this override ends before the checks pass.';
create index published_under_override on ops.published_day (override_id)
where superseded_at is null and override_id is not null;

alter table ops.held_day add column read_again boolean not null default true;
comment on column ops.held_day.read_again is
    'A check names this day or its account, so that the platform is read again; false where a check itself failed.';

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
                and (published.version is null or expected.date_day + expected.restatement_days > ops.platform_now()::date)
                then greatest(health.failing_since, expected.due_at)
        end as held_since,
        case
            when quarantine.date_day is not null then quarantine.reason
            when held.date_day is not null then held.reason
            when health.status = 'failing'
                and (published.version is null or expected.date_day + expected.restatement_days > ops.platform_now()::date)
                then health.message
        end as held_reason
    from expected
    left join ops.published_day as published
        on published.client_id = expected.client_id and published.platform = expected.platform
            and published.account_id = expected.account_id and published.date_day = expected.date_day
            and published.superseded_at is null
    left join ops.account_day as ledger
        on ledger.client_id = expected.client_id and ledger.platform = expected.platform
            and ledger.account_id = expected.account_id and ledger.date_day = expected.date_day
    left join ops.quarantine
        on quarantine.platform = expected.platform and quarantine.account_id = expected.account_id
            and quarantine.date_day = expected.date_day
    left join ops.held_day as held
        on held.client_id = expected.client_id and held.platform = expected.platform
            and held.account_id = expected.account_id and held.date_day = expected.date_day
    left join ops.account_health as health
        on health.platform = expected.platform and health.account_id = expected.account_id
)
select
    client_id, platform, account_id, date_day,
    case
        when due_at > ops.platform_now() and version is null then 'not_due'
        when version is null and date_day < (ops.platform_now() at time zone timezone)::date - retention_days
            then 'out_of_reach'
        when joined.override_id is not null then 'overridden'
        when held_since is not null and ops.platform_now() - held_since > interval '72 hours' then 'stale'
        when held_since is not null then 'held'
        when is_missing then 'missing'
        when version is null then 'pending'
        when date_day + restatement_days > (ops.platform_now() at time zone timezone)::date then 'provisional'
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
        version is null and data_as_of is null and ops.platform_now() - owed_since > interval '6 hours' as is_missing
) as absence
left join (select override_id, named_by, reason, expires_at from ops.gate_override) as gate_override
    using (override_id);
comment on view analytics.account_day_state is
    'One row per client, platform, account and day that the registry expects. state: not_due, pending, missing (due for
more than 6 h and never read; the history of a new or changed client has 3 days more), provisional (certified, the platform may still restate it), final, held (last good version
stays, if any), overridden (published by a named person although checks failed, until override_until), stale (held over
72 h), out_of_reach (never published and older than the platform answers).
version: the published one, null if the day was never published. data_as_of: when the platform was last seen to agree.
due_at: from when on the platform is asked for the day.';

create view ops.quarantined as
select
    kept.platform, kept.account_id, kept.date_day, kept.report, kept.payload, kept.run_id, kept.quarantined_at,
    kept.quarantined_at + interval '30 days' as readable_until,
    quarantine.reason_code, quarantine.reason, quarantine.held_since, quarantine.attempts
from ops.quarantined_row as kept
left join ops.quarantine using (platform, account_id, date_day);
comment on view ops.quarantined is
    'One row per quarantined row of a report: the row as it was read and why its account-day is not proved; reason is null
once a later reading proved the day. Rows go 30 days after they were quarantined.';
