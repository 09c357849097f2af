"""Runs the expectations with Great Expectations over the account-days in scope: one run a table."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg2

from foundation.database import Cursor, connect, transaction
from quality.account_day_scope import accounts_in_scope
from quality.check_results import SAMPLE_ROWS, CheckOutcome, FailingAccountDay, record_outcomes
from quality.expectation_list import EXPECTATIONS, FACT_TABLES, Expectation, FactTable

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource

_ROWS_CHECKED = "rows_checked"


def run_expectations(
    warehouse_url: str,
    *,
    build_id: str,
    now: datetime,
    expectations: Sequence[Expectation] = EXPECTATIONS,
    show: "Callable[[ExpectationSuiteValidationResult], None] | None" = None,
) -> list[CheckOutcome]:
    """Evaluate every expectation over the scope and record it; returns one outcome each, in the list's order.

    ``show`` gets the library's own result of each table that could be read.

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
            verdicts, rows = _validate(context, datasource, table, of_table, now, show)
            for expectation in of_table:
                with transaction(connection) as cursor:
                    outcome = _outcome(cursor, expectation, verdicts[expectation.name], now)
                outcomes[expectation.name] = replace(outcome, rows_checked=rows)
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
    show: "Callable[[ExpectationSuiteValidationResult], None] | None",
) -> tuple[dict[str, bool | str], int | None]:
    """Per expectation whether it holds, or the text of the error that kept it from being evaluated; the rows read."""
    import great_expectations as gx
    from great_expectations.expectations.core.expect_table_row_count_to_be_between import (
        ExpectTableRowCountToBeBetween,
    )
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
    from great_expectations.expectations.metadata_types import FailureSeverity

    suite = gx.ExpectationSuite(
        name=table.name,
        expectations=[
            # Never fails; the library counts the rows that it has at hand for the others.
            ExpectTableRowCountToBeBetween(
                min_value=0, description="rows checked", meta={"name": _ROWS_CHECKED}, severity=FailureSeverity.INFO
            ),
            *(
                UnexpectedRowsExpectation(
                    unexpected_rows_query=_filled(expectation.failing_rows, "{batch}", now),
                    description=f"no rows {expectation.meaning}",
                    severity=FailureSeverity.CRITICAL if expectation.severity == "hold" else FailureSeverity.WARNING,
                    meta={"name": expectation.name},
                )
                for expectation in expectations
            ),
        ],
    )
    try:
        asset = datasource.add_query_asset(table.name, query=table.scoped_rows)
        batch = asset.add_batch_definition_whole_table(table.name)
        definition = gx.ValidationDefinition(name=table.name, data=batch, suite=context.suites.add(suite))
        validated = context.validation_definitions.add(definition).run(result_format="BASIC")
    # A table that cannot be read leaves all of its checks unanswered, whatever the library's error is.
    except Exception as error:
        return {expectation.name: _first_lines(str(error)) for expectation in expectations}, None
    if show:
        show(validated)
    verdicts = _verdicts(validated)
    return {
        expectation.name: verdicts.get(expectation.name, "the run gave no result for it")
        for expectation in expectations
    }, _rows_checked(validated)


def _rows_checked(validated: "ExpectationSuiteValidationResult") -> int | None:
    for result in validated.results:
        if result.expectation_config and (result.expectation_config.meta or {}).get("name") == _ROWS_CHECKED:
            count = (result.result or {}).get("observed_value")
            return None if count is None else int(count)
    return None


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
        failing, rows = _failing_account_days(cursor, expectation, now)
        sample = _sample(cursor, expectation, now)
    except psycopg2.Error as error:
        cursor.connection.rollback()
        return CheckOutcome(expectation.name, "expectation", "errored", expectation.severity, _first_lines(str(error)))
    days = "1 account-day has" if len(failing) == 1 else f"{len(failing)} account-days have"
    detail = f"{days} rows {expectation.meaning}"
    return CheckOutcome(
        expectation.name, "expectation", "failed", expectation.severity, detail, failing,
        rows_failing=rows, sample=sample,
    )  # fmt: skip


def _sample(cursor: Cursor, expectation: Expectation, now: datetime) -> tuple[dict[str, Any], ...]:
    """Some of the failing rows: keys, numbers and codes, never a text that people typed."""
    batch = f"({expectation.table.scoped_rows})"
    cursor.execute(f"{_filled(expectation.failing_sample, batch, now)} limit {SAMPLE_ROWS}")
    names = [column.name for column in cursor.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _failing_account_days(
    cursor: Cursor, expectation: Expectation, now: datetime
) -> tuple[tuple[FailingAccountDay, ...], int]:
    """The distinct account-days of the failing rows, each with the number of its rows and one example; all rows."""
    cursor.execute(f"""
        select client_id, platform, account_id, date_day, count(*), min(example)
        from ({_filled(expectation.failing_rows, f"({expectation.table.scoped_rows})", now)}) as failing_row
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
    return tuple(failing), sum(rows for *_, rows, _ in found)


def _filled(query: str, batch: str, now: datetime) -> str:
    return query.replace("{now}", now.isoformat()).replace("{batch}", batch)


def _first_lines(message: str) -> str:
    return " ".join(line.strip() for line in message.strip().splitlines()[:3])
