"""`python -m tests.maturation`: expected final values, each asked for on its own morning, against the truth."""

import argparse
import csv
import io
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.surroundings import surroundings
from foundation.database import Connection, Cursor, connect, transaction
from sandbox.world.world import World, WorldParameters
from tests.maturation.readings import METRICS, WINDOW_DAYS, Span, ad_accounts, figures_at, readings, spans
from transforms.analytics_tables import ensure_analytics_tables, published_tables
from transforms.building import DBT_PROJECT_DIR, prepare, prepared_manifest
from transforms.reports import ensure_report_views

END, RATE_DAY = date(2026, 11, 1), date(2026, 9, 1)
# Longest window, so that every evaluated day has its final value at the end of the world.
AFTERWARDS = max(WINDOW_DAYS.values()) + 1
AGES = {"1 to 3": range(1, 4), "4 to 7": range(4, 8), "8 and more": range(8, 99)}

_TIMELINE = """
create table timeline (
    client_id text, platform text, account_id text, campaign_id text, date_day date, account_timezone text,
    finalizes_on date, account_currency text, fx_rate numeric,
    spend numeric, conversions numeric, conversions_value numeric, valid_from timestamptz, valid_to timestamptz
);
insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts)
values ('back-test', now(), 0, 0, '{}')
"""
# The warehouse as it stood at one instant: nothing that came later is in it.
_REWIND = """
truncate analytics.fct_campaign_performance_daily, analytics.fct_campaign_performance_history,
    ops.published_day, ops.account_day, ops.clock;
insert into ops.clock values (true, %(at)s);
create temporary table known on commit drop as
select * from timeline where valid_from <= %(at)s;
insert into analytics.fct_campaign_performance_daily (client_id, platform, account_id, campaign_id, date_day,
    account_timezone, finalizes_on, reporting_currency, fx_rate, spend, conversions, conversions_value, published_at)
select client_id, platform, account_id, campaign_id, date_day, account_timezone, finalizes_on, 'EUR', fx_rate,
    spend, conversions, conversions_value, valid_from
from known where valid_to is null or valid_to > %(at)s;
insert into analytics.fct_campaign_performance_history (client_id, platform, account_id, campaign_id, date_day,
    spend, conversions, conversions_value, published_at, superseded_at)
select client_id, platform, account_id, campaign_id, date_day, spend, conversions, conversions_value,
    valid_from, valid_to
from known where valid_to <= %(at)s;
insert into ops.published_day (client_id, platform, account_id, date_day, version, published_at, publication_id)
select client_id, platform, account_id, date_day, 'v', min(valid_from), 1 from known group by 1, 2, 3, 4;
insert into ops.account_day (client_id, platform, account_id, date_day, version, content_hash, account_currency,
    account_timezone, reporting_currency, finalizes_on, read_at, verified_at, versioned_at)
select client_id, platform, account_id, date_day, 'v', 'c', 'EUR', min(account_timezone), 'EUR', min(finalizes_on),
    least(%(at)s, max(last_read)), least(%(at)s, max(last_read)), %(at)s
from known
cross join lateral (select (finalizes_on::timestamp + interval '15 hours') at time zone 'UTC' as last_read) as reading
group by 1, 2, 3, 4;
analyze analytics.fct_campaign_performance_daily, analytics.fct_campaign_performance_history, ops.published_day,
    ops.account_day
"""


@dataclass
class Score:
    """Sums over the days of one platform, metric and group of ages. ``asked``: days without an estimate included."""

    asked: int = 0
    estimated: int = 0
    covered: int = 0
    final: Decimal = Decimal(0)
    provisional_error: Decimal = Decimal(0)
    expected_error: Decimal = Decimal(0)

    def add(self, provisional: Decimal, interval: tuple[Decimal, Decimal, Decimal] | None, final: Decimal) -> None:
        self.asked += 1
        if interval is None:
            return
        low, expected, high = interval
        self.estimated += 1
        self.covered += low <= final <= high
        self.final += final
        self.provisional_error += abs(provisional - final)
        self.expected_error += abs(expected - final)


@dataclass
class BackTest:
    """A warehouse with the whole timeline aside, and the truth that estimates are compared with."""

    connection: Connection
    truth: dict[tuple[str, str, date, str], Decimal]
    scores: dict[tuple[str, str, str], Score] = field(default_factory=lambda: defaultdict(Score))
    seconds: float = 0.0

    def ask(self, at: datetime) -> None:
        """Take the warehouse back to the instant and compare all that it expects then."""
        with transaction(self.connection) as cursor:
            cursor.execute(_REWIND, {"at": at})
        started = time.monotonic()
        with transaction(self.connection) as cursor:
            cursor.execute(
                "select client_id, platform, date_day, metric, age_days, provisional, low, expected_final, high "
                "from analytics.expected_final_daily"
            )
            rows = cursor.fetchall()
        self.seconds = max(self.seconds, time.monotonic() - started)
        for client, platform, day, metric, age, provisional, low, expected, high in rows:
            group = next((name for name, ages in AGES.items() if age in ages), None)
            final = self.truth.get((client, platform, day, metric))
            if group is None or final is None:
                continue
            interval = None if expected is None else (_cents(low), _cents(expected), _cents(high))
            self.scores[platform, metric, group].add(provisional, interval, _cents(final))


def _cents(value: Decimal) -> Decimal:
    """Two ways to multiply with a rate end in other digits, which no interval needs to hold."""
    return round(value, 2)


def _copy(cursor: Cursor, world: World, rows: Iterable[Span]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    for span in rows:
        account = span.account
        finalizes_on = span.day + timedelta(days=WINDOW_DAYS[account.platform])
        writer.writerow([
            account.client_id, account.platform, account.account_id, span.campaign_id, span.day, account.timezone,
            finalizes_on, account.currency, _rate(world, account.currency), *span.figures,
            span.valid_from, span.valid_to,
        ])  # fmt: skip
    text.seek(0)
    cursor.copy_expert("copy timeline from stdin with (format csv)", text)


def _rate(world: World, currency: str) -> Decimal | None:
    """Euros for a unit, one rate for all days: rates that move are not what is tested. None: there is none."""
    units = Decimal(1) if currency == "EUR" else world.rates.rate(currency, RATE_DAY)
    return None if units is None else 1 / units


def _truth(world: World, at: datetime) -> dict[tuple[str, str, date, str], Decimal]:
    totals: dict[tuple[str, str, date, str], Decimal] = defaultdict(Decimal)
    last = at.date() - timedelta(days=AFTERWARDS)
    for account in ad_accounts(world):
        rate = _rate(world, account.currency) or Decimal(0)
        for (_, day), figures in figures_at(world, account, at, world.first_day, last).items():
            for metric, value in zip(METRICS, figures, strict=True):
                money = rate if metric != "conversions" else 1
                totals[account.client_id, account.platform, day, metric] += value * money
    return totals


def _table(scores: dict[tuple[str, str, str], Score]) -> str:
    """Markdown, one row a platform, metric and group of ages. Errors are of the estimated days alone, in both."""
    lines = [
        "| platform | metric | age, days | days | estimated | error of provisional | of expected | in interval |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for (platform, metric, group), score in sorted(scores.items()):
        cells = [platform, metric, group, f"{score.asked:,}", f"{score.estimated / score.asked:.0%}"]
        if score.estimated and score.final:
            errors = (score.provisional_error / score.final, score.expected_error / score.final)
            cells += [*(f"{error:.2%}" for error in errors), f"{score.covered / score.estimated:.0%}"]
        else:
            cells += ["-", "-", "-"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Read day by day, ask on every morning of the last days, print one row a platform, metric and group of ages."""
    parser = argparse.ArgumentParser(prog="python -m tests.maturation", description=__doc__)
    parser.add_argument("--days", type=int, default=90, help="days with a reading")
    parser.add_argument("--mornings", type=int, default=30, help="of the last of them, estimates are asked for")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--ads", type=int, default=40, help="ads a platform and client, about")
    parser.add_argument("--seed", type=int, default=20261101)
    options = parser.parse_args()
    started = time.monotonic()
    end = datetime.fromisoformat(f"{END}T15:00:00+00:00")
    days = options.days + AFTERWARDS
    world = World(WorldParameters(end.isoformat(), options.seed, options.clients, options.ads, days))
    instants = readings(world.first_day + timedelta(days=1), world.first_day + timedelta(days=options.days))
    prepare(DBT_PROJECT_DIR)
    with surroundings() as around, around.warehouse() as url, connect(url) as connection:
        ensure_analytics_tables(connection, published_tables(prepared_manifest(DBT_PROJECT_DIR)))
        with tempfile.TemporaryDirectory() as directory:
            ensure_report_views(url, target_dir=Path(directory), now=end)
        with transaction(connection) as cursor:
            cursor.execute(_TIMELINE)
            for account in ad_accounts(world):
                _copy(cursor, world, spans(world, account, instants))
            cursor.execute("analyze timeline; select count(*) from timeline")
            rows = (cursor.fetchone() or (0,))[0]
        back_test = BackTest(connection, _truth(world, end))
        for at in instants[-options.mornings :]:
            back_test.ask(at + timedelta(hours=1))
    print(
        f"{options.mornings} mornings, {options.days} days of readings, {options.clients} clients, {rows:,} spans; "
        f"slowest query {back_test.seconds:.1f} s, {time.monotonic() - started:.0f} s in all\n"
    )
    print(_table(back_test.scores))


if __name__ == "__main__":
    main()
