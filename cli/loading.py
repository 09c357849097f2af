"""`mdp sync` and `mdp rates`: ingestion without Dagster."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from rich import box
from rich.markup import escape
from rich.table import Table

from cli.session import PlatformSession
from foundation.database import connect
from foundation.registry import read_clients
from ingestion.due import AccountTask, due_tasks, registered_accounts, requested_tasks
from ingestion.fx_rates import FxReport, sync_rates
from ingestion.loading.tables import ensure_raw_tables
from ingestion.platforms import PLATFORMS
from ingestion.registry_load import load_registry
from ingestion.sync import SyncReport, sync_platform

# `--resume` takes up a request that was interrupted within this time.
RESUME_WITHIN = timedelta(hours=24)


def load_client_files(session: PlatformSession) -> None:
    clients = read_clients(session.settings.clients_dir)
    with connect(session.warehouse_url) as connection:
        ensure_raw_tables(connection)
        load_registry(connection, clients, session.clock.now())


def run_sync(
    session: PlatformSession,
    platform: str,
    since: date | None,
    until: date | None,
    *,
    clients: list[str],
    accounts: list[str],
    resume: bool = False,
    progress: Callable[[str], None],
) -> SyncReport:
    """Load the asked days of the chosen accounts, or what is due. Raises ValueError on what does not exist."""
    if platform not in PLATFORMS:
        raise ValueError(f"no platform {platform!r}; known: {', '.join(PLATFORMS)}")
    if since and until and since > until:
        raise ValueError(f"--from {since} lies after --to {until}")
    load_client_files(session)
    now, asked = session.clock.now(), False
    with connect(session.warehouse_url) as connection:
        if since is None and until is None and not clients and not accounts:
            tasks = due_tasks(connection, platform, now)
        else:
            first = min(
                (account.active_from for account in registered_accounts(connection, platform)), default=now.date()
            )
            tasks = requested_tasks(
                connection, platform, since or first, until or now.date(), now, clients=clients, accounts=accounts,
                unless_verified_since=now - RESUME_WITHIN if resume else None,
            )  # fmt: skip
            asked = True

    def due_now() -> list[AccountTask]:
        with connect(session.warehouse_url) as connection:
            return due_tasks(connection, platform, session.clock.now())

    return sync_platform(
        session.settings,
        session.warehouse_url,
        platform,
        tasks,
        run_id=str(uuid4()),
        clock=session.clock,
        progress=progress,
        goes_first=due_now if asked else None,
    )


def run_rates(session: PlatformSession) -> FxReport:
    """Fetch missing ECB rates for the currencies that the client files name."""
    load_client_files(session)
    return sync_rates(session.settings, session.warehouse_url, run_id=str(uuid4()), clock=session.clock)


def sync_json(report: SyncReport) -> dict[str, Any]:
    """The report as a JSON document."""
    return {
        "platform": report.platform,
        "run_id": report.run_id,
        "accounts": [
            {
                "client": outcome.account.client_id,
                "account": outcome.account.account_id,
                "loaded": outcome.loaded,
                "rows": outcome.rows,
                "proved_days": outcome.proved_days,
                "changed_days": outcome.changed_days,
                "calls": outcome.calls,
                "reports_not_read": {name: problem.message for name, problem in outcome.report_problems.items()},
                "held_days": {day.isoformat(): reason for day, reason in sorted(outcome.held_days.items())},
                "error": str(outcome.problem.message) if outcome.problem else None,
                "next_step": outcome.problem.next_step if outcome.problem else None,
            }
            for outcome in report.outcomes
        ],
        "settled_months": [
            {
                "client": outcome.task.account.client_id,
                "account": outcome.task.account.account_id,
                "month": f"{outcome.task.month:%Y-%m}",
                "error": outcome.problem.message if outcome.problem else None,
                "next_step": outcome.problem.next_step if outcome.problem else None,
            }
            for outcome in report.months
        ],
    }


def sync_table(report: SyncReport) -> Table:
    """The report as a person reads it."""
    table = Table(
        box=box.SIMPLE_HEAD, title=f"{report.platform}: {len(report.outcomes)} accounts", title_justify="left"
    )
    numbers = ("rows", "calls", "days proved", "changed", "held")
    for heading in ("client", "account", *numbers, "what is wrong and what to do"):
        table.add_column(heading, justify="right" if heading in numbers else "left")
    for outcome in report.outcomes:
        wrong = ""
        if outcome.problem:
            wrong = f"[red]{escape(outcome.problem.message)}[/]. Next: {escape(outcome.problem.next_step)}"
        elif outcome.held_days:
            day, reason = min(outcome.held_days.items())
            wrong = f"from {day}: {escape(reason)}. Next: nothing, it is read again by itself"
        elif outcome.report_problems:
            name, problem = next(iter(outcome.report_problems.items()))
            others = (
                f" and {len(outcome.report_problems) - 1} other reports" if len(outcome.report_problems) > 1 else ""
            )
            wrong = f"{name}{others}: {escape(problem.message)}. Next: nothing, they hold no day and are read again"
        table.add_row(
            outcome.account.client_id, outcome.account.account_id, f"{outcome.rows:,}", str(outcome.calls),
            str(outcome.proved_days),
            str(outcome.changed_days), str(len(outcome.held_days)), wrong,
        )  # fmt: skip
    return table
