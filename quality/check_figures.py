"""What a build's checks found: account-days checked, failing and held, money at stake, a sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from foundation.database import Cursor
from quality.account_day_scope import BUILD_SCHEMA, SCOPE_SQL, build_exists
from quality.check_results import SAMPLE_ROWS, CheckStatus

_MONEY_TABLE = f"{BUILD_SCHEMA}.fct_campaign_performance_daily"


@dataclass(frozen=True, slots=True)
class FailingUnit:
    """One account-day that a check named, or an account where it named no day."""

    client_id: str
    platform: str
    account_id: str
    date_day: date | None
    finding: str


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """A recorded check of a build, counted in account-days.

    named: entries of ops.check_failure, an account without a day is one. in_scope: account-days of the scope that they
    are about. at_stake: spend of these as built, per currency; empty where no money is known.
    """

    status: CheckStatus
    detail: str | None
    checked: int
    named: int = 0
    in_scope: int = 0
    at_stake: Mapping[str, Decimal] = field(default_factory=dict)
    sample: tuple[FailingUnit, ...] = ()

    def held(self, *, blocks: bool) -> int:
        """Account-days that this check alone keeps from publication; one without an answer keeps all of them."""
        if not blocks or self.status == "passed":
            return 0
        unanswered = self.status == "errored" or not self.named
        return self.checked if unanswered else self.in_scope


def recorded_figures(cursor: Cursor, build_id: str) -> dict[str, CheckFigures]:
    """Per recorded check of the build what it found, at most 20 findings each."""
    cursor.execute("select check_name, status, detail from ops.check_run where build_id = %s", (build_id,))
    recorded = cursor.fetchall()
    if not build_exists(cursor):
        return {name: CheckFigures(status, detail, 0) for name, status, detail in recorded}
    cursor.execute(f"select count(*) from ({SCOPE_SQL}) as scope")
    checked = _one(cursor)
    named, samples = _findings(cursor, build_id)
    in_scope = _in_scope(cursor, build_id) if named else {}
    return {
        name: CheckFigures(
            status, detail, checked, named.get(name, 0), *in_scope.get(name, (0, {})), samples.get(name, ())
        )
        for name, status, detail in recorded
    }


def _findings(cursor: Cursor, build_id: str) -> tuple[dict[str, int], dict[str, tuple[FailingUnit, ...]]]:
    """Per check how many findings it has, and the first of them."""
    cursor.execute(
        """
        select check_name, findings, client_id, platform, account_id, date_day, detail
        from (
            select *, count(*) over of_check as findings, row_number() over (
                partition by check_name order by client_id, platform, account_id, date_day, detail) as position
            from ops.check_failure where build_id = %s
            window of_check as (partition by check_name)
        ) as finding
        where position <= %s order by check_name, position
        """,
        (build_id, SAMPLE_ROWS),
    )
    named: dict[str, int] = {}
    samples: dict[str, tuple[FailingUnit, ...]] = {}
    for name, findings, *unit in cursor.fetchall():
        named[name] = findings
        samples[name] = (*samples.get(name, ()), FailingUnit(*unit))
    return named, samples


def _in_scope(cursor: Cursor, build_id: str) -> dict[str, tuple[int, dict[str, Decimal]]]:
    """Per check the account-days of the scope that it names, and their spend: converted where there is a rate."""
    cursor.execute("select to_regclass(%s) is not null", (_MONEY_TABLE,))
    money = f"""
        select fact.client_id, fact.platform, fact.account_id, fact.date_day,
            case when spend_reporting is null then account_currency else reporting_currency end as currency,
            sum(coalesce(spend_reporting, spend)) as spend
        from {_MONEY_TABLE} as fact
        where (client_id, platform, account_id, date_day) in (
            select client_id, platform, account_id, date_day from named)
        group by 1, 2, 3, 4, 5
    """
    nothing = "select null as client_id, null as platform, null as account_id, null::date as date_day, null, 0 limit 0"
    cursor.execute(
        f"""
        with scope as materialized ({SCOPE_SQL}),
        named as materialized (
            select distinct failure.check_name, client_id, platform, account_id, scope.date_day
            from ops.check_failure as failure inner join scope using (client_id, platform, account_id)
            where failure.build_id = %s and coalesce(failure.date_day, scope.date_day) = scope.date_day
        ),
        money (client_id, platform, account_id, date_day, currency, spend) as ({money if _one(cursor) else nothing})
        select check_name, count(distinct (client_id, platform, account_id, date_day)), currency, sum(spend)
        from named left join money using (client_id, platform, account_id, date_day)
        group by grouping sets ((check_name), (check_name, currency)) having grouping(currency) = 1 or sum(spend) <> 0
        order by check_name, grouping(currency) desc, currency
        """,
        (build_id,),
    )
    found: dict[str, tuple[int, dict[str, Decimal]]] = {}
    for name, account_days, currency, spend in cursor.fetchall():
        # The row of all currencies comes first and gives the count.
        _, at_stake = found.setdefault(name, (account_days, {}))
        if currency:
            at_stake[currency] = spend
    return found


def _one(cursor: Cursor) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None
