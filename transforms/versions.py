"""Which version every account-day has, and which account-days a build must work on."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from foundation.database import Connection, Cursor, transaction

# Older than the longest gap in the ECB's calendar (Easter), still younger than a missed week.
FX_MAX_AGE_DAYS = 5
BUILD_SCHEMA = "analytics_build"
BUILT_TABLE = "account_day_built"
# Tables of the build schema with one or more rows per account-day; the last one tells that the others are complete.
ACCOUNT_DAY_TABLES = (
    "fct_ad_performance_daily",
    "fct_campaign_performance_daily",
    "fct_conversions_daily",
    "fct_ad_engagement_daily",
    "fct_delivery_breakdown_daily",
    "fct_instagram_account_daily",
    "fct_keyword_daily",
    "fct_reach",
    "fct_search_terms_daily",
    BUILT_TABLE,
)

# Folders of models that are views over the published tables; none of them decides a figure.
REPORT_DIRECTORIES = ("reports", "ad_reporting")
_MODEL_FILES = ("models/**/*.sql", "macros/**/*.sql", "seeds/**/*.csv")
_KEYS = ("client_id", "platform", "account_id", "date_day")
# What a version is made of, as ops.account_day and ops.pending_account_day both hold it.
_DAY_COLUMNS = """client_id, platform, account_id, date_day, version, content_hash, account_currency, account_timezone,
        reporting_currency, fx_rate, fx_rate_date, fx_source, fx_reason, finalizes_on,
        read_at, verified_at, versioned_at"""


@dataclass(frozen=True)
class PendingBuild:
    """What a build works on. ``since`` and ``until`` are the outermost pending days, None when nothing is pending.

    ``full_refresh``: everything is pending, so that dbt may make the tables anew instead of replacing days.
    """

    build_id: str
    account_days: int
    since: date | None
    until: date | None
    full_refresh: bool


def model_hash(dbt_project_dir: Path) -> str:
    """Hash of all that decides published figures: model SQL, macros, seeds and dbt_project.yml.

    Reports are views over published figures and descriptions change none, so neither moves the hash.
    """
    views = tuple(dbt_project_dir / "models" / directory for directory in REPORT_DIRECTORIES)
    files = {path for pattern in _MODEL_FILES for path in dbt_project_dir.glob(pattern)}
    files = {path for path in files if not any(path.is_relative_to(view) for view in views)}
    files.add(dbt_project_dir / "dbt_project.yml")
    digest = hashlib.md5(usedforsecurity=False)
    for path in sorted(files):
        digest.update(path.relative_to(dbt_project_dir).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


# A day counts when every required report of its platform has a proved reading; what there is of the optional ones
# belongs to its content too. Hashes are joined in report order.
_CONTENT = """
create temporary table account_day_now on commit drop as
with definition as (
    select platform, report, required, count(*) filter (where required) over (partition by platform) as required_reports
    from ops.report_definition
),
content as (
    select
        ledger.platform, ledger.account_id, ledger.date_day,
        md5(string_agg(ledger.report || ':' || ledger.content_hash, '|' order by ledger.report)) as content_hash,
        jsonb_object_agg(ledger.report, ledger.version) as report_versions,
        min(ledger.read_at) filter (where definition.required) as read_at,
        min(ledger.verified_at) filter (where definition.required) as verified_at
    from ops.load_ledger as ledger
    inner join definition on definition.platform = ledger.platform and definition.report = ledger.report
    where ledger.complete
    group by ledger.platform, ledger.account_id, ledger.date_day, definition.required_reports
    having count(*) filter (where definition.required) = definition.required_reports
)
select
    account.client_id, content.platform, content.account_id, content.date_day, content.content_hash,
    account.currency as account_currency, account.timezone as account_timezone, client.reporting_currency,
    account.content_hash as registry_hash,
    content.date_day + coalesce(account.restatement_days, rule.restatement_days) as finalizes_on,
    content.read_at, content.verified_at, content.report_versions
from content
inner join raw_registry.account as account
    on account.platform = content.platform and account.account_id = content.account_id
    and content.date_day between account.active_from and coalesce(account.active_to, 'infinity'::date)
inner join raw_registry.client as client on client.client_id = account.client_id
inner join ops.platform_rule as rule on rule.platform = content.platform
"""

# Every ECB day with the euro itself as a currency of one unit.
_QUOTED = """
create temporary table quoted_now (
    rate_date date, currency text, units_per_eur numeric, source text, primary key (currency, rate_date)
) on commit drop;
insert into quoted_now
select rate_date, currency, units_per_eur, source from raw_fx.rate where currency <> 'EUR'
union all
select rate_date, 'EUR', 1, min(source) from raw_fx.rate group by rate_date;
analyze quoted_now
"""

# One row per distinct day and pair of currencies. Both sides of a cross come from the same ECB day.
_FX = """
create temporary table fx_now on commit drop as
with wanted as (
    select distinct date_day, account_currency, reporting_currency from account_day_now
)
select
    wanted.*,
    case when wanted.account_currency = wanted.reporting_currency then 1 else best.fx_rate end as fx_rate,
    best.rate_date as fx_rate_date,
    case when wanted.account_currency = wanted.reporting_currency then 'identity' else best.source end as fx_source,
    case
        when wanted.account_currency = wanted.reporting_currency or best.fx_rate is not null then null
        when missing.currencies is not null then
            format('no ECB rate for %%s within %(days)s days before %%s', missing.currencies, wanted.date_day)
        else format(
            'no ECB day with both %%s and %%s within %(days)s days before %%s',
            wanted.account_currency, wanted.reporting_currency, wanted.date_day
        )
    end as fx_reason
from wanted
left join lateral (
    select
        reporting.rate_date, reporting.units_per_eur / account.units_per_eur as fx_rate,
        case when reporting.currency = 'EUR' then account.source else reporting.source end as source
    from quoted_now as account
    inner join quoted_now as reporting
        on reporting.rate_date = account.rate_date and reporting.currency = wanted.reporting_currency
    where
        wanted.account_currency <> wanted.reporting_currency
        and account.currency = wanted.account_currency
        and account.rate_date between wanted.date_day - %(days)s and wanted.date_day
    order by account.rate_date desc
    limit 1
) as best on true
left join lateral (
    select string_agg(asked.currency, ' and ' order by asked.currency) as currencies
    from (values (wanted.account_currency), (wanted.reporting_currency)) as asked (currency)
    where asked.currency <> 'EUR' and not exists (
        select 1 from quoted_now as quoted
        where
            quoted.currency = asked.currency
            and quoted.rate_date between wanted.date_day - %(days)s and wanted.date_day
    )
) as missing on true
"""

# report_versions tell where the content stands in raw and decide nothing: content that comes back has its old version.
_UPSERT = f"""
with moved as (
    insert into ops.account_day (
        {_DAY_COLUMNS}, report_versions
    )
    select
        day.client_id, day.platform, day.account_id, day.date_day,
        md5(concat_ws(
            '|', day.content_hash, coalesce(trim_scale(fx.fx_rate)::text, 'none'),
            coalesce(fx.fx_rate_date::text, 'none'), day.registry_hash, day.finalizes_on::text, %(model_hash)s::text
        )),
        day.content_hash, day.account_currency, day.account_timezone, day.reporting_currency,
        fx.fx_rate, fx.fx_rate_date, fx.fx_source, fx.fx_reason, day.finalizes_on,
        day.read_at, day.verified_at, %(now)s, day.report_versions
    from account_day_now as day
    inner join fx_now as fx
        on fx.date_day = day.date_day and fx.account_currency = day.account_currency
        and fx.reporting_currency = day.reporting_currency
    on conflict (client_id, platform, account_id, date_day) do update set
        version = excluded.version, content_hash = excluded.content_hash, account_currency = excluded.account_currency,
        account_timezone = excluded.account_timezone, reporting_currency = excluded.reporting_currency,
        fx_rate = excluded.fx_rate, fx_rate_date = excluded.fx_rate_date, fx_source = excluded.fx_source,
        fx_reason = excluded.fx_reason, finalizes_on = excluded.finalizes_on,
        read_at = excluded.read_at, verified_at = excluded.verified_at, report_versions = excluded.report_versions,
        versioned_at = case
            when account_day.version = excluded.version then account_day.versioned_at else excluded.versioned_at
        end
    where
        (account_day.version, account_day.read_at, account_day.verified_at, account_day.report_versions)
        is distinct from (excluded.version, excluded.read_at, excluded.verified_at, excluded.report_versions)
    returning versioned_at
)
select count(*) filter (where versioned_at = %(now)s) from moved
"""

# Only what the registry no longer claims goes; a day that lost a reading for another reason keeps its last version.
_REMOVE = """
create temporary table account_day_gone on commit drop as
with gone as (
    delete from ops.account_day as day
    where not exists (
        select 1 from raw_registry.account as account
        where
            account.client_id = day.client_id and account.platform = day.platform
            and account.account_id = day.account_id
            and day.date_day between account.active_from and coalesce(account.active_to, 'infinity'::date)
    )
    returning client_id, platform, account_id, date_day
)
select * from gone
"""


def existing_build_tables(cursor: Cursor) -> tuple[str, ...]:
    """Those of ACCOUNT_DAY_TABLES that the build schema has now."""
    cursor.execute(
        "select relname from pg_class where relnamespace = to_regnamespace(%s) and relname = any(%s) and relkind = 'r'",
        (BUILD_SCHEMA, list(ACCOUNT_DAY_TABLES)),
    )
    present = {row[0] for row in cursor.fetchall()}
    return tuple(table for table in ACCOUNT_DAY_TABLES if table in present)


def refresh_account_days(connection: Connection, *, model_hash: str, now: datetime) -> int:
    """Give every proved account-day of the registry its current version. Returns how many versions moved or are new.

    Days outside every registry range leave ``ops.account_day`` and the build; what is published of them stays.
    """
    with transaction(connection) as cursor:
        cursor.execute("lock table ops.account_day in share row exclusive mode")
        cursor.execute(_CONTENT)
        cursor.execute("analyze account_day_now")
        cursor.execute(_QUOTED)
        cursor.execute(_FX, {"days": FX_MAX_AGE_DAYS})
        cursor.execute("analyze fx_now")
        cursor.execute(_UPSERT, {"model_hash": model_hash, "now": now})
        row = cursor.fetchone()
        cursor.execute(_REMOVE)
        if cursor.rowcount:
            for table in existing_build_tables(cursor):
                cursor.execute(
                    f"delete from {BUILD_SCHEMA}.{table} using account_day_gone as gone where {_same('gone', table)}"
                )
    return int(row[0]) if row else 0


def _same(left: str, right: str) -> str:
    return " and ".join(f"{left}.{key} = {right}.{key}" for key in _KEYS)


def open_build(connection: Connection, *, build_id: str, now: datetime) -> PendingBuild:
    """Fill ``ops.pending_account_day`` with the account-days whose current version is not built or not published yet.

    Their rows leave ``account_day_built`` at once: a build that dies half-way leaves them pending, whatever version
    comes next. Call it with the lock of the publish flow held (``transforms.building.flow_lock``).
    """
    with transaction(connection) as cursor:
        cursor.execute("truncate ops.pending_account_day")
        complete = existing_build_tables(cursor) == ACCOUNT_DAY_TABLES
        # Built but not published is pending too: its tests died with their build, or held it and are asked again.
        unbuilt = (
            f"where not exists (select 1 from {BUILD_SCHEMA}.{BUILT_TABLE} as built "
            f"where {_same('built', 'day')} and built.version = day.version) "
            f"or not exists (select 1 from ops.published_day as published where {_same('published', 'day')} "
            "and published.version = day.version and published.superseded_at is null and published.override_id is null)"
            if complete
            else ""
        )
        cursor.execute(
            f"insert into ops.pending_account_day ({_DAY_COLUMNS}, build_id, opened_at) "
            f"select {_DAY_COLUMNS}, %s, %s from ops.account_day as day {unbuilt}",
            (build_id, now),
        )
        if complete:
            cursor.execute(
                f"delete from {BUILD_SCHEMA}.{BUILT_TABLE} as built using ops.pending_account_day as pending "
                f"where {_same('built', 'pending')}"
            )
        cursor.execute(
            "select count(*), min(date_day), max(date_day), (select count(*) from ops.account_day) "
            "from ops.pending_account_day"
        )
        row = cursor.fetchone()
        cursor.execute("analyze ops.pending_account_day")
    if row is None:
        raise RuntimeError("PostgreSQL answered an aggregate without a row")
    pending, since, until, known = row
    return PendingBuild(build_id, pending, since, until, full_refresh=pending > 0 and pending == known)
