"""The certificate: the build's total of an account-day against the total that the platform computed itself."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from foundation.database import Connection, Cursor, transaction
from foundation.money import smallest_unit
from quality.account_day_scope import BUILD_SCHEMA, build_exists, create_scope_table
from quality.bulk_copy import copy_rows
from quality.check_results import CheckOutcome, CheckStatus, FailingAccountDay, record_outcomes
from quality.reason_codes import DifferenceEvidence, ReasonCode, reason_code

RECONCILIATION_CHECK = "reconciliation"
# A platform rounds each row to the smallest unit, so a sum of n rows may be off by half a unit a row.
_UNITS_PER_ROW = Decimal("0.5")
_LEAST_UNITS = Decimal(1)
# Account-days fetched at once from the server: bounds memory on a first load.
_FETCH_ROWS = 20_000
# Beginning of the ad id of rows for what a platform reports for a campaign but for none of its ads.
_NOT_AT_AD_LEVEL = "not-at-ad-level/"
# Anything else in the ledger is no number, and one bad entry must not stop the certificates of all others.
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"

Verdict = Literal["certified", "held"]
AccountKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ProvedLevel:
    """A fact table whose sums are compared.

    proved_by: as in ops.report_definition, of the required report whose ledger entry carries the control totals; the
    platforms name their levels differently. measures: columns of the table, named alike in the control totals.
    """

    table: str
    proved_by: str
    measures: tuple[str, ...]
    prefix: str = ""

    @property
    def has_money(self) -> bool:
        return "spend" in self.measures

    @property
    def apart(self) -> str:
        """Which rows stand for what the platform reports for no single ad."""
        return f"starts_with(fact.ad_id, '{_NOT_AT_AD_LEVEL}')" if self.prefix == "ad_" else "false"

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names in ops.certificate of this level's measures."""
        return tuple(f"{self.prefix}{measure}" for measure in self.measures)

    @property
    def columns(self) -> int:
        """In the totals statement: what the level has once, and per measure both totals and what is at no ad."""
        return len(_LevelFacts._fields) + 3 * len(self.measures)


_DELIVERY = ("spend", "impressions", "clicks")
LEVELS = (
    ProvedLevel("fct_campaign_performance_daily", "account_total", _DELIVERY),
    ProvedLevel("fct_ad_performance_daily", "own_campaign", _DELIVERY, "ad_"),
    ProvedLevel("fct_instagram_account_daily", "control", ("views", "total_interactions")),
)
_KNOWN_METRICS = frozenset(metric for level in LEVELS for metric in level.metrics)
_MONEY_METRICS = frozenset({"spend", "ad_spend"})


class _LevelFacts(NamedTuple):
    """Of one level of an account-day, beside its totals; read_at and what follows are the ledger's.

    problem: the code that ingestion gave the newest attempt, if it failed.
    """

    rows: int
    foreign_rows: int
    currency: str | None
    read_at: datetime | None
    request_ids: list[str] | None
    total_moved: bool | None
    problem: str | None


class _JudgedMetric(NamedTuple):
    """One row of ops.certificate but for its key."""

    metric: str
    warehouse_total: Decimal
    platform_total: Decimal | None
    compared: "Comparison"
    code: ReasonCode | None
    facts: _LevelFacts


@dataclass(frozen=True, slots=True)
class Comparison:
    """Outcome of one comparison, amounts in the metric's own unit (major units of the account currency, or a count)."""

    verdict: Verdict
    difference: Decimal | None
    tolerance: Decimal
    reason: str | None


@dataclass(frozen=True, slots=True)
class CertificationSummary:
    """What `certify` did, counted in account-days. ``status`` errored = nothing was certified; ``detail`` says why.

    ``deferred_days``: a load overtook the build, so that its rows and the control totals are of different readings.
    """

    status: CheckStatus
    account_days: int
    certified_days: int
    held_days: int
    deferred_days: int
    detail: str | None = None


def compare(
    metric: str, warehouse_total: Decimal, platform_total: Decimal | None, rows: int, smallest_unit: Decimal
) -> Comparison:
    """Compare one metric of one account-day.

    Spend may differ by max(1, 0.5 x rows) smallest units of its currency, counts not at all. A platform total that is
    absent proves nothing, not even zero, so it holds.
    """
    tolerance = max(_LEAST_UNITS, _UNITS_PER_ROW * rows) * smallest_unit if metric in _MONEY_METRICS else Decimal(0)
    if platform_total is None:
        return Comparison("held", None, tolerance, f"{metric}: the platform gave no total to compare with")
    difference = warehouse_total - platform_total
    if abs(difference) <= tolerance:
        return Comparison("certified", difference, tolerance, None)
    reason = (
        f"{metric}: the build adds up to {warehouse_total:f}, the platform says {platform_total:f} "
        f"(difference {difference:+f}, tolerance {tolerance:f})"
    )
    return Comparison("held", difference, tolerance, reason)


# What Python adds to an account-day; keys and constants are joined in the database, which saves half of the transfer.
_JUDGED_COLUMNS = (
    "day_number",
    "metric",
    "warehouse_total",
    "platform_total",
    "difference",
    "tolerance",
    "verdict",
    "reason",
    "reason_code",
    "control_request_ids",
    "detail_request_ids",
    "read_at",
)
_CREATE_JUDGED = """
    create temporary table judged_metric (
        day_number bigint, metric text, warehouse_total numeric, platform_total numeric, difference numeric,
        tolerance numeric, verdict text, reason text, reason_code text, control_request_ids text[],
        detail_request_ids text[], read_at timestamptz
    ) on commit drop
"""
_WRITE_CHANGED = """
    insert into ops.certificate as kept (
        client_id, platform, account_id, date_day, version, metric, warehouse_total, platform_total, difference,
        tolerance, verdict, reason, reason_code, control_request_ids, detail_request_ids, read_at, checked_at,
        last_confirmed_at, run_id
    )
    select
        scope.client_id, scope.platform, scope.account_id, scope.date_day, scope.version, judged.metric,
        judged.warehouse_total, judged.platform_total, judged.difference, judged.tolerance, judged.verdict,
        judged.reason, judged.reason_code, judged.control_request_ids, judged.detail_request_ids, judged.read_at,
        %(now)s, %(now)s, %(run_id)s
    from judged_metric as judged
    inner join certification_scope as scope on judged.day_number = scope.day_number
    on conflict (client_id, platform, account_id, date_day, version, metric) do update set
        warehouse_total = excluded.warehouse_total, platform_total = excluded.platform_total,
        difference = excluded.difference, tolerance = excluded.tolerance, verdict = excluded.verdict,
        reason = excluded.reason, reason_code = excluded.reason_code,
        control_request_ids = excluded.control_request_ids, detail_request_ids = excluded.detail_request_ids,
        read_at = excluded.read_at, checked_at = excluded.checked_at,
        last_confirmed_at = excluded.last_confirmed_at, run_id = excluded.run_id
    where (kept.warehouse_total, kept.platform_total, kept.verdict, kept.reason_code)
        is distinct from (excluded.warehouse_total, excluded.platform_total, excluded.verdict, excluded.reason_code)
"""
_CONFIRM_UNCHANGED = """
    update ops.certificate as kept
    set last_confirmed_at = %(now)s
    from judged_metric as judged
    inner join certification_scope as scope on judged.day_number = scope.day_number
    where kept.client_id = scope.client_id and kept.platform = scope.platform and kept.account_id = scope.account_id
        and kept.date_day = scope.date_day and kept.version = scope.version and kept.metric = judged.metric
        and kept.last_confirmed_at is distinct from %(now)s
"""


def certify(connection: Connection, *, build_id: str, run_id: str, now: datetime) -> CertificationSummary:
    """Compare every account-day in scope with its control totals; write ops.certificate and the check's record.

    One transaction. A certificate row is written when totals, version or verdict change, else only its
    last_confirmed_at moves. If the comparison itself fails, the check is recorded as errored, which makes the gate
    hold every account-day in scope; a lost connection is raised.
    """
    try:
        with transaction(connection) as cursor:
            summary, failing = _certify(cursor, connection, run_id=run_id, now=now)
            outcome = CheckOutcome(
                RECONCILIATION_CHECK, "reconciliation", summary.status, "hold", summary.detail, tuple(failing)
            )
            record_outcomes(cursor, [outcome], build_id=build_id, now=now)
            return summary
    # Whatever broke the comparison, the answer is the same: nothing is certified and the gate must learn of it.
    except Exception as error:
        detail = f"reconciliation could not be evaluated: {error}".strip()
        with transaction(connection) as cursor:
            record_outcomes(
                cursor,
                [CheckOutcome(RECONCILIATION_CHECK, "reconciliation", "errored", "hold", detail)],
                build_id=build_id,
                now=now,
            )
        return CertificationSummary("errored", 0, 0, 0, 0, detail)


def _certify(
    cursor: Cursor, connection: Connection, *, run_id: str, now: datetime
) -> tuple[CertificationSummary, list[FailingAccountDay]]:
    if not build_exists(cursor):
        return CertificationSummary("passed", 0, 0, 0, 0, "nothing is built yet"), []
    account_days = create_scope_table(cursor, "certification_scope")
    cursor.execute(_CREATE_JUDGED)
    failing: list[FailingAccountDay] = []
    deferred: list[FailingAccountDay] = []
    unlisted = _unlisted_objects(cursor)
    with connection.cursor("account_day_totals") as totals:
        totals.itersize = _FETCH_ROWS
        totals.execute(_totals_statement())
        copy_rows(cursor, "judged_metric", _JUDGED_COLUMNS, _judged_metrics(totals, unlisted, failing, deferred))
    cursor.execute("analyze judged_metric")
    cursor.execute(_WRITE_CHANGED, {"now": now, "run_id": run_id})
    cursor.execute(_CONFIRM_UNCHANGED, {"now": now})
    certified = account_days - len(failing) - len(deferred)
    status: CheckStatus = "failed" if failing else "passed"
    detail = f"{certified} of {account_days} account-days equal the platform's totals"
    return CertificationSummary(status, account_days, certified, len(failing), len(deferred), detail), failing


def _totals_statement() -> str:
    """One row an account-day in scope: key, version, currency, metrics to certify, per level what _judge unpacks."""
    columns, joins = [], []
    for number, level in enumerate(LEVELS):
        built, proving, ledger = f"built_{number}", f"proving_{number}", f"ledger_{number}"
        columns += [
            f"coalesce({built}.rows, 0), coalesce({built}.foreign_rows, 0), {built}.currency, {ledger}.read_at",
            f"{ledger}.request_ids, {ledger}.total_moved, substring({ledger}.problem from '^[a-z_]+')",
            *(
                f"coalesce({built}.{measure}, 0), {_control_total(ledger, measure)}, "
                f"coalesce({built}.{measure}_apart, 0)"
                for measure in level.measures
            ),
        ]
        apart = f"filter (where {level.apart})"
        sums = ", ".join(
            f"sum(fact.{measure}) as {measure}, sum(fact.{measure}) {apart} as {measure}_apart"
            for measure in level.measures
        )
        currency = "min(fact.account_currency)" if level.has_money else "null::text"
        joins.append(f"""
            left join (
                select
                    fact.client_id, fact.platform, fact.account_id, fact.date_day, count(*) as rows,
                    count(*) filter (where fact.version is distinct from scope.version) as foreign_rows,
                    {currency} as currency, {sums}
                from {BUILD_SCHEMA}.{level.table} as fact
                inner join certification_scope as scope
                    on fact.client_id = scope.client_id and fact.platform = scope.platform
                        and fact.account_id = scope.account_id and fact.date_day = scope.date_day
                group by fact.client_id, fact.platform, fact.account_id, fact.date_day
            ) as {built}
                on scope.client_id = {built}.client_id and scope.platform = {built}.platform
                    and scope.account_id = {built}.account_id and scope.date_day = {built}.date_day
            left join ops.report_definition as {proving}
                on scope.platform = {proving}.platform and {proving}.proved_by = '{level.proved_by}'
                    and {proving}.required
            left join ops.load_ledger as {ledger}
                on scope.platform = {ledger}.platform and scope.account_id = {ledger}.account_id
                    and scope.date_day = {ledger}.date_day and {ledger}.report = {proving}.report and {ledger}.complete
        """)
    return f"""
        select
            scope.client_id, scope.platform, scope.account_id, scope.date_day, scope.version, scope.account_currency,
            scope.read_again, scope.day_number, coalesce(rule.certified_metrics, '{{}}') as certified_metrics,
            control.request_ids, {", ".join(columns)}
        from certification_scope as scope
        left join ops.report_definition as controlling
            on scope.platform = controlling.platform and controlling.proved_by = 'control' and controlling.required
        left join ops.load_ledger as control
            on scope.platform = control.platform and scope.account_id = control.account_id
                and scope.date_day = control.date_day and control.report = controlling.report and control.complete
        left join ops.platform_rule as rule on scope.platform = rule.platform
        {"".join(joins)}
    """


def _control_total(ledger: str, metric: str) -> str:
    text = f"{ledger}.control_totals ->> '{metric}'"
    return f"case when {text} ~ '{_NUMBER}' then ({text})::numeric end"


def _unlisted_objects(cursor: Cursor) -> dict[AccountKey, int]:
    """How many campaigns and ads of each account the platform's lists no longer show."""
    found: Counter[AccountKey] = Counter()
    for table in ("dim_campaign", "dim_ad"):
        cursor.execute("select to_regclass(%s) is not null", (f"{BUILD_SCHEMA}.{table}",))
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(
                f"select client_id, platform, account_id, count(*) from {BUILD_SCHEMA}.{table} where not is_listed "
                "group by client_id, platform, account_id"
            )
            for *account, count in cursor.fetchall():
                found[tuple(account)] += count
    return found


def _judged_metrics(
    totals: Cursor,
    unlisted: Mapping[AccountKey, int],
    failing: list[FailingAccountDay],
    deferred: list[FailingAccountDay],
) -> Iterator[tuple[object, ...]]:
    """A row for each certified metric of an account-day, none of a deferred one; fills both lists on the way."""
    for (
        client_id,
        platform,
        account_id,
        date_day,
        version,
        currency,
        read_again,
        number,
        wanted,
        ids,
        *measured,
    ) in totals:
        gone = unlisted.get((client_id, platform, account_id), 0)
        judged = list(_judge(measured, wanted, version=version, currency=currency, unlisted=gone))
        reasons = [row.compared.reason for row in judged if row.compared.reason] + _unproved(platform, wanted)
        if reasons:
            again = f"mdp sync {platform} --from {date_day} --to {date_day} --account {account_id}"
            detail = f"{'; '.join(reasons)}. The next sync reads the day again; to do it now: {again}"
            found = deferred if read_again else failing
            found.append(FailingAccountDay(client_id, platform, account_id, date_day, detail))
            if read_again:
                continue
        control_ids = _text_array(ids)
        for metric, warehouse, control, compared, code, facts in judged:
            outcome = (compared.difference, compared.tolerance, compared.verdict, compared.reason, code)
            asked = (control_ids, _text_array(facts.request_ids))
            yield number, metric, warehouse, control, *outcome, *asked, facts.read_at


def _text_array(values: Sequence[str] | None) -> str:
    """A text[] literal, as COPY wants it."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values or ())
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def _unproved(platform: str, wanted: Sequence[str]) -> list[str]:
    """Why an account-day cannot be certified whatever its figures are: its platform's rule names no usable metric."""
    if not wanted:
        return [f"the rule of {platform} names no metric to certify"]
    return [f"{metric}: no published table carries it" for metric in wanted if metric not in _KNOWN_METRICS]


def _judge(
    measured: Sequence[Any], wanted: Sequence[str], *, version: str, currency: str, unlisted: int
) -> Iterator[_JudgedMetric]:
    """Every wanted metric of all levels, compared, with the cause where it differs."""
    unit = smallest_unit(currency)
    start = 0
    for level in LEVELS:
        own = measured[start : start + level.columns]
        start += level.columns
        facts = _LevelFacts(*own[: len(_LevelFacts._fields)])
        figures = own[len(_LevelFacts._fields) :]
        for metric, warehouse, control, apart in zip(
            level.metrics, figures[::3], figures[1::3], figures[2::3], strict=True
        ):
            if metric not in wanted:
                continue
            compared = compare(metric, Decimal(warehouse), control, facts.rows, unit)
            if facts.foreign_rows:
                text = (
                    f"{metric}: {facts.foreign_rows} of {facts.rows} rows of {level.table} are not of version {version}"
                )
                compared = Comparison("held", compared.difference, compared.tolerance, text)
            evidence = DifferenceEvidence(
                metric,
                compared.difference,
                compared.tolerance,
                complete=facts.read_at is not None and not facts.foreign_rows,
                total_moved=bool(facts.total_moved),
                not_at_ad_level=Decimal(apart),
                unlisted_objects=unlisted,
                built_currency=facts.currency,
                registry_currency=currency,
                problem=facts.problem,
            )
            yield _JudgedMetric(metric, warehouse, control, compared, reason_code(evidence), facts)
