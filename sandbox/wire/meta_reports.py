"""Serves insights: pages of a question at once, and report runs that compute it by themselves."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox import faults
from sandbox.faults import Fault
from sandbox.state import Reading, Sandbox
from sandbox.wire import meta_errors
from sandbox.wire.meta_breakdowns import broken_down, needs_opt_in
from sandbox.wire.meta_insights import InsightsQuery, narrowing, parse_query
from sandbox.wire.meta_paging import envelope, page_bounds
from sandbox.wire.meta_rows import Period, Renderer, periods, require_known_fields, summed
from sandbox.world.figures import local_day
from sandbox.world.model import Account

# A page of more than this many cells is "too much data": rows on the page times fields asked for.
HEAVIEST_PAGE_CELLS = 60_000
# And so is a whole question that is answered at once, however small its pages.
HEAVIEST_QUESTION_CELLS = 1_000_000
_READINGS_KEPT = 16
# Marks a body that is to be cut off in the middle.
TRUNCATE = "__truncate__"


async def suffer(fault: Fault | None) -> None:
    """Faults that concern the whole answer."""
    if fault is None:
        return
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds or faults.HANG_SECONDS)
        raise meta_errors.unknown_failure()
    if fault.kind == "throttle":
        raise meta_errors.throttled()
    if fault.kind == "error":
        raise meta_errors.of_status(fault.status)


@dataclass
class ReportRun:
    """An asynchronous report: computed for the instant at which it was asked for."""

    run_id: str
    account: Account
    query: InsightsQuery
    as_of: datetime
    polls: int = 0
    slow_fetches: int = 0
    fault: Fault | None = None


@dataclass
class _Kept:
    """A reading that the pages of one report share; ``parts``: its rows in the increment and breakdowns asked for."""

    reading: Reading
    parts: list[Period] | None


class MetaReports:
    """Insights of one process: the report runs it was asked for and the latest readings."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._kept: dict[str, _Kept] = {}
        self.runs: dict[str, ReportRun] = {}

    def query(self, account: Account, parent: tuple[str, str] | None, parameters: dict[str, str]) -> InsightsQuery:
        """The checked request. ``parent``: the campaign, ad set or ad (scope, id) whose insights are asked for."""
        today = local_day(account, self._sandbox.clock.now())
        query = parse_query(
            parameters, today, parent[0] if parent else "account", parent,
            enforces_retention=self._sandbox.source.enforces_retention,
        )  # fmt: skip
        require_known_fields(query)
        return query

    async def insights(
        self, account: Account, query: InsightsQuery, parameters: dict[str, str], url: str
    ) -> dict[str, Any]:
        """One page of the answer at once."""
        fault = self._sandbox.faults.take("meta_ads", account.account_id, query.report, query.since, query.until)
        await suffer(fault)
        if needs_opt_in(query.breakdowns, local_day(account, self._sandbox.clock.now())):
            return {"data": []}
        kept = self._read(account, query, fault, None) if fault else self._read_once(account, query, parameters)
        return self._page(kept, query, parameters, url, at_once=True)

    def start(self, account: Account, query: InsightsQuery) -> dict[str, Any]:
        """A new report run. Every third finished one is not readable at once; old clients give up on that."""
        run_id = str(6_023_920_000_000 + len(self.runs) + 1)
        run = ReportRun(run_id, account, query, self._sandbox.clock.now())
        run.slow_fetches = 1 if len(self.runs) % 3 == 0 and not self._sandbox.lenient else 0
        self.runs[run_id] = run
        return {"report_run_id": run_id}

    def state(self, run: ReportRun) -> dict[str, Any]:
        """How far a run is: running when asked for the first time, then complete, or failed with a code."""
        run.polls += 1
        if run.polls == 1:
            run.fault = self._sandbox.faults.take(
                "meta_ads", run.account.account_id, run.query.report, run.query.since, run.query.until
            )
        failed = run.fault is not None and run.fault.kind in ("error", "throttle")
        status, percent = ("Job Running", 60) if run.polls == 1 else ("Job Completed", 100)
        if failed and run.polls > 1:
            status, percent = "Job Failed", 60
        body: dict[str, Any] = {
            "id": run.run_id, "account_id": run.account.account_id, "time_ref": int(run.as_of.timestamp()),
            "async_status": status, "async_percent_completion": percent, "is_running": run.polls == 1,
            "date_start": str(run.query.since), "date_stop": str(run.query.until),
        }  # fmt: skip
        if status == "Job Completed":
            body["time_completed"] = int(self._sandbox.clock.now().timestamp())
        if status == "Job Failed":
            body |= {"error_code": -2, "error_subcode": 2490547, "error_message": "Internal server error"}
        return body

    def run_rows(self, run: ReportRun, parameters: dict[str, str], url: str) -> dict[str, Any]:
        """One page of a run's rows; error 1815107 before they are there."""
        if run.polls < 2 or run.slow_fetches > 0:
            run.slow_fetches -= 1 if run.polls >= 2 else 0
            raise meta_errors.report_not_ready()
        return self._page(self._read(run.account, run.query, run.fault, run.as_of), run.query, parameters, url)

    def _read(self, account: Account, query: InsightsQuery, fault: Fault | None, as_of: datetime | None) -> _Kept:
        instant = as_of or self._sandbox.clock.now()
        today = local_day(account, instant)
        reading = self._sandbox.read(
            account, query.world_level, query.since, min(query.until, today), narrowing(query, account, today), as_of,
            fault,
        )  # fmt: skip
        if query.increment == 1 and not query.breakdowns:
            return _Kept(reading, None)
        rows = reading.table.page(0, len(reading.table))
        if not query.breakdowns:
            return _Kept(reading, periods(query, rows))
        reading = replace(reading, level=query.report)
        split = (part for row in rows for part in broken_down(account, row, query.breakdowns, instant))
        return _Kept(reading, summed(query, split))

    def _read_once(self, account: Account, query: InsightsQuery, parameters: dict[str, str]) -> _Kept:
        """The reading that the pages of one report share, so that later pages cost no more than the first."""
        question = sorted(item for item in parameters.items() if item[0] not in ("after", "limit", "access_token"))
        key = repr((account.account_id, query.parent, self._sandbox.clock.now(), question))
        if key not in self._kept:
            self._kept[key] = self._read(account, query, None, None)
            while len(self._kept) > _READINGS_KEPT:
                self._kept.pop(next(iter(self._kept)))
        return self._kept[key]

    def _page(
        self, kept: _Kept, query: InsightsQuery, parameters: dict[str, str], url: str, *, at_once: bool = False
    ) -> dict[str, Any]:
        start, limit = page_bounds(parameters)
        reading, renderer = kept.reading, Renderer(kept.reading.account, query)
        if kept.parts is None:
            total = len(reading.table)
            page = periods(query, reading.table.page(start, start + limit))
        else:
            total, page = len(kept.parts), kept.parts[start : start + limit]
        if at_once and len(page) * len(query.fields) > HEAVIEST_PAGE_CELLS:
            raise meta_errors.reduce_data()
        if at_once and total * len(query.fields) > HEAVIEST_QUESTION_CELLS:
            raise meta_errors.too_much_data()
        spend = sum(period.row.spend for period in page)
        self._sandbox.log(reading, rows=len(page), spend=spend, first_row=start)
        body = envelope([renderer.render(period) for period in page], start, total, url, parameters)
        return body | ({TRUNCATE: True} if reading.fault and reading.fault.kind == "truncate" else {})
