-- Schemas. raw_<platform> tables are created from the report definitions of the platform (ingestion/loading/tables.py).
create schema ops;
create schema raw_registry;
create schema raw_fx;
create schema raw_meta_ads;
create schema raw_google_ads;
create schema analytics;
create schema ad_reporting;

comment on schema ops is 'The platform''s own books: ledger, certificates, publications, incidents, backups.';
comment on schema analytics is 'Published, certified figures: what analysts and BI tools read.';
comment on schema ad_reporting is 'Views over analytics in the column contract of a widely used loader''s models.';

-- ---------------------------------------------------------------------------------------------------------- clock
-- One row only where the platform runs on a sandbox clock; without it the machine's clock rules.
create table ops.clock (
    only_row boolean primary key default true check (only_row),
    now_at timestamptz not null
);
create function ops.platform_now() returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp as
$$ select coalesce((select now_at from ops.clock), now()) $$;

-- ------------------------------------------------------------------------------------------------------- registry
create table raw_registry.client (
    client_id text primary key,
    name text not null,
    status text not null check (status in ('active', 'archived')),
    reporting_currency text not null,
    timezone text not null,
    slack_channel text,
    active_from date not null,
    active_to date,
    content_hash text not null,
    loaded_at timestamptz not null
);
create table raw_registry.account (
    client_id text not null references raw_registry.client,
    platform text not null,
    account_id text not null,
    name text,
    currency text not null,
    timezone text not null,
    credential text not null,
    login_customer_id text,
    active_from date not null,
    active_to date,
    content_hash text not null,
    loaded_at timestamptz not null,
    primary key (platform, account_id, active_from)
);
comment on table raw_registry.account is
    'Which account belongs to which client from active_from to active_to (inclusive, null = open).';

-- -------------------------------------------------------------------------------------------------------- FX rates
create table raw_fx.rate (
    rate_date date not null,
    currency text not null,
    units_per_eur numeric not null check (units_per_eur > 0),
    source text not null,
    fetched_at timestamptz not null,
    primary key (rate_date, currency)
);
comment on table raw_fx.rate is 'ECB reference rates as published: units of the currency that one euro buys; never crosses.';

-- ------------------------------------------------------------------------------------------------------- ingestion
create table ops.platform_rule (
    platform text primary key,
    restatement_days int not null,
    due_after_hours int not null,
    day_zone text not null check (day_zone in ('account', 'utc', 'pacific'))
);
comment on table ops.platform_rule is 'Windows of each platform as data, written from ingestion/platforms/*/reports.py.';

create table ops.report_definition (
    platform text not null,
    report text not null,
    level text not null,
    required boolean not null,
    primary key (platform, report)
);

create sequence ops.fence_seq;

create table ops.load_run (
    run_id text not null,
    platform text not null,
    fence bigint not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    accounts_asked int,
    accounts_loaded int,
    rows_landed bigint,
    primary key (run_id, platform, fence)
);

create table ops.load_ledger (
    platform text not null,
    account_id text not null,
    report text not null,
    date_day date not null,
    version int not null,
    content_hash text not null,
    row_count int not null,
    totals jsonb not null,
    control_totals jsonb not null,
    complete boolean not null,
    read_at timestamptz not null,
    fetched_at timestamptz not null,
    verified_at timestamptz not null,
    run_id text not null,
    fence bigint not null,
    primary key (platform, account_id, report, date_day)
);
comment on table ops.load_ledger is
    'One row per proved account-day and report. version moves only when the rows change (fetched_at: when they last did);
verified_at: last time the platform was seen to agree; read_at: instant of the control reading. totals and
control_totals: {"spend": "12.34" account currency, "impressions": "5", "clicks": "1"}.';

create table ops.restatement (
    restatement_id bigint generated always as identity primary key,
    platform text not null,
    account_id text not null,
    report text not null,
    date_day date not null,
    metric text not null,
    old_value numeric not null,
    new_value numeric not null,
    difference numeric generated always as (new_value - old_value) stored,
    old_version int not null,
    new_version int not null,
    detected_at timestamptz not null,
    run_id text not null
);
create index on ops.restatement (platform, account_id, date_day);

create table ops.quarantine (
    platform text not null,
    account_id text not null,
    date_day date not null,
    reason_code text not null,
    reason text not null,
    details jsonb not null default '{}',
    held_since timestamptz not null,
    last_attempt_at timestamptz not null,
    attempts int not null default 1,
    next_attempt_at timestamptz not null,
    run_id text not null,
    primary key (platform, account_id, date_day)
);
comment on table ops.quarantine is 'Account-days that were read but not proved; the row goes when a later read proves the day.';

create table ops.quarantined_row (
    platform text not null,
    account_id text not null,
    report text not null,
    date_day date not null,
    payload jsonb not null,
    run_id text not null,
    quarantined_at timestamptz not null
);
create index on ops.quarantined_row (platform, account_id, date_day);

create table ops.account_health (
    platform text not null,
    account_id text not null,
    status text not null check (status in ('ok', 'failing')),
    error_class text,
    error_code text,
    message text,
    next_step text,
    failing_since timestamptz,
    last_attempt_at timestamptz not null,
    last_success_at timestamptz,
    attempts int not null default 0,
    primary key (platform, account_id)
);

-- ------------------------------------------------------------------------------------------------------ transforms
create table ops.account_day (
    client_id text not null,
    platform text not null,
    account_id text not null,
    date_day date not null,
    version text not null,
    content_hash text not null,
    account_currency text not null,
    account_timezone text not null,
    reporting_currency text not null,
    fx_rate numeric,
    fx_rate_date date,
    fx_source text,
    fx_reason text,
    finalizes_on date not null,
    read_at timestamptz not null,
    verified_at timestamptz not null,
    versioned_at timestamptz not null,
    primary key (client_id, platform, account_id, date_day)
);
comment on table ops.account_day is
    'Current version of every proved account-day: md5 over its content in all required reports, its FX rate, its registry
entry and the model''s hash. fx_rate: reporting currency per unit of account currency, null with fx_reason where none.';

create table ops.pending_account_day (like ops.account_day including comments);
alter table ops.pending_account_day add column build_id text not null;
alter table ops.pending_account_day add column opened_at timestamptz not null;
alter table ops.pending_account_day add primary key (client_id, platform, account_id, date_day);
comment on table ops.pending_account_day is 'What the build in progress works on: the account-days whose version is not built yet.';

create table ops.publication (
    publication_id bigint generated always as identity primary key,
    run_id text not null,
    published_at timestamptz not null,
    account_days int not null,
    held_account_days int not null,
    row_counts jsonb not null
);
create table ops.published_day (
    client_id text not null,
    platform text not null,
    account_id text not null,
    date_day date not null,
    version text not null,
    published_at timestamptz not null,
    superseded_at timestamptz,
    publication_id bigint not null references ops.publication,
    primary key (client_id, platform, account_id, date_day, publication_id)
);
create unique index published_day_current on ops.published_day (client_id, platform, account_id, date_day)
where superseded_at is null;
comment on table ops.published_day is 'Which version of an account-day stood in analytics from published_at to superseded_at.';

create table ops.report_view (
    name text primary key,
    definition_hash text not null,
    defined_at timestamptz not null
);
comment on table ops.report_view is 'With which definition each report view of analytics was last made.';

-- --------------------------------------------------------------------------------------------------------- quality
create table ops.check_run (
    build_id text not null,
    check_name text not null,
    kind text not null check (kind in ('expectation', 'dbt_test', 'reconciliation')),
    status text not null check (status in ('passed', 'failed', 'errored')),
    failing_account_days int not null,
    detail text,
    ran_at timestamptz not null,
    primary key (build_id, check_name)
);
create table ops.check_failure (
    build_id text not null,
    check_name text not null,
    client_id text not null,
    platform text not null,
    account_id text not null,
    date_day date,
    detail text not null
);
comment on column ops.check_failure.date_day is 'Null where the failure names no day: it holds the whole account.';
create index on ops.check_failure (build_id);

create table ops.certificate (
    client_id text not null,
    platform text not null,
    account_id text not null,
    date_day date not null,
    version text not null,
    metric text not null,
    warehouse_total numeric not null,
    platform_total numeric,
    difference numeric,
    tolerance numeric not null,
    verdict text not null check (verdict in ('certified', 'held')),
    reason text,
    read_at timestamptz,
    checked_at timestamptz not null,
    last_confirmed_at timestamptz not null,
    run_id text not null,
    primary key (client_id, platform, account_id, date_day, version, metric)
);
comment on table ops.certificate is
    'Per account-day, version and metric: the build''s total against the platform''s control total. Metrics spend,
impressions, clicks are of the campaign level; ad_spend, ad_impressions, ad_clicks of the ad level with its visible
"not at ad level" rows. Spend in account currency. Certified = equal to the platform at read_at.';

create table ops.gate_decision (
    client_id text not null,
    platform text not null,
    account_id text not null,
    date_day date not null,
    version text not null,
    verdict text not null check (verdict in ('publish', 'hold')),
    reasons jsonb not null,
    build_id text not null,
    decided_at timestamptz not null,
    primary key (client_id, platform, account_id, date_day)
);
create table ops.held_day (
    client_id text not null,
    platform text not null,
    account_id text not null,
    date_day date not null,
    version text not null,
    reason text not null,
    held_since timestamptz not null,
    primary key (client_id, platform, account_id, date_day)
);
comment on table ops.held_day is 'Built account-days that the gate holds now; a row goes when the gate lets the day pass.';

-- -------------------------------------------------------------------------------------------------------- alerting
create table ops.incident (
    incident_id bigint generated always as identity primary key,
    fingerprint text not null,
    kind text not null,
    client_id text,
    platform text,
    account_id text,
    severity text not null check (severity in ('page', 'ticket', 'info')),
    title text not null,
    facts jsonb not null,
    opened_at timestamptz not null,
    last_seen_at timestamptz not null,
    resolved_at timestamptz,
    channel text not null,
    slack_ts text
);
create unique index incident_open on ops.incident (fingerprint) where resolved_at is null;
create table ops.outbox (
    outbox_id bigint generated always as identity primary key,
    dedupe_key text not null unique,
    incident_id bigint references ops.incident,
    kind text not null,
    channel text not null,
    payload jsonb not null,
    created_at timestamptz not null,
    next_attempt_at timestamptz not null,
    attempts int not null default 0,
    sent_at timestamptz,
    slack_ts text,
    last_error text
);
create index outbox_unsent on ops.outbox (next_attempt_at) where sent_at is null;

-- --------------------------------------------------------------------------------------------------------- backups
create table ops.backup (
    backup_id text primary key,
    started_at timestamptz not null,
    finished_at timestamptz,
    location text not null,
    bytes bigint,
    sha256 text,
    manifest jsonb,
    publication_id bigint,
    status text not null check (status in ('running', 'stored', 'verified', 'failed')),
    verified_at timestamptz,
    error text
);

-- ----------------------------------------------------------------------------------------------- state of each unit
-- Every account-day that the registry expects, with what an analyst may think of it.
create view analytics.account_day_state as
with expected as (
    select
        account.client_id, account.platform, account.account_id, account.timezone, day.date_day::date as date_day,
        rule.restatement_days,
        ((day.date_day::date + 1)::timestamp at time zone
            case rule.day_zone when 'utc' then 'UTC' when 'pacific' then 'America/Los_Angeles' else account.timezone end
        ) + make_interval(hours => rule.due_after_hours) as due_at
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
        published.version,
        published.published_at,
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
        when held_since is not null and ops.platform_now() - held_since > interval '72 hours' then 'stale'
        when held_since is not null then 'held'
        when version is null then 'pending'
        when date_day + restatement_days > (ops.platform_now() at time zone timezone)::date then 'provisional'
        else 'final'
    end as state,
    version, data_as_of, published_at, held_since, held_reason
from joined;
comment on view analytics.account_day_state is
    'One row per client, platform, account and day that the registry expects. state: not_due, pending, provisional
(certified, the platform may still restate it), final, held (last good version stays, if any), stale (held over 72 h).
version: the published one, null if the day was never published. data_as_of: when the platform was last seen to agree.';

-- ----------------------------------------------------------------------------------------------------------- roles
do $$
begin
    if not exists (select 1 from pg_roles where rolname = 'mdp_reader') then
        create role mdp_reader nologin;
    end if;
end
$$;
grant usage on schema analytics, ad_reporting to mdp_reader;
grant select on all tables in schema analytics, ad_reporting to mdp_reader;
alter default privileges in schema analytics grant select on tables to mdp_reader;
alter default privileges in schema ad_reporting grant select on tables to mdp_reader;
grant usage on schema ops to mdp_reader;
revoke all on all tables in schema ops from mdp_reader;
grant execute on function ops.platform_now() to mdp_reader;
