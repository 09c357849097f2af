-- Which rows an account-day was made of. Null for what had been superseded before this revision: there the time spans of
-- raw_<platform>.<table>_history tell.
alter table ops.account_day add column report_versions jsonb;
alter table ops.published_day add column report_versions jsonb;
comment on column ops.account_day.report_versions is
    '{"campaign_daily": 3, ...}: version in ops.load_ledger of each required report that the account-day consists of.';
comment on column ops.published_day.report_versions is
    '{"campaign_daily": 3, ...}: the published rows are those of raw with _version <= 3 and those of its history with
_version <= 3 and _replaced_by > 3. Null where superseded before it was kept: the time spans tell.';

-- What stands in analytics now, as far as the ledger still holds the content that it was made of.
with content as (
    select
        ledger.platform, ledger.account_id, ledger.date_day,
        md5(string_agg(ledger.report || ':' || ledger.content_hash, '|' order by ledger.report)) as content_hash,
        jsonb_object_agg(ledger.report, ledger.version) as report_versions
    from ops.load_ledger as ledger
    inner join ops.report_definition as definition
        on definition.platform = ledger.platform and definition.report = ledger.report and definition.required
    where ledger.complete
    group by ledger.platform, ledger.account_id, ledger.date_day
)
update ops.account_day as day set report_versions = content.report_versions
from content
where day.platform = content.platform and day.account_id = content.account_id and day.date_day = content.date_day
    and day.content_hash = content.content_hash;
update ops.published_day as published set report_versions = day.report_versions
from ops.account_day as day
where day.client_id = published.client_id and day.platform = published.platform
    and day.account_id = published.account_id and day.date_day = published.date_day
    and day.version = published.version and published.superseded_at is null;

-- A clock that jumped back left spans that end before they begin: they were current for no time at all.
update ops.published_day set superseded_at = published_at where superseded_at < published_at;
alter table ops.published_day add constraint published_day_span check (superseded_at >= published_at);

create view analytics.reported_total as
select
    published.client_id, published.platform, published.account_id, published.date_day, certificate.metric,
    certificate.warehouse_total as value, published.published_at, published.superseded_at, published.version
from ops.published_day as published
inner join ops.certificate
    on certificate.client_id = published.client_id and certificate.platform = published.platform
        and certificate.account_id = published.account_id and certificate.date_day = published.date_day
        and certificate.version = published.version;
grant select on analytics.reported_total to mdp_reader;
comment on view analytics.reported_total is
    'Certified totals of every account-day as they were published, also those that were superseded since: one row per
client, platform, account, day, metric and publication. value: spend in account currency, else a count; of the campaign
level, ad_ metrics of the ad level. It stood in analytics from published_at until superseded_at (null: it still does).';
