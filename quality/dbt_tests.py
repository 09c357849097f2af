"""Takes the verdicts of dbt's data tests into the books, with the account-days that their stored failures name."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import psycopg2
from psycopg2 import sql

from foundation.database import Connection, Cursor, transaction
from quality.account_day_scope import accounts_in_scope
from quality.check_results import CheckOutcome, CheckStatus, FailingAccountDay, record_outcomes

# Any other status means that the test gave no answer.
_ANSWERS: Mapping[str, CheckStatus] = {"pass": "passed", "warn": "failed", "fail": "failed"}
_KEY = ("client_id", "platform", "account_id", "date_day")


def required_tests(
    manifest: Mapping[str, Any], *, excluded_tags: Collection[str] = ("report", "warning")
) -> tuple[str, ...]:
    """Names of the data tests that a build must have answered, from dbt's manifest.

    Tests that carry an excluded tag or look at a node with one run elsewhere (reports read published tables) or are
    recorded without holding anything (warnings).
    """
    nodes = manifest["nodes"]
    excluded = set(excluded_tags)

    def tagged(unique_id: str) -> bool:
        return bool(excluded.intersection(nodes.get(unique_id, {}).get("tags", ())))

    return tuple(
        sorted(
            check_name(unique_id)
            for unique_id, node in nodes.items()
            if node["resource_type"] == "test"
            and not tagged(unique_id)
            and not any(tagged(parent) for parent in node["depends_on"]["nodes"])
        )
    )


def check_name(unique_id: str) -> str:
    """Name in ops.check_run of a test node: test.project.name.hash -> name, which dbt keeps unique."""
    return unique_id.split(".")[2]


def record(
    connection: Connection, *, build_id: str, run_results: Mapping[str, Any], now: datetime
) -> list[CheckOutcome]:
    """Write one check per data test of dbt's run results, with the account-days in its stored failures.

    A failed test without stored failures names nothing, so that the gate holds everything; so does one that errored
    or was skipped. One transaction.
    """
    with transaction(connection) as cursor:
        outcomes = [
            _outcome(cursor, result) for result in run_results["results"] if result["unique_id"].startswith("test.")
        ]
        record_outcomes(cursor, outcomes, build_id=build_id, now=now)
    return outcomes


def _outcome(cursor: Cursor, result: Mapping[str, Any]) -> CheckOutcome:
    name = check_name(result["unique_id"])
    status: CheckStatus = _ANSWERS.get(str(result["status"]), "errored")
    message = result.get("message")
    if status == "errored":
        detail = f"dbt says {result['status']}: {message}" if message else f"dbt says {result['status']}"
        return CheckOutcome(name, "dbt_test", "errored", "hold", detail)
    relation = result.get("relation_name")
    if status == "passed" or not relation:
        return CheckOutcome(name, "dbt_test", status, "hold", message)
    cursor.execute("savepoint stored_failures")
    try:
        failing = _failing(cursor, relation)
    except psycopg2.Error as error:
        cursor.execute("rollback to savepoint stored_failures")
        detail = f"its stored failures in {relation} cannot be read: {error}".strip()
        return CheckOutcome(name, "dbt_test", "errored", "hold", detail)
    return CheckOutcome(name, "dbt_test", "failed", "hold", message, failing)


def _failing(cursor: Cursor, relation: str) -> tuple[FailingAccountDay, ...]:
    """The account-days that a table of stored failures names; what it leaves open widens to accounts in scope."""
    table = sql.Identifier(*(part.strip('"') for part in relation.split(".")[-2:]))
    cursor.execute(sql.SQL("select * from {} limit 0").format(table))
    present = {column.name for column in cursor.description or ()}
    columns = [sql.Identifier(name) if name in present else sql.SQL("null") for name in (*_KEY, "detail")]
    cursor.execute(
        sql.SQL(
            "select {}, {}, {}, {}::date, min({}::text), count(*) from {} group by 1, 2, 3, 4 order by 1, 2, 3, 4"
        ).format(*columns, table)
    )
    failing: list[FailingAccountDay] = []
    for client_id, platform, account_id, date_day, text, rows in cursor.fetchall():
        detail = text or f"{rows} failing {'row' if rows == 1 else 'rows'}"
        if None not in (client_id, platform, account_id):
            failing.append(FailingAccountDay(client_id, platform, account_id, date_day, detail))
            continue
        for account in accounts_in_scope(cursor, client_id, platform, account_id):
            failing.append(FailingAccountDay(*account, date_day, detail))
    return tuple(failing)
