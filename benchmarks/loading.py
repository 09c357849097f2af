"""Our ingestion against the floor, on the same rows, and a second load of an unchanged window."""

import gc
import time
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import uuid4

from benchmarks.meta_rows import LAST_DAY, RowPlan
from benchmarks.plain_reader import TABLE, load_plainly
from benchmarks.surroundings import NOW, FixedClock, Surroundings, register
from foundation.database import connect
from foundation.settings import Settings
from ingestion.due import requested_tasks
from ingestion.sync import SyncReport, sync_platform

_COLUMNS = (
    "account_id, date_day, campaign_id, adset_id, ad_id, account_currency, impressions, clicks, inline_link_clicks, "
    "spend, actions, action_values, attribution_setting"
)
_WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_user_tables where schemaname = 'raw_meta_ads'
"""


class WrongResult(RuntimeError):
    """A load did not end with the served rows, so its speed means nothing."""


@dataclass(frozen=True)
class LoadFigures:
    """Seconds of each repetition. ``written_again``: raw rows that the second load of the same days wrote."""

    rows: int
    account_days: int
    ours: list[float]
    plain: list[float]
    again: list[float]
    written_again: int

    @property
    def ratio(self) -> float:
        """Our rows a second as a share of the floor's; the median of the repetitions' own ratios."""
        return median(plain / ours for ours, plain in zip(self.ours, self.plain, strict=True))

    @property
    def again_ratio(self) -> float:
        return median(again / ours for ours, again in zip(self.ours, self.again, strict=True))


def load(settings: Settings, warehouse_url: str, since: date) -> SyncReport:
    """One run of the platform's own ingestion over the days since..LAST_DAY of every registered account."""
    with connect(warehouse_url) as connection:
        tasks = requested_tasks(connection, "meta_ads", since, LAST_DAY, NOW)
    return sync_platform(settings, warehouse_url, "meta_ads", tasks, run_id=str(uuid4()), clock=FixedClock())


def require_all_loaded(report: SyncReport, plan: RowPlan, rows: int, account_days: int) -> None:
    """Raises WrongResult unless every account-day was proved and every row landed."""
    proved = sum(outcome.proved_days for outcome in report.outcomes)
    ad_rows = report.rows_landed - account_days * plan.campaigns
    if report.failed or proved != account_days or ad_rows != rows:
        problems = [outcome.problem or outcome.held_days for outcome in report.outcomes]
        raise WrongResult(f"{ad_rows} of {rows} rows, {proved} of {account_days} account-days proved: {problems}")


def _require_served_rows(warehouse_url: str, rows: int) -> None:
    """Our table must hold what the floor read of the same server: no row more, no row less, no value different."""
    ours, plain = f"select {_COLUMNS} from raw_meta_ads.ad_daily", f"select * from {TABLE}"
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select count(*), (select count(*) from ({ours} except all {plain}) as ours_only), "
            f"(select count(*) from ({plain} except all {ours}) as plain_only) from raw_meta_ads.ad_daily"
        )
        found = cursor.fetchone()
    if found != (rows, 0, 0):
        raise WrongResult(
            f"raw_meta_ads.ad_daily against the served {rows} rows: count, ours only, served only {found}"
        )


def _rows_written(warehouse_url: str) -> int:
    """Rows that the raw tables of Meta have ever seen inserted, changed or deleted, current ones and history."""
    with connect(warehouse_url, autocommit=True) as connection, connection.cursor() as cursor:
        # A backend reports its counts when it ends, at the latest; this one must not read an older snapshot of them.
        time.sleep(1)
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(_WRITTEN)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def measure_loading(around: Surroundings, url: str, plan: RowPlan, since: date, repeats: int) -> LoadFigures:
    """Floor, our load and our second load in turn, each repetition in a fresh database."""
    days = (LAST_DAY - since).days + 1
    rows, account_days = plan.accounts * plan.ads * days, plan.accounts * days
    settings = around.settings(url)
    figures = LoadFigures(rows, account_days, [], [], [], 0)
    written_again = 0
    with around.warehouse() as warehouse_url:  # imports and caches: a load of one day that is not counted
        register(warehouse_url, plan)
        load(settings, warehouse_url, LAST_DAY)
    for _ in range(repeats):
        with around.warehouse() as warehouse_url:
            register(warehouse_url, plan)
            around.settle()
            gc.collect()
            started = time.perf_counter()
            read = load_plainly(warehouse_url, url, plan.account_ids, since, LAST_DAY)
            figures.plain.append(time.perf_counter() - started)
            if read != rows:
                raise WrongResult(f"the floor read {read} of {rows} rows")
            around.settle()
            gc.collect()
            started = time.perf_counter()
            report = load(settings, warehouse_url, since)
            figures.ours.append(time.perf_counter() - started)
            require_all_loaded(report, plan, rows, account_days)
            _require_served_rows(warehouse_url, rows)
            before = _rows_written(warehouse_url)
            if before < rows:
                raise WrongResult(f"the server's statistics know of {before} written rows, there are {rows}")
            around.settle()
            started = time.perf_counter()
            report = load(settings, warehouse_url, since)
            figures.again.append(time.perf_counter() - started)
            require_all_loaded(report, plan, rows, account_days)
            # Entities come with each read and are compared, not rewritten, where nothing changed.
            written_again += _rows_written(warehouse_url) - before
    return LoadFigures(rows, account_days, figures.ours, figures.plain, figures.again, written_again)
