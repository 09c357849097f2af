"""The publishing gate: an account-day passes only when every required check vouches for it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from foundation.database import Cursor
from quality.account_day_scope import build_exists, create_scope_table
from quality.bulk_copy import copy_rows
from quality.check_results import CheckKind, CheckStatus
from quality.expectation_list import REQUIRED_EXPECTATIONS
from quality.overrides import active_overrides, covering, may_be_overridden
from quality.reconciliation import RECONCILIATION_CHECK

AccountKey = tuple[str, str, str]
DayKey = tuple[str, str, str, date]


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """A recorded check as one account-day sees it.

    ``failures``: what the check found on this day or on its whole account. ``failures_named``: account-days or accounts
    that it named in all; a failed check that named none might mean any day. ``stale``: judged an older build.
    """

    status: CheckStatus
    failures: tuple[str, ...] = ()
    failures_named: int = 0
    stale: bool = False
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """``reasons`` is empty exactly when every check vouches for the day.

    ``overridable``: a hold that a named person may override. ``override_id``: the override that does so.
    ``names_the_day``: some reason is about this day or account, so that reading it again may mend it.
    """

    verdict: Literal["publish", "hold"]
    reasons: tuple[str, ...]
    overridable: bool = False
    names_the_day: bool = False
    override_id: int | None = None


@dataclass(frozen=True, slots=True)
class GateSummary:
    """Account-days decided by one call; ``newly_held`` and ``released`` are changes against the state before."""

    account_days: int
    publish: int
    held: int
    newly_held: int
    released: int


def decide(required_checks: Collection[str], recorded_results: Mapping[str, RecordedResult]) -> Decision:
    """Publish only if each required check has a fresh result that passed, or that failed on other account-days.

    Missing, errored, stale, or failed without naming anything = hold. No required check at all = hold.
    Results of checks that are not required are ignored.
    """
    if not required_checks:
        return Decision("hold", ("no check is required, so nothing vouches for this day",))
    reasons: list[str] = []
    overridable = True
    names_the_day = False
    for name in required_checks:
        result = recorded_results.get(name)
        if result is None:
            reasons.append(f"{name}: no result was recorded for this build")
            overridable = False
        elif result.stale:
            reasons.append(f"{name}: its result is of another build than the day's rows")
            overridable = False
        elif result.status == "errored":
            reasons.append(f"{name}: could not be evaluated{f' ({result.detail})' if result.detail else ''}")
            overridable = False
        elif result.failures:
            reasons.extend(f"{name}: {failure}" for failure in result.failures)
            overridable = overridable and may_be_overridden(name)
            names_the_day = True
        elif result.status == "failed" and not result.failures_named:
            reasons.append(
                f"{name}: failed without naming account-days{f' ({result.detail})' if result.detail else ''}"
            )
            overridable = False
    return Decision("hold", tuple(reasons), overridable, names_the_day) if reasons else Decision("publish", ())


def required_checks(dbt_tests: Collection[str]) -> tuple[str, ...]:
    """Every check that an account-day needs: our expectations, reconciliation, and the build's dbt tests."""
    return (*REQUIRED_EXPECTATIONS, RECONCILIATION_CHECK, *sorted(dbt_tests))


@dataclass(slots=True)
class Gate:
    """The gate as publication calls it, inside its own transaction; ``summary`` stands after that call."""

    build_id: str
    required_dbt_tests: Collection[str]
    now: datetime
    summary: GateSummary | None = None

    def __call__(self, cursor: Cursor) -> None:
        self.summary = decide_built_days(
            cursor, build_id=self.build_id, required_dbt_tests=self.required_dbt_tests, now=self.now
        )


def decide_built_days(
    cursor: Cursor, *, build_id: str, required_dbt_tests: Collection[str], now: datetime
) -> GateSummary:
    """Decide every account-day in scope; write ops.gate_decision and ops.held_day in the caller's transaction.

    ``required_dbt_tests`` comes from the manifest (`quality.dbt_tests.required_tests`), not from what was recorded: a
    test that never ran must hold. Held days keep their held_since; days that pass or left the build are released.
    """
    if not build_exists(cursor):
        return GateSummary(0, 0, 0, 0, 0)
    create_scope_table(cursor, "gate_scope")
    checks = _recorded_checks(cursor, build_id)
    cursor.execute("select exists (select 1 from ops.pending_account_day where build_id <> %s)", (build_id,))
    newer_build = bool(_count(cursor))
    required = required_checks(required_dbt_tests)
    decisions = _decisions(cursor, required, checks, build_id=build_id, newer_build=newer_build)
    decisions = _overridden(cursor, decisions, now)
    return _write(cursor, decisions, build_id=build_id, now=now)


@dataclass(frozen=True, slots=True)
class _RecordedCheck:
    kind: CheckKind
    status: CheckStatus
    detail: str | None
    ran_at: datetime
    by_day: Mapping[DayKey, tuple[str, ...]] = field(default_factory=dict)
    by_account: Mapping[AccountKey, tuple[str, ...]] = field(default_factory=dict)

    def seen_by(self, day: DayKey, *, tested: bool, newer_build: bool) -> RecordedResult:
        """``tested``: dbt tests saw this version, as this build made it or it is published; they skip other days."""
        failures = self.by_day.get(day, ()) + self.by_account.get(day[:3], ())
        stale = newer_build or (self.kind == "dbt_test" and not tested)
        return RecordedResult(self.status, failures, len(self.by_day) + len(self.by_account), stale, self.detail)


def _recorded_checks(cursor: Cursor, build_id: str) -> dict[str, _RecordedCheck]:
    """The build's checks with the failures that name account-days or, without a day, accounts."""
    by_day: defaultdict[str, dict[DayKey, tuple[str, ...]]] = defaultdict(dict)
    by_account: defaultdict[str, dict[AccountKey, tuple[str, ...]]] = defaultdict(dict)
    cursor.execute(
        "select check_name, client_id, platform, account_id, date_day, detail from ops.check_failure "
        "where build_id = %s order by check_name, client_id, platform, account_id, date_day, detail",
        (build_id,),
    )
    for name, client_id, platform, account_id, date_day, detail in cursor:
        account = (client_id, platform, account_id)
        if date_day is None:
            by_account[name][account] = (*by_account[name].get(account, ()), detail)
        else:
            day = (*account, date_day)
            by_day[name][day] = (*by_day[name].get(day, ()), detail)
    cursor.execute(
        "select check_name, kind, status, detail, ran_at from ops.check_run where build_id = %s", (build_id,)
    )
    return {
        name: _RecordedCheck(kind, status, detail, ran_at, by_day[name], by_account[name])
        for name, kind, status, detail, ran_at in cursor.fetchall()
    }


def _decisions(
    cursor: Cursor, required: tuple[str, ...], checks: Mapping[str, _RecordedCheck], *, build_id: str, newer_build: bool
) -> list[tuple[DayKey, str, Decision]]:
    """Every account-day in scope with its version and decision.

    One that reconciliation deferred, since a load overtook the build, gets none: the next build takes the newer rows.
    """
    reconciled = checks.get(RECONCILIATION_CHECK)
    cursor.execute(
        """
        select scope.client_id, scope.platform, scope.account_id, scope.date_day, scope.version,
            count(certificate.metric) filter (
                where certificate.verdict = 'certified' and certificate.last_confirmed_at >= %(reconciled_at)s
            ),
            coalesce(cardinality(rule.certified_metrics), 0),
            pending.date_day is not null or published.date_day is not null, scope.read_again
        from gate_scope as scope
        left join ops.platform_rule as rule
            on scope.platform = rule.platform
        left join ops.certificate
            on scope.client_id = certificate.client_id and scope.platform = certificate.platform
                and scope.account_id = certificate.account_id and scope.date_day = certificate.date_day
                and scope.version = certificate.version and certificate.metric = any(rule.certified_metrics)
        left join ops.pending_account_day as pending
            on scope.client_id = pending.client_id and scope.platform = pending.platform
                and scope.account_id = pending.account_id and scope.date_day = pending.date_day
                and scope.version = pending.version and pending.build_id = %(build_id)s
        left join ops.published_day as published
            on scope.client_id = published.client_id and scope.platform = published.platform
                and scope.account_id = published.account_id and scope.date_day = published.date_day
                and scope.version = published.version and published.superseded_at is null
        group by scope.client_id, scope.platform, scope.account_id, scope.date_day, scope.version, scope.read_again,
            rule.certified_metrics, pending.date_day, published.date_day
        """,
        {"build_id": build_id, "reconciled_at": reconciled.ran_at if reconciled else None},
    )
    named_days = {day for check in checks.values() for day in check.by_day}
    named_accounts = {account for check in checks.values() for account in check.by_account}
    # Days that no failure names see the same results, so one decision serves a hundred thousand of them.
    decided_alike: dict[bool, Decision] = {}
    decisions = []
    for client_id, platform, account_id, date_day, version, certified, wanted, tested, read_again in cursor:
        day = (client_id, platform, account_id, date_day)
        named = day in named_days or day[:3] in named_accounts
        decision = decided_alike.get(tested)
        if named or decision is None:
            seen = {name: check.seen_by(day, tested=tested, newer_build=newer_build) for name, check in checks.items()}
            decision = decide(required, seen)
            if not named:
                decided_alike[tested] = decision
        if decision.verdict == "publish" and certified < max(wanted, 1):
            if read_again:
                continue
            decision = Decision("hold", (f"{RECONCILIATION_CHECK}: version {version} has no complete certificate",))
        decisions.append((day, version, decision))
    return decisions


def _overridden(
    cursor: Cursor, decisions: list[tuple[DayKey, str, Decision]], now: datetime
) -> list[tuple[DayKey, str, Decision]]:
    """The decisions, with those holds lifted that an override in force covers; the reasons stay."""
    active = active_overrides(cursor, now)
    if not active:
        return decisions
    lifted = []
    for day, version, decision in decisions:
        override = covering(active, day) if decision.overridable else None
        if override:
            decision = replace(
                decision,
                verdict="publish",
                reasons=(override.told, *decision.reasons),
                override_id=override.override_id,
            )
        lifted.append((day, version, decision))
    return lifted


def _write(
    cursor: Cursor, decisions: Iterable[tuple[DayKey, str, Decision]], *, build_id: str, now: datetime
) -> GateSummary:
    cursor.execute(
        "create temporary table fresh_decision on commit drop as "
        "select *, null::boolean as read_again from ops.gate_decision with no data"
    )
    columns = (
        "client_id",
        "platform",
        "account_id",
        "date_day",
        "version",
        "verdict",
        "reasons",
        "build_id",
        "decided_at",
        "override_id",
        "read_again",
    )
    account_days = copy_rows(cursor, "fresh_decision", columns, _decision_rows(decisions, build_id=build_id, now=now))
    cursor.execute("analyze fresh_decision")
    cursor.execute(
        """
        insert into ops.gate_decision (
            client_id, platform, account_id, date_day, version, verdict, reasons, build_id, decided_at, override_id
        )
        select client_id, platform, account_id, date_day, version, verdict, reasons, build_id, decided_at, override_id
        from fresh_decision
        on conflict (client_id, platform, account_id, date_day) do update set
            version = excluded.version, verdict = excluded.verdict, reasons = excluded.reasons,
            build_id = excluded.build_id, decided_at = excluded.decided_at,
            decided_in = pg_current_xact_id(), override_id = excluded.override_id
        """
    )
    cursor.execute(_RELEASE)
    released = cursor.rowcount
    cursor.execute("select count(*) from ops.held_day")
    held_before = _count(cursor)
    cursor.execute(_HOLD, {"now": now})
    cursor.execute("select count(*) from ops.held_day")
    newly_held = _count(cursor) - held_before
    cursor.execute("select count(*) from fresh_decision where verdict = 'hold'")
    held = _count(cursor)
    return GateSummary(account_days, account_days - held, held, newly_held, released)


def _decision_rows(
    decisions: Iterable[tuple[DayKey, str, Decision]], *, build_id: str, now: datetime
) -> Iterator[tuple[object, ...]]:
    for day, version, decision in decisions:
        reasons = json.dumps(decision.reasons)
        yield (
            *day, version, decision.verdict, reasons, build_id, now, decision.override_id, decision.names_the_day,
        )  # fmt: skip


def _count(cursor: Cursor) -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0


# A held day also goes when it left the build or the registry: then there is nothing left to hold.
_RELEASE = """
    delete from ops.held_day as held
    where exists (
        select 1 from fresh_decision as fresh
        where fresh.client_id = held.client_id and fresh.platform = held.platform
            and fresh.account_id = held.account_id and fresh.date_day = held.date_day and fresh.verdict = 'publish'
            and fresh.override_id is null
    )
    or not exists (
        select 1 from ops.account_day as day
        where day.client_id = held.client_id and day.platform = held.platform
            and day.account_id = held.account_id and day.date_day = held.date_day
    )
"""
_HOLD = """
    insert into ops.held_day as held (
        client_id, platform, account_id, date_day, version, reason, held_since, read_again
    )
    select
        client_id, platform, account_id, date_day, version,
        (select string_agg(reason, '; ' order by position) from jsonb_array_elements_text(reasons)
            with ordinality as listed (reason, position)),
        %(now)s, read_again
    from fresh_decision
    where verdict = 'hold' or override_id is not null
    on conflict (client_id, platform, account_id, date_day) do update set
        version = excluded.version, reason = excluded.reason, read_again = excluded.read_again
    where (held.version, held.reason, held.read_again)
        is distinct from (excluded.version, excluded.reason, excluded.read_again)
"""
