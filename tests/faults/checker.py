"""Compares what a warehouse holds with the world's truth, object-day by object-day, and names each difference."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from foundation.database import connect
from ingestion.platforms import PLATFORMS
from ingestion.reports import Report
from ingestion.windows import end_of_day
from sandbox.world.model import Account
from tests.truth.raw_figures import TABLES, Figures, ObjectDay, figures_query, loaded_figures

Difference = Literal["lost", "duplicated", "ghost", "wrong", "stale", "foreign"]
Truth = Mapping[ObjectDay, Figures]
# What a campaign has beyond its ads stands on a row of its own, which no ad of the truth has.
AT_AD_LEVEL = "and ad_id not like 'not-at-ad-level/%%'"
NOTHING: Figures = (Decimal(0), 0, 0)


@dataclass
class Verdict:
    """What a comparison found. compared: rows looked at; spend: sum of the differences, in account currency."""

    compared: int = 0
    differences: Counter[str] = field(default_factory=Counter)
    spend: Decimal = Decimal(0)
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.differences and self.spend == 0

    def add(self, other: "Verdict") -> None:
        self.compared += other.compared
        self.differences += other.differences
        self.spend += other.spend
        self.examples += other.examples[: 10 - len(self.examples)]

    def note(self, difference: str, example: str) -> None:
        self.differences[difference] += 1
        if len(self.examples) < 10:
            self.examples.append(f"{difference}: {example}")


def classify(found: Figures | None, truth: Figures | None, earlier: Iterable[Figures | None]) -> Difference | None:
    """What is the matter with one object-day; None where nothing is. earlier: what was true at former readings."""
    if found == truth:
        return None
    if found is None:
        return "lost"
    if found in earlier:
        return "stale"
    if truth is None:
        return "ghost"
    multiples = {value / true for value, true in zip(found, truth, strict=True) if true}
    if len(multiples) == 1 and (times := multiples.pop()) > 1 and times == int(times):
        return "duplicated"
    return "wrong"


def compare(
    where: str, found: Truth, truth: Truth, earlier: list[Truth], accounts: set[str], due: Mapping[str, date]
) -> Verdict:
    """Every object-day of both sides. due: account -> its newest day that must be there.

    A newer day, read while a clock ran ahead, may be there as it was at any reading.
    """
    verdict = Verdict(len(found.keys() | truth.keys()))
    for key in sorted(found.keys() | truth.keys()):
        account, day = key[0], date.fromisoformat(key[1])
        have, should = found.get(key), truth.get(key)
        if account not in accounts:
            verdict.note("foreign", f"{where} {key} {have}")
            continue
        former = [known.get(key) for known in earlier]
        if day > due[account] and (have is None or have in former):
            continue
        if difference := classify(have, should, former):
            verdict.note(difference, f"{where} {key}: {have} instead of {should}")
            verdict.spend += (have or NOTHING)[0] - (should or NOTHING)[0]
    return verdict


def newest_due_days(platform: str, accounts: Iterable[Account], instant: datetime) -> dict[str, date]:
    """Account -> newest day that ended long enough ago to be read."""
    wait = timedelta(hours=PLATFORMS[platform].definition.due_after_hours)
    newest = {}
    for account in accounts:
        day = instant.date() + timedelta(days=1)
        while end_of_day(day, "account", account.day_zone) + wait > instant:
            day -= timedelta(days=1)
        newest[account.account_id] = day
    return newest


def raw_figures(url: str, platform: str) -> dict[str, dict[ObjectDay, Figures]]:
    """What raw holds, by level."""
    found = {}
    with connect(url) as connection, connection.cursor() as cursor:
        for level in TABLES[platform]:
            cursor.execute(figures_query(platform, level))
            found[level] = loaded_figures(cursor.fetchall())
    return found


def leftovers(url: str, platform: str, due: Mapping[str, date], since: date) -> Verdict:
    """Books that do not agree: days without a ledger row, days still held, landing datasets nobody dropped."""
    verdict = Verdict()
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """select ledger.account_id, date_day, count(*) filter (where complete and problem is null), (
                select count(*) from ops.report_definition where platform = %s and required)
            from ops.load_ledger as ledger inner join ops.report_definition using (platform, report)
            where platform = %s and required group by 1, 2""",
            (platform, platform),
        )
        whole = {(account, day) for account, day, complete, required in cursor.fetchall() if complete == required}
        for account, newest in due.items():
            for offset in range((newest - since).days + 1):
                if (account, since + timedelta(days=offset)) not in whole:
                    verdict.note("lost", f"ledger {account} {since + timedelta(days=offset)}")
        cursor.execute("select account_id, date_day, reason from ops.quarantine where platform = %s", (platform,))
        for account, day, reason in cursor.fetchall():
            if day <= due.get(account, day):
                verdict.note("lost", f"still held {account} {day}: {reason}")
        cursor.execute("select nspname from pg_namespace where nspname like 'landing\\_%'")
        for (name,) in cursor.fetchall():
            verdict.note("ghost", f"left behind: {name}")
    return verdict


_PUBLISHED = {
    "campaign": ("fct_campaign_performance_daily", "campaign_id", "sum(spend), sum(impressions), sum(clicks)"),
    "ad": ("fct_ad_performance_daily", "ad_id", "sum(spend), sum(impressions), sum(clicks)"),
    "instagram_account": ("fct_instagram_account_daily", "", "0::numeric, sum(views), sum(total_interactions)"),
}


def mart_figures(url: str, schema: str, platform: str) -> dict[str, dict[ObjectDay, Figures]]:
    """What the marts of a schema hold, by level; the account stands as client/account."""
    found = {}
    levels = ("instagram_account",) if platform == "instagram" else ("campaign", "ad")
    with connect(url) as connection, connection.cursor() as cursor:
        for level in levels:
            table, object_id, sums = _PUBLISHED[level]
            keys = ", ".join(["client_id || '/' || account_id", "date_day::text", *([object_id] if object_id else [])])
            cursor.execute(
                f"select {keys}, count(*), {sums} from {schema}.{table} where platform = %s "
                f"{AT_AD_LEVEL if level == 'ad' else ''} group by {keys}",
                (platform,),
            )
            found[level] = loaded_figures(cursor.fetchall())
    return found


def as_published(truth: Truth, client_of: Mapping[str, str], *, at_ad_level: bool) -> dict[ObjectDay, Figures]:
    """The truth as the marts name it: the client before the account, an ad by its id alone."""
    shown: dict[ObjectDay, Figures] = {}
    for (account, day, *ids), figures in truth.items():
        key = (f"{client_of[account]}/{account}", day, *(ids[-1:] if at_ad_level else ids))
        before = shown.get(key, NOTHING)
        shown[key] = (before[0] + figures[0], before[1] + figures[1], before[2] + figures[2])
    return shown


def whole_content(url: str, platform: str, instant: datetime, due: Mapping[str, date]) -> dict[str, set[str]]:
    """Table -> rows of every report as text, without bookkeeping, inside the days that are read again; no snapshots.

    due: account -> its newest day that is compared; a newer one was read while a clock ran ahead.
    """
    definition = PLATFORMS[platform].definition
    content = {}
    with connect(url) as connection, connection.cursor() as cursor:
        for report in (*definition.reports, *definition.views):
            if report.snapshot_hours or _source(report, platform).snapshot_hours:
                continue
            window = _source(report, platform).restatement_days or definition.restatement_days
            columns = ", ".join(["account_id", *(column.name for column in report.columns)])
            cursor.execute(
                f"select account_id, date_day, row({columns})::text from {definition.raw_schema}.{report.table} "
                "where date_day >= %s",
                (instant.date() - timedelta(days=window - 1),),
            )
            content[report.table] = {row for account, day, row in cursor.fetchall() if day <= due[account]}
    return content


def _source(report: Report, platform: str) -> Report:
    """The report whose answers a derived one comes out of."""
    if not report.derived_from:
        return report
    definition = PLATFORMS[platform].definition
    return next(other for other in definition.reports if other.name == report.derived_from)


def compare_content(found: Mapping[str, set[str]], expected: Mapping[str, set[str]]) -> Verdict:
    """Row by row; a row that only one side has is lost or ghost."""
    verdict = Verdict()
    for table, rows in expected.items():
        verdict.compared += len(rows | found[table])
        for row in sorted(rows - found[table]):
            verdict.note("lost", f"{table} {row}")
        for row in sorted(found[table] - rows):
            verdict.note("ghost", f"{table} {row}")
    return verdict
