"""Runs the expectations with Great Expectations over the account-days in scope: one run a table."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg2

from foundation.database import Cursor, connect, transaction
from quality.account_day_scope import accounts_in_scope
from quality.check_results import CheckOutcome, FailingAccountDay, record_outcomes
from quality.expectation_list import EXPECTATIONS, FACT_TABLES, Expectation, FactTable

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource


def run_expectations(
    warehouse_url: str, *, build_id: str, now: datetime, expectations: Sequence[Expectation] = EXPECTATIONS
) -> list[CheckOutcome]:
    """Evaluate every expectation over the scope and record it; returns one outcome each, in the list's order.

    An outcome names the failing account-days; a row without a day holds its account, one without an account every
    account in scope. What cannot be evaluated is ``errored``. Raises only where the warehouse cannot be reached.
    """
    context, datasource = _open_context(warehouse_url)
    outcomes: dict[str, CheckOutcome] = {}
    with connect(warehouse_url, application="mdp expectations") as connection:
        for table in FACT_TABLES:
            of_table = [expectation for expectation in expectations if expectation.table == table]
            if not of_table:
                continue
            verdicts = _validate(context, datasource, table, of_table, now)
            for expectation in of_table:
                with transaction(connection) as cursor:
                    outcomes[expectation.name] = _outcome(cursor, expectation, verdicts[expectation.name], now)
        ordered = [outcomes[expectation.name] for expectation in expectations]
        with transaction(connection) as cursor:
            record_outcomes(cursor, ordered, build_id=build_id, now=now)
    datasource.get_engine().dispose()
    return ordered


def _open_context(warehouse_url: str) -> "tuple[EphemeralDataContext, PostgresDatasource]":
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    # Great Expectations replaces $NAME in connection strings; a password may hold a dollar sign.
    url = "postgresql+psycopg2://" + warehouse_url.partition("://")[2].replace("$", "%24")
    # The temporary table is what every expectation of a table reads, so that the scope is joined once.
    return context, context.data_sources.add_postgres("warehouse", connection_string=url, create_temp_table=True)


def _validate(
    context: "EphemeralDataContext",
    datasource: "PostgresDatasource",
    table: FactTable,
    expectations: Sequence[Expectation],
    now: datetime,
) -> dict[str, bool | str]:
    """Per expectation: whether it holds, or the text of the error that kept it from being evaluated."""
    import great_expectations as gx
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
    from great_expectations.expectations.metadata_types import FailureSeverity

    suite = gx.ExpectationSuite(
        name=table.name,
        expectations=[
            UnexpectedRowsExpectation(
                unexpected_rows_query=_query(expectation, "{batch}", now),
                description=f"no rows {expectation.meaning}",
                severity=FailureSeverity.CRITICAL if expectation.severity == "hold" else FailureSeverity.WARNING,
                meta={"name": expectation.name},
            )
            for expectation in expectations
        ],
    )
    try:
        asset = datasource.add_query_asset(table.name, query=table.scoped_rows)
        batch = asset.add_batch_definition_whole_table(table.name)
        definition = gx.ValidationDefinition(name=table.name, data=batch, suite=context.suites.add(suite))
        validated = context.validation_definitions.add(definition).run(result_format="BASIC")
    # A table that cannot be read leaves all of its checks unanswered, whatever the library's error is.
    except Exception as error:
        return {expectation.name: _first_lines(str(error)) for expectation in expectations}
    verdicts = _verdicts(validated)
    return {
        expectation.name: verdicts.get(expectation.name, "the run gave no result for it")
        for expectation in expectations
    }


def _verdicts(validated: "ExpectationSuiteValidationResult") -> dict[str, bool | str]:
    verdicts: dict[str, bool | str] = {}
    for result in validated.results:
        meta = result.expectation_config.meta if result.expectation_config else None
        name = (meta or {}).get("name")
        if name is None:
            continue
        error = _raised(result.exception_info or {})
        verdicts[name] = bool(result.success) if error is None else error
    return verdicts


def _raised(information: dict[str, Any]) -> str | None:
    """The error message in a result's exception information, which is flat or nested by metric."""
    entries = [information, *(entry for entry in information.values() if isinstance(entry, dict))]
    for entry in entries:
        if entry.get("raised_exception"):
            return _first_lines(str(entry.get("exception_message") or "unknown error"))
    return None


def _outcome(cursor: Cursor, expectation: Expectation, verdict: bool | str, now: datetime) -> CheckOutcome:
    if isinstance(verdict, str):
        return CheckOutcome(expectation.name, "expectation", "errored", expectation.severity, verdict)
    if verdict:
        return CheckOutcome(expectation.name, "expectation", "passed", expectation.severity)
    try:
        failing = _failing_account_days(cursor, expectation, now)
    except psycopg2.Error as error:
        cursor.connection.rollback()
        return CheckOutcome(expectation.name, "expectation", "errored", expectation.severity, _first_lines(str(error)))
    days = "1 account-day has" if len(failing) == 1 else f"{len(failing)} account-days have"
    detail = f"{days} rows {expectation.meaning}"
    return CheckOutcome(expectation.name, "expectation", "failed", expectation.severity, detail, failing)


def _failing_account_days(cursor: Cursor, expectation: Expectation, now: datetime) -> tuple[FailingAccountDay, ...]:
    """The distinct account-days of the failing rows, each with the number of its rows and one example."""
    cursor.execute(f"""
        select client_id, platform, account_id, date_day, count(*), min(example)
        from ({_query(expectation, f"({expectation.table.scoped_rows})", now)}) as failing_row
        group by client_id, platform, account_id, date_day
        order by client_id, platform, account_id, date_day
    """)
    found = cursor.fetchall()
    failing: list[FailingAccountDay] = []
    for client_id, platform, account_id, date_day, rows, example in found:
        detail = (
            f"{rows} {'row' if rows == 1 else 'rows'} {expectation.meaning}{f', such as {example}' if example else ''}"
        )
        if None not in (client_id, platform, account_id):
            failing.append(FailingAccountDay(client_id, platform, account_id, date_day, detail))
            continue
        for account in accounts_in_scope(cursor, client_id, platform, account_id):
            failing.append(FailingAccountDay(*account, None, detail))
    return tuple(failing)


def _query(expectation: Expectation, batch: str, now: datetime) -> str:
    return expectation.failing_rows.replace("{now}", now.isoformat()).replace("{batch}", batch)


def _first_lines(message: str) -> str:
    return " ".join(line.strip() for line in message.strip().splitlines()[:3])
