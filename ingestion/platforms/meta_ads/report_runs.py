"""Report runs: questions too heavy for one answer, which Meta computes by itself while we ask how far it is."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError, Action, Problem, ShrinkRequest
from ingestion.platforms.meta_ads.errors import report_run_problem

Row = dict[str, Any]

FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 30.0
# Meta says up to an hour including its own retries.
TIMEOUT_SECONDS = 3600.0
# A run that failed by chance is started again so often, after a pause.
ATTEMPTS = 3
PAUSE_BETWEEN_ATTEMPTS_SECONDS = 30.0
_STATE_FIELDS = "id,async_status,async_percent_completion,error_code,error_subcode,error_message,error_user_msg"
_LATER = "nothing to do: a later run asks for the report again"


class Call(Protocol):
    """One call of the Graph API: method, path below the version, parameters; the parsed answer."""

    def __call__(self, account: AccountRef, method: str, path: str, parameters: dict[str, str]) -> Any: ...


class ReportRuns:
    """Starts report runs and waits for them. ``sleeper`` waits so many seconds."""

    def __init__(self, call: Call, sleeper: Callable[[float], None] = time.sleep) -> None:
        self._call = call
        self._sleeper = sleeper

    def completed(self, account: AccountRef, edge: str, parameters: dict[str, str]) -> str:
        """Edge with the rows of a run that answers the question. Raises AccountReadError or ShrinkRequest."""
        attempt = 1
        while True:
            run_id, problem = self._run(account, edge, parameters)
            if problem is None:
                return f"{run_id}/insights"
            if problem.action is Action.SHRINK:
                raise ShrinkRequest(problem)
            if problem.action is not Action.RETRY or attempt == ATTEMPTS:
                raise AccountReadError(
                    Problem(
                        Action.GIVE_UP_ACCOUNT,
                        problem.error_class,
                        problem.code,
                        f"report run {run_id} of {account} ended with {problem.code!r}: {problem.message}",
                        _LATER,
                    )
                )
            attempt += 1
            self._sleeper(PAUSE_BETWEEN_ATTEMPTS_SECONDS)

    def _run(self, account: AccountRef, edge: str, parameters: dict[str, str]) -> tuple[str, Problem | None]:
        """Id of a new run, when it has ended, and what went wrong with it."""
        run_id = str(self._call(account, "POST", edge, parameters)["report_run_id"])
        waited, pause = 0.0, FIRST_POLL_SECONDS
        while True:
            run: Row = self._call(account, "GET", run_id, {"fields": _STATE_FIELDS})
            status = run.get("async_status")
            # The percentage reaches 100 before the rows are there: only the status tells.
            if status == "Job Completed":
                return run_id, None
            if status in ("Job Failed", "Job Skipped"):
                return run_id, report_run_problem(run)
            if waited > TIMEOUT_SECONDS:
                message = f"not complete after {waited:.0f} s"
                return run_id, Problem(Action.GIVE_UP_ACCOUNT, "report_run", str(status), message, _LATER)
            self._sleeper(pause)
            waited += pause
            pause = min(LONGEST_POLL_SECONDS, pause * 2)
