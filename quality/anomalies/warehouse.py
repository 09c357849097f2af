"""Reads published figures and the platforms' lists, writes `ops.anomaly`. Called after publication, never before it."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from foundation.database import Connection, Cursor, transaction
from quality.anomalies.detection import judge
from quality.anomalies.findings import FAMILY, Finding
from quality.anomalies.grouping import fold, group
from quality.anomalies.listings import read_listings
from quality.anomalies.panel import BASES, Floats, Key, Panel
from quality.anomalies.sustaining import Known, Place, Step, sustain

HISTORY_DAYS = 90
_log = logging.getLogger(__name__)

# Days that are over in their own zone, found by account through the key, whatever the length of the history.
_FIGURES = """
select
    fact.client_id, fact.platform, fact.account_id, fact.campaign_id, fact.date_day,
    fact.spend, fact.impressions, fact.clicks, fact.conversions,
    case when fact.reporting_currency = fact.account_currency then 1 else fact.fx_rate end as fx
from raw_registry.account
cross join lateral (
    select * from analytics.fct_campaign_performance_daily as daily
    where
        daily.client_id = account.client_id and daily.platform = account.platform
        and daily.account_id = account.account_id
        and daily.date_day between %(today)s::date - %(days)s and %(today)s::date
    offset 0
) as fact
where
    fact.date_day < (
        %(now)s at time zone case fact.date_basis when 'utc' then 'UTC' else fact.account_timezone end
    )::date
"""
_PUBLISHED = """
select published.platform, published.account_id, published.date_day
from raw_registry.account
cross join lateral (
    select * from ops.published_day as day
    where
        day.client_id = account.client_id and day.platform = account.platform and day.account_id = account.account_id
        and day.superseded_at is null and day.date_day between %(today)s::date - %(days)s and %(today)s::date
    offset 0
) as published
"""
_MATURITY = """
select platform, age_days, avg(median_share) from analytics.conversion_maturation
where metric = 'conversions' and has_enough_history group by platform, age_days
"""
# Share of final conversions by age in days, until the client's own history tells it.
USUAL_MATURITY: Mapping[str, tuple[float, ...]] = {
    "meta_ads": (0.5, 0.92, 0.95, 0.97, 0.98, 0.99, 0.99, 1.0),
    "google_ads": (0.4, 0.6, 0.72, 0.78, 0.83, 0.86, 0.88, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 1.0),
    "tiktok_ads": (0.4, 0.65, 0.78, 0.84, 0.88, 0.91, 0.93, 0.95, 1.0),
    "linkedin_ads": (0.2, 0.3, 0.42, 0.52, 0.6, 0.68, 0.74, 0.8, 0.82, 0.84, 0.86, 0.88, 0.9, 0.92, 1.0),
}


@dataclass(frozen=True)
class AnomalySummary:
    """What one look found. ``error``: why there was none; publication goes on all the same."""

    series: int = 0
    drifts: int = 0
    told: int = 0
    seconds: float = 0.0
    error: str | None = None


def warn_of_anomalies(connection: Connection, *, now: datetime) -> AnomalySummary:
    """Judge what is published. A crash is recorded and returned, never raised: drifts warn and do not block."""
    started = time.monotonic()
    try:
        summary, newest = _look(connection, now, started)
    # Warnings are an extra: whatever breaks them is logged, stands in ops.anomaly_run and fails their own check.
    except Exception as problem:
        connection.rollback()
        _log.exception("looking for anomalies failed; publication is not touched by it")
        summary, newest = AnomalySummary(seconds=time.monotonic() - started, error=repr(problem)[:500]), None
    try:
        with transaction(connection) as cursor:
            cursor.execute(
                "insert into ops.anomaly_run values (%s, %s, %s, %s, %s, %s) on conflict (ran_at) do update set "
                "newest_day = excluded.newest_day, series = excluded.series, seconds = excluded.seconds, "
                "found = excluded.found, error = excluded.error",
                (now, newest, summary.series, summary.seconds, summary.drifts, summary.error),
            )
    # The books of a warning stop nobody either; the log is where this one is shown.
    except Exception:
        _log.exception("the look for anomalies could not be recorded")
    return summary


def _look(connection: Connection, now: datetime, started: float) -> tuple[AnomalySummary, date | None]:
    with transaction(connection) as cursor:
        panel = read_panel(cursor, now)
        if panel is None:
            return AnomalySummary(seconds=time.monotonic() - started), None
        judged = {key.account for key in panel.keys}
        found = group(fold(judge(panel, _maturity(cursor))), judged)
        known = _read_known(cursor)
        step = sustain({place: one for place, (_, one) in known.items()}, found, panel.last_day)
        _write(cursor, step, {place: number for place, (number, _) in known.items()}, now, panel.last_day)
    seconds = time.monotonic() - started
    return AnomalySummary(len(panel.keys) + len(judged), len(found), len(step.news), seconds), panel.last_day


def read_panel(cursor: Cursor, now: datetime) -> Panel | None:
    """Published figures of the last 90 days with status and budget; None while nothing is published."""
    cursor.execute("select to_regclass('analytics.fct_campaign_performance_daily') is not null")
    if not (cursor.fetchone() or (False,))[0]:
        return None
    bounds = {"now": now, "today": now.date(), "days": HISTORY_DAYS}
    cursor.execute(_FIGURES, bounds)
    rows = cursor.fetchall()
    if not rows:
        return None
    cursor.execute(_PUBLISHED, bounds)
    published = cursor.fetchall()
    last = max(row[4] for row in rows)
    keys = sorted({Key(*row[:4]) for row in rows})
    place = {key: number for number, key in enumerate(keys)}
    width = HISTORY_DAYS
    shape = (len(keys), width)

    # A published account-day without a row of a campaign is a zero; an unpublished one is a gap.
    by_account: dict[tuple[str, str], list[int]] = {}
    for key, number in place.items():
        by_account.setdefault((key.platform, key.account_id), []).append(number)
    base = np.full(shape, np.nan)
    for platform, account_id, day in published:
        column = width - 1 - (last - day).days
        if 0 <= column < width:
            base[by_account.get((platform, account_id), []), column] = 0.0
    figures = {name: base.copy() for name in BASES}
    fx = np.ones(len(keys))
    for *ids, day, spend, impressions, clicks, conversions, rate in rows:
        row, column = place[Key(*ids)], width - 1 - (last - day).days
        if column < 0:
            continue
        for name, value in zip(BASES, (spend, impressions, clicks, conversions), strict=True):
            figures[name][row, column] = np.nan if value is None else float(value)
        fx[row] = float(rate) if rate else fx[row]
    active, budget = read_listings(cursor, place, last, width, now)
    return Panel(tuple(keys), last, figures, active, budget, fx)


def _maturity(cursor: Cursor) -> dict[str, Floats]:
    """Measured shares over the usual ones, where enough of the history is final."""
    shares = {platform: np.array(usual) for platform, usual in USUAL_MATURITY.items()}
    cursor.execute("select to_regclass('analytics.conversion_maturation') is not null")
    if not (cursor.fetchone() or (False,))[0]:
        return shares
    cursor.execute(_MATURITY)
    measured: dict[str, list[tuple[int, float]]] = {}
    for platform, age, share in cursor.fetchall():
        if share:
            measured.setdefault(platform, []).append((age, float(share)))
    for platform, points in measured.items():
        if platform in shares and len(points) >= 3:
            ages, values = zip(*sorted(points), strict=True)
            shares[platform] = np.interp(np.arange(30), ages, values)
    return shares


_COLUMNS = (
    "scope", "client_id", "platform", "account_id", "campaign_id", "family", "metric", "first_day", "last_day",
    "observed", "expected", "low", "high", "score", "at_stake", "severity", "is_gross", "causes", "next_steps", "also",
    "runs_seen", "last_run_day",
)  # fmt: skip


def _read_known(cursor: Cursor) -> dict[Place, tuple[int, Known]]:
    cursor.execute(
        f"select anomaly_id, told_at::date, {', '.join(_COLUMNS)} from ops.anomaly where resolved_at is null for update"
    )
    known = {}
    for number, told_on, *values in cursor.fetchall():
        row = dict(zip(_COLUMNS, values, strict=True))
        finding = Finding(
            Key(row["client_id"], row["platform"], row["account_id"], row["campaign_id"]), row["scope"], row["metric"],
            row["first_day"], row["last_day"], row["observed"], row["expected"], row["low"], row["high"], row["score"],
            row["at_stake"], row["is_gross"], row["severity"], tuple(row["causes"]), tuple(row["next_steps"]),
            tuple(row["also"]),
        )  # fmt: skip
        place = (finding.key, f"{row['family']}:{row['scope']}")
        known[place] = number, Known(finding, row["first_day"], row["last_run_day"], row["runs_seen"], told_on)
    return known


def _write(cursor: Cursor, step: Step, numbers: Mapping[Place, int], now: datetime, newest: date) -> None:
    news = {id(one) for one in step.news}
    for place, one in step.open.items():
        values = _values(one)
        if place not in numbers:
            names = ", ".join((*_COLUMNS, "first_seen", "last_seen", "told_at", "reporting_currency"))
            marks = ", ".join(["%s"] * (len(_COLUMNS) + 3))
            cursor.execute(
                f"insert into ops.anomaly ({names}) values ({marks}, "
                "(select reporting_currency from raw_registry.client where client_id = %s))",
                (*values, now, now, now if id(one) in news else None, one.finding.key.client_id),
            )
        elif one.last_run_day == newest:
            assignments = ", ".join(f"{name} = %s" for name in _COLUMNS)
            cursor.execute(
                f"update ops.anomaly set {assignments}, last_seen = %s, told_at = coalesce(told_at, %s) "
                "where anomaly_id = %s",
                (*values, now, now if id(one) in news else None, numbers[place]),
            )
    over = [numbers[place] for place in numbers if place not in step.open]
    cursor.execute("update ops.anomaly set resolved_at = %s where anomaly_id = any (%s)", (now, over))


def _values(one: Known) -> Sequence[Any]:
    found = one.finding
    return (
        found.scope, found.key.client_id, found.key.platform, found.key.account_id, found.key.campaign_id,
        FAMILY[found.metric], found.metric, one.first_day, found.last_day, found.observed, found.expected, found.low,
        found.high, found.score, found.at_stake, found.severity, found.gross, list(found.causes),
        list(found.next_steps), list(found.also), one.runs_seen, one.last_run_day,
    )  # fmt: skip
