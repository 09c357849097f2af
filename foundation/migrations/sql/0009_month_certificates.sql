-- Settled months, certified a second time against what the platform says of the whole month.
alter table ops.platform_rule add column month_metrics text[] not null default '{}';
alter table ops.platform_rule add column month_whole_only boolean not null default false;
comment on column ops.platform_rule.month_metrics is
    'Metrics of the total of a whole month that the platform gives; empty where it gives none.';
comment on column ops.platform_rule.month_whole_only is 'The platform cannot be asked for a part of a month.';
-- Settled months are compared again when days of them were published since.
create index published_day_published_at on ops.published_day (published_at);

create table ops.month_total (
    platform text not null,
    account_id text not null,
    month date not null check (extract(day from month) = 1),
    first_day date not null,
    last_day date not null check (last_day >= first_day),
    metrics jsonb,
    request_ids text[] not null default '{}',
    read_at timestamptz,
    run_id text not null,
    problem text,
    next_step text,
    attempted_at timestamptz not null,
    primary key (platform, account_id, month, first_day),
    check (problem is not null or (metrics is not null and read_at is not null))
);
comment on table ops.month_total is
    'The platform''s own total of a settled month of an account, asked in calls of its own: one row per platform, account,
month and first day (a client file may begin or end an account within the month). metrics: {"spend": "12.34" account
currency, "impressions": "5", "clicks": "1"}. A problem beside older metrics: they could not be read again since.';
comment on column ops.month_total.last_day is 'Last day that the total covers; first_day and last_day are inclusive.';
comment on column ops.month_total.read_at is 'Instant of the reading that metrics came from; null if none succeeded.';
comment on column ops.month_total.attempted_at is 'Instant of the last attempt, successful or not.';

create table ops.month_certificate (
    client_id text not null,
    platform text not null,
    account_id text not null,
    month date not null check (extract(day from month) = 1),
    first_day date not null,
    last_day date not null,
    metric text not null,
    warehouse_total numeric,
    platform_total numeric,
    difference numeric,
    tolerance numeric,
    verdict text not null check (
        verdict in ('certified', 'warned', 'differs', 'incomplete', 'not_read', 'not_offered')
    ),
    reason text,
    missing_days date[] not null default '{}',
    request_ids text[] not null default '{}',
    read_at timestamptz,
    checked_at timestamptz not null,
    primary key (client_id, platform, account_id, month, first_day, metric)
);
comment on table ops.month_certificate is
    'One row per client, platform, account, settled month and metric: the sum of the published account-days against the
platform''s own total of the month. Spend in account currency. certified: equal within rounding; warned: within 0.5 %;
differs: beyond; incomplete: missing_days are not published; not_read: the platform''s total could not be read yet;
not_offered: the platform has no such total. warehouse_total is null only where no day of the month is published.';
comment on column ops.month_certificate.first_day is
    'First day of the month that the account belonged to the client; first_day and last_day are inclusive.';
comment on column ops.month_certificate.difference is 'warehouse_total - platform_total; null where one of them is.';
comment on column ops.month_certificate.reason is 'Null exactly when certified; ends with the next step.';
comment on column ops.month_certificate.request_ids is 'The platform''s ids of the calls that its total came from.';
comment on column ops.month_certificate.checked_at is 'Instant of the last comparison.';
