-- What control totals prove on each platform, and how far back it can be asked.
alter table ops.platform_rule add column retention_days int;
alter table ops.platform_rule add column certified_metrics text[] not null default '{}';
comment on column ops.platform_rule.retention_days is
    'Days back from today for which daily figures can be asked; null where no limit is known. Older history is write-once.';
comment on column ops.platform_rule.certified_metrics is
    'Metrics of ops.certificate that an account-day of the platform needs before it is published.';

alter table ops.report_definition add column proved_by text;
comment on column ops.report_definition.proved_by is
    'control: the account total itself; account_total: sums must equal it; own_campaign: sums per campaign must equal the
campaign''s own row; completeness: every page read, no key twice.';
update ops.report_definition set proved_by = case report
    when 'account_daily' then 'control' when 'campaign_daily' then 'account_total' else 'own_campaign' end;
alter table ops.report_definition alter column proved_by set not null;
update ops.platform_rule
set certified_metrics = '{spend,impressions,clicks,ad_spend,ad_impressions,ad_clicks}', retention_days = 1125;

alter table raw_registry.account add column restatement_days int;
comment on column raw_registry.account.restatement_days is 'The client file''s own window; null = the platform''s rule.';

alter table ops.load_ledger add column problem text;
alter table ops.load_ledger add column problem_at timestamptz;
comment on column ops.load_ledger.problem is
    'Why the last attempt to read the day failed; null once it is verified. complete = false: never read completely (version 0).';

-- What the last reading of an account covered and cost.
alter table ops.account_health add column window_since date;
alter table ops.account_health add column window_until date;
alter table ops.account_health add column last_calls int;
alter table ops.account_health add column last_complete_at timestamptz;
comment on column ops.account_health.last_complete_at is
    'When every required report of every asked day was last read to its last page.';

create table ops.credential_state (
    platform text not null,
    credential text not null,
    calls bigint not null,
    used_percent numeric,
    stopped_until timestamptz,
    stopped_reason text,
    expires_at timestamptz,
    checked_at timestamptz not null,
    primary key (platform, credential)
);
comment on table ops.credential_state is
    'Per credential: calls of the last run, share of the platform''s own limit that it says is used, until when the
platform refuses it, and when it stops working. Names only; secrets are never stored.';

comment on table ops.certificate is
    'Per account-day, version and metric: the build''s total against the platform''s control total. Metrics spend,
impressions, clicks are of the campaign level; ad_spend, ad_impressions, ad_clicks of the ad level with its visible
"not at ad level" rows; views and total_interactions of an Instagram account. Spend in account currency. Certified =
equal to the platform at read_at.';

create table ops.api_version (
    platform text not null,
    version text not null,
    ends_on date,
    source text not null,
    in_use boolean not null,
    primary key (platform, version)
);
comment on table ops.api_version is
    'Sunset calendar of each platform''s API, written from ingestion/platforms/*/reports.py; ends_on: first day on which the
version fails, null where no date is known; in_use: what the settings of the last load asked for.';

-- The view of 0001 with the account's own window and the days that no platform answers for any more.
create or replace view analytics.account_day_state as
with expected as (
    select
        account.client_id, account.platform, account.account_id, account.timezone, day.date_day::date as date_day,
        coalesce(account.restatement_days, rule.restatement_days) as restatement_days, rule.retention_days,
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
        when version is null and date_day < (ops.platform_now() at time zone timezone)::date - retention_days
            then 'out_of_reach'
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
(certified, the platform may still restate it), final, held (last good version stays, if any), stale (held over 72 h),
out_of_reach (never published and older than the platform answers).
version: the published one, null if the day was never published. data_as_of: when the platform was last seen to agree.';

-- Meta's budgets were texts in its own smallest units, its instants texts too. The list of currencies is Meta's.
do $$
declare
    name text;
begin
    foreach name in array array['campaigns', 'campaigns_history'] loop
        continue when to_regclass('raw_meta_ads.' || name) is null;
        execute 'alter table raw_meta_ads.' || name || '
            alter column daily_budget type numeric using nullif(daily_budget::numeric / 100, 0),
            alter column lifetime_budget type numeric using nullif(lifetime_budget::numeric / 100, 0),
            alter column start_time type timestamptz using start_time::timestamptz,
            alter column stop_time type timestamptz using stop_time::timestamptz';
        execute 'update raw_meta_ads.' || name || ' as campaign
            set daily_budget = campaign.daily_budget * 100, lifetime_budget = campaign.lifetime_budget * 100
            from raw_meta_ads.accounts as account
            where account.account_id = campaign.account_id and account.currency in (
                ''CLP'', ''COP'', ''CRC'', ''HUF'', ''ISK'', ''IDR'', ''JPY'', ''KRW'', ''PYG'', ''TWD'', ''VND''
            )';
    end loop;
end
$$;
