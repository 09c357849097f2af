-- Warnings of drifts in published figures. They hold nothing: publication never reads this table.
create table ops.anomaly (
    anomaly_id bigint generated always as identity primary key,
    scope text not null check (scope in ('campaign', 'account', 'client', 'platform')),
    client_id text not null,
    platform text not null,
    account_id text not null,
    campaign_id text not null,
    family text not null check (family in ('delivery', 'conversion')),
    metric text not null,
    first_day date not null,
    last_day date not null,
    observed double precision not null,
    expected double precision not null,
    low double precision not null,
    high double precision not null,
    score double precision not null,
    at_stake double precision not null,
    reporting_currency text,
    severity text not null check (severity in ('info', 'ticket')),
    is_gross boolean not null,
    causes text[] not null,
    next_steps text[] not null,
    also text[] not null,
    runs_seen integer not null,
    last_run_day date not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    told_at timestamptz,
    resolved_at timestamptz
);
create unique index anomaly_open on ops.anomaly (client_id, platform, account_id, campaign_id, family, scope)
where resolved_at is null;
create index anomaly_client on ops.anomaly (client_id, told_at);
comment on table ops.anomaly is
    'One row per drift of a series (client, platform, account or campaign), family of metrics and first day; empty keys where the scope is wider.';

-- Whether the last look for drifts ended well. It never stops a publication.
create table ops.anomaly_run (
    ran_at timestamptz primary key,
    newest_day date,
    series integer not null,
    seconds double precision not null,
    found integer not null,
    error text
);

create view analytics.anomaly as
select
    nullif(client_id, '') as client_id,
    nullif(platform, '') as platform,
    nullif(account_id, '') as account_id,
    nullif(campaign_id, '') as campaign_id,
    scope,
    metric,
    first_day,
    last_day,
    case when scope <> 'platform' then round(observed::numeric, 4) end as observed,
    case when scope <> 'platform' then round(expected::numeric, 4) end as expected,
    case when scope <> 'platform' then round(low::numeric, 4) end as low,
    case when scope <> 'platform' then round(high::numeric, 4) end as high,
    round(score::numeric, 2) as score,
    case when scope <> 'platform' then round(at_stake::numeric, 2) end as at_stake,
    reporting_currency,
    severity,
    causes as probable_causes,
    next_steps,
    also,
    runs_seen,
    first_seen,
    last_seen,
    told_at,
    resolved_at
from ops.anomaly
where told_at is not null;
comment on view analytics.anomaly is
    'Drifts that were told: seen by the runs of two days, or gross. A warning; the figures beside it are certified. Figures are null for a whole platform: its accounts have many currencies.';
grant select on analytics.anomaly to mdp_reader;
